package ui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

// typed presses a key that is a single character.
func (m *Model) typedKey(key rune) { m.Update(tea.KeyPressMsg{Code: key, Text: string(key)}) }

func TestKeysAfterAFilterAreAboutWhatItLetsThrough(t *testing.T) {
	m := filled(t, 70)
	sift := m.applyFilter("endpoint:host3")
	m.typedKey('a')
	if n := len(m.s.letters.marks); n > 0 {
		t.Fatalf("%d letters are marked before it is known which the filter lets through", n)
	}
	m.Update(sift())
	if rows, marks := len(m.s.letters.rows), len(m.s.letters.marks); rows != 10 || marks != 10 {
		t.Errorf("the list has %d letters, and %d are marked, want 10", rows, marks)
	}
}

func TestAFilterThatIsNotWaitedForChangesNothing(t *testing.T) {
	for name, overtake := range map[string]func(m *Model){
		"esc":          func(m *Model) { m.Update(tea.KeyPressMsg{Code: tea.KeyEscape}) },
		"another one":  func(m *Model) { m.applyFilter("endpoint:host4") },
		"none":         func(m *Model) { m.unfilter() },
		"a wrong one":  func(m *Model) { m.applyFilter("status:") },
		"more of it":   func(m *Model) { m.typeFilter(); m.input.typed("endpoint:host33") },
		"the last key": func(m *Model) { m.typedKey('a'); m.Update(tea.KeyPressMsg{Code: tea.KeyEscape}) },
	} {
		t.Run(name, func(t *testing.T) {
			m := filled(t, 70)
			sift := m.applyFilter("endpoint:host3")
			overtake(m)
			if msg := sift(); msg != nil {
				m.Update(msg)
			}
			if m.s.filter != "" || len(m.s.letters.rows) != 70 || len(m.s.letters.marks) > 0 {
				t.Errorf("filter %q, %d letters, %d marked", m.s.filter, len(m.s.letters.rows), len(m.s.letters.marks))
			}
		})
	}
}

func TestAnAnswerThatComesLateIsDropped(t *testing.T) {
	m := filled(t, 70)
	answer := m.applyFilter("endpoint:host3")()
	m.unfilter()
	if m.Update(answer); m.s.filter != "" || len(m.s.letters.rows) != 70 {
		t.Errorf("filter %q, %d letters", m.s.filter, len(m.s.letters.rows))
	}
}

func TestLettersThatCameMeanwhileAreFilteredToo(t *testing.T) {
	m := filled(t, 70)
	answer := m.applyFilter("endpoint:host3")()
	m.s.letters.put([]*row{{Entry: benchLetter(73, 0)}, {Entry: benchLetter(74, 0)}})
	if m.Update(answer); len(m.s.letters.rows) != 11 {
		t.Errorf("%d letters are in the list, want 11", len(m.s.letters.rows))
	}
	m.s.letters.put([]*row{{Entry: benchLetter(80, 0)}, {Entry: benchLetter(81, 0)}})
	if n := len(m.s.letters.rows); n != 12 {
		t.Errorf("%d letters are in the list, want 12", n)
	}
}

func TestASlowFilterShowsThatItIsUnderWay(t *testing.T) {
	m := filled(t, 70)
	sift := m.applyFilter("endpoint:host3")
	if m.s.siftsSlowly() {
		t.Error("it shows at once")
	}
	if next := m.s.sifts.Add(siftSlow); m.tick.After(next) && m.keepTime() == nil {
		t.Error("nothing wakes the screen to show it")
	}
	m.s.now = m.s.sifts.Add(siftSlow)
	if !m.s.siftsSlowly() {
		t.Error("it is not shown")
	}
	if m.Update(sift()); m.s.siftsSlowly() {
		t.Error("it goes on to be shown")
	}
}
