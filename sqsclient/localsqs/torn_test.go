package localsqs_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/sqsclient/localsqs"
	"rehook/sqsclient/localsqs/seglog"
)

// torn is a directory that keeps what a kill leaves when it comes amid the last of so many writes of something: the files
// before it, and of that write all up to the end of the thing.
type torn struct {
	t      *testing.T
	dir    string
	what   []byte
	writes int

	mu   sync.Mutex // guards what follows
	seen int
	left string // the directory that was left
}

func (d *torn) open(name string, flag int, perm fs.FileMode) (seglog.File, error) {
	file, err := os.OpenFile(name, flag, perm)
	return tornFile{file, d}, err
}

type tornFile struct {
	*os.File
	disk *torn
}

func (f tornFile) WriteAt(p []byte, offset int64) (int, error) {
	f.disk.tear(filepath.Base(f.Name()), p, offset)
	return f.File.WriteAt(p, offset)
}

func (d *torn) tear(name string, p []byte, offset int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := bytes.Index(p, d.what)
	if at < 0 {
		return
	}
	if d.seen++; d.seen != d.writes {
		return
	}
	d.left = filepath.Join(d.t.TempDir(), "left")
	if err := os.CopyFS(d.left, os.DirFS(d.dir)); err != nil {
		d.t.Error(err)
	}
	file, err := os.OpenFile(filepath.Join(d.left, name), os.O_WRONLY, 0)
	if err != nil {
		d.t.Error(err)
		return
	}
	if _, err := file.WriteAt(p[:at+len(d.what)], offset); err != nil {
		d.t.Error(err)
	}
	if err := file.Close(); err != nil {
		d.t.Error(err)
	}
}

// churn sends and deletes so many MiB. Over four, older segments are given back.
func (s served) churn(t *testing.T, url string, mebibytes int) {
	t.Helper()
	for range mebibytes {
		s.sendTen(t, url, strings.Repeat("x", 100<<10))
		for _, m := range s.receiveAll(t, url) {
			s.delete(t, url, m.ReceiptHandle)
		}
	}
	synctest.Wait()
}

// A message is written again with its receives, or not at all: the record that had them before may be gone the next time.
func TestReceivesOutliveAKillAmidTheCopyOfAMessage(t *testing.T) { outliveTornCopy(t, false) }

func TestReceivesOutliveAKillAmidTheCopyOfADeadLetter(t *testing.T) { outliveTornCopy(t, true) }

func outliveTornCopy(t *testing.T, dead bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		disk := &torn{t: t, dir: dir, what: []byte("kept and kept again"), writes: 2}
		if dead {
			disk.writes++ // the move is one
		}
		first, err := localsqs.OpenOn(localsqs.Config{Dir: dir}, disk.open)
		if err != nil {
			t.Fatal(err)
		}
		s := serve(t, first)
		url := s.named(t, "dead", nil)
		source, want := "", "2"
		if dead {
			from := s.named(t, "letters", map[string]string{"RedrivePolicy": redrive("dead", 1)})
			s.send(t, from, string(disk.what))
			s.receive(t, from, 1)
			time.Sleep(2 * time.Second)
			s.receiveAll(t, from)
			source, want = arnOf("letters"), "3"
		} else {
			s.send(t, url, string(disk.what))
		}
		s.receive(t, url, 43200)
		s.churn(t, url, 12)
		s.stop()
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		if disk.left == "" {
			t.Fatal("the message was not written again")
		}
		second := open(t, disk.left)
		before := logFiles(t, disk.left)
		s = serve(t, second)
		synctest.Wait() // the segment that has the first is given back
		if slices.Contains(logFiles(t, disk.left), before[0]) {
			t.Fatal("nothing was given back")
		}
		s.stop()
		if err := second.Close(); err != nil {
			t.Fatal(err)
		}
		s = serve(t, open(t, disk.left))
		time.Sleep(12 * time.Hour)
		got := map[string]types.Message{}
		for _, m := range s.receiveAll(t, url) {
			got[*m.Body] = m
		}
		kept := got[string(disk.what)].Attributes
		if kept["ApproximateReceiveCount"] != want || kept["DeadLetterQueueSourceArn"] != source {
			t.Errorf("want %s receives and the source %q: %v", want, source, kept)
		}
	})
}
