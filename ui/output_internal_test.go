package ui

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// A terminal that takes nothing does not keep the screen from ending, by whatever way it is written to.
func TestNoWriteToAStalledTerminalOutlastsTheScreen(t *testing.T) {
	for name, write := range map[string]func(w io.Writer, text string) (int, error){
		"Write":       func(w io.Writer, text string) (int, error) { return w.Write([]byte(text)) },
		"WriteString": io.WriteString,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = errors.Join(to.Close(), from.Close()) }) // which ends the write that was given up
			ctx, end := context.WithCancel(t.Context())
			end()
			w := patient(ctx, to, to, func() {})
			if _, err := write(w, strings.Repeat("x", 1<<20)); !errors.Is(err, errStalled) {
				t.Errorf("a write to a pipe that is full: %v", err)
			}
		})
	}
}
