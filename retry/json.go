package retry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"rehook/retry/deadletter"
)

// AppendEvent appends an event as one JSON object and a line feed: what "rehook events" and
// "rehook demo --headless" print. It is safe to show in a terminal.
func AppendEvent(dst []byte, ev Event) []byte {
	h := head{At: millis(ev.When())}
	switch ev := ev.(type) {
	case Captured:
		h.Event = "captured"
		return appendLine(dst, letterJSON{head: h, ID: ev.ID, Endpoint: ev.Endpoint, Status: new(ev.Status), RetryCount: new(ev.RetryCount)})
	case Received:
		h.Event = "received"
		return appendLine(dst, letterJSON{head: h, ID: ev.ID, Endpoint: ev.Endpoint, Status: new(ev.Status), RetryCount: new(ev.RetryCount)})
	case Scheduled:
		h.Event = "scheduled"
		return appendLine(dst, letterJSON{
			head: h, ID: ev.ID, Endpoint: ev.Endpoint, RetryCount: new(ev.RetryCount),
			NextAttemptAt: millis(ev.NextAttemptAt), BackoffMS: new(ev.Backoff.Milliseconds()),
		})
	case Attempting:
		h.Event = "attempting"
		return appendLine(dst, letterJSON{head: h, ID: ev.ID, Endpoint: ev.Endpoint, RetryCount: new(ev.RetryCount)})
	case Delivered:
		h.Event = "delivered"
		return appendLine(dst, letterJSON{head: h, ID: ev.ID, Endpoint: ev.Endpoint, Status: new(ev.Status), LatencyMS: new(ev.Latency.Milliseconds()), RetryCount: new(ev.RetryCount)})
	case Failed:
		h.Event = "failed"
		return appendLine(dst, letterJSON{
			head: h, ID: ev.ID, Endpoint: ev.Endpoint, Status: new(ev.Status), LatencyMS: new(ev.Latency.Milliseconds()),
			RetryCount: new(ev.RetryCount), Error: ev.Error,
		})
	case Parked:
		h.Event = "parked"
		return appendLine(dst, letterJSON{head: h, ID: ev.ID, Endpoint: ev.Endpoint, Reason: string(ev.Reason)})
	case Released:
		h.Event = "released"
		return appendLine(dst, letterJSON{head: h, ID: ev.ID, By: ev.By})
	case Deleted:
		h.Event = "deleted"
		return appendLine(dst, letterJSON{head: h, ID: ev.ID, By: ev.By})
	case Edited:
		h.Event = "edited"
		return appendLine(dst, letterJSON{head: h, ID: ev.ID, By: ev.By})
	case Held:
		h.Event = "held"
		return appendLine(dst, letterJSON{head: h, ID: ev.ID, By: ev.By})
	case LeaseLost:
		h.Event = "lease_lost"
		return appendLine(dst, letterJSON{head: h, ID: ev.ID})
	case BreakerMoved:
		h.Event = "breaker"
		var until *string // null unless it is open
		if !ev.Until.IsZero() {
			until = new(millis(ev.Until))
		}
		return appendLine(dst, struct {
			head
			Endpoint string       `json:"endpoint"`
			State    BreakerState `json:"state"`
			Until    *string      `json:"until"`
		}{h, ev.Endpoint, ev.State, until})
	case DepthRead:
		h.Event = "depth"
		return appendLine(dst, struct {
			head
			Queue string `json:"queue"`
			depthJSON
		}{h, ev.Queue, depthOf(ev.Depth)})
	case Trouble:
		h.Event = "error"
		return appendLine(dst, struct {
			head
			Message string `json:"message"`
			Hint    string `json:"hint"`
		}{h, ev.Message, ev.Hint})
	case Alert:
		h.Event = "alert"
		return appendLine(dst, struct {
			head
			Kind     AlertKind `json:"kind"`
			Endpoint string    `json:"endpoint"`
			ID       string    `json:"id,omitempty"`
			Message  string    `json:"message"`
			Hint     string    `json:"hint"`
		}{h, ev.Kind, ev.Endpoint, ev.ID, ev.Message, ev.Hint})
	default:
		panic(fmt.Sprintf("bug: an event of type %T has no JSON", ev))
	}
}

// AppendUpdate appends a full stream's update: how much was missed, if anything, a snapshot if it starts
// again from one, and the events.
func AppendUpdate(dst []byte, u Update) []byte {
	if u.Missed > 0 {
		dst = appendLine(dst, struct {
			head
			Missed int `json:"missed"`
		}{head{millis(u.Status.At), "lagged"}, u.Missed})
	}
	if u.Reset {
		dst = appendSnapshot(dst, u)
	}
	for _, ev := range u.Stream {
		dst = AppendEvent(dst, ev)
	}
	return dst
}

func appendSnapshot(dst []byte, u Update) []byte {
	letters := make([]letterJSON, 0, len(u.Letters))
	for _, entry := range u.Letters {
		letters = append(letters, snapshotLetter(entry))
	}
	endpoints := make([]endpointJSON, 0, len(u.Status.Endpoints))
	for _, ep := range u.Status.Endpoints {
		j := endpointJSON{Endpoint: ep.Endpoint, State: ep.State, Waiting: new(ep.Waiting), InFlight: new(ep.InFlight)}
		if ep.State == Open {
			j.Until = millis(ep.Until)
		}
		if ep.P50 > 0 {
			j.P50MS, j.P95MS = new(ep.P50.Milliseconds()), new(ep.P95.Milliseconds())
		}
		endpoints = append(endpoints, j)
	}
	causes := make([]causeJSON, 0, len(u.Status.Causes))
	for _, c := range u.Status.Causes {
		causes = append(causes, causeJSON{c.Key, c.Endpoint, c.Reason, c.Shape, c.Waiting, c.Parked, millis(c.First), millis(c.Last), c.Trend})
	}
	return appendLine(dst, struct {
		head
		Queue     string         `json:"queue"`
		Depth     depthJSON      `json:"depth"`
		Letters   []letterJSON   `json:"letters"`
		Endpoints []endpointJSON `json:"endpoints"`
		Causes    []causeJSON    `json:"causes"`
	}{head{millis(u.Status.At), "snapshot"}, u.Status.Queue, depthOf(u.Status.Depth), letters, endpoints, causes})
}

func snapshotLetter(entry Entry) letterJSON {
	l := entry.Letter
	j := letterJSON{
		ID: l.ID, Endpoint: deadletter.MaskURL(l.OriginalEndpoint), Status: new(l.ErrorCode), RetryCount: new(l.RetryCount),
		Phase: entry.Phase, Wait: entry.Wait, By: entry.HeldBy, Error: l.Error, Cause: entry.Cause,
	}
	if entry.Phase == Waiting {
		j.NextAttemptAt = millis(entry.Due)
	}
	if l.Parked != nil {
		j.Reason = string(l.Parked.Reason)
	}
	return j
}

// head is what every event has.
type head struct {
	At    string `json:"at,omitempty"`
	Event string `json:"event,omitempty"`
}

// letterJSON is an event about a letter, or a letter of a snapshot.
type letterJSON struct {
	head
	ID            string `json:"id"`
	Endpoint      string `json:"endpoint,omitempty"`
	Status        *int   `json:"status,omitempty"`
	LatencyMS     *int64 `json:"latency_ms,omitempty"`
	RetryCount    *int   `json:"retry_count,omitempty"`
	NextAttemptAt string `json:"next_attempt_at,omitempty"`
	BackoffMS     *int64 `json:"backoff_ms,omitempty"`
	Error         string `json:"error,omitempty"`
	Reason        string `json:"reason,omitempty"`
	By            string `json:"by,omitempty"`
	Phase         Phase  `json:"phase,omitempty"`
	Wait          Wait   `json:"wait,omitempty"`
	Cause         string `json:"cause,omitempty"`
}

// endpointJSON is an endpoint of a snapshot.
type endpointJSON struct {
	Endpoint string       `json:"endpoint"`
	State    BreakerState `json:"state"`
	Until    string       `json:"until,omitempty"`
	Waiting  *int         `json:"waiting,omitempty"`
	InFlight *int         `json:"in_flight,omitempty"`
	P50MS    *int64       `json:"latency_p50_ms,omitempty"`
	P95MS    *int64       `json:"latency_p95_ms,omitempty"`
}

// causeJSON is a cause of a snapshot.
type causeJSON struct {
	Key      string            `json:"key"`
	Endpoint string            `json:"endpoint"`
	Reason   string            `json:"reason"`
	Shape    string            `json:"shape"`
	Waiting  int               `json:"waiting"`
	Parked   int               `json:"parked"`
	First    string            `json:"first"`
	Last     string            `json:"last"`
	Trend    [TrendMinutes]int `json:"trend"`
}

type depthJSON struct {
	Visible  int `json:"visible"`
	InFlight int `json:"in_flight"`
	Delayed  int `json:"delayed"`
	Parked   int `json:"parked"`
}

func depthOf(d deadletter.Depth) depthJSON { return depthJSON(d) }

// millis is RFC 3339 in UTC with milliseconds; "" for no moment.
func millis(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

func appendLine(dst []byte, v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("bug: an event does not encode: " + err.Error())
	}
	return deadletter.AppendVisible(dst, buf.Bytes())
}
