package ui_test

import (
	"strings"
	"testing"
)

func TestTheCursorsRowIsMarkedUpToItsTries(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("j")
		for y, row := range x.rows() {
			before, _, found := strings.Cut(row, "503")
			if !found || !strings.Contains(row, "│▸") {
				continue
			}
			col := len([]rune(before))
			for _, c := range []int{3, col - 2, col, col + 13} {
				if x.cell(c, y).Style.Bg == nil {
					t.Errorf("the cell at %d of the cursor's row is not marked", c)
				}
			}
			return
		}
		t.Fatalf("no row has the cursor:\n%s", x.text())
	})
}
