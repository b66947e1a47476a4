package ui

import (
	"os"
	"sync"
)

// scratch are the files and folders that the screen has made for the while: they go when it ends.
type scratch struct {
	mu    sync.Mutex // guards paths
	paths map[string]bool
}

// own has a path removed when the screen ends.
func (s *scratch) own(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paths == nil {
		s.paths = map[string]bool{}
	}
	s.paths[path] = true
}

// keep leaves a path where it is.
func (s *scratch) keep(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.paths, path)
}

func (s *scratch) remove(path string) {
	s.keep(path)
	_ = os.RemoveAll(path) // there is nobody who could do better
}

// removeAll removes whatever is left. Nothing may be owned any more.
func (s *scratch) removeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path := range s.paths {
		_ = os.RemoveAll(path)
	}
	clear(s.paths)
}
