package localsqs_test

import (
	"io/fs"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rehook/sqsclient/localsqs"
	"rehook/sqsclient/localsqs/seglog"
)

// slowDisk is one whose syncs wait for gate, once it is there.
type slowDisk struct{ gate atomic.Pointer[chan struct{}] }

func (d *slowDisk) open(name string, flag int, perm fs.FileMode) (seglog.File, error) {
	file, err := os.OpenFile(name, flag, perm)
	return slowFile{file, d}, err
}

type slowFile struct {
	*os.File
	disk *slowDisk
}

func (f slowFile) Sync() error {
	if gate := f.disk.gate.Load(); gate != nil {
		<-*gate
	}
	return f.File.Sync()
}

// A dead letter queue whose deletion is on its way to disk takes no dead letters any more: they would go with it.
func TestDeadLetterStaysWhereItIsWhileItsTargetIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, disk := t.TempDir(), new(slowDisk)
		server, err := localsqs.OpenOn(localsqs.Config{Dir: dir}, disk.open)
		if err != nil {
			t.Fatal(err)
		}
		s := serve(t, server)
		dead := s.named(t, "dead", nil)
		url := s.named(t, "letters", map[string]string{"RedrivePolicy": redrive("dead", 1)})
		s.send(t, url, "m")
		s.receive(t, url, 1)
		time.Sleep(2 * time.Second)

		gate := make(chan struct{})
		disk.gate.Store(&gate)
		deleted, received := make(chan error, 1), make(chan int, 1)
		go func() {
			_, err := s.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &dead})
			deleted <- err
		}()
		synctest.Wait()
		go func() {
			out, err := s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, VisibilityTimeout: 1})
			if err != nil {
				t.Error(err)
			}
			received <- len(out.Messages)
		}()
		synctest.Wait()
		close(gate)
		if err := <-deleted; err != nil {
			t.Fatal(err)
		}
		n := <-received
		time.Sleep(2 * time.Second)
		s.stop()
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		again := serve(t, open(t, dir))
		if got := again.receiveAll(t, url); n != 1 || len(got) != 1 {
			t.Errorf("the receive beside the deletion got %d messages, one after a restart %d", n, len(got))
		}
	})
}
