package ui

// motion is a way to move in a list, a tree or a text.
type motion int

// The motions.
const (
	up motion = iota
	down
	halfUp
	halfDown
	toTop
	toBottom
)

// scroll is a cursor in n rows of which a window is seen. The zero value is at the top.
type scroll struct {
	at  int // row of the cursor
	top int // first row in the window
}

// move moves the cursor in n rows, seen h at a time.
func (s *scroll) move(m motion, n, h int) {
	half := max(1, h/2)
	switch m {
	case up:
		s.at--
	case down:
		s.at++
	case halfUp:
		s.at -= half
	case halfDown:
		s.at += half
	case toTop:
		s.at = 0
	case toBottom:
		s.at = n - 1
	}
	s.fit(n, h)
}

// fit keeps the cursor on a row and the window over it. A window that must move jumps by nearly half of
// itself: over a slow line single steps cost a screen each. More would cost a screen again: the renderer lets
// the terminal scroll only when more rows stay than go.
func (s *scroll) fit(n, h int) {
	s.at = max(0, min(s.at, n-1))
	jump := max(1, h*2/5)
	switch {
	case s.at >= s.top+h:
		s.top = max(s.top+jump, s.at-h+1)
	case s.at < s.top:
		s.top = min(s.top-jump, s.at)
	}
	s.top = max(0, min(s.top, n-h))
}
