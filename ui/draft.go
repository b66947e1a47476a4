package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"rehook/ui/linediff"
)

// draftMost is how much is read of what an editor left: no letter has a payload of that many bytes.
const draftMost = 64 << 20

// draft is a payload as it lies in a file for an editor, in a folder of its own: what editors put beside a file goes
// with it.
type draft struct {
	dir, name string
	was       []byte // the payload
	text      []byte // the file as it was written
	json      bool
	laidOut   bool // the payload had no space, and gets rid of it again
	newline   bool // the file ends in a newline that the payload does not have
}

// newDraft writes a payload into a file that only its owner can read.
func newDraft(id string, payload []byte) (d *draft, err error) {
	if !utf8.Valid(payload) {
		return nil, errors.New("the payload is not text")
	}
	d = &draft{was: payload, text: payload, json: json.Valid(payload)}
	if laid, ok := laidOut(payload); ok && bytes.Equal(compacted(laid), payload) {
		d.laidOut, d.text = true, laid
	}
	if d.newline = !bytes.HasSuffix(d.text, []byte("\n")); d.newline {
		d.text = append(bytes.Clone(d.text), '\n')
	}
	d.name = safeName(shortID(id), "letter") + pick(d.json, ".json", ".txt")
	if d.dir, err = os.MkdirTemp("", "rehook-edit-"); err != nil {
		return nil, err
	}
	if err := os.WriteFile(d.path(), d.text, 0o600); err != nil {
		return nil, errors.Join(err, os.RemoveAll(d.dir))
	}
	return d, nil
}

func (d *draft) path() string { return filepath.Join(d.dir, d.name) }

// read is what the file holds now.
func (d *draft) read() ([]byte, error) {
	root, err := os.OpenRoot(d.dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // it was only read
	f, err := root.Open(d.name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, draftMost+1))
	if err == nil && len(text) > draftMost {
		err = fmt.Errorf("it has more than %s: no letter takes that", size(draftMost))
	}
	return text, err
}

// made is what an operator has made of a payload.
type made struct {
	payload []byte
	broken  string // why it is no JSON, where it was JSON before
	diff    linediff.Diff
}

// made undoes to a file's text what was done to the payload, and compares.
func (d *draft) made(text []byte) made {
	m := made{payload: text}
	if d.newline {
		m.payload = bytes.TrimSuffix(text, []byte("\n"))
	}
	if d.json {
		m.broken = brokenJSON(m.payload)
	}
	if d.laidOut && m.broken == "" {
		m.payload = compacted(m.payload)
	}
	if bytes.Equal(m.payload, d.was) {
		return m
	}
	was, old := laidOut(d.was)
	now, new := laidOut(m.payload)
	if !old || !new || bytes.Equal(was, now) { // else the space between values is no change
		was, now = d.was, m.payload
		if d.laidOut {
			was, now = d.text, text
		}
	}
	m.diff = linediff.Compare(string(was), string(now))
	return m
}

// safeName makes of text from outside what can be a part of a file's name, and leads nowhere else.
func safeName(text, otherwise string) string {
	const most = 64
	name := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') {
			return r
		}
		return '-'
	}, text)
	if name = strings.Trim(name[:min(len(name), most)], "-"); name == "" {
		return otherwise
	}
	return name
}
