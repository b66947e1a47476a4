package linediff

const (
	editsMost = 1000       // changed lines that are lined up
	stepsMost = 20_000_000 // lines that are compared for it
)

// changed marks the lines that only one of both texts has.
func changed(a, b []string) (gone, come []bool) {
	gone, come = make([]bool, len(a)), make([]bool, len(b))
	from := 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	end := 0
	for end < len(a)-from && end < len(b)-from && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	a, b = a[from:len(a)-end], b[from:len(b)-end]
	m := myers{a: a, b: b, gone: gone[from : from+len(a)], come: come[from : from+len(b)]}
	if !m.run() {
		m.giveUp()
	}
	return gone, come
}

// myers finds a shortest way from one text to the other. On diagonal k, x lines of a and x-k of b have been gone over.
type myers struct {
	a, b       []string
	gone, come []bool
	steps      int
	rounds     [][]int32 // how far each diagonal had come before each round; diagonal k of round d is at k+d+1
}

// run reports whether it got there within its bounds.
func (m *myers) run() bool {
	reach := []int32{0, 0, 0}
	for d := 0; d <= min(editsMost, len(m.a)+len(m.b)); d++ {
		m.rounds = append(m.rounds, reach)
		next := make([]int32, 2*d+5)
		for k := -d; k <= d; k += 2 {
			x := m.begin(reach, d, k)
			for x < len(m.a) && x-k < len(m.b) && m.a[x] == m.b[x-k] {
				x++
				m.steps++
			}
			if x >= len(m.a) && x-k >= len(m.b) {
				m.goBack(d, k)
				return true
			}
			next[k+d+2] = int32(x) //nolint:gosec // fewer lines than that
		}
		if m.steps > stepsMost {
			return false
		}
		reach = next
	}
	return false
}

// begin is where round d begins on diagonal k: below the diagonal at its right, or right of the one at its left.
func (m *myers) begin(reach []int32, d, k int) int {
	if d == 0 {
		return 0
	}
	left, right := int(reach[k+d]), int(reach[k+d+2])
	if k == -d || k != d && left < right {
		return right
	}
	return left + 1
}

// goBack marks the lines along the way, from its end.
func (m *myers) goBack(d, k int) {
	for ; d > 0; d-- {
		x := m.begin(m.rounds[d], d, k)
		if left, right := int(m.rounds[d][k+d]), int(m.rounds[d][k+d+2]); k == -d || k != d && left < right {
			m.come[x-k-1] = true
			k++
		} else {
			m.gone[x-1] = true
			k--
		}
	}
}

// giveUp pairs as many lines as both have, where they have as many, or takes all of them as changed.
func (m *myers) giveUp() {
	paired := len(m.a) == len(m.b)
	for i := range m.a {
		m.gone[i] = !paired || m.a[i] != m.b[i]
	}
	for j := range m.b {
		m.come[j] = !paired || m.a[j] != m.b[j]
	}
}
