package cmd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// maxSocketPath is how long the path of a Unix socket can be, in bytes: 104 on macOS and the BSDs, 108 on
// Linux, a zero byte included.
const maxSocketPath = 103

// socket is a Unix socket in a directory whose path may be too long for one.
type socket struct{ path string }

func (s socket) listen() (net.Listener, error) {
	// What lies there was left behind by a process that was killed: the caller holds the lock.
	if err := s.remove(); err != nil {
		return nil, err
	}
	var listener *net.UnixListener
	err := s.short(func(path string) (err error) {
		listener, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false) // the short path is gone by then
	if err := os.Chmod(s.path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

func (s socket) remove() error {
	if err := os.Remove(s.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the socket of the embedded queue: %w", err)
	}
	return nil
}

func (s socket) dial(ctx context.Context) (net.Conn, error) {
	var conn net.Conn
	err := s.short(func(path string) (err error) {
		conn, err = new(net.Dialer).DialContext(ctx, "unix", path)
		return err
	})
	return conn, err
}

// short calls use with a path that fits: the socket's own, or one through a link that lives as long as the call.
func (s socket) short(use func(path string) error) error {
	if len(s.path) <= maxSocketPath {
		return use(s.path)
	}
	dir, err := os.MkdirTemp("", "rehook-")
	if err != nil {
		return err
	}
	link := filepath.Join(dir, "state")
	if err = os.Symlink(filepath.Dir(s.path), link); err == nil {
		err = use(filepath.Join(link, filepath.Base(s.path)))
	}
	return errors.Join(err, os.RemoveAll(dir))
}
