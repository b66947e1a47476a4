package localsqs_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Many clients send and delete while segments are given back. Each message is received by one of them, and what was
// not deleted is there after a restart.
func TestClientsAndHousekeepingDoNotDisturbEachOther(t *testing.T) {
	dir := t.TempDir()
	server := open(t, dir)
	s := serve(t, server)
	url := s.queue(t, map[string]string{"VisibilityTimeout": "3600"})
	var mu sync.Mutex // guards both
	received, kept := map[string]int{}, map[string]bool{}
	var clients sync.WaitGroup
	for c := range 8 {
		clients.Go(func() {
			for i := range 25 {
				s.send(t, url, fmt.Sprintf("%d-%d-%s", c, i, strings.Repeat("x", 60<<10)))
				out, err := s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url})
				if err != nil {
					t.Error(err)
					return
				}
				for _, m := range out.Messages {
					mu.Lock()
					received[*m.Body]++
					kept[*m.Body] = i%10 == 0
					mu.Unlock()
					if i%10 != 0 {
						s.delete(t, url, m.ReceiptHandle)
					}
				}
			}
		})
	}
	clients.Wait()
	want := 0
	for body, times := range received {
		if times != 1 {
			t.Errorf("%.10s was received %d times", body, times)
		}
		if kept[body] {
			want++
		}
	}
	s.stop()
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	a := serve(t, open(t, dir)).attributes(t, url)
	if got := a["ApproximateNumberOfMessagesNotVisible"]; got != fmt.Sprint(want) || len(received)+atoi(t, a["ApproximateNumberOfMessages"]) != 200 {
		t.Errorf("%s kept, want %d; %d received and %s ready", got, want, len(received), a["ApproximateNumberOfMessages"])
	}
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
