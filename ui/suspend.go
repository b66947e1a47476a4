package ui

import (
	"os"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
)

// aloneAfter is how long a suspended program is stopped at least where a shell has stopped it. Where none stands
// behind it, the kernel ignores the stop, and the program would wait for somebody to continue it.
const aloneAfter = 500 * time.Millisecond

// toShell gives the terminal back to the shell, until that continues the program. A stopped process runs no timer: the
// one below wakes a program that was never stopped, and is lost on one that was.
func (m *Model) toShell() tea.Cmd {
	m.suspended = time.Now()
	return m.lend(func() tea.Msg {
		time.AfterFunc(aloneAfter, func() { _ = syscall.Kill(os.Getpid(), syscall.SIGCONT) })
		return tea.SuspendMsg{}
	})
}

// fromShell brings all up to date that stood still meanwhile. The library draws the whole screen, in the size that it has now.
func (m *Model) fromShell() {
	m.s.now = second(time.Now())
	m.pen.backlog.resume()
	if time.Since(m.suspended) < 2*aloneAfter {
		m.say(m.s.styles.warn, "ctrl+z: there is no shell behind this terminal to go back to")
	}
}
