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

// Requests are those to SQS, counted as it bills them: each 64 KiB of a request or answer that are begun. It bills
// nothing else.
type Requests struct {
	Sent int64   // since the queues were opened
	ADay float64 // how many a day that makes at the pace of the last ten minutes; 0 until a minute has passed
}
