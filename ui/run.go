package ui

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// ErrDumbTerminal says that the terminal cannot show a screen.
var ErrDumbTerminal = errors.New(`the terminal cannot show a screen (TERM is "dumb")`)

// framesPerSecond bounds how long a key waits to be seen (17 ms) and what the screen costs at rest.
const framesPerSecond = 60

// Run shows the screen until it is quit, the context ends or the terminal hangs up; then it returns nil, and
// everything that the screen started has ended. It returns [ErrDumbTerminal] where a screen cannot be shown.
func Run(ctx context.Context, cfg Config, opts ...tea.ProgramOption) error {
	if os.Getenv("TERM") == "dumb" {
		return ErrDumbTerminal
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	m := newModel(ctx, cfg)
	defer m.Close()

	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithFPS(framesPerSecond)}
	if os.Getenv("NO_COLOR") != "" { // of any value; the library looks for 1, t and true
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	_, err := tea.NewProgram(m, append(options, opts...)...).Run()
	if ctx.Err() != nil || errors.Is(err, tea.ErrInterrupted) {
		return nil
	}
	return err
}
