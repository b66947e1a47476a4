package localsqs_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// many is more than can come out of turn at once and still be where all others are.
const many = 400

// bodies are many, by a letter and a number.
func bodies(letter string) []string {
	all := make([]string, many)
	for i := range all {
		all[i] = fmt.Sprint(letter, i)
	}
	return all
}

// sendAll sends messages in tens, delayed by so many seconds.
func (s served) sendAll(tb testing.TB, url string, delay int32, bodies ...string) {
	tb.Helper()
	for ten := range slices.Chunk(bodies, 10) {
		var entries []types.SendMessageBatchRequestEntry
		for i, body := range ten {
			entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: aws.String(body), DelaySeconds: delay})
		}
		if _, err := s.SendMessageBatch(tb.Context(), &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries}); err != nil {
			tb.Fatal(err)
		}
	}
}

// wantOrder receives all that is ready in tens and fails unless it is these messages in this order.
func (s served) wantOrder(tb testing.TB, url string, want []string) []types.Message {
	tb.Helper()
	var all []types.Message
	for {
		got, _ := s.take(tb, url, 10)
		if len(got) == 0 {
			break
		}
		all = append(all, got...)
	}
	for i, m := range all {
		if i >= len(want) || *m.Body != want[i] {
			tb.Fatalf("message %d of %d is %q, want %q", i, len(all), *m.Body, slices.Concat(want[min(i, len(want)):], []string{"none"})[0])
		}
	}
	if len(all) != len(want) {
		tb.Fatalf("received %d messages, want %d", len(all), len(want))
	}
	return all
}

func TestMessagesComeInTheOrderInWhichTheyCouldBeReceived(t *testing.T) {
	for name, restart := range map[string]bool{"and go on": false, "and after a restart": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				server := open(t, dir)
				s := serve(t, server)
				url := s.queue(t, map[string]string{"VisibilityTimeout": "30"})
				s.sendAll(t, url, 10, bodies("delayed")...)
				time.Sleep(5 * time.Second)
				s.sendAll(t, url, 0, bodies("early")...)
				held, _ := s.take(t, url, 10) // until 35 s
				time.Sleep(6 * time.Second)
				s.sendAll(t, url, 0, bodies("late")...) // the delayed ones are due, and nobody has asked
				given, _ := s.take(t, url, 10)
				for _, m := range slices.Backward(given) {
					time.Sleep(time.Millisecond)
					s.changeVisibility(t, url, m.ReceiptHandle, 0)
				}
				s.sendAll(t, url, 0, "latest")
				if restart {
					s.stop()
					if err := server.Close(); err != nil {
						t.Fatal(err)
					}
					s = serve(t, open(t, dir))
				}
				returned := bodies("early")[10:20]
				slices.Reverse(returned)
				s.wantOrder(t, url, slices.Concat(bodies("early")[20:], bodies("delayed"), bodies("late"), returned, []string{"latest"}))
				time.Sleep(29 * time.Second)
				first, _ := s.take(t, url, 10)
				if bodiesOf(first) != bodiesOf(held) {
					t.Errorf("after their leases: %q, want %q", bodiesOf(first), bodiesOf(held))
				}
			})
		})
	}
}

// What a client was to get that had gone is again before all that is behind it, however much that is.
func TestMessagesThatWereNotDeliveredAreTheFirstAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := open(t, t.TempDir())
		s := serve(t, server)
		url := s.queue(t, map[string]string{"MessageRetentionPeriod": "600"})
		all := bodies("m")
		s.sendAll(t, url, 0, all[:15]...)
		time.Sleep(time.Second)
		s.sendAll(t, url, 0, all[15:]...)
		held, _ := s.take(t, url, 5)
		gone := client(brokenAnswers{server})
		for range 3 {
			if _, err := gone.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10}); err == nil {
				t.Fatal("answered")
			}
		}
		for _, m := range held {
			s.changeVisibility(t, url, m.ReceiptHandle, 0)
		}
		again, _ := s.take(t, url, 3)
		if bodiesOf(again) != "m5 m6 m7" {
			t.Errorf("received %q", bodiesOf(again))
		}
		s.delete(t, url, again[1].ReceiptHandle)
		time.Sleep(599 * time.Second) // the first fifteen expire, handed back or not
		s.wantOrder(t, url, all[15:])
	})
}

// Dead letters keep their age. Those that are older than what the dead letter queue has already expire before it.
func TestDeadLettersExpireByTheirOwnAgeHoweverManyAreYounger(t *testing.T) {
	dir := t.TempDir()
	for name, restart := range map[string]bool{"and go on": false, "and after a restart": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := dir + name
				server := open(t, dir)
				s := serve(t, server)
				dead := s.named(t, "dead", map[string]string{"MessageRetentionPeriod": "1000"})
				url := s.named(t, "letters", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive("dead", 1)})
				old, young, oldest := bodies("old"), bodies("young"), []string{"oldest"}
				s.sendAll(t, dead, 0, oldest...)
				time.Sleep(50 * time.Second)
				s.sendAll(t, url, 0, old[:100]...)
				time.Sleep(100 * time.Second)
				s.sendAll(t, url, 0, old[100:]...)
				time.Sleep(100 * time.Second)
				s.sendAll(t, dead, 0, young...)
				for range many / 5 {
					s.take(t, url, 10) // once, and once more
				}
				first := s.wantOrder(t, dead, slices.Concat(oldest, young, old))
				for _, m := range first[1+many+90 : 1+many+110] {
					s.delete(t, dead, m.ReceiptHandle)
				}
				if restart {
					s.stop()
					if err := server.Close(); err != nil {
						t.Fatal(err)
					}
					s = serve(t, open(t, dir))
				}
				time.Sleep(749 * time.Second)
				s.wantOrder(t, dead, slices.Concat(oldest, young, old[:90], old[110:]))
				time.Sleep(50 * time.Second)
				s.wantOrder(t, dead, slices.Concat(young, old[:90], old[110:]))
				time.Sleep(51 * time.Second)
				s.wantOrder(t, dead, slices.Concat(young, old[110:]))
				time.Sleep(100 * time.Second)
				s.wantOrder(t, dead, young)
				time.Sleep(100 * time.Second)
				s.wantOrder(t, dead, nil)
			})
		})
	}
}

func TestPurgeDeletesWhatCameOutOfTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		dead := s.named(t, "dead", nil)
		url := s.named(t, "letters", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive("dead", 1)})
		s.sendAll(t, url, 0, bodies("old")...)
		time.Sleep(time.Second)
		s.sendAll(t, dead, 0, bodies("young")...)
		for range many / 5 {
			s.take(t, url, 10) // once, and once more
		}
		if n := s.attributes(t, dead)["ApproximateNumberOfMessages"]; n != fmt.Sprint(2*many) {
			t.Fatalf("%s messages", n)
		}
		if _, err := s.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &dead}); err != nil {
			t.Fatal(err)
		}
		if n := s.attributes(t, dead)["ApproximateNumberOfMessages"]; n != "0" {
			t.Errorf("%s messages are left", n)
		}
	})
}

func TestGroupWhoseLeaseHasEndedComesBeforeOneThatIsSentLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveFIFO(t)
		s.sendIn(t, url, "1", "a")
		s.wantNext(t, url, "a")
		time.Sleep(31 * time.Second)
		s.sendIn(t, url, "2", "b")
		if _, first := s.take(t, url, 1); first != "a" {
			t.Errorf("received %q first", first)
		}
	})
}
