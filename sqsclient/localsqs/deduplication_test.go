package localsqs_test

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/sqsclient/localsqs"
	"rehook/sqsclient/localsqs/seglog"
)

// sendAs sends a message with a deduplication id, "" for none, and returns its id and its sequence number.
func (s served) sendAs(tb testing.TB, url, group, deduplication, body string) (id, number string) {
	tb.Helper()
	in := &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body, MessageGroupId: &group}
	if deduplication != "" {
		in.MessageDeduplicationId = &deduplication
	}
	out, err := s.SendMessage(tb.Context(), in)
	if err != nil {
		tb.Fatal(err)
	}
	return *out.MessageId, *out.SequenceNumber
}

func TestDuplicateIsAnsweredLikeTheFirstAndAddsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveFIFO(t)
		id, number := s.sendAs(t, url, "g", "d", "first")
		if againID, againNumber := s.sendAs(t, url, "g", "d", "second"); againID != id || againNumber != number {
			t.Errorf("answered %s %s, the first %s %s", againID, againNumber, id, number)
		}
		s.delete(t, url, s.wantNext(t, url, "first")[0].ReceiptHandle)
		time.Sleep(5*time.Minute - time.Nanosecond)
		if againID, _ := s.sendAs(t, url, "g", "d", "third"); againID != id {
			t.Error("forgotten too early")
		}
		s.wantNext(t, url, "")
		time.Sleep(time.Nanosecond) // and a duplicate does not prolong it
		if laterID, laterNumber := s.sendAs(t, url, "g", "d", "fourth"); laterID == id || laterNumber <= number {
			t.Errorf("after five minutes: %s %s", laterID, laterNumber)
		}
		s.wantNext(t, url, "fourth")
	})
}

func TestDeduplicationGoesByTheBodyUnlessThereIsAnID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveFIFO(t)
		send := func(body, attribute, deduplication string) string {
			in := &sqs.SendMessageInput{
				QueueUrl: &url, MessageBody: &body, MessageGroupId: aws.String("g"),
				MessageAttributes: map[string]types.MessageAttributeValue{"a": {DataType: aws.String("String"), StringValue: &attribute}},
			}
			if deduplication != "" {
				in.MessageDeduplicationId = &deduplication
			}
			out, err := s.SendMessage(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			return *out.MessageId
		}
		first := send("m", "1", "")
		if send("m", "2", "") != first {
			t.Error("another attribute makes another message")
		}
		if send("m", "1", "own") == first {
			t.Error("the id does not count")
		}
		if send("other", "1", "62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a") != first {
			t.Error("the body's digest, given as id, is another")
		}
	})
}

func TestScopeOfDeduplicationIsTheQueueOrTheGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveFIFO(t)
		first, _ := s.sendAs(t, url, "1", "d", "a")
		if id, _ := s.sendAs(t, url, "2", "d", "b"); id != first {
			t.Error("the queue's scope: not a duplicate")
		}
		s.set(t, url, map[string]string{"DeduplicationScope": "messageGroup"})
		if id, _ := s.sendAs(t, url, "1", "d", "c"); id != first {
			t.Error("forgotten when the scope changed")
		}
		if id, _ := s.sendAs(t, url, "2", "d", "d"); id == first {
			t.Error("the group's scope: a duplicate")
		}
		s.wantNext(t, url, "a d")
	})
}

func TestBatchKeepsTheOrderOfAGroupAndAnswersEntryByEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveFIFO(t)
		entry := func(id, group, body string) types.SendMessageBatchRequestEntry {
			return types.SendMessageBatchRequestEntry{Id: &id, MessageGroupId: &group, MessageBody: &body}
		}
		late := entry("late", "g", "late")
		late.DelaySeconds = 5
		out, err := s.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: []types.SendMessageBatchRequestEntry{
			entry("1", "g", "a"), entry("2", "h", "x"), late, entry("3", "g", "b"), entry("4", "g", "a"), entry("5", "g g", "bad"), entry("6", "g", "c"),
		}})
		if err != nil {
			t.Fatal(err)
		}
		var done, failed []string
		numbers := map[string]string{}
		for _, e := range out.Successful {
			done = append(done, *e.Id)
			numbers[*e.Id] = *e.SequenceNumber
		}
		for _, e := range out.Failed {
			failed = append(failed, *e.Id+" "+*e.Code)
		}
		if got := strings.Join(done, ","); got != "1,2,3,4,6" {
			t.Errorf("successful: %s", got)
		}
		if got := strings.Join(failed, ","); got != "5 InvalidParameterValue,late InvalidParameterValue" {
			t.Errorf("failed: %s", got)
		}
		if numbers["4"] != numbers["1"] || numbers["3"] <= numbers["1"] || numbers["6"] <= numbers["3"] {
			t.Errorf("numbers: %v", numbers)
		}
		s.wantNext(t, url, "a b c x")
	})
}

// Recorded from SQS: what a FIFO queue cannot do without fails the whole batch.
func TestBatchWithoutGroupOrDeduplicationIsRefusedWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		url := s.fifoQueue(t, map[string]string{"ContentBasedDeduplication": "false"})
		good := types.SendMessageBatchRequestEntry{Id: aws.String("1"), MessageBody: aws.String("m"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d")}
		for code, lacking := range map[string]types.SendMessageBatchRequestEntry{
			"MissingParameter":      {Id: aws.String("2"), MessageBody: aws.String("m"), MessageDeduplicationId: aws.String("e")},
			"InvalidParameterValue": {Id: aws.String("2"), MessageBody: aws.String("m"), MessageGroupId: aws.String("g")},
		} {
			_, err := s.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: []types.SendMessageBatchRequestEntry{good, lacking}})
			if !isCode(err, code) {
				t.Errorf("%v, want %s", err, code)
			}
		}
		s.wantNext(t, url, "")
	})
}

// Duplicates that are sent at the same time are one message, and none is acknowledged before it is on disk: what a crash
// leaves behind an acknowledgement has it.
func TestDuplicatesSentTogetherAreOneMessage(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, open(t, dir))
	url := s.fifoQueue(t, nil)
	for round := range 20 {
		var clients sync.WaitGroup
		ids := make([]string, 8)
		for i := range ids {
			clients.Go(func() { ids[i], _ = s.sendAs(t, url, "g", fmt.Sprint(round), fmt.Sprint(round, "-", i)) })
		}
		clients.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("round %d: %v", round, ids)
			}
		}
	}
	if n := s.attributes(t, url)["ApproximateNumberOfMessages"]; n != "20" {
		t.Errorf("%s messages", n)
	}
}

// A queue remembers through a restart, a crash and the giving back of all segments that the messages were in, and its
// numbers go on.
func TestDeduplicationOutlastsRestartsAndTheMessagesOnDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		first := open(t, dir)
		s := serve(t, first)
		url := s.fifoQueue(t, nil)
		id, _ := s.sendAs(t, url, "g", "d", "first")
		s.delete(t, url, s.wantNext(t, url, "first")[0].ReceiptHandle)
		var last string
		for i := range 80 {
			_, last = s.sendAs(t, url, "g", "", strings.Repeat(fmt.Sprint(i%10), 500<<10)+fmt.Sprint(i))
			s.delete(t, url, s.receiveAll(t, url)[0].ReceiptHandle)
		}
		synctest.Wait()
		if use := diskUse(t, dir); use > 6<<20 {
			t.Fatalf("%d MiB on disk after 40 MiB were deleted", use>>20)
		}
		for range 2 {
			crashed := filepath.Join(t.TempDir(), "queues")
			if err := os.CopyFS(crashed, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			dir = crashed
			s.stop()
			s = serve(t, open(t, dir))
			again, _ := s.sendAs(t, url, "g", "d", "again")
			if again != id {
				t.Fatal("a duplicate was accepted after a crash")
			}
		}
		time.Sleep(5 * time.Minute)
		if next, number := s.sendAs(t, url, "g", "d", "next"); next == id || number <= last {
			t.Errorf("the next is number %s, the last was %s", number, last)
		}
	})
}

// The numbers go on when nothing is left of the messages that had them.
func TestNumbersGoOnWhenAllIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		first := open(t, dir)
		s := serve(t, first)
		url := s.fifoQueue(t, nil)
		var last string
		for i := range 12 {
			_, last = s.sendAs(t, url, "g", fmt.Sprint(i), strings.Repeat("x", 1<<20))
			s.delete(t, url, s.receiveAll(t, url)[0].ReceiptHandle)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if use := diskUse(t, dir); use > 1<<20 {
			t.Fatalf("%d MiB on disk", use>>20)
		}
		s.stop()
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		s = serve(t, open(t, dir))
		if _, number := s.sendAs(t, url, "g", "next", "m"); number <= last {
			t.Errorf("number %s after %s", number, last)
		}
	})
}

// heldDisk syncs when the test says so, with the error that it gives.
type heldDisk struct {
	held    bool
	verdict chan error
}

type heldFile struct {
	*os.File
	disk *heldDisk
}

func (d *heldDisk) open(name string, flag int, perm fs.FileMode) (seglog.File, error) {
	file, err := os.OpenFile(name, flag, perm)
	return heldFile{file, d}, err
}

func (f heldFile) Sync() error {
	if f.disk.held {
		return <-f.disk.verdict
	}
	return f.File.Sync()
}

// A duplicate is as certain as what it is a duplicate of: it is answered no earlier, and fails with it. After that nothing
// of either is left in the way.
func TestDuplicateIsAcknowledgedNoEarlierThanTheFirst(t *testing.T) {
	for name, fails := range map[string]error{"synced": nil, "not synced": errNoPower} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				disk := &heldDisk{verdict: make(chan error)}
				server, err := localsqs.OpenOn(localsqs.Config{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)}, disk.open)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = server.Close() }()
				s := serve(t, server)
				url := s.fifoQueue(t, nil)
				disk.held = true
				outcomes := make(chan error, 2)
				for range 2 {
					go func() {
						_, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{
							QueueUrl: &url, MessageBody: aws.String("m"), MessageGroupId: aws.String("g"),
						}, func(o *sqs.Options) { o.Retryer = aws.NopRetryer{} })
						outcomes <- err
					}()
					synctest.Wait()
				}
				if len(outcomes) > 0 {
					t.Fatal("answered before the first was synced")
				}
				disk.held = false
				disk.verdict <- fails
				for range 2 {
					if err := <-outcomes; (err == nil) != (fails == nil) {
						t.Errorf("answered with %v", err)
					}
				}
				s.sendIn(t, url, "g", "m", "n")
				s.wantNext(t, url, "m n")
			})
		})
	}
}
