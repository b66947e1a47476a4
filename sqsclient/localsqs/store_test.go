package localsqs_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/sqsclient/localsqs"
)

func TestDirectoryInUseIsRefusedWithASentence(t *testing.T) {
	dir := t.TempDir()
	server := open(t, dir)
	_, err := localsqs.Open(localsqs.Config{Dir: dir})
	inUse, ok := errors.AsType[*localsqs.InUseError](err)
	if !ok || inUse.Dir != dir || inUse.PID != os.Getpid() {
		t.Fatalf("%#v", err)
	}
	if text := err.Error(); !strings.Contains(text, dir) || !strings.Contains(text, fmt.Sprint(os.Getpid())) {
		t.Error(text)
	}
	if err := errors.Join(server.Close(), server.Close()); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestFilesAreTheOwnersOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "queues")
	askOK(t, open(t, dir), "CreateQueue", `{"QueueName":"letters"}`)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s: %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDamageCostsOnlyWhatItHit(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	askOK(t, first, "CreateQueue", `{"QueueName":"letters"}`)
	for _, body := range []string{"alpha", "beta", "gamma"} {
		askOK(t, first, "SendMessage", `{`+letters+`,"MessageBody":"`+body+`"}`)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	path := logFiles(t, dir)[0]
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data = append(bytes.Replace(data, []byte("beta"), []byte("bEta"), 1), "half a record"...)
	if err := os.WriteFile(path, data, 0o600); err != nil { //nolint:gosec // the test's own directory
		t.Fatal(err)
	}

	var report bytes.Buffer
	second, err := localsqs.Open(localsqs.Config{Dir: dir, Logger: slog.New(slog.NewTextHandler(&report, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Close() }()
	got := askOK(t, second, "ReceiveMessage", `{`+letters+`,"MaxNumberOfMessages":10}`)
	if !strings.Contains(got, "alpha") || strings.Contains(got, "eta") || !strings.Contains(got, "gamma") {
		t.Error(got)
	}
	if !strings.Contains(report.String(), "damage") || !strings.Contains(report.String(), "unfinished write") {
		t.Errorf("report: %s", &report)
	}
}

func logFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return files
}

// diskUse is the length of all files in dir.
func diskUse(t *testing.T, dir string) int64 {
	t.Helper()
	var total int64
	for _, path := range logFiles(t, dir) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	return total
}

// Long-lived messages lie among short-lived ones. Their segments are given back, and they stay, with their leases.
func TestDiskSpaceIsGivenBackAndWhatLivesStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		first := open(t, dir)
		s := serve(t, first)
		url := s.queue(t, map[string]string{"VisibilityTimeout": "3600"})
		kept := map[string]types.Message{}
		for round := range 20 {
			s.send(t, url, fmt.Sprint("kept ", round))
			s.sendTen(t, url, strings.Repeat("x", 100<<10))
			for _, m := range s.receiveAll(t, url) {
				s.keepOrDelete(t, url, m, kept)
			}
			for _, m := range s.receiveAll(t, url) {
				s.keepOrDelete(t, url, m, kept)
			}
		}
		synctest.Wait()
		if use := diskUse(t, dir); use > 7<<20 {
			t.Errorf("%d MiB on disk after 20 MiB were deleted", use>>20)
		}
		s.stop()
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		s = serve(t, open(t, dir))
		if n := s.attributes(t, url)["ApproximateNumberOfMessagesNotVisible"]; n != "20" || len(kept) != 20 {
			t.Errorf("%s in flight, %d kept", n, len(kept))
		}
		for _, m := range kept {
			s.changeVisibility(t, url, m.ReceiptHandle, 0)
			if got := s.receive(t, url, 3600); *got.Body != *m.Body {
				t.Errorf("got %q, want %q", *got.Body, *m.Body)
			}
		}
	})
}

func (s served) sendTen(t *testing.T, url, body string) {
	t.Helper()
	var entries []types.SendMessageBatchRequestEntry
	for i := range 10 {
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: &body})
	}
	if _, err := s.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries}); err != nil {
		t.Fatal(err)
	}
}

func (s served) keepOrDelete(t *testing.T, url string, m types.Message, kept map[string]types.Message) {
	t.Helper()
	if strings.HasPrefix(*m.Body, "kept") {
		kept[*m.Body] = m
		return
	}
	s.delete(t, url, m.ReceiptHandle)
}

func TestExpiredMessagesGiveTheirSpaceBackWithoutARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := serve(t, open(t, dir))
		url := s.queue(t, map[string]string{"MessageRetentionPeriod": "60"})
		for range 6 {
			s.sendTen(t, url, strings.Repeat("x", 100<<10))
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if use := diskUse(t, dir); use > 1<<20 {
			t.Errorf("%d MiB on disk", use>>20)
		}
	})
}

// A message that is damaged while the queue is open is not in the way of the others of its group.
func TestGroupGoesOnBehindADamagedMessage(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, open(t, dir))
	url := s.fifoQueue(t, nil)
	s.sendIn(t, url, "g", "alpha", "beta")
	path := logFiles(t, dir)[0]
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte("A"), int64(bytes.Index(data, []byte("alpha")))); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if _, got := s.take(t, url, 1); got != "" {
		t.Errorf("received %q, which is damaged", got)
	}
	if _, got := s.take(t, url, 1); got != "beta" {
		t.Errorf("received %q", got)
	}
}
