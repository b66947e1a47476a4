package record

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// journal is a file of lines that are on the disk when they are acknowledged. A file that is full is turned:
//
//	audit.ndjson ─▶ audit.1.ndjson, the next time audit.2.ndjson, …; the oldest are dropped
//
// Several processes may write to one journal. It is opened for each writing, so that whoever writes finds the file
// that is the latest, and its last line whole.
type journal struct {
	dir     *os.Root
	name    string        // of the file, less its ending
	kept    int           // turned files that are kept whatever their age
	keptFor time.Duration // turned files are kept that were written to since

	mu       sync.Mutex // guards gathered, closed
	gathered *batch     // takes further lines; nil: nobody is waiting to write
	closed   bool

	writing sync.Mutex // is held by who writes. It is taken before mu
}

// batch is lines that are written together, with one wait for the disk.
type batch struct {
	lines   []byte
	written chan struct{} // closed when err says what came of it
	err     error
}

const (
	ending = ".ndjson"
	full   = 4 << 20 // bytes after which a file is turned
)

// openJournal fails where lines could not be written later, and drops what has become too old.
func openJournal(dir string, j *journal) (*journal, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	j.dir = root
	file, err := j.open()
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	j.drop()
	return j, nil
}

// add writes a line. The first of those who come while another writes does so for all of them.
func (j *journal) add(line []byte) error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return fs.ErrClosed
	}
	b, first := j.gathered, j.gathered == nil
	if first {
		b = &batch{written: make(chan struct{})}
		j.gathered = b
	}
	b.lines = append(append(b.lines, line...), '\n')
	j.mu.Unlock()
	if first {
		j.commit(b)
	}
	<-b.written
	return b.err
}

func (j *journal) commit(b *batch) {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	j.gathered = nil
	j.mu.Unlock()
	b.err = j.write(b.lines)
	close(b.written)
}

func (j *journal) write(lines []byte) error {
	file, err := j.open()
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && j.isFull(info, len(lines)) {
		if err = errors.Join(j.turn(), file.Close()); err != nil {
			return err
		}
		if file, err = j.open(); err != nil {
			return err
		}
		info, err = file.Stat()
	}
	if err == nil {
		err = write(file, info.Size(), lines)
	}
	return errors.Join(err, file.Close())
}

// write leaves the file as it was where the lines do not get onto the disk, because that is full, say.
func write(file *os.File, size int64, lines []byte) error {
	_, err := file.Write(lines)
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		return errors.Join(err, file.Truncate(size))
	}
	return nil
}

// open opens the latest file, for this process alone until it is closed.
func (j *journal) open() (*os.File, error) {
	for {
		file, err := j.dir.OpenFile(j.name+ending, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		latest, err := j.claim(file)
		if latest && err == nil {
			return file, nil
		}
		if err = errors.Join(err, file.Close()); err != nil {
			return nil, err
		}
	}
}

// claim waits until no other process writes to a file, and makes it ready. It reports false if the file was turned
// meanwhile.
func (j *journal) claim(file *os.File) (latest bool, err error) {
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		return false, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	info, err := file.Stat()
	if err != nil {
		return false, err
	}
	named, err := j.dir.Stat(j.name + ending)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(info, named) {
		return false, nil
	}
	if err == nil && info.Size() == 0 {
		err = j.syncDir() // a file without a name is lost with all that is in it
	}
	if err == nil {
		err = heal(file, info.Size())
	}
	return true, err
}

// heal ends the file with a whole line. A part of one was never acknowledged.
func heal(file *os.File, size int64) error {
	const piece = 64 << 10
	for from := size; from > 0; {
		from = max(0, from-piece)
		tail := make([]byte, size-from)
		if _, err := file.ReadAt(tail, from); err != nil {
			return err
		}
		at := bytes.LastIndexByte(tail, '\n')
		if at < 0 && from > 0 {
			continue
		}
		switch last := tail[at+1:]; {
		case len(last) == 0:
			return nil
		case json.Valid(last): // as an editor leaves it
			_, err := file.WriteString("\n")
			return err
		default:
			return file.Truncate(from + int64(at) + 1)
		}
	}
	return nil
}

// isFull reports whether further lines belong into a new file.
func (j *journal) isFull(file fs.FileInfo, more int) bool {
	return file.Size() > 0 && (file.Size()+int64(more) > full || j.isOld(file))
}

func (j *journal) isOld(file fs.FileInfo) bool {
	return j.keptFor > 0 && time.Since(file.ModTime()) > j.keptFor
}

// turn gives the file that is full the next number.
func (j *journal) turn() error {
	next := 1
	if turned := j.turned(); len(turned) > 0 {
		next = turned[len(turned)-1].number + 1
	}
	if err := j.dir.Rename(j.name+ending, j.name+"."+strconv.Itoa(next)+ending); err != nil {
		return err
	}
	if err := j.syncDir(); err != nil {
		return err
	}
	j.drop()
	return nil
}

func (j *journal) syncDir() error {
	dir, err := j.dir.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// drop removes the oldest files. One that cannot be removed is tried again the next time.
func (j *journal) drop() {
	turned := j.turned()
	for _, old := range turned[:max(0, len(turned)-j.kept)] {
		if j.keptFor == 0 || j.isOld(old) {
			_ = j.dir.Remove(old.Name())
		}
	}
}

// turnedFile is a file that is no longer written to.
type turnedFile struct {
	fs.FileInfo
	number int
}

// turned gives the turned files, oldest first.
func (j *journal) turned() []turnedFile {
	entries, _ := fs.ReadDir(j.dir.FS(), ".") // those that could be read
	var found []turnedFile
	for _, entry := range entries {
		middle, ok := strings.CutPrefix(entry.Name(), j.name+".")
		middle, ends := strings.CutSuffix(middle, ending)
		number, err := strconv.Atoi(middle)
		if !ok || !ends || err != nil || !entry.Type().IsRegular() {
			continue
		}
		if info, err := entry.Info(); err == nil {
			found = append(found, turnedFile{info, number})
		}
	}
	slices.SortFunc(found, func(a, b turnedFile) int { return cmp.Compare(a.number, b.number) })
	return found
}

// close ends the writing. Closing twice is fine.
func (j *journal) close() error {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	j.closed = true
	return j.dir.Close()
}
