package localsqs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"rehook/sqsclient/localsqs/seglog"
)

// Config says where a server keeps its queues and what it calls itself.
type Config struct {
	// Dir holds the queues. It is made (mode 0700) if it does not exist, and used by one process at a time.
	Dir string
	// Logger is told of damage on disk and of failed writes; slog.Default if nil. It is given names of files and
	// queues and numbers, never what messages hold.
	Logger *slog.Logger
	// Account is the twelve-digit account in queue URLs and ARNs; "000000000000" if empty.
	Account string
	// Region is the region in ARNs; "us-east-1" if empty.
	Region string
}

// Server is an open directory of queues. Its methods may be called from many goroutines.
type Server struct {
	account string
	region  string
	report  *slog.Logger
	lock    *dirLock
	log     *seglog.Log
	tidy    chan struct{} // buffered for one: there may be disk space to give back
	moves   chan struct{} // buffered for one: there is a new move task
	direct  direct        // requests without a connection

	// Locks, in the order in which they are taken: defining, moving, landing, mu. The log's own come after.

	defining sync.Mutex   // held through a change of which queues there are or of their definitions
	moving   sync.Mutex   // held through a step of a move task, and while one starts, ends or is written again
	landing  sync.RWMutex // held for reading from an append until the index knows its outcome

	mu          sync.Mutex // guards what follows, and all that the queues hold
	queues      map[string]*queue
	nextSeq     uint64
	nextQueueID uint64
	liveBytes   int64 // on disk, of messages and definitions that count
}

// Open opens or makes the queues in cfg.Dir. The error is an *InUseError if another process has them open. Damage on
// disk is reported to the logger and is no error: what it did not hit is served.
func Open(cfg Config) (*Server, error) { return openOn(cfg, nil) }

// openOn opens the queues on another file system than the operating system's, if open is not nil.
func openOn(cfg Config, open seglog.OpenFile) (*Server, error) {
	if cfg.Dir == "" {
		return nil, errors.New("open the local queues: no directory given")
	}
	if err := makeDir(cfg.Dir, open); err != nil {
		return nil, err
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s := &Server{
		account: cmp.Or(cfg.Account, "000000000000"),
		region:  cmp.Or(cfg.Region, "us-east-1"),
		report:  cmp.Or(cfg.Logger, slog.Default()),
		lock:    lock,
		tidy:    make(chan struct{}, 1),
		moves:   make(chan struct{}, 1),
		direct:  direct{stops: map[*directAnswer]context.CancelCauseFunc{}},
		queues:  map[string]*queue{},
	}
	if err := s.recover(cfg.Dir, open); err != nil {
		return nil, errors.Join(fmt.Errorf("open the local queues in %s: %w", cfg.Dir, err), lock.release())
	}
	return s, nil
}

func (s *Server) recover(dir string, open seglog.OpenFile) error {
	found := newRecovery()
	log, err := seglog.Open(dir, seglog.Config{Logger: s.report, OpenFile: open}, found.record)
	if err != nil {
		return err
	}
	s.log = log
	found.install(s, now())
	s.wantTidy()
	return nil
}

// makeDir makes dir last, and what is missing above it: a queue acknowledged in it must not vanish with it in a power
// cut.
func makeDir(dir string, open seglog.OpenFile) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	parent := filepath.Dir(dir)
	if err := makeDir(parent, open); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the directory of the local queues: %w", err)
	}
	return seglog.SyncDir(parent, open)
}

// Close ends what [Server.RoundTrip] answers, syncs what is not yet on disk and lets another process have the directory.
// What is called afterwards fails. Closing twice is fine.
func (s *Server) Close() error {
	s.direct.close()
	s.mu.Lock()
	for _, q := range s.queues {
		if q.alarm != nil {
			q.alarm.Stop()
		}
	}
	s.mu.Unlock()
	return errors.Join(s.log.Close(), s.lock.release())
}
