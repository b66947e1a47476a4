package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// lineVerb is a verb of the command line. The ones that the shell has too are called and flagged as there.
// Completion, palette, help and docs/keys.md are made from them.
type lineVerb struct {
	names []string // the first is its name; by the others it is understood too
	takes operand
	flags []lineFlag
	help  string // a sentence without its full stop
	acts  bool   // it changes something: a read-only screen has none of these
	// off says why it does not work now; empty: it works. Nil: it always does.
	off func(*Model) string
	// do does it, or says why not: then the line stays to be corrected.
	do func(*Model, *call) (tea.Cmd, error)
}

// lineFlag is a flag of a verb.
type lineFlag struct {
	name    string // with its dashes
	value   string // what it takes; empty: nothing
	example string // of that
	help    string
}

// operand is what a verb is for, as its usage names it.
type operand string

// The operands.
const (
	nothing     operand = ""
	anyLetters  operand = "[FILTER]" // none: what is selected, or the letter under the cursor
	oneLetter   operand = "ID"
	oneEndpoint operand = "ENDPOINT"
	oneColumn   operand = "COLUMN"
)

func (o operand) example() string {
	return map[operand]string{oneLetter: "7f3a9c1e", oneEndpoint: "crm.example.com", oneColumn: "age"}[o]
}

// lineVerbs are all of them.
func lineVerbs() []lineVerb {
	return slices.Concat(letterVerbs(), engineVerbs(), listVerbs(), screenVerbs())
}

var (
	idFlag     = lineFlag{"--id", "an id", "7f3a9c1e", "only the letter whose id begins so (repeatable)"}
	dryRunFlag = lineFlag{"--dry-run", "", "", "say what would be done, and change nothing"}
	whyFlag    = lineFlag{"--why", "a reason", "'CRM is being migrated'", "the reason, for the audit log"}
)

func letterVerbs() []lineVerb {
	common := []lineFlag{idFlag, dryRunFlag, whyFlag}
	return []lineVerb{
		{
			names: []string{"redrive"}, takes: anyLetters, acts: true, off: needsEngine, do: onLetters(redrive, waitingView),
			flags: append([]lineFlag{
				{"--rate", "a number", "5", "begin so many a second"},
				{"--canary", "", "", "one first, then ten, then the rest"},
				{"--to", "a URL", "https://staging.example.com/hook", "send them there, this once"},
			}, common...),
			help: "attempt letters that wait now, whatever the backoff and the breaker say",
		},
		{names: []string{"park"}, takes: anyLetters, flags: common, acts: true, off: needsEngine, do: onLetters(park, waitingView), help: "move letters that wait to the parked queue, to wait for a person"},
		{names: []string{"hold"}, takes: anyLetters, flags: common, acts: true, off: needsEngine, do: onLetters(hold, waitingView), help: "keep letters that wait from being attempted, or let them go again"},
		{names: []string{"release"}, takes: anyLetters, flags: common, acts: true, off: needsEngine, do: onLetters(release, parkedView), help: "bring parked letters back, with all attempts anew"},
		{
			names: []string{"delete"}, takes: anyLetters, acts: true, off: needsEngine, do: (*Model).deleteCalled,
			flags: append([]lineFlag{{"--parked", "", "", "parked letters, whichever are in view"}}, common...),
			help:  "delete letters of the view, once the trash has them",
		},
		{names: []string{"edit"}, acts: true, off: needsEditable, do: simply((*Model).beginEdit), help: "edit the payload of the letter under the cursor in $VISUAL or $EDITOR"},
		{
			names: []string{"export"}, takes: anyLetters, off: needsNoExport, do: (*Model).exportCalled,
			flags: []lineFlag{
				{"--file", "a name", "letters.ndjson", "write them there, and do not ask for a name"},
				{"--parked", "", "", "parked letters, whichever are in view"},
				idFlag,
			},
			help: "write letters of the view to a file, for rehook import: whole, with their secrets",
		},
	}
}

func engineVerbs() []lineVerb {
	why := []lineFlag{whyFlag}
	return []lineVerb{
		{names: []string{"pause"}, flags: why, acts: true, off: needsEngine, do: (*Model).pauseCalled, help: "the engine attempts nothing until it is resumed"},
		{names: []string{"resume"}, flags: why, acts: true, off: needsEngine, do: (*Model).resumeCalled, help: "the engine attempts again"},
		{
			names: []string{"limit"}, takes: oneEndpoint, acts: true, off: needsEngine, do: (*Model).limitCalled,
			flags: []lineFlag{{"--rate", "a number", "5", "attempts a second"}, {"--at-once", "a number", "2", "attempts at once"}, whyFlag},
			help:  "bound what is sent to an endpoint; without a bound it is as configured again",
		},
	}
}

func listVerbs() []lineVerb {
	return []lineVerb{
		{names: []string{"ls", "filter"}, takes: anyLetters, flags: []lineFlag{{"--parked", "", "", "those that are parked"}}, do: (*Model).lsCalled, help: "show only the letters that match; without a FILTER all"},
		{names: []string{"waiting"}, takes: anyLetters, do: listOf(waitingView), help: "the letters that wait"},
		{names: []string{"parked"}, takes: anyLetters, do: listOf(parkedView), help: "the letters that are parked"},
		{names: []string{"delivered"}, takes: anyLetters, do: listOf(deliveredView), help: "the letters that were delivered lately"},
		{names: []string{"sort"}, takes: oneColumn, flags: []lineFlag{{"--reverse", "", "", "the other direction"}}, off: needsLetters, do: (*Model).sortCalled, help: "sort the letters by a column"},
		{names: []string{"group"}, off: needsCauses, do: at(messagesPane, (*Model).turnGroups), help: "group the letters by cause, or not"},
		{names: []string{"show"}, takes: oneLetter, do: (*Model).showCalled, help: "go to a letter, wherever it is"},
	}
}

func screenVerbs() []lineVerb {
	return []lineVerb{
		{names: []string{"queues"}, do: at(queuesPane, nil), help: "to the queues"},
		{names: []string{"endpoints"}, do: at(endpointsPane, nil), help: "to the endpoints"},
		{names: []string{"webhooks"}, do: at(webhooksPane, nil), help: "to the organization's webhook configurations"},
		{names: []string{"events"}, do: at(enginePane, nil), help: "to what the engine does"},
		{names: []string{"jobs"}, off: needsJobs, do: simply((*Model).showJobs), help: "what the engine does for whom, and what came of it"},
		{names: []string{"help"}, do: simply((*Model).showHelp), help: "the keys of this pane"},
		{names: []string{"quit", "q"}, do: simply((*Model).askQuit), help: "leave"},
	}
}

func (v *lineVerb) name() string { return v.names[0] }

// usage is how it is typed, its flags aside.
func (v *lineVerb) usage() string { return strings.TrimSpace(v.name() + " " + string(v.takes)) }

func (v *lineVerb) flag(name string) (lineFlag, bool) {
	i := slices.IndexFunc(v.flags, func(f lineFlag) bool { return f.name == name })
	if i < 0 {
		return lineFlag{}, false
	}
	return v.flags[i], true
}

// flagsInWords says which flags there are.
func (v *lineVerb) flagsInWords() string {
	var names []string
	for _, f := range v.flags {
		names = append(names, f.name)
	}
	switch len(names) {
	case 0:
		return "it has none"
	case 1:
		return "there is " + names[0]
	}
	return "there are " + strings.Join(names, ", ")
}

// verbNamed finds a verb that this screen has.
func (m *Model) verbNamed(name string) (*lineVerb, error) {
	var like []string
	for i, v := range m.verbs {
		switch {
		case slices.Contains(v.names, name) && v.acts && m.s.cfg.ReadOnly:
			return nil, fmt.Errorf("%s: the screen is read-only", v.name())
		case slices.Contains(v.names, name):
			return &m.verbs[i], nil
		case m.offersVerb(&v) && len(name) > 1 && strings.HasPrefix(v.name(), name[:2]):
			like = append(like, v.name())
		}
	}
	if len(like) > 0 {
		return nil, fmt.Errorf("there is no verb %q: did you mean %s?", name, strings.Join(like, " or "))
	}
	return nil, fmt.Errorf("there is no verb %q: on an empty line tab shows all", name)
}

// offersVerb tells whether a screen speaks of a verb: one that is read-only has no acting ones.
func (m *Model) offersVerb(v *lineVerb) bool { return !v.acts || !m.s.cfg.ReadOnly }
