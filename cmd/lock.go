package cmd

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// lock is a file that this process alone holds. The kernel lets it go when the process ends, however that
// happens, so a lock is never left behind.
type lock struct{ file *os.File }

// heldError says that another process holds a lock.
type heldError struct{ pid string }

func (h *heldError) Error() string { return "process " + h.pid }

// takeLock takes the lock of this name in the state directory, or fails at once with a [*heldError].
func takeLock(state *os.Root, name string) (*lock, error) {
	file, err := state.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = &heldError{pid: holder(file)}
	}
	if err == nil {
		err = sign(file)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &lock{file: file}, nil
}

// holder reads which process signed the file.
func holder(file *os.File) string {
	text, err := io.ReadAll(io.LimitReader(file, 32))
	if pid, bad := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && bad == nil {
		return strconv.Itoa(pid)
	}
	return "(unknown)"
}

// sign writes this process's number into the file, for whoever is refused.
func sign(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func (l *lock) release() error { return l.file.Close() }
