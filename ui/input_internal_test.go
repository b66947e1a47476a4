package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/ui/plain"
)

func TestAPasteIntoFilterOrSearchIsBounded(t *testing.T) {
	const megabyte = 1 << 20
	for name, paste := range map[string]string{
		"ascii":     strings.Repeat("x", megabyte),
		"words":     strings.Repeat("word\n", megabyte/5),
		"wide":      strings.Repeat("世", megabyte/3),
		"combining": "e" + strings.Repeat("\u0301", megabyte/2),
		"invalid":   strings.Repeat("\xff", megabyte),
	} {
		for _, pane := range []paneID{messagesPane, detailPane} {
			t.Run(name+" into "+paneNames()[pane], func(t *testing.T) {
				m := filled(t, 10)
				m.focusOn(pane)
				m.Update(tea.KeyPressMsg{Code: '/', Text: "/"})
				m.Update(tea.PasteMsg{Content: paste})
				if n := len(m.input.text); n != inputMost {
					t.Errorf("%d characters are taken, want %d", n, inputMost)
				}
				if footer := m.footer(); !strings.Contains(footer, "cut: at most 1,000 characters") {
					t.Errorf("the footer says %q", footer)
				}
				if cost := quickest(m); cost > 500*time.Millisecond { // unbounded, it is a second
					t.Errorf("a view costs %v", cost)
				}
				m.Update(tea.KeyPressMsg{Code: 'y', Text: "y"})
				if n := len(m.input.text); n != inputMost {
					t.Errorf("%d characters after one more key, want %d", n, inputMost)
				}
				m.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
				if footer := m.footer(); strings.Contains(footer, "cut:") {
					t.Errorf("the footer still says %q", footer)
				}
			})
		}
	}
}

func TestTheEndOfATypedLineIsSeen(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"abcdef", 6, "abcdef"},
		{"abcdef", 3, "def"},
		{"abcdef", 0, ""},
		{"abcdef", -5, ""},
		{"", 3, ""},
		{"a世界", 5, "a世界"},
		{"a世界", 4, "世界"},
		{"a世界", 3, "界"},
		{"世界a", 4, "界a"},
		{"世", 1, ""},
		{"xe\u0301", 1, "e\u0301"},
	} {
		if got := tail(c.text, c.width); got != c.want || plain.Width(got) > max(0, c.width) {
			t.Errorf("tail(%q, %d) is %q, want %q", c.text, c.width, got, c.want)
		}
	}
}
