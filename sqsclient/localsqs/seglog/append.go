package seglog

import "fmt"

// batch is the records that one write and one sync bring to disk.
type batch struct {
	payloads [][]byte
	frames   int64         // bytes that they take on disk
	done     chan struct{} // closed when err, segment and positions are set
	err      error
	at       []Position
}

func (b *batch) finish(err error) {
	b.err = err
	close(b.done)
}

// Commit is the promise of one Append.
type Commit struct {
	log   *Log
	batch *batch
	first int // index of its first record in the batch
}

// Append puts records at the end of the log. Their order among appends is fixed when it returns, but they are on disk
// only when the commit's Wait has returned nil. A commit that nobody waits for goes to disk with the next one, or
// with Close. The log keeps payloads until then.
func (l *Log) Append(payloads ...[]byte) Commit {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refuses(payloads); err != nil || len(payloads) == 0 {
		settled := &batch{done: make(chan struct{})}
		settled.finish(err)
		return Commit{log: l, batch: settled}
	}
	if l.pending == nil {
		l.pending = &batch{done: make(chan struct{})}
	}
	b := l.pending
	c := Commit{log: l, batch: b, first: len(b.payloads)}
	b.payloads = append(b.payloads, payloads...)
	for _, p := range payloads {
		b.frames += headerBytes + int64(len(p))
	}
	return c
}

// refuses says why payloads cannot be appended; l.mu is held.
func (l *Log) refuses(payloads [][]byte) error {
	if l.closed {
		return ErrClosed
	}
	if l.pending != nil && l.pending.frames > maxPendingBytes {
		return ErrBusy
	}
	for _, p := range payloads {
		if len(p) > MaxRecordBytes {
			return fmt.Errorf("record of %d bytes: %w", len(p), ErrTooLarge)
		}
	}
	return nil
}

// maxPendingBytes bounds the memory that waits for a disk that does not keep up.
const maxPendingBytes = 512 << 20

// Wait returns when the records are synced, or with the reason why they are not on disk. Whoever waits first while
// nobody writes does the writing, for all that have appended until then. The zero Commit is of nothing: there is nothing
// to wait for.
func (c Commit) Wait() error {
	if c.batch == nil {
		return nil
	}
	select {
	case <-c.batch.done:
	case c.log.turn <- struct{}{}:
		c.log.commit(c.batch)
		<-c.log.turn
	}
	return c.batch.err
}

// Position says where record i of the append is, after Wait returned nil.
func (c Commit) Position(i int) Position { return c.batch.at[c.first+i] }

// commit writes b, unless that was done in the meantime. The caller has the turn.
func (l *Log) commit(b *batch) {
	l.mu.Lock()
	if l.pending != b {
		l.mu.Unlock()
		return
	}
	l.pending = nil
	l.mu.Unlock()
	b.finish(l.write(b))
}

// write brings b to disk. The caller has the turn.
func (l *Log) write(b *batch) error {
	if err := l.makeRoom(b.frames); err != nil {
		return err
	}
	seg := l.active
	l.frame(seg, b)
	usable, err := seg.write(l.buf)
	if !usable {
		l.active = nil
	}
	l.forgetLargeBuffer()
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.bytes += b.frames
	l.mu.Unlock()
	return nil
}

// makeRoom begins a new segment if there is none or if the active one is full.
func (l *Log) makeRoom(frames int64) error {
	if l.active != nil && (l.active.size == 0 || l.active.size+frames <= l.cfg.SegmentBytes) {
		return nil
	}
	l.mu.Lock()
	number := l.next
	l.mu.Unlock()
	seg, err := createSegment(l.dir, number, l.cfg.OpenFile)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	l.segments = append(l.segments, seg)
	l.active = seg
	return nil
}

// frame fills buf with the records of b as they will stand at the end of seg, and notes where that is.
func (l *Log) frame(seg *segment, b *batch) {
	l.buf = l.buf[:0]
	b.at = make([]Position, len(b.payloads))
	for i, payload := range b.payloads {
		offset := seg.size + int64(len(l.buf))
		b.at[i] = positionOf(seg, offset, len(payload))
		l.buf = appendFrame(l.buf, payload, seg.salt, offset)
	}
	b.payloads = nil
}

// forgetLargeBuffer lets go of a buffer that one unusually large batch needed.
func (l *Log) forgetLargeBuffer() {
	if cap(l.buf) > 4<<20 {
		l.buf = nil
	}
}
