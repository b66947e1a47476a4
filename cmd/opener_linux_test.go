package cmd_test

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"rehook/cmd"
)

// attended is a screen that somebody sits at.
type attended struct {
	person *os.File
	seen   *output
	code   chan int
}

func attend(t *testing.T, args ...string) *attended {
	t.Helper()
	t.Setenv("TERM", "xterm-256color")
	person, program := openTerminal(t)
	s := &attended{person: person, seen: &output{}, code: make(chan int, 1)}
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := person.Read(buffer)
			_, _ = s.seen.Write(buffer[:n])
			if err != nil {
				return
			}
		}
	}()
	go func() { s.code <- cmd.Execute(t.Context(), args, program, program, s.seen) }()
	return s
}

func (s *attended) shows(t *testing.T, words string) {
	t.Helper()
	until(t, "the screen says "+words, func() bool { return strings.Contains(s.seen.String(), words) })
}

// leaves types q, and holds that the screen ends soon.
func (s *attended) leaves(t *testing.T) {
	t.Helper()
	if _, err := s.person.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	select {
	case code := <-s.code:
		if code != cmd.OK {
			t.Errorf("exit code %d; it said:\n%s", code, s.seen)
		}
	case <-time.After(10 * time.Second):
		t.Error("it has not ended within 10 s")
	}
}

// onAWS sets what makes SQS be looked for at an address.
func onAWS(t *testing.T, address string) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_ENDPOINT_URL_SQS", "http://"+address)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "x")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "x")
}

func TestTheScreenIsThereWhileTheQueueHangs(t *testing.T) {
	hangs, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = hangs.Close() }) // it takes connections and never answers
	onAWS(t, hangs.Addr().String())
	s := attend(t, "--state-dir", t.TempDir())
	s.shows(t, "MESSAGES")
	s.shows(t, "it has not answered yet")
	s.leaves(t)
}

func TestTheScreenWaitsForAQueueThatRefuses(t *testing.T) {
	probe, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := probe.Addr().String()
	if err := probe.Close(); err != nil {
		t.Fatal(err)
	}
	onAWS(t, address)
	queues := []string{"localsqs", "--listen", address, "--state-dir", t.TempDir()}
	server := start(t, queues...)
	until(t, "the queues are there", func() bool { return <-start(t, "queue", "ensure").code == cmd.OK })
	server.ends(t)

	s := attend(t, "--state-dir", t.TempDir())
	s.shows(t, "queue unreachable since")
	server = start(t, queues...)
	s.shows(t, "running")
	s.leaves(t)
	server.ends(t)
}

func TestWhatFailsAtOnceDrawsNoScreen(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	s := attend(t, "--local", "--state-dir", t.TempDir(), "--allow", "a b")
	if code := <-s.code; code != cmd.Configuration && code != cmd.Usage {
		t.Errorf("exit code %d", code)
	}
	if said := s.seen.String(); strings.Contains(said, "\x1b[?1049h") || !strings.Contains(said, "hint: ") {
		t.Errorf("it said:\n%q", said)
	}
}
