package record_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rehook/retry/record"
)

func open(t *testing.T, dir string) *record.Deliveries {
	t.Helper()
	d, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func add(t *testing.T, d *record.Deliveries, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := d.Add(record.Delivery{ID: id, Sum: 1<<64 - 1, At: time.Now()}); err != nil {
			t.Error(err)
		}
	}
}

func found(d *record.Deliveries) string {
	var ids []string
	for _, one := range d.Found() {
		ids = append(ids, one.ID)
	}
	return strings.Join(ids, " ")
}

func TestDeliveriesAreFoundAgainWithoutBeingClosed(t *testing.T) {
	dir := t.TempDir()
	ids := []string{"a", "b\n\x1b\"", `c"`, `d\`, "ë"} // each of which would break a line that is not written as JSON
	add(t, open(t, dir), ids...)
	again := open(t, dir)
	if got := found(again); got != strings.Join(ids, " ") {
		t.Errorf("found %q", got)
	}
	for _, one := range again.Found() {
		if one.Sum != 1<<64-1 || time.Since(one.At) > time.Minute {
			t.Errorf("found %+v", one)
		}
	}
}

func TestWhatCannotBeReadIsPassedOver(t *testing.T) {
	dir := t.TempDir()
	add(t, open(t, dir), "a")
	path := filepath.Join(dir, "delivered.ndjson")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-8 * 24 * time.Hour).Format(time.RFC3339)
	if _, err := fmt.Fprintf(file, "garbage\n{}\n[1]\n{\"id\":\"old\",\"at\":%q}\n{\"id\":\"to", old); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	add(t, open(t, dir), "b") // after the torn line
	if got := found(open(t, dir)); got != "a b" {
		t.Errorf("found %q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestTheOldestAreForgotten(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	for i := range 130_000 {
		add(t, d, fmt.Sprint(i))
	}
	add(t, d, strings.Repeat("x", 100_000)) // no such id is written
	all := open(t, dir).Found()
	if len(all) != 80_000 || all[0].ID != "50000" || all[len(all)-1].ID != "129999" {
		t.Errorf("%d are remembered, %q to %q", len(all), all[0].ID, all[len(all)-1].ID)
	}
}

func TestManyAtOnce(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := range 100 {
				add(t, d, fmt.Sprint(w, "-", i))
			}
		})
	}
	writers.Wait()
	if n := len(open(t, dir).Found()); n != 800 {
		t.Errorf("%d of 800 are found", n)
	}
}

func TestOpenAndAddSayWhatIsWrong(t *testing.T) {
	if _, err := record.Open(filepath.Join(t.TempDir(), "absent")); err == nil || !strings.Contains(err.Error(), "record of deliveries") {
		t.Errorf("a directory that is not there: %v", err)
	}
	d := open(t, t.TempDir())
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Add(record.Delivery{ID: "a"}); err == nil || !strings.Contains(err.Error(), `letter "a"`) {
		t.Errorf("added to a closed record: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("{\"id\":\"a\",\"at\":\"2026-11-25T00:00:00Z\",\"sum\":1}\n\n{\"id\":"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "delivered.ndjson"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		before := len(open(t, dir).Found())
		add(t, open(t, dir), "last")
		if after := open(t, dir).Found(); len(after) != before+1 || after[before].ID != "last" {
			t.Errorf("%d were found, and %d after one was added", before, len(after))
		}
	})
}

func TestDeliveriesCanBeReadBesideTheEngine(t *testing.T) {
	dir := t.TempDir()
	add(t, open(t, dir), "a", "b")
	before := read(t, filepath.Join(dir, "delivered.ndjson"))
	lately, err := record.Lately(dir)
	if err != nil || len(lately) != 2 || lately[1].ID != "b" || lately[1].At.IsZero() {
		t.Errorf("%+v, %v", lately, err)
	}
	if after := read(t, filepath.Join(dir, "delivered.ndjson")); after != before {
		t.Errorf("%q became %q", before, after)
	}
	if lately, err := record.Lately(filepath.Join(dir, "absent")); len(lately) != 0 || err != nil {
		t.Errorf("without a directory: %+v, %v", lately, err)
	}
}
