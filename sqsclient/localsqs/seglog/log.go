package seglog

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// MaxRecordBytes is the longest payload that Append takes.
const MaxRecordBytes = 64 << 20

// Errors that a caller tells apart.
var (
	ErrBusy     = errors.New("too much is waiting to be written")
	ErrClosed   = errors.New("the log is closed")
	ErrDamaged  = errors.New("the checksum does not fit: the record was damaged on disk")
	ErrRemoved  = errors.New("the segment was removed")
	ErrTooLarge = fmt.Errorf("a record may have %d bytes", MaxRecordBytes)
)

// Position says where a record is. It is valid until its segment is removed.
type Position struct {
	Segment uint32
	Offset  uint32 // of the record's header, in bytes
	Length  uint32 // of the payload, in bytes
}

// Bytes is what the record takes on disk.
func (p Position) Bytes() int64 { return headerBytes + int64(p.Length) }

// Config is useful at zero.
type Config struct {
	// SegmentBytes is the size at which a new segment is begun; 16 MiB if zero. One batch of records is never
	// divided, so a segment may become longer.
	SegmentBytes int64
	// Logger is told of damage that was found; slog.Default if nil.
	Logger *slog.Logger
	// OpenFile opens segments and their directory; os.OpenFile if nil.
	OpenFile OpenFile
}

func (c Config) withDefaults() Config {
	if c.SegmentBytes == 0 {
		c.SegmentBytes = 16 << 20
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.OpenFile = c.OpenFile.orOS()
	return c
}

// Log is an open log. Its methods may be called from many goroutines.
type Log struct {
	dir string
	cfg Config

	// turn is held (one value in the channel) by whoever writes. It is taken before mu, and guards active, buf and
	// each segment's size.
	turn   chan struct{}
	active *segment // nil: the next batch begins a new segment
	buf    []byte   // reused from batch to batch

	mu       sync.Mutex // guards what follows
	pending  *batch     // collects records while another batch is written; nil if there are none
	segments []*segment // oldest first
	bytes    int64      // of all segments
	next     uint32     // number of the next segment
	closed   bool
}

// Open reads the log in dir, which must exist and belong to this process alone, and calls record for each record in
// the order in which they were appended. payload is only valid during the call; an error from it ends Open. A torn
// tail is cut off.
func Open(dir string, cfg Config, record func(at Position, payload []byte) error) (*Log, error) {
	l := &Log{dir: dir, cfg: cfg.withDefaults(), turn: make(chan struct{}, 1)}
	if err := l.load(record); err != nil {
		_ = l.closeSegments()
		return nil, err
	}
	return l, nil
}

func (l *Log) load(record func(Position, []byte) error) error {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return fmt.Errorf("list the log's segments: %w", err)
	}
	// Numbers have a fixed width, so the order of names is the order of segments.
	for _, entry := range entries {
		if number, salt, ok := parseSegmentName(entry.Name()); ok {
			if err := l.loadSegment(&segment{number: number, salt: salt, path: filepath.Join(l.dir, entry.Name())}, record); err != nil {
				return err
			}
		}
	}
	if err := l.resume(); err != nil {
		return err
	}
	// Whoever made the newest segment may have been killed before this.
	return SyncDir(l.dir, l.cfg.OpenFile)
}

// loadSegment reads seg and adds it to the log.
func (l *Log) loadSegment(seg *segment, record func(Position, []byte) error) error {
	file, err := l.cfg.OpenFile(seg.path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("open segment: %w", err)
	}
	seg.file = file
	l.segments = append(l.segments, seg)
	l.next = seg.number + 1
	size, damaged, err := l.walk(seg, record)
	if err != nil {
		return err
	}
	for _, d := range damaged {
		l.cfg.Logger.Error("queue store: records lost to damage on disk", "file", seg.path, "offset", d.offset, "bytes", d.bytes)
	}
	l.bytes += size
	return nil
}

// walk calls record for each record of seg and sets its size to the end of the last one. It returns the length of
// the file.
func (l *Log) walk(seg *segment, record func(Position, []byte) error) (fileBytes int64, damaged []damage, err error) {
	data, err := seg.contents()
	if err != nil {
		return 0, nil, err
	}
	seg.size, damaged, err = scan(data, seg.salt, func(offset int64, payload []byte) error {
		return record(positionOf(seg, offset, len(payload)), payload)
	})
	if err != nil {
		return 0, nil, fmt.Errorf("read %s: %w", seg.path, err)
	}
	return int64(len(data)), damaged, nil
}

// resume cuts the torn tail of the newest segment off and makes it the active one.
func (l *Log) resume() error {
	if len(l.segments) == 0 {
		return nil
	}
	seg := l.segments[len(l.segments)-1]
	info, err := seg.file.Stat()
	if err != nil {
		return fmt.Errorf("size of segment: %w", err)
	}
	if torn := info.Size() - seg.size; torn > 0 {
		l.cfg.Logger.Warn("queue store: cut off an unfinished write", "file", seg.path, "offset", seg.size, "bytes", torn)
		if err := errors.Join(seg.file.Truncate(seg.size), seg.file.Sync()); err != nil {
			return fmt.Errorf("cut off the damaged end of %s: %w", seg.path, err)
		}
		l.bytes -= torn
	}
	l.active = seg
	return nil
}

func positionOf(seg *segment, offset int64, length int) Position {
	return Position{Segment: seg.number, Offset: uint32(offset), Length: uint32(length)} //nolint:gosec // a segment is one batch over SegmentBytes at most
}

// Read returns the payload of the record at p. The error is ErrRemoved if its segment is gone and ErrDamaged if the
// disk no longer holds what was written.
func (l *Log) Read(p Position) ([]byte, error) {
	l.mu.Lock()
	i, found := l.find(p.Segment)
	if !found {
		l.mu.Unlock()
		return nil, ErrRemoved
	}
	seg := l.segments[i]
	l.mu.Unlock()
	return seg.read(p)
}

// find looks for a segment by number; l.mu is held.
func (l *Log) find(number uint32) (int, bool) {
	return slices.BinarySearchFunc(l.segments, number, func(s *segment, n uint32) int { return int(s.number) - int(n) })
}

// Bytes is what the log takes on disk.
func (l *Log) Bytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes
}

// Close syncs what was appended and closes the files. Closing twice is fine.
func (l *Log) Close() error {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	l.mu.Lock()
	last := l.pending
	l.pending, l.closed = nil, true
	l.mu.Unlock()
	if last != nil {
		last.finish(l.write(last))
	}
	return l.closeSegments()
}

func (l *Log) closeSegments() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, seg := range l.segments {
		errs = append(errs, seg.close())
	}
	return errors.Join(errs...)
}
