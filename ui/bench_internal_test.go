package ui

import (
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/retry/deadletter"
)

// filled is a screen of 120x40 with n letters of 2 kB, all of them counting down.
func filled(tb testing.TB, n int) *Model {
	tb.Helper()
	m := New(Config{})
	tb.Cleanup(m.Close)
	m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	u := retry.Update{Reset: true}
	for i := range n {
		u.Letters = append(u.Letters, benchLetter(i, time.Hour))
	}
	m.Update(updated{update: u})
	return m
}

func benchLetter(i int, wait time.Duration) retry.Entry {
	now := time.Now()
	return retry.Entry{
		Letter: &deadletter.Letter{
			ID: fmt.Sprintf("%08x-0000-4000-8000-000000000000", i), OriginalEndpoint: fmt.Sprintf("https://host%d.example.com/in", i%7),
			ErrorCode: 503, Timestamp: now, Payload: fmt.Appendf(nil, `{"n":%d,"text":"%02000d"}`, i, i),
		},
		Phase: retry.Waiting, Wait: retry.ForBackoff, WaitSince: now, Due: now.Add(wait + time.Duration(i)*time.Second),
	}
}

// sizes are the two inventories that must cost the same.
var sizes = [...]int{10, 10_000}

func BenchmarkView(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := filled(b, n)
			b.ReportAllocs()
			for b.Loop() {
				m.picture()
			}
		})
	}
}

func BenchmarkViewOfMarked(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := filled(b, n)
			m.markAll()
			b.ReportAllocs()
			for b.Loop() {
				m.picture()
			}
		})
	}
}

// quickest is the least that one of thirty views costs: what else the machine does makes single ones slow.
func quickest(m *Model) time.Duration {
	least := time.Hour
	for range 30 {
		start := time.Now()
		m.picture()
		least = min(least, time.Since(start))
	}
	return least
}

func TestTenThousandSelectedLettersAreDrawnAsFastAsTen(t *testing.T) {
	for name, choose := range map[string]func(m *Model){
		"marked": func(m *Model) { m.markAll() },
		"a range": func(m *Model) {
			m.markRange()
			m.move(toBottom)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var costs [len(sizes)]time.Duration
			for i, n := range sizes {
				m := filled(t, n)
				choose(m)
				if got := m.s.letters.selected(); got != n {
					t.Fatalf("%d are selected, want %d", got, n)
				}
				costs[i] = quickest(m)
			}
			t.Logf("%v", costs)
			if costs[1] > 3*costs[0] {
				t.Errorf("a view costs %v with %d selected and %v with %d", costs[0], sizes[0], costs[1], sizes[1])
			}
		})
	}
}

func TestAPictureThatIsOvertakenIsNotDrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := filled(t, 100)
		m.Watch(io.Discard)
		first := m.View().Content
		m.Update(tea.KeyPressMsg{Code: 'j', Text: "j"})
		if m.View().Content != first {
			t.Error("a picture is drawn at the moment of the last one")
		}
		time.Sleep(drawAfter)
		if m.Update(redrawn{}); m.View().Content == first {
			t.Error("the picture that waited is not drawn")
		}
		m.Update(tea.WindowSizeMsg{Width: 90, Height: 30})
		if m.View().Content == first || m.pen.lifted {
			t.Error("a picture of another size waits")
		}
	})
}

func BenchmarkKey(b *testing.B) {
	keys := [...]tea.KeyPressMsg{{Code: 'j', Text: "j"}, {Code: 'k', Text: "k"}}
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := filled(b, n)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m.Update(keys[i/4%2]) // which draws
			}
		})
	}
}

// The keys that put the whole list into another order, or show another one, pressed as often as brings back the first.
func BenchmarkOrder(b *testing.B) {
	for key, round := range map[rune]int{'s': int(sortKeys), 'S': 2, 'w': int(viewCount), 't': 2} {
		for _, n := range sizes {
			b.Run(fmt.Sprintf("%c/%d", key, n), func(b *testing.B) {
				m := filled(b, n)
				b.ReportAllocs()
				for b.Loop() {
					for range round {
						m.Update(tea.KeyPressMsg{Code: key, Text: string(key)}) // which draws
					}
				}
			})
		}
	}
}

// An update of ten letters, as forty events a second make it.
func BenchmarkUpdate(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := filled(b, n)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				var u retry.Update
				for k := range 10 {
					u.Letters = append(u.Letters, benchLetter((i+k)%n, time.Duration(i%90)*time.Minute))
				}
				m.Update(updated{update: u}) // which draws
			}
		})
	}
}

// A filter over ten thousand letters: what it takes beside the screen, and what it takes of a frame.
func BenchmarkFilter(b *testing.B) {
	m := filled(b, 10_000)
	sift := func(text string) tea.Msg {
		m.unfilter()
		return m.applyFilter(text)()
	}
	b.Run("beside", func(b *testing.B) {
		for b.Loop() {
			sift("status:503 endpoint:host3 nowhere")
		}
	})
	b.Run("frame", func(b *testing.B) {
		answers := [...]sifted{sift("endpoint:host3").(sifted), sift("status:503").(sifted)}
		for i := 0; b.Loop(); i++ {
			answer := answers[i%len(answers)]
			answer.asked = b.Context()
			m.Update(answer)
			m.picture()
		}
	})
}
