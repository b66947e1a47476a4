package deadletter_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"rehook/retry/deadletter"
)

func TestNamedFieldsAreConcealed(t *testing.T) {
	for _, c := range []struct{ fields, payload, want string }{
		{"from.nickname", `{"from": {"nickname": "Ada", "id": 1}}`, `{"from": {"nickname": "#", "id": 1}}`},
		{"from.nickname", `{"body":{"from":{"nickname":"Ada"}},"nickname":"Bob"}`, `{"body":{"from":{"nickname":"#"}},"nickname":"Bob"}`},
		{"nickname", `[{"a":[{"nickname":[1,{"x":"]"}]}]},{"NickName":null}]`, `[{"a":[{"nickname":"#"}]},{"NickName":"#"}]`},
		{"from.*", `{"from":{"a":1.50,"b":{"c":2}},"a":1.50}`, `{"from":{"a":"#","b":"#"},"a":1.50}`},
		{"a,b.c", `{"a":1,"b":{"c":2,"d":3}}`, `{"a":"#","b":{"c":"#","d":3}}`},
		{"from", `{"from":"a\"b\\","to":"from"}`, `{"from":"#","to":"from"}`},
		{"from", `{"from":"Ada","to":"B`, `{"from":"#","to":"#"`},
		{"from", `{"to":1, "from":{"name":"Ada`, `{"to":1, "from":"#"`},
		{"from", `{"to":1} trailing`, `{"to":1}"#"`},
		{"from", "{\"from\":1}\n{\"from\":2}\n", "{\"from\":\"#\"}\n{\"from\":\"#\"}\n"},
		{"from", `from=Ada`, `from=Ada`},
		{"from", ``, ``},
		{"", `{"from":"Ada"}`, `{"from":"Ada"}`},
	} {
		var paths []string
		if c.fields != "" {
			paths = strings.Split(c.fields, ",")
		}
		if got := strings.ReplaceAll(string(deadletter.Fields(paths).Conceal([]byte(c.payload))), deadletter.Masked, "#"); got != c.want {
			t.Errorf("%s of %s: got %s, want %s", c.fields, c.payload, got, c.want)
		}
	}
}

// What is valid stays so, the same but for what is named, and the value under a name never shows.
func FuzzConceal(f *testing.F) {
	f.Add([]byte(`{"secret":"hunter2","a":[1,{"secret":{"b":"hunter2"}}]}`))
	f.Add([]byte(`{"secret":"hunter2`))
	f.Add([]byte(`{"a":tru,"secret":"hunter2"}`))
	f.Add([]byte("[[[[\"\\u0073ecret\"]]],{\"\\u0073ecret\":1}]"))
	fields := deadletter.Fields{"secret"}
	f.Fuzz(func(t *testing.T, payload []byte) {
		was := bytes.Clone(payload)
		got := fields.Conceal(payload)
		if !bytes.Equal(payload, was) {
			t.Fatal("it changed the payload")
		}
		var before, after any
		if json.Unmarshal(payload, &before) != nil {
			return
		}
		if err := json.Unmarshal(got, &after); err != nil {
			t.Fatalf("%s became %s: %v", payload, got, err)
		}
		if want, is := plain(t, concealed(before)), plain(t, after); want != is {
			t.Fatalf("%s became %s, want %s", payload, is, want)
		}
	})
}

// concealed does it the slow way.
func concealed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if v[name] = concealed(inner); strings.EqualFold(name, "secret") {
				v[name] = deadletter.Masked
			}
		}
	case []any:
		for i := range v {
			v[i] = concealed(v[i])
		}
	}
	return v
}

func plain(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
