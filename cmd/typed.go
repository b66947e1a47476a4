package cmd

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// typed keeps the command lines of screens in a state directory, one a line and the latest last, for the next screen.
type typed struct{ dir string }

const (
	typedName = "typed.txt"
	typedKept = 200       // lines
	typedSize = 64 << 10  // bytes of them
	typedMost = 256 << 10 // bytes of the file
)

// lines are what was typed before. They are a comfort: where they cannot be read there are none.
func (t typed) lines() []string {
	root, err := os.OpenRoot(t.dir)
	if err != nil {
		return nil
	}
	defer func() { _ = root.Close() }() // it was only read
	file, err := root.Open(typedName)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }() // it was only read
	text, _ := io.ReadAll(io.LimitReader(file, typedMost))
	lines := slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool { return line == "" })
	first, size := len(lines), 0
	for first > max(0, len(lines)-typedKept) && size+len(lines[first-1]) < typedSize {
		first--
		size += len(lines[first])
	}
	return lines[first:]
}

// add keeps one line more. Now and then it forgets the oldest.
func (t typed) add(line string) (err error) {
	root, err := os.OpenRoot(t.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	how := os.O_APPEND
	text := strings.ReplaceAll(line, "\n", " ") + "\n"
	if info, err := root.Stat(typedName); err == nil && info.Size() > typedMost/2 {
		text = strings.Join(t.lines(), "\n") + "\n" + text
		how = os.O_TRUNC
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := root.OpenFile(typedName, os.O_WRONLY|os.O_CREATE|how, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}
