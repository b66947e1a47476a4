package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
)

// binding is a key: what it is called, what it does, where it works, and why it does not now. Footer, help
// and docs/keys.md are made from these.
type binding struct {
	keys  []string // as Bubble Tea names them
	show  string   // as people read them; empty: another binding speaks for this one
	name  string   // a word or two, for the footer
	help  string   // a sentence without its full stop
	group group
	panes []paneID // where it works; none: everywhere
	acts  bool     // it changes something: a read-only screen has none of these
	hint  bool     // the footer shows it
	first bool     // before others, where there is no room for all
	// when tells which of several bindings of one key is meant; nil: this one.
	when func(*Model) bool
	only string // what it is for, where when may say no: "only for parked letters"
	// off says why it does not work now; empty: it works. Nil: it always does.
	off func(*Model) string
	do  func(*Model) tea.Cmd
}

// group is a chapter of the help.
type group string

// The groups, in the order of the help: what changes something is what an operator looks for.
const (
	acting  group = "Act"
	choose  group = "Choose"
	looking group = "Look"
	moving  group = "Move"
	program group = "Program"
)

func groups() []group { return []group{acting, choose, looking, moving, program} }

// keyMap is every key of the screen.
func keyMap(readOnly bool) []binding {
	bindings := slices.Concat(moveKeys(), lookKeys(), chooseKeys(), actKeys(), programKeys())
	if readOnly {
		bindings = slices.DeleteFunc(bindings, func(b binding) bool { return b.acts })
	}
	return bindings
}

func moveKeys() []binding {
	move := func(mo motion) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.move(mo) }
	}
	focus := func(p paneID) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.focusOn(p) }
	}
	return []binding{
		{keys: []string{"j", "down"}, show: "j ↓", name: "down", help: "one row down", group: moving, do: move(down)},
		{keys: []string{"k", "up"}, show: "k ↑", name: "up", help: "one row up", group: moving, do: move(up)},
		{keys: []string{"ctrl+d", "pgdown"}, show: "^d", name: "half down", help: "half a pane down", group: moving, do: move(halfDown)},
		{keys: []string{"ctrl+u", "pgup"}, show: "^u", name: "half up", help: "half a pane up", group: moving, do: move(halfUp)},
		{keys: []string{"g", "home"}, show: "g", name: "top", help: "to the top", group: moving, do: move(toTop)},
		{keys: []string{"G", "end"}, show: "G", name: "bottom", help: "to the bottom", group: moving, do: move(toBottom)},
		{keys: []string{"tab"}, show: "tab", name: "next pane", help: "to the next pane", group: moving, do: func(m *Model) tea.Cmd { return m.focusBy(1) }},
		{keys: []string{"shift+tab"}, show: "⇧tab", name: "previous pane", help: "to the previous pane", group: moving, do: func(m *Model) tea.Cmd { return m.focusBy(-1) }},
		{keys: []string{"1"}, show: "1-6", name: "pane", help: "to the pane of that number", group: moving, do: focus(queuesPane)},
		{keys: []string{"2"}, group: moving, do: focus(endpointsPane)}, // these five are told of by the one above
		{keys: []string{"3"}, group: moving, do: focus(webhooksPane)},
		{keys: []string{"4"}, group: moving, do: focus(messagesPane)},
		{keys: []string{"5"}, group: moving, do: focus(detailPane)},
		{keys: []string{"6"}, group: moving, do: focus(enginePane)},
		{keys: []string{"z"}, show: "z", name: "zoom", help: "the pane alone, or all panes again", group: moving, do: (*Model).toggleZoom},
	}
}

func lookKeys() []binding {
	detailOnly, messagesOnly := []paneID{detailPane}, []paneID{messagesPane}
	return []binding{
		{keys: []string{"enter"}, show: "enter", name: "open", help: "open the letter's detail", group: looking, panes: messagesOnly, hint: true, first: true, when: func(m *Model) bool { return !grouped(m) }, off: needsLetter, do: (*Model).enterDetail},
		{keys: []string{"enter"}, show: "enter", name: "open group", help: "in groups: the letters of the group, esc goes back", group: looking, panes: messagesOnly, hint: true, first: true, when: grouped, off: needsRow, do: (*Model).openGroup},
		{keys: []string{"enter", "space"}, show: "enter", name: "fold", help: "open or fold what is under the cursor", group: looking, panes: detailOnly, hint: true, first: true, off: needsTree, do: (*Model).fold},
		{keys: []string{"right", "l"}, show: "→ l", name: "next tab", help: "payload, attempts, request", group: looking, panes: detailOnly, hint: true, first: true, off: needsDetail, do: func(m *Model) tea.Cmd { return m.turnTab(1) }},
		{keys: []string{"left"}, show: "←", name: "previous tab", help: "request, attempts, payload", group: looking, panes: detailOnly, off: needsDetail, do: func(m *Model) tea.Cmd { return m.turnTab(-1) }},
		{keys: []string{"/"}, show: "/", name: "search", help: "search in the payload", group: looking, panes: detailOnly, hint: true, first: true, off: needsPayload, do: (*Model).typeSearch},
		{keys: []string{"/"}, show: "/", name: "filter", help: "show only the letters that match, as you type", group: looking, panes: messagesOnly, hint: true, first: true, do: (*Model).typeFilter},
		{keys: []string{"/"}, show: "/", name: "filter", help: "show only what the engine did that has all the words, and none with a minus before it", group: looking, panes: []paneID{enginePane}, hint: true, off: needsTales, do: (*Model).typeStreamFilter},
		{keys: []string{"space"}, show: "␣", name: "resume stream", help: "let the stream go on with the latest", group: looking, panes: []paneID{enginePane}, hint: true, when: streamPaused, only: "only for a stream that is paused", do: (*Model).turnStream},
		{keys: []string{"space"}, show: "␣", name: "pause stream", help: "stop the stream to read it; the engine goes on", group: looking, panes: []paneID{enginePane}, hint: true, when: func(m *Model) bool { return !streamPaused(m) }, only: "only for a stream that goes on", off: needsTales, do: (*Model).turnStream},
		{keys: []string{"n"}, show: "n", name: "next hit", help: "to the next hit of the search", group: looking, panes: detailOnly, off: needsHits, do: func(m *Model) tea.Cmd { return m.nextHit(1) }},
		{keys: []string{"N"}, show: "N", name: "previous hit", help: "to the previous hit of the search", group: looking, panes: detailOnly, off: needsHits, do: func(m *Model) tea.Cmd { return m.nextHit(-1) }},
		{keys: []string{"enter"}, show: "enter", name: "its letters", help: "show the letters of the endpoint", group: looking, panes: []paneID{endpointsPane}, hint: true, off: needsLane, do: (*Model).openEndpoint},
		{keys: []string{"enter"}, show: "enter", name: "its letters", help: "show the letters of the webhook's endpoint", group: looking, panes: []paneID{webhooksPane}, hint: true, when: hooksSound, off: needsHook, do: (*Model).openWebhook},
		{keys: []string{"enter"}, show: "enter", name: "read again", help: "where the configurations could not be read: try again", group: looking, panes: []paneID{webhooksPane}, hint: true, when: hooksFailed, do: (*Model).rereadWebhooks},
		{keys: []string{"w"}, show: "w", name: "view", help: "waiting, parked, lately delivered letters", group: looking, panes: messagesOnly, hint: true, do: (*Model).turnView},
		{keys: []string{"t"}, show: "t", name: "by cause", help: "group the letters by cause, or not; actions are for whole groups", group: looking, panes: messagesOnly, hint: true, first: true, off: needsCauses, do: (*Model).turnGroups},
		{keys: []string{"s"}, show: "s", name: "sort", help: "sort by the next column", group: looking, panes: messagesOnly, off: needsLetters, hint: true, do: (*Model).turnSort},
		{keys: []string{"S"}, show: "S", name: "reverse", help: "the other direction", group: looking, panes: messagesOnly, off: needsLetters, do: (*Model).reverseSort},
		{keys: []string{"m"}, show: "m", name: "unmask", help: "show the letter's secrets, or mask them again; they are masked anyway when it is left", group: looking, panes: detailOnly, hint: true, off: needsDetail, do: (*Model).toggleMask},
		{keys: []string{"y"}, show: "y", name: "copy", help: "copy the payload; in its tree the value under the cursor, at its top the whole", group: looking, panes: []paneID{messagesPane, detailPane}, off: needsPayload, do: (*Model).copyPayload},
		{keys: []string{"c"}, show: "c", name: "copy path", help: "copy the path of the value under the cursor, as jq writes it", group: looking, panes: detailOnly, off: needsPath, do: (*Model).copyPath},
		{keys: []string{"Y"}, show: "Y", name: "copy as curl", help: "copy the request as a curl command, its secrets masked", group: looking, panes: []paneID{messagesPane, detailPane}, off: needsText, do: (*Model).copyCurl},
		{keys: []string{"E"}, show: "E", name: "export", help: "export what is selected, or the letter under the cursor, as NDJSON for rehook import: whole, with its secrets (asks for the file's name)", group: looking, panes: []paneID{messagesPane, detailPane}, off: needsExportable, do: (*Model).typeExport},
		{keys: []string{"J"}, show: "J", name: "jobs", help: "what the engine does for whom, what came of it letter by letter, and cancelling it", group: looking, off: needsJobs, do: (*Model).showJobs},
		{keys: []string{"esc"}, show: "esc", name: "back", help: "back, clear: the search, the range, the marks, the filter, the zoom", group: looking, do: (*Model).back},
	}
}

func chooseKeys() []binding {
	messagesOnly := []paneID{messagesPane}
	return []binding{
		{keys: []string{"space"}, show: "␣", name: "select", help: "select the letter, or not", group: choose, panes: messagesOnly, hint: true, off: needsRow, do: (*Model).mark},
		{keys: []string{"v"}, show: "v", name: "range", help: "begin a range of letters, or end it", group: choose, panes: messagesOnly, off: needsRow, do: (*Model).markRange},
		{keys: []string{"a"}, show: "a", name: "all", help: "select all that the filter shows, on screen or not; or none", group: choose, panes: messagesOnly, off: needsRow, do: (*Model).markAll},
	}
}

func actKeys() []binding {
	list := []paneID{messagesPane, detailPane}
	inView := func(v view) func(*Model) bool {
		return func(m *Model) bool { return m.s.letters.view == v }
	}
	kept := func(m *Model) bool { return m.s.letters.view != deliveredView }
	paused := func(m *Model) bool { return m.s.status.Paused }
	return []binding{
		{keys: []string{"r"}, show: "r", name: "redrive", help: "attempt now, whatever the backoff and the breaker say", group: acting, panes: list, acts: true, hint: true, first: true, when: inView(waitingView), only: "only for waiting letters", off: needsTargets, do: func(m *Model) tea.Cmd { return m.begin(redrive) }},
		{keys: []string{"R"}, show: "R", name: "redrive with options", help: "redrive at a rate, with a canary first, to another endpoint, or as a dry run (asks)", group: acting, panes: list, acts: true, when: inView(waitingView), only: "only for waiting letters", off: needsTargets, do: (*Model).beginWithOptions},
		{keys: []string{"r"}, show: "r", name: "release", help: "in the parked view: bring back, with all attempts anew", group: acting, panes: list, acts: true, hint: true, first: true, when: inView(parkedView), only: "only for parked letters", off: needsTargets, do: func(m *Model) tea.Cmd { return m.begin(release) }},
		{keys: []string{"p"}, show: "p", name: "park", help: "move to the parked queue, to wait for a person (asks)", group: acting, panes: list, acts: true, hint: true, first: true, when: inView(waitingView), only: "only for waiting letters", off: needsTargets, do: func(m *Model) tea.Cmd { return m.begin(park) }},
		{keys: []string{"e"}, show: "e", name: "edit", help: "edit the payload in $VISUAL or $EDITOR; what has changed is shown before it is saved and redriven, the original is kept", group: acting, panes: list, acts: true, hint: true, when: kept, only: "only for letters that wait or are parked", off: needsEditable, do: (*Model).beginEdit},
		{keys: []string{"h"}, show: "h", name: "hold", help: "keep from being attempted, or let go again", group: acting, panes: list, acts: true, hint: true, when: inView(waitingView), only: "only for waiting letters", off: needsTargets, do: func(m *Model) tea.Cmd { return m.begin(hold) }},
		{keys: []string{"x"}, show: "x", name: "delete", help: "delete, once the trash has them (asks; of more than one, the count must be typed)", group: acting, panes: list, acts: true, when: kept, only: "only for letters that wait or are parked", off: needsTargets, do: func(m *Model) tea.Cmd { return m.begin(remove) }},
		{keys: []string{"P"}, show: "P", name: "resume", help: "the engine attempts again", group: acting, acts: true, hint: true, first: true, when: paused, off: needsEngine, do: (*Model).resume},
		{keys: []string{"P"}, show: "P", name: "pause", help: "the engine attempts nothing until it is resumed", group: acting, acts: true, off: needsEngine, do: (*Model).pause},
	}
}

func programKeys() []binding {
	return []binding{
		{keys: []string{":"}, show: ":", name: "command", help: "type a command, as rehook has them in the shell: tab completes, ↑ brings back earlier ones", group: program, do: func(m *Model) tea.Cmd { return m.openLine("") }},
		{keys: []string{"ctrl+p"}, show: "^p", name: "commands", help: "search all keys and commands by their words", group: program, do: (*Model).openPalette},
		{keys: []string{"?"}, show: "?", name: "help", help: "the keys of this pane", group: program, do: (*Model).showHelp},
		{keys: []string{"ctrl+z"}, show: "^z", name: "suspend", help: "back to the shell, until it continues the program (fg)", group: program, do: (*Model).toShell},
		{keys: []string{"q"}, show: "q", name: "quit", help: "leave; asks while attempts are in flight and the engine ends with the screen", group: program, do: (*Model).askQuit},
		{keys: []string{"ctrl+c"}, show: "^c", name: "interrupt", help: "leave at once; in a dialog or a field, leave that", group: program, do: (*Model).leaveAtOnce},
	}
}
