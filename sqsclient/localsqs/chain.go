package localsqs

// chain is messages that are linked to each other. Putting one in and taking one out costs the same however many there
// are.
type chain struct {
	order       order // whose links it uses
	front, back *message
}

// links are a message's neighbours in a chain.
type links struct{ ahead, behind *message }

// insert puts m behind another, to the front if that is nil.
func (c *chain) insert(m, ahead *message) {
	behind := c.front
	if ahead != nil {
		behind = ahead.links[c.order].behind
	}
	m.links[c.order] = links{ahead, behind}
	c.join(ahead, m)
	c.join(m, behind)
}

// remove takes m out.
func (c *chain) remove(m *message) {
	l := m.links[c.order]
	m.links[c.order] = links{}
	c.join(l.ahead, l.behind)
}

// join makes two messages neighbours. What has none ahead is the front, what has none behind is the back.
func (c *chain) join(ahead, behind *message) {
	if ahead == nil {
		c.front = behind
	} else {
		ahead.links[c.order].behind = behind
	}
	if behind == nil {
		c.back = ahead
	} else {
		behind.links[c.order].ahead = ahead
	}
}
