package ui

import (
	"bytes"
	"io"
	"sync"

	"github.com/charmbracelet/x/ansi"
)

// longestAnswer bounds what is kept back. The longest that a terminal is asked for is a colour: 11;rgba:ffff/ffff/ffff/ffff.
const longestAnswer = 64

// Typed reads what is typed on a terminal. What the terminal itself says, as answers to questions and as keys that
// send several bytes, comes through whole or not at all: a slow line may cut it anywhere, and the library takes what
// it has after 50 ms for keys. The r of "rgb:" would redrive a letter.
func Typed(in io.Reader) io.Reader { return &wholeReader{in: in} }

// wholeReader keeps back a sequence that has begun until it has ended. It needs no clock: what a sequence may hold
// tells whether the next byte belongs to it.
type wholeReader struct {
	in io.Reader

	mu      sync.Mutex // guards what follows: a read that cannot be cancelled ends beside the first of its successor's
	held    []byte     // the beginning of a sequence
	escaped bool       // the last byte was an escape, and was let through: it may have been the key
	orphan  bool       // held begins with that escape: it must not come again, nor what it began
}

// Read may give nothing, with no error, while a sequence is kept back.
func (w *wholeReader) Read(p []byte) (int, error) {
	if len(p) <= longestAnswer {
		return w.in.Read(p)
	}
	n, err := w.in.Read(p[:len(p)-longestAnswer])
	w.mu.Lock()
	defer w.mu.Unlock()
	return copy(p, w.sift(bytes.Clone(p[:n]))), err
}

// sift gives what can be let through.
func (w *wholeReader) sift(read []byte) []byte {
	if len(read) == 0 {
		return nil
	}
	if w.escaped && (read[0] == ']' || read[0] == '[') {
		w.held, w.orphan = []byte{ansi.ESC}, true
	}
	w.escaped = false
	rest := append(w.held, read...)
	w.held = nil
	var through []byte
	for len(rest) > 0 {
		at := bytes.IndexByte(rest, ansi.ESC)
		if at < 0 {
			return append(through, rest...)
		}
		through, rest = append(through, rest[:at]...), rest[at:]
		length, ended := sequence(rest)
		switch {
		case !ended && length == 1: // the key, or the beginning of anything
			w.escaped = true
			return append(through, ansi.ESC)
		case !ended:
			w.held = rest
			return through
		case w.orphan && length > 1:
		case w.orphan: // it was the key after all
		default:
			through = append(through, rest[:length]...)
		}
		w.orphan, rest = false, rest[length:]
	}
	return through
}

// sequence is how long what an escape begins is, as far as it is there, and whether that is all of it. What is neither
// a control sequence (CSI) nor the answer to a question for a colour (OSC) ends with its escape.
func sequence(b []byte) (length int, ended bool) {
	switch {
	case len(b) == 1:
		return 1, false
	case b[1] == '[':
		return control(b)
	case b[1] == ']':
		return colour(b)
	}
	return 1, true
}

func control(b []byte) (length int, ended bool) {
	for i := 2; i < len(b); i++ {
		switch c := b[i]; {
		case c >= 0x40 && c <= 0x7e:
			return i + 1, true
		case c < 0x20 || c > 0x7e || i >= longestAnswer-1:
			return 1, true
		}
	}
	return len(b), false
}

func colour(b []byte) (length int, ended bool) {
	for i := 2; i < len(b); i++ {
		switch c := b[i]; {
		case c == ansi.BEL:
			return i + 1, true
		case c == ansi.ESC && i+1 == len(b):
			return len(b), false
		case c == ansi.ESC && b[i+1] == '\\':
			return i + 2, true
		case i >= longestAnswer-1 || !bytes.ContainsRune([]byte("0123456789;:/abcdefrgABCDEF"), rune(c)):
			return 1, true
		}
	}
	return len(b), false
}
