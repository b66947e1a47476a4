package sqsclient

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// folder keeps each payload in a file. It is for the embedded queue, whose messages are on the same disk.
type folder string

// put has the payload on the disk under its name before it returns, or not at all.
func (f folder) put(_ context.Context, key string, payload []byte, _ [sha256.Size]byte) error {
	if err := f.make(); err != nil {
		return err
	}
	return f.within(func(root *os.Root) error {
		part := "part-" + rand.Text()
		if err := write(root, part, payload); err != nil {
			return errors.Join(err, root.Remove(part))
		}
		if err := root.Rename(part, key); err != nil {
			return errors.Join(err, root.Remove(part))
		}
		return syncFolder(root)
	})
}

// make creates the folder if there is none, so that it survives a power cut like what is in it.
func (f folder) make() error {
	err := os.Mkdir(string(f), 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	above, err := os.OpenRoot(filepath.Dir(string(f)))
	if err != nil {
		return err
	}
	return errors.Join(syncFolder(above), above.Close())
}

func write(root *os.Root, name string, payload []byte) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(payload)
	return errors.Join(err, file.Sync(), file.Close())
}

// syncFolder makes the names themselves survive a power cut.
func syncFolder(root *os.Root) error {
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (f folder) get(_ context.Context, key string, most int64) ([]byte, error) {
	if !isName(key) {
		return nil, fmt.Errorf("%w: no payload has such a name", errNoObject)
	}
	var payload []byte
	err := f.within(func(root *os.Root) error {
		info, err := root.Lstat(key)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() { // opening a pipe would wait for its writer
			return fmt.Errorf("%w: what is there is no file", errNoObject)
		}
		file, err := root.Open(key)
		if err != nil {
			return err
		}
		payload, err = io.ReadAll(io.LimitReader(file, most+1))
		return errors.Join(err, file.Close())
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", errNoObject, err)
	}
	return payload, err
}

func (f folder) remove(_ context.Context, key string) error {
	err := f.within(func(root *os.Root) error { return root.Remove(key) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// within works in the folder and nowhere else, whatever a name says.
func (f folder) within(do func(*os.Root) error) error {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return err
	}
	return errors.Join(do(root), root.Close())
}

// isName reports whether a key can be the name of a file in the folder itself.
func isName(key string) bool {
	return key != "" && len(key) <= 255 && !strings.HasPrefix(key, ".") && !strings.ContainsAny(key, "/\\\x00")
}
