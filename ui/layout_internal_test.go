package ui

import "testing"

// Every size, focus and zoom: the panes tile the screen between header and footer, share their borders, and
// none leaves it.
func TestLayoutTilesTheScreenAtEverySize(t *testing.T) {
	for w := minWidth; w <= 250; w++ {
		for h := minHeight; h <= 80; h++ {
			for focus := range paneCount {
				for _, zoom := range []bool{false, true} {
					for _, alarm := range []bool{false, true} {
						checkTiles(t, arrange(w, h, focus, zoom, alarm), focus, zoom)
						if t.Failed() {
							t.Fatalf("at %dx%d, focus %d, zoom %v, alarm %v", w, h, focus, zoom, alarm)
						}
					}
				}
			}
		}
	}
}

// checkTiles adds up what the boxes cover, each with the border above it and at its left: a tiling covers
// everything within the outer border once.
func checkTiles(t *testing.T, l layout, focus paneID, zoom bool) {
	t.Helper()
	top := 1
	if l.alarm >= 0 {
		top = 2
	}
	covered := 0
	for p, box := range l.boxes {
		if box.w == 0 {
			if !zoom {
				t.Errorf("pane %d is not shown", p)
			}
			continue
		}
		if box.x < 1 || box.y <= top || box.x+box.w > l.width-1 || box.y+box.h > l.height-2 || box.h < 0 || box.w < 18 {
			t.Errorf("pane %d is at %+v", p, box)
		}
		covered += (box.w + 1) * (box.h + 1)
	}
	if want := (l.width - 1) * (l.height - top - 2); covered != want {
		t.Errorf("the panes cover %d cells, want %d", covered, want)
	}
	if least := 3; l.boxes[focus].h < least {
		t.Errorf("the pane in focus has %d rows", l.boxes[focus].h)
	}
	if !zoom && l.boxes[messagesPane].h < 2 {
		t.Errorf("the list has %d rows", l.boxes[messagesPane].h)
	}
}

func TestASmallScreenSaysSo(t *testing.T) {
	for _, size := range [][2]int{{59, 80}, {250, 14}, {1, 1}, {0, 0}} {
		if l := arrange(size[0], size[1], messagesPane, false, false); !l.tooSmall {
			t.Errorf("%v is not too small", size)
		}
	}
}
