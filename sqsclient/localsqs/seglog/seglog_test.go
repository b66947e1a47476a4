package seglog_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"rehook/sqsclient/localsqs/seglog"
)

// opened is a log and what was read from it when it was opened.
type opened struct {
	*seglog.Log
	records []string
	at      []seglog.Position
	report  *bytes.Buffer
}

func open(tb testing.TB, dir string, cfg seglog.Config) opened {
	tb.Helper()
	o := opened{report: new(bytes.Buffer)}
	cfg.Logger = slog.New(slog.NewTextHandler(o.report, nil))
	var err error
	o.Log, err = seglog.Open(dir, cfg, func(at seglog.Position, payload []byte) error {
		o.records = append(o.records, string(payload))
		o.at = append(o.at, at)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = o.Close() })
	return o
}

func (o opened) mustAppend(tb testing.TB, payloads ...string) seglog.Position {
	tb.Helper()
	var raw [][]byte
	for _, p := range payloads {
		raw = append(raw, []byte(p))
	}
	c := o.Append(raw...)
	if err := c.Wait(); err != nil {
		tb.Fatal(err)
	}
	return c.Position(0)
}

func segments(tb testing.TB, dir string) []string {
	tb.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		tb.Fatal(err)
	}
	return names
}

func TestRecordsComeBackInOrderFromSeveralSegments(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir, seglog.Config{SegmentBytes: 100})
	var want []string
	for i := range 50 {
		record := fmt.Sprintf("record %d", i)
		at := first.mustAppend(t, record)
		if got, err := first.Read(at); err != nil || string(got) != record {
			t.Fatalf("read %q, %v", got, err)
		}
		want = append(want, record)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(segments(t, dir)); n < 5 {
		t.Errorf("%d segments", n)
	}
	second := open(t, dir, seglog.Config{SegmentBytes: 100})
	if !slices.Equal(second.records, want) {
		t.Errorf("got %q", second.records)
	}
	if second.report.Len() > 0 {
		t.Errorf("an undamaged log was reported: %s", second.report)
	}
}

func TestAppendThatNobodyWaitsForIsWrittenByClose(t *testing.T) {
	dir := t.TempDir()
	log := open(t, dir, seglog.Config{})
	log.Append([]byte("left"))
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if got := open(t, dir, seglog.Config{}).records; !slices.Equal(got, []string{"left"}) {
		t.Errorf("got %q", got)
	}
	if err := log.Append([]byte("late")).Wait(); err == nil {
		t.Error("an append to a closed log was acknowledged")
	}
}

// three is a segment of three records as a file.
type three struct {
	name string
	data []byte
	ends []int64 // of each record
}

func newThree(tb testing.TB) three {
	tb.Helper()
	dir := tb.TempDir()
	log := open(tb, dir, seglog.Config{})
	var file three
	for _, record := range []string{"alpha", "beta", "gamma"} {
		at := log.mustAppend(tb, record)
		file.ends = append(file.ends, int64(at.Offset)+at.Bytes())
	}
	_ = log.Close()
	path := segments(tb, dir)[0]
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	file.name, file.data = filepath.Base(path), data
	return file
}

// in returns a new directory that holds the segment with these contents.
func (f three) in(tb testing.TB, data []byte) string {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, f.name), data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return dir
}

func TestTornTailCostsOnlyTheRecordThatWasTorn(t *testing.T) {
	file := newThree(t)
	ends := file.ends
	for size := range ends[2] {
		dir := file.in(t, file.data[:size])
		whole := 0
		for _, end := range ends {
			if end <= size {
				whole++
			}
		}
		log := open(t, dir, seglog.Config{})
		if want := []string{"alpha", "beta", "gamma"}[:whole]; !slices.Equal(log.records, want) {
			t.Fatalf("cut at %d: got %q, want %q", size, log.records, want)
		}
		if torn := whole == 0 && size > 0 || whole > 0 && ends[whole-1] != size; torn != (log.report.Len() > 0) {
			t.Fatalf("cut at %d: report %q", size, log.report)
		}
		log.mustAppend(t, "after")
		_ = log.Close()
		again := open(t, dir, seglog.Config{})
		if len(again.records) != whole+1 || again.records[whole] != "after" || again.report.Len() > 0 {
			t.Fatalf("cut at %d, then appended: %q %s", size, again.records, again.report)
		}
	}
}

func TestFlippedBitCostsOnlyTheRecordThatItHit(t *testing.T) {
	file := newThree(t)
	for bit := range file.ends[2] * 8 {
		data := slices.Clone(file.data)
		data[bit/8] ^= 1 << (bit % 8)
		dir := file.in(t, data)
		hit, _ := slices.BinarySearch(file.ends, bit/8+1)
		want := slices.Delete([]string{"alpha", "beta", "gamma"}, hit, hit+1)
		log := open(t, dir, seglog.Config{})
		if !slices.Equal(log.records, want) {
			t.Fatalf("bit %d: got %q, want %q", bit, log.records, want)
		}
		if log.report.Len() == 0 {
			t.Fatalf("bit %d: the damage was not reported", bit)
		}
		_ = log.Close()
	}
}

func TestReadOfARecordDamagedMeanwhileIsAnError(t *testing.T) {
	dir := t.TempDir()
	log := open(t, dir, seglog.Config{})
	at := log.mustAppend(t, "alpha")
	data, err := os.ReadFile(segments(t, dir)[0])
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(segments(t, dir)[0], data, 0o600); err != nil { //nolint:gosec // the test's own directory
		t.Fatal(err)
	}
	if got, err := log.Read(at); err == nil {
		t.Errorf("read %q", got)
	}
}

func TestEmptyAndZeroedFilesAreNoRecords(t *testing.T) {
	dir := t.TempDir()
	for name, contents := range map[string][]byte{
		"0000000000-00000000000000aa.log": nil,
		"0000000001-00000000000000bb.log": make([]byte, 5000),
		"notes.txt":                       []byte("not a segment"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), contents, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log := open(t, dir, seglog.Config{})
	log.mustAppend(t, "alpha")
	_ = log.Close()
	if got := open(t, dir, seglog.Config{}).records; !slices.Equal(got, []string{"alpha"}) {
		t.Errorf("got %q", got)
	}
}

// A payload may hold records of another segment, at their very offsets, or of its own. The search that follows damage
// goes through it, and must not take them for records.
func TestRecordsInsideAPayloadAreNotRecords(t *testing.T) {
	elsewhere := t.TempDir()
	foreign := open(t, elsewhere, seglog.Config{})
	foreign.mustAppend(t, strings.Repeat("x", 17)) // up to where the payload below begins
	forgedAt := foreign.mustAppend(t, "forged").Offset
	file, err := os.ReadFile(segments(t, elsewhere)[0])
	if err != nil {
		t.Fatal(err)
	}
	forged := file[forgedAt:]

	dir := t.TempDir()
	log := open(t, dir, seglog.Config{})
	log.mustAppend(t, "first")
	own, err := os.ReadFile(segments(t, dir)[0])
	if err != nil {
		t.Fatal(err)
	}
	at := log.mustAppend(t, string(forged)+string(own))
	if at.Offset+12 != forgedAt {
		t.Fatalf("the forged record is at %d, and must be at %d", at.Offset+12, forgedAt)
	}
	log.mustAppend(t, "last")
	_ = log.Close()

	data, err := os.ReadFile(segments(t, dir)[0])
	if err != nil {
		t.Fatal(err)
	}
	data[at.Offset] ^= 1                                                   // its length: now the search goes through the payload
	if err := os.WriteFile(segments(t, dir)[0], data, 0o600); err != nil { //nolint:gosec // the test's own directory
		t.Fatal(err)
	}
	if got := open(t, dir, seglog.Config{}).records; !slices.Equal(got, []string{"first", "last"}) {
		t.Errorf("got %q", got)
	}
}

func TestOldestSegmentIsRemovedWithItsSpace(t *testing.T) {
	dir := t.TempDir()
	log := open(t, dir, seglog.Config{SegmentBytes: 64})
	at := log.mustAppend(t, strings.Repeat("a", 60))
	log.mustAppend(t, strings.Repeat("b", 60))
	before := log.Bytes()
	oldest, ok := log.Oldest()
	if !ok {
		t.Fatal("two segments, and none can be removed")
	}
	if err := log.RemoveOldest(oldest); err != nil {
		t.Fatal(err)
	}
	if log.Bytes() >= before || len(segments(t, dir)) != 1 {
		t.Errorf("%d bytes of %d, %d segments", log.Bytes(), before, len(segments(t, dir)))
	}
	if _, err := log.Read(at); err == nil {
		t.Error("a removed record was read")
	}
	if _, ok := log.Oldest(); ok {
		t.Error("the active segment can be removed")
	}
	log.Seal()
	if _, ok := log.Oldest(); !ok {
		t.Error("a sealed segment cannot be removed")
	}
}

func TestFilesAreForTheOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, seglog.Config{}).mustAppend(t, "alpha")
	info, err := os.Stat(segments(t, dir)[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// disk counts syncs, holds them while it is held, and fails when told to.
type disk struct {
	mu         sync.Mutex // guards what follows
	syncs      int
	failWrites bool
	failSyncs  bool
	hold       chan struct{} // syncs wait until it is closed; nil to go on
}

type diskFile struct {
	*os.File
	disk *disk
}

func (d *disk) open(name string, flag int, perm os.FileMode) (seglog.File, error) {
	file, err := os.OpenFile(name, flag, perm)
	return diskFile{file, d}, err
}

func (f diskFile) WriteAt(p []byte, offset int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.failWrites {
		n, _ := f.File.WriteAt(p[:len(p)/2], offset)
		return n, io.ErrShortWrite
	}
	return f.File.WriteAt(p, offset)
}

func (f diskFile) Sync() error {
	f.disk.mu.Lock()
	f.disk.syncs++
	hold, fail := f.disk.hold, f.disk.failSyncs
	f.disk.mu.Unlock()
	if hold != nil {
		<-hold
	}
	if fail {
		return io.ErrUnexpectedEOF
	}
	return f.File.Sync()
}

func (d *disk) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

func TestFailedWriteLeavesNoTraceAndTheNextOneWorks(t *testing.T) {
	for name, fail := range map[string]func(d *disk, on bool){
		"write": func(d *disk, on bool) { d.failWrites = on },
		"sync":  func(d *disk, on bool) { d.failSyncs = on },
	} {
		t.Run(name, func(t *testing.T) {
			dir, d := t.TempDir(), new(disk)
			log := open(t, dir, seglog.Config{OpenFile: d.open})
			before := log.mustAppend(t, "before")
			d.set(func() { fail(d, true) })
			if err := log.Append([]byte("refused")).Wait(); err == nil {
				t.Fatal("a record that is not on disk was acknowledged")
			}
			if got, err := log.Read(before); err != nil || string(got) != "before" {
				t.Errorf("read %q, %v", got, err)
			}
			d.set(func() { fail(d, false) })
			log.mustAppend(t, "after")
			// After a failed sync nobody knows what the kernel has kept of the file: nothing more is written to it.
			if n := len(segments(t, dir)); name == "sync" && n != 2 {
				t.Errorf("%d segments", n)
			}
			_ = log.Close()
			again := open(t, dir, seglog.Config{})
			if !slices.Equal(again.records, []string{"before", "after"}) || again.report.Len() > 0 {
				t.Errorf("got %q, report %s", again.records, again.report)
			}
		})
	}
}

func TestAppendsDuringASyncShareTheNext(t *testing.T) {
	d := &disk{}
	log := open(t, t.TempDir(), seglog.Config{OpenFile: d.open})
	log.mustAppend(t, "makes the segment")
	hold := make(chan struct{})
	d.set(func() { d.hold, d.syncs = hold, 0 })

	var all sync.WaitGroup
	errs := make([]error, 100)
	appended := make(chan struct{}, len(errs))
	for i := range errs {
		all.Go(func() {
			c := log.Append([]byte("shared"))
			appended <- struct{}{}
			errs[i] = c.Wait()
		})
	}
	for range errs {
		<-appended
	}
	close(hold)
	all.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	// At most: one for those that came before it began, one for those that came while it ran, one that raced.
	if d.syncs > 3 {
		t.Errorf("%d syncs for %d appends", d.syncs, len(errs))
	}
}
