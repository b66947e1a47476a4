package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rehook/ui/plain"
)

// exportName is the name that an export has unless the operator gives it another.
func (s *state) exportName() string {
	return "rehook-" + safeName(s.status.Queue, "letters") + "-" + s.now.Local().Format("2006-01-02-150405") + ".ndjson"
}

// exportPath is where an operator wants a file. It is theirs to say where; but a name must be seen for what it is.
func exportPath(typed string) (string, error) {
	name := strings.TrimSpace(typed)
	switch {
	case name == "":
		return "", errors.New("a file name is needed")
	case plain.Line(name) != name:
		return "", errors.New("the name has characters that cannot be seen")
	case strings.HasSuffix(name, "/"):
		return "", errors.New("that is a folder: name a file in it")
	case name == "~" || strings.HasPrefix(name, "~/"):
		home, err := os.UserHomeDir()
		if err != nil {
			return "", errors.New("~ is not known here: give the folder's name")
		}
		name = filepath.Join(home, strings.TrimPrefix(name, "~"))
	case strings.HasPrefix(name, "~"):
		return "", errors.New("of ~ only one's own is understood, as in ~/letters.ndjson")
	}
	return filepath.Abs(name)
}

// occupiedError says that there is a file of that name, which can be overwritten.
type occupiedError struct {
	path     string
	size     int64
	modified time.Time
}

func (e *occupiedError) Error() string { return "there is such a file already" }

// target is a file that is being written. One that replaces another has its name only when it is whole.
type target struct {
	*os.File
	folder *os.Root
	path   string
	name   string // in the folder
	as     string // its name until it is whole
}

// made is where it is until it is whole.
func (t *target) made() string { return filepath.Join(filepath.Dir(t.path), t.as) }

// createTarget makes a file that only its owner can read. Its error is an [*occupiedError] where there is one already that
// was not said to be overwritten.
func createTarget(path string, overwrite bool) (_ *target, err error) {
	t := &target{path: path, name: filepath.Base(path)}
	if t.folder, err = os.OpenRoot(filepath.Dir(path)); err != nil {
		return nil, inWords(err)
	}
	if t.as = t.name; overwrite {
		t.as = fmt.Sprintf(".%s.%d.part", t.name, os.Getpid())
	}
	if t.File, err = t.folder.OpenFile(t.as, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		return t, nil
	}
	if errors.Is(err, fs.ErrExist) && !overwrite {
		err = t.occupied()
	}
	_ = t.folder.Close() // it was only opened
	return nil, inWords(err)
}

// occupied says what there is of that name.
func (t *target) occupied() error {
	info, err := t.folder.Lstat(t.name)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("that is a folder: name a file in it")
	case !info.Mode().IsRegular():
		return errors.New("that is there already, and is no ordinary file")
	}
	return &occupiedError{t.path, info.Size(), info.ModTime()}
}

// finish makes the file last, and gives it its name.
func (t *target) finish() error {
	err := errors.Join(t.Sync(), t.Close())
	if err == nil && t.as != t.name {
		err = t.folder.Rename(t.as, t.name)
	}
	if err == nil {
		_ = t.folder.Close() // it was only opened
	}
	return err
}

// giveUp leaves nothing of it.
func (t *target) giveUp() {
	_ = t.Close() // it may be closed, and is not wanted any more
	_ = t.folder.Remove(t.as)
	_ = t.folder.Close()
}

// inWords is an error of the file system without the call that it came from.
func inWords(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
