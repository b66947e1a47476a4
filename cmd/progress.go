package cmd

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/charmbracelet/x/term"

	"rehook/ui/plain"
)

// progress is one line of standard error that is written over again and again. Where that is no terminal, it is none.
type progress struct {
	to    io.Writer // nil: no terminal
	last  time.Time
	shown string
}

// progressEvery keeps a slow line free for what matters.
const progressEvery = 100 * time.Millisecond

func (a *app) progress() *progress {
	if isTerminal(a.stderr) {
		return &progress{to: a.stderr}
	}
	return &progress{}
}

// say writes the line, unless it says that already or was written just now.
func (p *progress) say(format string, args ...any) {
	text := plain.Line(fmt.Sprintf(format, args...))
	if p.to == nil || text == p.shown || time.Since(p.last) < progressEvery {
		return
	}
	p.last, p.shown = time.Now(), text
	_, _ = fmt.Fprintf(p.to, "\r%s\x1b[K", text)
}

// end clears the line, if there is one.
func (p *progress) end() {
	if !p.last.IsZero() {
		_, _ = io.WriteString(p.to, "\r\x1b[K")
	}
}

// isTerminal reports whether a stream of the program's is a terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(file.Fd())
}
