package cmd

import (
	"cmp"
	"strconv"
	"time"

	"rehook/retry/deadletter"
)

// listed is a letter as "ls" prints it: without its payload and headers, which may hold secrets.
type listed struct {
	ID            string     `json:"id"`
	Timestamp     time.Time  `json:"timestamp"`
	Endpoint      string     `json:"endpoint"` // masked
	Status        int        `json:"status"`   // of the last failure, 0 if there was no response
	Error         string     `json:"error,omitempty"`
	Source        string     `json:"source,omitempty"` // where it came from when not from the listener
	RetryCount    int        `json:"retry_count"`
	NextAttemptAt *time.Time `json:"next_attempt_at,omitempty"`
	PayloadBytes  int        `json:"payload_bytes"`
	ParkedAt      *time.Time `json:"parked_at,omitempty"`
	Reason        string     `json:"reason,omitempty"` // why it is parked
}

func newListed(l *deadletter.Letter) listed {
	row := listed{
		ID: l.ID, Timestamp: l.Timestamp, Endpoint: deadletter.MaskURL(l.OriginalEndpoint), Status: l.ErrorCode, Error: l.Error,
		Source: l.Source, RetryCount: l.RetryCount, PayloadBytes: l.PayloadBytes(),
	}
	if !l.NextAttemptAt.IsZero() {
		row.NextAttemptAt = &l.NextAttemptAt
	}
	if l.Parked != nil {
		row.ParkedAt, row.Reason = &l.Parked.At, string(l.Parked.Reason)
	}
	return row
}

func listedHeader() []string { return []string{"ID", "ENDPOINT", "WHY", "TRIES", "NEXT", "FAILED"} }

// cells are the row of the table.
func (r listed) cells() []string {
	next := "now"
	switch {
	case r.Reason != "":
		next = "parked: " + r.Reason
	case r.NextAttemptAt != nil:
		next = r.NextAttemptAt.Format(time.RFC3339)
	}
	why := cmp.Or(r.Error, "-")
	if r.Status != 0 {
		why = strconv.Itoa(r.Status)
	}
	return []string{r.ID, r.Endpoint, why, strconv.Itoa(r.RetryCount), next, r.Timestamp.Format(time.RFC3339)}
}
