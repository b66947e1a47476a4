package retry

import (
	"cmp"
	"fmt"

	"rehook/retry/delivery"
)

// limit sets a lane's bounds, or takes back those that were set.
func (e *Engine) limit(c Limit) Result {
	l := e.lanes[c.Endpoint]
	if l == nil {
		if name, err := delivery.EndpointOf(c.Endpoint); err == nil { // or it is a letter's URL
			l = e.lanes[name]
		}
	}
	if l == nil {
		return Result{ID: c.Endpoint, Did: DidSkip, Note: "no such endpoint: this engine has had no letter for it"}
	}
	b := e.bounds()
	if c.Rate > 0 || c.AtOnce > 0 {
		b = bounds{rate: cmp.Or(c.Rate, b.rate), atOnce: cmp.Or(c.AtOnce, b.atOnce), by: cmp.Or(c.By, "somebody")}
	}
	l.bounds = b
	e.reclaimAll(l) // it may flow no longer
	e.consider(l)
	e.nudgeAll()
	e.cfg.Logger.Info("limit set", "endpoint", l.endpoint, "per_second", b.rate, "at_once", b.atOnce, "by", cmp.Or(c.By, "somebody"))
	return Result{ID: c.Endpoint, Did: DidLimit, Note: b.words()}
}

// words say what the bounds are.
func (b bounds) words() string {
	words := fmt.Sprintf("%d at once", b.atOnce)
	if b.rate > 0 {
		words += fmt.Sprintf(", %g a second", b.rate)
	}
	if b.by == "" {
		words += ", as configured"
	}
	return words
}
