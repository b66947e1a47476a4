package seglog_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"rehook/sqsclient/localsqs/seglog"
)

// FuzzOpen reads any bytes as a segment: it neither fails nor panics, what it yields can be read again, and the log
// takes a record afterwards.
func FuzzOpen(f *testing.F) {
	whole := newThree(f)
	f.Add(whole.name, whole.data) // the records are only valid under the name: it holds their salt
	f.Add("0000000003-00000000000000ff.log", make([]byte, 100))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		dir := t.TempDir()
		if name != filepath.Base(name) || os.WriteFile(filepath.Join(dir, name), data, 0o600) != nil {
			t.Skip("not a file's name")
		}
		log := open(t, dir, seglog.Config{})
		for i, at := range log.at {
			if got, err := log.Read(at); err != nil || string(got) != log.records[i] {
				t.Fatalf("record %d: %q, %v", i, got, err)
			}
		}
		log.mustAppend(t, "after")
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		want := append(slices.Clone(log.records), "after")
		if got := open(t, dir, seglog.Config{}).records; !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}
