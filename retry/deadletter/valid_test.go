package deadletter_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"rehook/retry/deadletter"
)

// FuzzTakesWhatIsJSON holds our own reading of JSON to the standard library's: a body is read as JSON, and a payload is
// written as it is, exactly if that is what it says.
func FuzzTakesWhatIsJSON(f *testing.F) {
	for _, p := range payloads() {
		f.Add([]byte(p))
	}
	for _, text := range []string{
		`-`, `-0`, `-0.0e-0`, `01`, `1.`, `.1`, `1e`, `1E+5`, `1e+`, `+1`, `0x1`, `tru`, `true `, `nullx`, `truefalse`,
		`"\u12aF"`, `"\u12g0"`, `"\u123"`, `"\x"`, `"\`, `"`, "\"\t\"", "\"\x7f\x80\"", `{`, `{}`, `{ }`, `{,}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`,
		`{"a":1,"b":[{}, [] , ""]}`, `{a:1}`, `{1:1}`, `[`, `[ ]`, `[,]`, `[1,]`, `[1 2]`, `[1}`, `{"a":1]`, `]`, ` [ 1 , -2.5e3 ] `, "\v1", "1\x00", "\u00a01",
		strings.Repeat("[", 10000) + strings.Repeat("]", 10000), strings.Repeat("[", 10001) + strings.Repeat("]", 10001),
		strings.Repeat(`{"a":`, 9999) + "[]" + strings.Repeat("}", 9999), strings.Repeat(`[{"a":`, 5000) + "[]" + strings.Repeat("}]", 5000),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) { // it could be a letter, which may say anything of its source
			text = append(append([]byte("["), text...), ']')
		}
		if read := deadletter.Read(text, nil, "m").Source != deadletter.SourceUnreadable; read != json.Valid(text) {
			t.Fatalf("%q was read as JSON: %v", text, read)
		}
	})
}

// BenchmarkDecode is what a received body costs.
func BenchmarkDecode(b *testing.B) {
	payload := `{"id":"x","name":"Zoë","markup":"<b>&amp;</b>","pad":"` + strings.Repeat("0123456789abcdef", 56) + `"}`
	body := []byte(`{"id":"7f3a9c1e-0000-4000-8000-000000000001","timestamp":"2026-11-24T03:00:00Z","original_endpoint":` +
		`"https://crm.example.com/hook","error_code":503,"payload":` + payload + `,"retry_count":0}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := deadletter.Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}
