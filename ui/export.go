package ui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// exportStep is how long letters are written before the screen hears how far that is.
const exportStep = 100 * time.Millisecond

// export writes letters into a file, in steps: between two of them it can be stopped.
type export struct {
	letters []*deadletter.Letter // frozen
	path    string
	target  *target
	buffer  *bufio.Writer
	writer  retry.Exporter
	done    int
	stopped bool
}

// exported are the letters that an export would be of, as they are now.
func (m *Model) exported() []*deadletter.Letter {
	if m.s.focus == detailPane {
		if letter := m.detail.letter(); letter != nil {
			return []*deadletter.Letter{letter}
		}
		return nil
	}
	return m.lettersOf(m.s.letters.targets())
}

func (m *Model) lettersOf(ids []string) []*deadletter.Letter {
	letters := make([]*deadletter.Letter, 0, len(ids))
	for _, id := range ids {
		if r := m.s.letters.byID[id]; r != nil {
			letters = append(letters, r.Letter)
		}
	}
	return letters
}

// typeExport asks for the name of the file. The letters are frozen when it is asked for.
func (m *Model) typeExport() tea.Cmd { return m.askExport(m.exported()) }

func (m *Model) askExport(letters []*deadletter.Letter) tea.Cmd {
	if len(letters) == 0 {
		m.say(m.s.styles.warn, "E export: the letters have left")
		return nil
	}
	m.input = &input{
		prompt: "export " + lettersWord(len(letters)) + " to ", hint: "enter writes · esc does not", caret: newCaret(m.s.exportName()),
		typed: func(string) tea.Cmd {
			m.s.bad = ""
			return nil
		},
		done: func(text string, keep bool) (bool, tea.Cmd) {
			m.s.bad = ""
			if !keep {
				return true, nil
			}
			path, err := exportPath(text)
			if err != nil {
				m.s.bad = err.Error()
				return false, nil
			}
			return true, m.beginExport(letters, path, false)
		},
	}
	return nil
}

// beginExport writes letters to a file.
func (m *Model) beginExport(letters []*deadletter.Letter, path string, overwrite bool) tea.Cmd {
	x := &export{letters: letters, path: path, writer: retry.Exporter{Payload: m.fetched}}
	m.export = x
	m.sayExport()
	return m.outside.cmd(func(ctx context.Context) tea.Msg {
		var err error
		if x.target, err = createTarget(path, overwrite); err != nil {
			return exportMoved{x, err}
		}
		x.buffer = bufio.NewWriterSize(x.target, 1<<16)
		x.writer.To = x.buffer
		m.scratch.own(x.target.made())
		return x.step(ctx)
	})
}

// fetched is a payload that is kept outside of the queue.
func (m *Model) fetched(ctx context.Context, l *deadletter.Letter) ([]byte, error) {
	if m.s.cfg.Payload == nil {
		return nil, errors.New("this screen cannot read what is kept outside of the queue")
	}
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	return m.s.cfg.Payload(ctx, l)
}

// step writes letters for a while.
func (x *export) step(ctx context.Context) tea.Msg {
	for began := time.Now(); x.done < len(x.letters) && time.Since(began) < exportStep; x.done++ {
		if err := x.writer.Write(ctx, x.letters[x.done]); err != nil {
			return exportMoved{x, inWords(err)}
		}
	}
	return exportMoved{x, nil}
}

// exportMoved goes on with an export, or ends it.
func (m *Model) exportMoved(msg exportMoved) tea.Cmd {
	x := msg.export
	occupied, isOccupied := errors.AsType[*occupiedError](msg.err)
	switch {
	case isOccupied:
		m.export = nil
		return m.askOverwrite(x, occupied)
	case msg.err != nil:
		return m.dropExport(x, m.notExported(x, msg.err))
	case x.stopped:
		return m.dropExport(x, said{m.s.styles.warn, "the export was stopped: nothing is left of it"})
	case x.done < len(x.letters):
		m.sayExport()
		return m.outside.cmd(x.step)
	}
	return m.outside.cmd(func(context.Context) tea.Msg {
		err := x.buffer.Flush()
		if err == nil {
			err = x.target.finish()
		}
		return exportEnded{x, err}
	})
}

// dropExport removes what was written, and says why.
func (m *Model) dropExport(x *export, why said) tea.Cmd {
	m.export = nil
	m.say(why.style, why.text)
	if x.target == nil {
		return nil
	}
	return m.outside.cmd(func(context.Context) tea.Msg {
		x.target.giveUp()
		m.scratch.keep(x.target.made())
		return nil
	})
}

// exportEnded says where the letters are, and how many.
func (m *Model) exportEnded(msg exportEnded) tea.Cmd {
	x := msg.export
	if msg.err != nil {
		return m.dropExport(x, m.notExported(x, inWords(msg.err)))
	}
	m.export = nil
	m.scratch.keep(x.target.made())
	if light := len(x.writer.Light); light > 0 {
		m.say(m.s.styles.warn, fmt.Sprintf("%s, %s without their payload: %s", lettersWord(len(x.letters)), thousands(light), plain.Line(x.writer.Light[0].Error())))
		return nil
	}
	words := "✓ " + lettersWord(len(x.letters)) + " in "
	m.say(m.s.styles.good, words+pathEnd(x.path, m.s.layout.width-plain.Width(words)-2))
	return nil
}

func (m *Model) notExported(x *export, err error) said {
	words := "not exported: " + plain.Line(err.Error()) + ": "
	return said{m.s.styles.bad, words + pathEnd(x.path, m.s.layout.width-plain.Width(words)-2)}
}

// pathEnd is as much of a path as there is room for: its end tells more than its beginning.
func pathEnd(path string, room int) string {
	path = plain.Line(path)
	if plain.Width(path) <= room {
		return path
	}
	return "…" + tail(path, room-1)
}

func (m *Model) sayExport() {
	if x := m.export; len(x.letters) > 1 && !x.stopped {
		m.say("", fmt.Sprintf("exporting: %s of %s …", thousands(x.done), lettersWord(len(x.letters))))
	}
}

// stopExport ends an export after the letter that is being written.
func (m *Model) stopExport() {
	m.export.stopped = true
	m.say("", "stopping the export …")
}

func needsNoExport(m *Model) string {
	if m.export != nil {
		return "an export is under way: esc stops it"
	}
	return ""
}

func needsExportable(m *Model) string {
	switch {
	case m.export != nil:
		return needsNoExport(m)
	case m.s.focus == detailPane:
		return needsDetail(m)
	case !m.s.letters.anyTarget():
		return "there is no letter here"
	}
	return ""
}
