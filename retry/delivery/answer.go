package delivery

import (
	"bytes"
	"io"
	"sync"
	"unicode/utf8"
)

// drainBytes is how much of an answer is read so that its connection can be used again; a longer answer costs
// the connection.
const drainBytes = 64 << 10

// answers reads the bodies of answers, with buffers that it uses again.
type answers struct{ buffers sync.Pool }

// read takes the excerpt, and up to keep bytes of the body where the caller wants it. An answer that breaks off
// has still been given: what came of it is returned.
func (a *answers) read(body io.Reader, keep int64) (excerpt string, kept []byte) {
	buf, ok := a.buffers.Get().(*bytes.Buffer)
	if !ok {
		buf = new(bytes.Buffer)
	}
	defer a.giveBack(buf)
	buf.Reset()
	_, _ = buf.ReadFrom(io.LimitReader(body, max(drainBytes, keep)))
	if keep > 0 {
		kept = bytes.Clone(buf.Bytes()[:min(int64(buf.Len()), keep)])
	}
	head := buf.Bytes()[:min(buf.Len(), excerptBytes+utf8.UTFMax)] // the last character whole
	return clip(string(head), excerptBytes), kept
}

// giveBack keeps a buffer for the next answer, but for one that a large answer has made large.
func (a *answers) giveBack(buf *bytes.Buffer) {
	if buf.Cap() <= 2*drainBytes {
		a.buffers.Put(buf)
	}
}
