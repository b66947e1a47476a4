package seglog

import "errors"

// Oldest is the number of the oldest segment that is no longer written to; ok is false if there is none.
func (l *Log) Oldest() (number uint32, ok bool) {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.segments) == 0 || l.segments[0] == l.active {
		return 0, false
	}
	return l.segments[0].number, true
}

// Seal ends the active segment: the next append begins a new one.
func (l *Log) Seal() {
	l.turn <- struct{}{}
	l.active = nil
	<-l.turn
}

// Walk calls record for each whole record of a segment; payload may be kept. An error from record ends the walk.
func (l *Log) Walk(number uint32, record func(at Position, payload []byte) error) error {
	l.mu.Lock()
	i, found := l.find(number)
	if !found {
		l.mu.Unlock()
		return ErrRemoved
	}
	seg := l.segments[i]
	l.mu.Unlock()
	data, err := seg.contents()
	if err != nil {
		return err
	}
	_, _, err = scan(data, seg.salt, func(offset int64, payload []byte) error {
		return record(positionOf(seg, offset, len(payload)), payload)
	})
	return err
}

// RemoveOldest removes the oldest segment, which must be the one that Oldest named, and with it every record in it.
func (l *Log) RemoveOldest(number uint32) error {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	l.mu.Lock()
	if len(l.segments) == 0 || l.segments[0].number != number || l.segments[0] == l.active {
		l.mu.Unlock()
		return errors.New("bug: only the oldest sealed segment can be removed")
	}
	seg := l.segments[0]
	l.mu.Unlock()
	info, err := seg.file.Stat()
	if err != nil {
		return err
	}
	if err := seg.remove(); err != nil {
		return err
	}
	l.mu.Lock()
	l.segments = l.segments[1:]
	l.bytes -= info.Size()
	l.mu.Unlock()
	return SyncDir(l.dir, l.cfg.OpenFile)
}
