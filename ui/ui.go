package ui

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"rehook/genesys"
	"rehook/retry"
	"rehook/retry/deadletter"
)

// Engine is what the screen needs of the engine.
type Engine interface {
	// Subscribe gives a feed that begins with a snapshot.
	Subscribe(ctx context.Context) (retry.Feed, error)
	// Do runs a command and returns one result a letter, when all are done. It ends early with its context:
	// what was not done yet is left as it was.
	Do(ctx context.Context, c retry.Command) ([]retry.Result, error)
	// Plan says what a command would do, and changes nothing.
	Plan(ctx context.Context, c retry.Command) (retry.Plan, error)
	// Results are what a command over letters has come to so far, be it another operator's.
	Results(ctx context.Context, job string) ([]retry.Result, error)
}

// Config of a screen. Engine is needed.
type Config struct {
	Engine Engine

	// Webhooks reads the organization's configurations; nil: none are configured.
	Webhooks func(ctx context.Context) (genesys.Listing, error)
	// WebhooksHint says what to do to configure them.
	WebhooksHint string

	// Payload reads the payload of a letter that only refers to it; nil: such ones cannot be read.
	Payload func(ctx context.Context, l *deadletter.Letter) ([]byte, error)
	// Editor is the command that edits a file, with its arguments, as EDITOR has it; "": there is none.
	Editor string

	// Header tells which headers a letter is sent with; nil: the letter's own are shown.
	Header func(*deadletter.Letter) http.Header

	// Input and Output are the terminal of [Run]; nil: the standard input and output.
	Input  io.Reader
	Output io.Writer

	// Typed are the command lines of earlier screens, the latest last. Remember keeps one for later screens; nil: none
	// is kept. It is called beside the screen, at times by two at once, with the secrets of URLs masked.
	Typed    []string
	Remember func(line string) error

	// Mask names the fields of payloads that are masked until they are asked for.
	Mask deadletter.Fields

	// ASCII says whether nothing but ASCII is drawn; nil: as the terminal's locale says.
	ASCII *bool

	By         string // who operates the screen: goes into every command
	Title      string // what this screen is for, next to the program's name: "demo"
	Production bool   // the queue is one that must not be mistaken for another
	ReadOnly   bool   // there are no actions
	OwnsEngine bool   // the engine ends with the screen: quitting asks while attempts are in flight
	NoBell     bool   // alerts neither ring nor notify
}

// pane is a part of the screen. Only the root is a tea.Model: a pane draws itself and moves in itself.
type pane interface {
	// title fills the border above the pane: at its left, and at its right end.
	title(s *state, left, right *line)
	// lines draws box.h lines of box.w cells.
	lines(s *state, box rect) []string
	// move moves in a pane of h rows.
	move(s *state, m motion, h int)
	// point moves the cursor to what is drawn in a row of the pane.
	point(s *state, y, h int)
}

// Model is the screen.
type Model struct {
	s         state
	panes     [paneCount]pane
	endpoints *endpoints
	detail    *detail
	hooks     *webhooks
	stream    *stream
	keys      []binding
	dialog    dialog       // on top of everything; nil: none
	input     *input       // what is being typed in the footer; nil: nothing
	line      *commandLine // a command that is; nil: none
	recall    recall
	verbs     []lineVerb
	outside   *outside
	scratch   *scratch // files that go with the screen

	alone     *task     // the command over one letter that is under way
	export    *export   // the one that is under way; nil: none
	lent      bool      // the terminal is an editor's
	jobs      int       // how many commands over letters were asked
	tick      time.Time // when the next tick comes; zero: none is under way
	shifted   time.Time // when the letter under the cursor last left by itself
	waiting   string    // id of the letter whose detail is shown when the cursor rests
	quit      bool
	bell      bell
	watcher   attention
	pen       pen
	pulse     *pulse // nil: the program draws as it would
	sifting   sifting
	suspended time.Time // when the terminal was last given back to the shell
	dark      bool
	asked     bool // the terminal has said which background it has
	profile   colorprofile.Profile
	able      abilities
}

// New makes a screen for a program of the caller's; [Run] is the way to one that looks after itself. When the
// program has ended, [Model.Close] must be called.
func New(cfg Config) *Model { return newModel(context.Background(), cfg) }

func newModel(ctx context.Context, cfg Config) *Model {
	m := &Model{
		outside: newOutside(ctx), scratch: &scratch{}, endpoints: &endpoints{}, detail: &detail{}, hooks: &webhooks{}, stream: &stream{},
		dark: true, profile: colorprofile.TrueColor, bell: bell{off: cfg.NoBell}, able: abilitiesOf(func(string) string { return "" }, cfg.ASCII),
		s: state{cfg: cfg, focus: messagesPane, letters: newLetters(), meters: map[string]*meter{}, hooksLoading: cfg.Webhooks != nil},
	}
	m.panes = [paneCount]pane{&queues{}, m.endpoints, m.hooks, &messages{}, m.detail, m.stream}
	m.keys, m.verbs = keyMap(cfg.ReadOnly), lineVerbs()
	m.recall.addAll(cfg.Typed)
	m.restyle()
	m.s.now = second(time.Now())
	return m
}

// Close ends what the screen has started and waits for it. It can be called twice.
func (m *Model) Close() {
	m.outside.close()
	m.pulse.stop()
	m.scratch.removeAll()
}

// Init asks for all that the screen shows.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(m.attach(0), m.readWebhooks(0, false))
}

// Update changes the state, and asks for what must happen next.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.route(msg)
	m.s.letters.regroup(m.s.status.Causes, m.s.listHeight())
	lift := m.lift(msg)
	if m.quit {
		cmd = m.leave()
	} else {
		cmd = tea.Batch(cmd, m.follow(), m.keepTime(), lift)
	}
	m.pen.draw(m.view)
	m.pulse.rouse()
	return m, cmd
}

func (m *Model) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.s.layout.width, m.s.layout.height = msg.Width, msg.Height
		m.arrange()
	case tea.ColorProfileMsg:
		m.profile = msg.Profile
		m.restyle()
	case tea.EnvMsg:
		return m.meet(msg.Getenv)
	case tea.BackgroundColorMsg:
		m.dark, m.asked = msg.IsDark(), true
		m.restyle()
	case tea.KeyPressMsg:
		return m.press(msg)
	case tea.PasteMsg:
		return m.paste(msg.Content)
	case tea.MouseClickMsg:
		m.click(msg.Mouse())
	case tea.MouseWheelMsg:
		m.wheel(msg.Mouse())
	case tea.FocusMsg:
		m.lookedAt()
	case tea.BlurMsg:
		m.watcher.lost()
	case tea.ResumeMsg:
		m.fromShell()
	case rung:
		m.bell.due = false
		return m.ring()
	case failed:
		panic(msg)
	case attached:
		return m.attachedTo(msg)
	case updated:
		return m.update(msg)
	case ticked:
		return m.ticked(msg)
	case rested:
		m.rested(msg)
	case typed:
		return m.typedOn(msg)
	case sifted:
		return m.sifted(msg)
	case answered:
		m.answered(msg)
	case planned:
		msg.plan.foretold(msg)
	case resultsRead:
		m.inspected(msg)
	case obeyed:
		m.obeyed(msg)
	case forgotten:
		m.forgotten(msg)
	case webhooksRead:
		return m.readFrom(msg)
	case drafted:
		return m.drafted(msg)
	case editorEnded:
		return m.readBack(msg)
	case compared:
		m.compared(msg)
	case unreadable:
		m.unreadable(msg)
	case editAnswered:
		m.editAnswered(msg)
	case exportMoved:
		return m.exportMoved(msg)
	case exportEnded:
		return m.exportEnded(msg)
	}
	return nil
}

// View gives the picture of the state, or the one before where a new one would be for nothing.
func (m *Model) View() tea.View {
	if m.pen.drawn.IsZero() {
		return m.view()
	}
	return m.pen.picture
}

func (m *Model) view() tea.View {
	v := tea.NewView(m.draw())
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.ReportFocus = true
	if m.able.commands {
		v.WindowTitle = m.windowTitle()
	}
	return v
}

// meet takes what the environment says of the terminal, and asks the terminal for what that does not say. One that
// cannot answer, or never does, costs nothing.
func (m *Model) meet(getenv func(string) string) tea.Cmd {
	m.able = abilitiesOf(getenv, m.s.cfg.ASCII)
	m.keys = keyMap(m.s.cfg.ReadOnly)
	for i := range m.keys {
		m.keys[i].show = m.able.glyphs.key(m.keys[i].show)
	}
	m.guessBackground(getenv("COLORFGBG"))
	m.restyle()
	m.bell.mute = !notifies(getenv("TERM"))
	var asks []tea.Cmd
	if m.able.commands {
		asks = append(asks, tea.RequestBackgroundColor)
	}
	if getenv("SSH_TTY") != "" { // there the library does not ask whether it can show a frame at once
		asks = append(asks, tea.Raw(ansi.RequestModeSynchronizedOutput))
	}
	return tea.Batch(asks...)
}

// guessBackground takes what some terminals say of themselves in COLORFGBG ("0;15": black on white), for
// those that do not answer when they are asked.
func (m *Model) guessBackground(colours string) {
	if i := strings.LastIndexByte(colours, ';'); i >= 0 && !m.asked {
		ground := colours[i+1:]
		m.dark = ground != "7" && ground != "15"
	}
}

func (m *Model) restyle() {
	profile := m.profile
	if !m.able.colour {
		profile = min(profile, colorprofile.ASCII)
	}
	st := newStyles(m.dark, profile)
	if st.frame = st.border; m.s.cfg.Production {
		st.frame = bold + st.bad
	}
	m.s.styles = st
}

// arrange lays the screen out anew, after whatever may have changed its shape.
func (m *Model) arrange() {
	s := &m.s
	l := arrange(s.layout.width, s.layout.height, s.focus, s.zoom, s.alarm() != "")
	if l != s.layout {
		s.layout = l
		s.frame = newFrame(l, s.cfg.Production)
	}
	s.letters.land(s.listHeight())
}

// attachedTo begins to follow a feed, or tries again later.
func (m *Model) attachedTo(msg attached) tea.Cmd {
	if msg.err != nil {
		m.lose(msg.err)
		return m.attach(attachAgain)
	}
	m.bell.news = false
	return m.pull(msg.feed, 0)
}

// update files what has changed and asks for what changes next.
func (m *Model) update(msg updated) tea.Cmd {
	m.s.now = second(time.Now())
	if msg.err != nil {
		m.lose(msg.err)
		return m.attach(attachAgain)
	}
	watched := m.s.letters.current()
	m.s.take(msg.update)
	m.s.letters.settle(m.s.listHeight())
	group, inGroups := m.s.letters.groups.current()
	m.s.letters.regroup(m.s.status.Causes, m.s.listHeight())
	if inGroups && group.Key != m.s.letters.groups.key {
		m.shifted = time.Now()
		m.tellOfGoneGroup(group)
	}
	if watched != nil && watched.Letter.ID != m.s.letters.cursor {
		m.shifted = time.Now()
		m.tellOfGone(watched)
	}
	if running, ok := m.dialog.(*outcome); ok {
		running.watch(msg.update.Stream)
	}
	m.arrange()
	rest := time.Duration(len(msg.update.Stream)) * pacePerEvent
	return tea.Batch(m.hear(msg.update.Stream), m.pull(msg.feed, max(pace, min(rest, paceAtMost))))
}

func (m *Model) lose(err error) {
	if m.s.lost == nil {
		m.s.lostSince = second(time.Now())
	}
	m.s.lost = err
	m.s.ended = m.s.ended || errors.Is(err, retry.ErrStopped)
	m.arrange()
}

func (m *Model) readFrom(msg webhooksRead) tea.Cmd {
	m.s.hooksLoading, m.s.hooksErr = false, msg.err
	if msg.err == nil {
		m.s.hooks, m.s.hooksAt = msg.listing, time.Now()
		m.s.hooks.Webhooks = worstFirst(msg.listing.Webhooks)
	}
	if msg.byHand {
		return nil
	}
	return m.readWebhooks(webhooksEvery, false)
}
