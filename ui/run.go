package ui

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// errBug follows what the library prints of a panic.
var errBug = errors.New("the screen has a bug, which ended it: what is printed above helps to mend it")

// keyboardOff puts the keyboard back. The library does so too early where the screen ends while an editor has the terminal: it
// takes the terminal back first, and what that turns on is written after what turns it off.
const keyboardOff = ansi.ResetModifyOtherKeys + "\x1b[<1u"

// Run shows the screen until it is quit, the context ends, the terminal goes away, or SIGHUP, SIGTERM or an interrupt comes;
// then it returns nil, and everything that the screen started has ended, but for a write that a stalled terminal does
// not take within a second. Where a screen cannot be shown there is [Tell].
func Run(ctx context.Context, cfg Config, opts ...tea.ProgramOption) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP, syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal does not wait for an orderly end
	m := newModel(ctx, cfg)
	defer m.Close()
	m.meet(os.Getenv) // the program tells of it too, but perhaps after the first frame

	if cfg.Output == nil {
		cfg.Output = os.Stdout
	}
	if cfg.Input == nil {
		cfg.Input = os.Stdin
	}
	output := patient(ctx, cfg.Output, m.Watch(cfg.Output), stop)
	options := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithInput(listen(cfg.Input, stop)), tea.WithOutput(output), tea.WithFPS(framesPerSecond),
	}
	program := tea.NewProgram(m, append(options, opts...)...)
	m.Drive(program)
	_, err := program.Run()
	if m.lent {
		_, _ = io.WriteString(output, keyboardOff)
	}
	switch {
	case errors.Is(err, tea.ErrProgramPanic):
		return errBug
	case ctx.Err() != nil || errors.Is(err, tea.ErrInterrupted):
		return nil
	}
	return err
}
