package seglog

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// File is what the log needs of a file; *os.File has it. Tests give one that fails.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
}

// OpenFile opens a file or, to sync it, a directory, as os.OpenFile does; nil is os.OpenFile itself.
type OpenFile func(name string, flag int, perm fs.FileMode) (File, error)

func (open OpenFile) orOS() OpenFile {
	if open != nil {
		return open
	}
	return func(name string, flag int, perm fs.FileMode) (File, error) { return os.OpenFile(name, flag, perm) } //nolint:gosec // names are ours
}

// segment is one file of the log. Its name holds its number and its salt: a file without a header has no header
// that could be damaged, and an empty file is simply an empty segment.
type segment struct {
	number uint32
	salt   uint64
	path   string
	size   int64 // bytes of whole records; written by whoever has the log's turn

	mu   sync.RWMutex // held for reading while file is in use, for writing to close it
	file File         // nil once closed
}

const segmentName = "%010d-%016x.log"

func parseSegmentName(name string) (number uint32, salt uint64, ok bool) {
	n, err := fmt.Sscanf(name, segmentName, &number, &salt)
	return number, salt, err == nil && n == 2 && name == fmt.Sprintf(segmentName, number, salt)
}

// createSegment makes the file, and syncs the directory so that the file is still there after a power cut.
func createSegment(dir string, number uint32, open OpenFile) (*segment, error) {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, fmt.Errorf("choose a salt for a new segment: %w", err)
	}
	salt := binary.LittleEndian.Uint64(random[:])
	path := filepath.Join(dir, fmt.Sprintf(segmentName, number, salt))
	file, err := open(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create a segment: %w", err)
	}
	seg := &segment{number: number, salt: salt, path: path, file: file}
	if err := SyncDir(dir, open); err != nil {
		_ = seg.remove()
		return nil, err
	}
	return seg, nil
}

// write puts frames at the end and syncs. After an error the segment is as it was before; if even that cannot be
// had, or if the sync failed and the kernel's copy can no longer be trusted, usable is false and nothing more must be
// written to it.
func (s *segment) write(frames []byte) (usable bool, err error) {
	_, err = s.file.WriteAt(frames, s.size)
	wrote := err == nil
	if wrote {
		err = s.file.Sync()
	}
	if err == nil {
		s.size += int64(len(frames))
		return true, nil
	}
	if cut := s.file.Truncate(s.size); cut != nil {
		return false, fmt.Errorf("write to the log: %w (and cutting off the rest: %w)", err, cut)
	}
	return !wrote, fmt.Errorf("write to the log: %w", err)
}

// read returns the payload of length bytes at offset, or ErrRemoved, or ErrDamaged.
func (s *segment) read(p Position) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.file == nil {
		return nil, ErrRemoved
	}
	frame := make([]byte, headerBytes+int(p.Length))
	if _, err := s.file.ReadAt(frame, int64(p.Offset)); err != nil {
		return nil, fmt.Errorf("read %d bytes at %d of %s: %w", len(frame), p.Offset, s.path, err)
	}
	h, ok := readHeader(frame, s.salt, int64(p.Offset))
	if !ok || !h.holds(frame[headerBytes:]) {
		return nil, fmt.Errorf("record at %d of %s: %w", p.Offset, s.path, ErrDamaged)
	}
	return frame[headerBytes:], nil
}

// contents returns the whole file.
func (s *segment) contents() ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.file == nil {
		return nil, ErrRemoved
	}
	info, err := s.file.Stat()
	if err != nil {
		return nil, fmt.Errorf("size of segment: %w", err)
	}
	data := make([]byte, info.Size())
	if n, err := s.file.ReadAt(data, 0); n < len(data) {
		return nil, fmt.Errorf("read segment %s: %w", s.path, err)
	}
	return data, nil
}

// close waits for readers. Closing twice is fine.
func (s *segment) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}

// remove gives the segment's space back.
func (s *segment) remove() error {
	if err := os.Remove(s.path); err != nil {
		return fmt.Errorf("remove segment: %w", err)
	}
	return s.close()
}

// SyncDir makes what was created and removed in dir last: without it, a power cut may undo it. open is as in Config.
func SyncDir(dir string, open OpenFile) error {
	d, err := open.orOS()(dir, os.O_RDONLY, 0)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}
