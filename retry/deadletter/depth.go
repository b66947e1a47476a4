package deadletter

// Depth is how many messages a queue holds, and its parked queue. On SQS the figures are approximate and
// may be a minute old.
type Depth struct {
	Visible  int // can be received now
	InFlight int // leased to somebody
	Delayed  int // not yet visible
	Parked   int // in the parked queue, leased or not
}

// Total is all that waits, without the parked.
func (d Depth) Total() int { return d.Visible + d.InFlight + d.Delayed }
