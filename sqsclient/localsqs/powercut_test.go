package localsqs_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"rehook/sqsclient/localsqs"
	"rehook/sqsclient/localsqs/seglog"
)

var errNoPower = errors.New("there is no power")

// volatile is a directory on a disk that forgets at a power cut what was not synced: contents of files, and that files
// were made or removed. Each unsynced write, and each sector of one, may have reached it all the same.
type volatile struct {
	dir    string
	chance *rand.Rand

	mu      sync.Mutex // guards what follows
	off     bool
	entries map[string]bool    // files that a power cut leaves
	files   map[string]*medium // by name
	synced  []string           // directories
}

// medium is what the disk holds of a file, and what is still on the way there.
type medium struct {
	synced  []byte
	pending []func(data []byte, reached func() bool) []byte
}

func newVolatile(t *testing.T, dir string, chance *rand.Rand) *volatile {
	t.Helper()
	v := &volatile{dir: dir, chance: chance, entries: map[string]bool{}, files: map[string]*medium{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		v.entries[entry.Name()], v.files[entry.Name()] = true, &medium{synced: data}
	}
	return v
}

func (v *volatile) open(name string, flag int, perm fs.FileMode) (seglog.File, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.off {
		return nil, errNoPower
	}
	file, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	base := filepath.Base(name)
	if v.files[base] == nil {
		v.files[base] = new(medium)
	}
	return volatileFile{file, v, v.files[base]}, nil
}

// cut ends the power, and returns a directory with what the disk has kept.
func (v *volatile) cut(t *testing.T) string {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.off = true
	kept := t.TempDir()
	for name := range v.entries {
		m := v.files[name]
		data := m.synced
		for _, write := range m.pending {
			if v.chance.IntN(2) == 0 {
				data = write(data, func() bool { return v.chance.IntN(2) == 0 })
			}
		}
		if err := os.WriteFile(filepath.Join(kept, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return kept
}

func (v *volatile) hasPower() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.off
}

// volatileFile is a file of a volatile directory, or the directory itself.
type volatileFile struct {
	*os.File
	disk   *volatile
	medium *medium
}

func (f volatileFile) WriteAt(p []byte, offset int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.off {
		return 0, errNoPower
	}
	p = slices.Clone(p)
	f.medium.pending = append(f.medium.pending, func(data []byte, reached func() bool) []byte {
		data = append(data, make([]byte, max(0, int(offset)+len(p)-len(data)))...)
		const sector = 512
		for at := 0; at < len(p); at += sector {
			if end := min(at+sector, len(p)); reached() {
				copy(data[int(offset)+at:], p[at:end])
			}
		}
		return data
	})
	return f.File.WriteAt(p, offset)
}

func (f volatileFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.off {
		return errNoPower
	}
	f.medium.pending = append(f.medium.pending, func(data []byte, _ func() bool) []byte {
		return data[:min(len(data), int(size))]
	})
	return f.File.Truncate(size)
}

func (f volatileFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.off {
		return errNoPower
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		f.disk.synced = append(f.disk.synced, f.Name())
		return f.disk.syncEntries()
	}
	for _, write := range f.medium.pending {
		f.medium.synced = write(f.medium.synced, func() bool { return true })
	}
	f.medium.pending = nil
	return nil
}

// syncEntries keeps the directory as it is; v.mu is held.
func (v *volatile) syncEntries() error {
	segments, err := filepath.Glob(filepath.Join(v.dir, "*.log"))
	if err != nil {
		return err
	}
	clear(v.entries)
	for _, path := range segments {
		v.entries[filepath.Base(path)] = true
	}
	return nil
}

// whilePower is a transport on which answers are lost that are given after a power cut.
type whilePower struct {
	direct
	disk *volatile
}

func (w whilePower) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.direct.RoundTrip(r)
	if err == nil && !w.disk.hasPower() {
		return nil, errNoPower
	}
	return answer, err
}

func TestPowerCutsUnderLoadLoseNothingAcknowledgedAndBringNothingBack(t *testing.T) {
	dir, seed := t.TempDir(), crashSeed(t)
	l := newLedger(t)
	chance := rand.New(rand.NewPCG(seed, 0))
	for round := range crashRounds() {
		disk := newVolatile(t, dir, chance)
		server, err := localsqs.OpenOn(localsqs.Config{Dir: dir, Logger: slog.New(slog.DiscardHandler)}, disk.open)
		if err != nil {
			t.Fatal(err)
		}
		stop := serve(t, server).stop // gives disk space back
		l.round(client(whilePower{direct{server}, disk}), seed, round, chance.IntN(120), func() { dir = disk.cut(t) })
		stop()
		_ = server.Close() // there is no power for that
	}
	l.settle(dir)
}

func TestNewDirectoryOutlivesAPowerCutWithAllThatIsAboveIt(t *testing.T) {
	root := t.TempDir()
	disk := newVolatile(t, root, nil)
	server, err := localsqs.OpenOn(localsqs.Config{Dir: filepath.Join(root, "a", "b", "c")}, disk.open)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	for _, parent := range []string{root, filepath.Join(root, "a"), filepath.Join(root, "a", "b")} {
		if !slices.Contains(disk.synced, parent) {
			t.Errorf("%s was not synced", parent)
		}
	}
}
