package ui

import (
	"strings"
	"unicode/utf8"

	"rehook/ui/jsontree"
)

// The reasons why a key does not work now.

func needsLetter(m *Model) string {
	if why := needsRow(m); why != "" {
		return why
	}
	if grouped(m) && m.s.focus == messagesPane {
		return "this is a group: enter opens it"
	}
	return ""
}

func needsRow(m *Model) string {
	if len(m.s.letters.rows) == 0 {
		return "there is no letter here"
	}
	return ""
}

func needsLetters(m *Model) string {
	if grouped(m) {
		return "groups are sorted by their count"
	}
	return ""
}

func needsCauses(m *Model) string {
	if m.s.letters.view == deliveredView {
		return "what was delivered has no cause"
	}
	return ""
}

func needsEngine(m *Model) string {
	if !m.s.attached || m.s.lost != nil {
		return "no engine is attached"
	}
	return ""
}

func needsTargets(m *Model) string {
	if why := needsEngine(m); why != "" {
		return why
	}
	if m.s.focus == detailPane {
		return needsDetail(m)
	}
	if !m.s.letters.anyTarget() {
		return "nothing is selected"
	}
	return ""
}

func needsEditable(m *Model) string {
	if why := needsTargets(m); why != "" {
		return why
	}
	r := m.editTarget()
	switch {
	case r == nil && m.s.focus == detailPane:
		return "the letter has left"
	case r == nil && grouped(m):
		return "one letter at a time, and this is a group: enter opens it"
	case r == nil:
		return "one letter at a time: " + thousands(m.s.letters.selected()) + " are selected"
	case cannotDelete(r) != "":
		return cannotDelete(r)
	case r.Letter.PayloadElsewhere() && m.s.cfg.Payload == nil:
		return "the payload is not in the letter"
	case !r.Letter.PayloadElsewhere() && len(r.Letter.Payload) == 0:
		return "the letter has no payload here"
	case strings.TrimSpace(m.s.cfg.Editor) == "":
		return "no editor is set: VISUAL or EDITOR, as in EDITOR=nano"
	}
	return ""
}

func needsDetail(m *Model) string {
	if m.detail.letter() == nil {
		return "no letter is shown"
	}
	return ""
}

func needsPayload(m *Model) string {
	switch letter := m.letterHere(); {
	case letter == nil && m.s.focus != detailPane:
		return needsLetter(m)
	case letter == nil:
		return "no letter is shown"
	case letter.PayloadElsewhere():
		return "the payload is not in the letter"
	case len(letter.Payload) == 0:
		return "the letter has no payload here"
	}
	return ""
}

func needsTree(m *Model) string {
	if why := needsPayload(m); why != "" {
		return why
	}
	if !m.inTree() {
		return "only JSON folds"
	}
	return ""
}

func needsPath(m *Model) string {
	if why := needsPayload(m); why != "" {
		return why
	}
	if !m.inTree() {
		return "only what is in JSON has a path"
	}
	return ""
}

// inTree tells whether the detail shows a payload as a tree.
func (m *Model) inTree() bool {
	return m.detail.tab == payloadTab && m.detail.tree.Form() == jsontree.JSON
}

func needsText(m *Model) string {
	if why := needsPayload(m); why != "" {
		return why
	}
	if !utf8.Valid(m.letterHere().Payload) {
		return "the payload is not text"
	}
	return ""
}

func needsHits(m *Model) string {
	if m.detail.hits == 0 {
		return "nothing is searched for: / searches"
	}
	return ""
}

func needsLane(m *Model) string {
	if _, ok := m.endpoints.current(&m.s); !ok {
		return "there is no endpoint yet"
	}
	return ""
}

func hooksRead(m *Model) bool { return len(m.s.hooks.Webhooks) > 0 }

func needsHookEndpoint(m *Model) string {
	if hook, ok := m.hooks.current(&m.s); !ok || hook.Endpoint == "" {
		return "the configuration has no endpoint"
	}
	return ""
}

func needsWebhooks(m *Model) string {
	if m.s.cfg.Webhooks == nil {
		return "no organization is configured"
	}
	return ""
}
