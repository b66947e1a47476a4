package ui

// paneID names a pane; the order is that of tab and of the digits.
type paneID int

// The panes.
const (
	queuesPane paneID = iota
	endpointsPane
	webhooksPane
	messagesPane
	detailPane
	enginePane
	paneCount
)

// The least that a screen needs.
const (
	minWidth  = 60
	minHeight = 15
)

// Where the shape of the screen changes.
const (
	sideBySideWidth = 100 // from here, queues, endpoints and webhooks share the top
	threadsHeight   = 30
	wideWidth       = 160 // from here, the detail stands beside the list
)

// rect is a place on the screen, in cells from the top left corner.
type rect struct{ x, y, w, h int }

func (r rect) contains(x, y int) bool {
	return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h
}

// layout says where everything is. Boxes are the insides of panes: a border runs round each, shared with
// the neighbour, and the title stands in the border above. A box of no height is a title alone; one of no
// width is not shown.
type layout struct {
	width, height int
	tooSmall      bool
	alarm         int // row of the alarm line, -1: none
	boxes         [paneCount]rect
}

// arrange computes the layout of a screen. The first row is the header and the last the footer.
func arrange(width, height int, focus paneID, zoom, alarm bool) layout {
	l := layout{width: width, height: height, alarm: -1}
	if width < minWidth || height < minHeight {
		l.tooSmall = true
		return l
	}
	top := 1
	if alarm {
		l.alarm = top
		top++
	}
	body := rect{1, top + 1, width - 2, height - top - 3} // inside the outer border
	switch {
	case zoom:
		l.boxes[focus] = body
	case width < sideBySideWidth || height < threadsHeight:
		l.stack(body, focus)
	case width < wideWidth:
		l.rows(body)
	default:
		l.columns(body)
	}
	return l
}

// stack puts the panes one below the other. The one in focus has the room; the list always keeps some.
func (l *layout) stack(body rect, focus paneID) {
	free := body.h - int(paneCount) + 1 // rows that are not titles
	var heights [paneCount]int
	share := func(p paneID, rows int) {
		heights[p] = min(rows, free)
		free -= heights[p]
	}
	switch focus {
	case messagesPane:
		share(enginePane, free/6)
		share(detailPane, free/4)
	case detailPane:
		share(messagesPane, max(2, free/4))
	case queuesPane, endpointsPane, webhooksPane, enginePane, paneCount:
		share(messagesPane, max(2, free/2))
	}
	heights[focus] += free
	y := body.y
	for p := range paneCount {
		l.boxes[p] = rect{body.x, y, body.w, heights[p]}
		y += heights[p] + 1
	}
}

// rows is the standard screen: three panes on top, then list, detail and stream over the whole width.
func (l *layout) rows(body rect) {
	top, stream := l.top(body), max(4, body.h/8)
	rest := body.h - top - stream - 3
	detail := rest * 2 / 5
	list := rest - detail
	y := body.y + top + 1
	l.boxes[messagesPane] = rect{body.x, y, body.w, list}
	l.boxes[detailPane] = rect{body.x, y + list + 1, body.w, detail}
	l.boxes[enginePane] = rect{body.x, y + list + detail + 2, body.w, stream}
}

// columns is the wide screen: the detail beside the list.
func (l *layout) columns(body rect) {
	top, stream := l.top(body), max(5, body.h/7)
	rest := body.h - top - stream - 2
	left := body.w * 3 / 5
	y := body.y + top + 1
	l.boxes[messagesPane] = rect{body.x, y, left, rest}
	l.boxes[detailPane] = rect{body.x + left + 1, y, body.w - left - 1, rest}
	l.boxes[enginePane] = rect{body.x, y + rest + 1, body.w, stream}
}

// top puts the three panes of the whole side by side and returns their height.
func (l *layout) top(body rect) int {
	height := 6
	first := max(30, body.w/4)
	second := body.w * 11 / 25
	l.boxes[queuesPane] = rect{body.x, body.y, first, height}
	l.boxes[endpointsPane] = rect{body.x + first + 1, body.y, second, height}
	l.boxes[webhooksPane] = rect{body.x + first + second + 2, body.y, body.w - first - second - 2, height}
	return height
}

// shown tells whether a pane is on the screen, be it by its title alone.
func (l *layout) shown(p paneID) bool { return l.boxes[p].w > 0 }

// at is the pane under a place of the screen, its title included.
func (l *layout) at(x, y int) (paneID, bool) {
	for p, box := range l.boxes {
		withTitle := rect{box.x, box.y - 1, box.w, box.h + 1}
		if box.w > 0 && withTitle.contains(x, y) {
			return paneID(p), true
		}
	}
	return 0, false
}
