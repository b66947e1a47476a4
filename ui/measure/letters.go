package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	manyLetters  = 10_000
	letterBytes  = 2000
	countdownsUp = 12
)

// made is a letter as "rehook import" takes it.
type made struct {
	ID        string          `json:"id"`
	Timestamp time.Time       `json:"timestamp"`
	Endpoint  string          `json:"original_endpoint"`
	Code      int             `json:"error_code"`
	Error     string          `json:"error"`
	Payload   json.RawMessage `json:"payload"`
	Retries   int             `json:"retry_count"`
	Next      time.Time       `json:"next_attempt_at"`
}

// letterNumber makes the nth letter. Its id begins with n, so that the screen tells which one the cursor is on.
func letterNumber(n int, endpoint string, next time.Time) made {
	failures := [...]struct {
		code  int
		error string
	}{{503, "503 Service Unavailable"}, {0, "timeout after 10s"}, {429, "429 Too Many Requests"}, {502, "502 Bad Gateway"}, {500, "500 Internal Server Error"}}
	f := failures[n%len(failures)]
	payload := fmt.Sprintf(`{"id":"%08x","topicName":"v2.routing.queues.conversations","version":"2","eventBody":{"id":"%036d","participants":[{"purpose":"agent","state":"connected"}],"note":"`, n, n)
	payload += strings.Repeat("x", letterBytes-len(payload)-3) + `"}}`
	return made{
		ID: fmt.Sprintf("%08x-0000-4000-8000-%012x", n, n), Timestamp: time.Now().Add(-time.Duration(n%5000) * time.Minute),
		Endpoint: endpoint, Code: f.code, Error: f.error, Payload: json.RawMessage(payload), Retries: 1 + n%4, Next: next,
	}
}

// elsewhere is an endpoint that nothing is sent to.
func elsewhere(n int) string {
	hosts := [...]string{"crm.example.com", "erp.example.com", "ops.example.com", "hooks.partner.example.net", "billing.example.org", "wfm.example.com", "qa.example.com"}
	return fmt.Sprintf("https://%s/genesys/webhooks/%d?tenant=%d", hosts[n%len(hosts)], n%31, n%7)
}

// waiting are letters of which the first twelve come due within minutes, and the others in hours.
func waiting() []made {
	all := make([]made, manyLetters)
	for n := range all {
		due := time.Now().Add(3*time.Hour + time.Duration(n)*2*time.Second)
		if n < countdownsUp {
			due = time.Now().Add(6*time.Minute + time.Duration(10*n)*time.Second)
		}
		all[n] = letterNumber(n, elsewhere(n), due)
	}
	return all
}

// due are letters that nothing keeps from being attempted but that the engine is paused.
func due() []made {
	all := make([]made, manyLetters)
	for n := range all {
		all[n] = letterNumber(n, elsewhere(n), time.Now().Add(-time.Duration(manyLetters-n)*time.Second))
	}
	return all
}

// state makes a state directory whose embedded queue holds letters.
func (m *measurement) state(ctx context.Context, letters []made) (dir string, err error) {
	if dir, err = os.MkdirTemp(m.dir, "state-"); err != nil {
		return "", err
	}
	file := filepath.Join(dir, "letters.ndjson")
	if err := write(file, letters); err != nil {
		return "", err
	}
	load := exec.CommandContext(ctx, m.rehook, "import", "--local", "--state-dir", dir, "-o", "ndjson", file) //nolint:gosec // the program that is measured
	if out, err := load.CombinedOutput(); err != nil {
		return "", fmt.Errorf("import letters: %w: %s", err, out[:min(len(out), 1000)])
	}
	return dir, os.Remove(file)
}

func write(file string, letters []made) (err error) {
	f, err := os.Create(file) //nolint:gosec // in a directory of ours
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buffered := bufio.NewWriter(f)
	encoder := json.NewEncoder(buffered)
	for _, l := range letters {
		if err := encoder.Encode(l); err != nil {
			return err
		}
	}
	return buffered.Flush()
}
