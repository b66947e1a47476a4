package delivery

import (
	"fmt"
	"net/http"
)

// Outcome is what an attempt means for its letter.
type Outcome int

// The outcomes. The zero value is the one that loses nothing.
const (
	Retry        Outcome = iota // it may work later
	Delivered                   // the endpoint has taken it
	Unauthorized                // it will not work until someone acts on the credentials
	Rejected                    // the endpoint, or our own guard, will never take it
)

// String names the outcome as logs show it.
func (o Outcome) String() string {
	switch o {
	case Retry:
		return "retry"
	case Delivered:
		return "delivered"
	case Unauthorized:
		return "unauthorized"
	case Rejected:
		return "rejected"
	}
	return fmt.Sprintf("outcome %d", int(o))
}

// outcomes says what a status means: the first row that holds it counts. A status in no row is Rejected: no
// standard gives it a meaning, so a person should look. An attempt without a status is Retry, unless our own
// guard refused it.
var outcomes = []struct {
	from, to int
	outcome  Outcome
}{
	{200, 299, Delivered},
	{300, 399, Rejected}, // a redirect may leave the allowed hosts: not followed
	{http.StatusUnauthorized, http.StatusUnauthorized, Unauthorized},
	{http.StatusForbidden, http.StatusForbidden, Unauthorized},
	{http.StatusRequestTimeout, http.StatusRequestTimeout, Retry},
	{http.StatusTooEarly, http.StatusTooEarly, Retry},
	{http.StatusTooManyRequests, http.StatusTooManyRequests, Retry},
	{400, 499, Rejected},
	{500, 599, Retry},
}

func outcomeOf(status int) Outcome {
	for _, row := range outcomes {
		if row.from <= status && status <= row.to {
			return row.outcome
		}
	}
	return Rejected
}
