package cmd

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// detail is a letter as "show" prints it: all that is known, but for what looks like a secret.
type detail struct {
	listed
	Phase       retry.Phase                `json:"phase"`
	Wait        retry.Wait                 `json:"wait,omitempty"` // what it waits for
	Due         *time.Time                 `json:"due,omitempty"`  // when it will be attempted, as far as the engine knows
	DeliveredAt *time.Time                 `json:"delivered_at,omitempty"`
	HeldBy      string                     `json:"held_by,omitempty"`
	ExpiresAt   *time.Time                 `json:"expires_at,omitempty"` // when the queue drops it
	Receives    int                        `json:"receives,omitempty"`
	Headers     map[string][]string        `json:"headers,omitempty"` // masked
	Attempts    []attempt                  `json:"attempts,omitempty"`
	PayloadRef  *deadletter.PayloadRef     `json:"payload_ref,omitempty"`
	Payload     json.RawMessage            `json:"payload,omitempty"`
	PayloadB64  []byte                     `json:"payload_b64,omitempty"` // of a payload that is no JSON
	Others      map[string]json.RawMessage `json:"others,omitempty"`      // fields that are not shown elsewhere
	bare        bool                       // no more of it is remembered than its delivery
}

// attempt is one attempt as it is printed.
type attempt struct {
	At          time.Time `json:"at"`
	Status      int       `json:"status"`
	LatencyMS   int64     `json:"latency_ms"`
	Error       string    `json:"error,omitempty"`
	Response    string    `json:"response,omitempty"`
	RetryAfterS int64     `json:"retry_after_s,omitempty"`
}

// newDetail is what may be printed of a letter: its secrets and the fields that are to be masked are not.
func newDetail(entry retry.Entry, mask deadletter.Fields) detail {
	l := entry.Letter
	payload := mask.Conceal(l.Payload)
	d := detail{
		listed: newListed(l), Phase: entry.Phase, Wait: entry.Wait, Due: moment(entry.Due), HeldBy: entry.HeldBy,
		ExpiresAt: moment(entry.ExpiresAt), Receives: entry.Receives, PayloadRef: l.PayloadRef, Others: others(l),
		bare: l.Timestamp.IsZero() && l.OriginalEndpoint == "" && l.Payload == nil && l.PayloadRef == nil,
	}
	if d.Phase == retry.Done {
		d.Due, d.DeliveredAt = nil, d.Due
	}
	for name, values := range l.Headers {
		if d.Headers == nil {
			d.Headers = map[string][]string{}
		}
		for _, v := range values {
			d.Headers[name] = append(d.Headers[name], deadletter.MaskHeader(name, v))
		}
	}
	for _, at := range l.Attempts {
		d.Attempts = append(d.Attempts, attempt{
			At: at.At, Status: at.Status, LatencyMS: at.Latency.Milliseconds(), Error: at.Error, Response: at.Response,
			RetryAfterS: int64(at.RetryAfter / time.Second),
		})
	}
	if json.Valid(payload) {
		d.Payload = payload
	} else {
		d.PayloadB64 = payload
	}
	return d
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// others are the fields of a letter that it was given by other programs, and keeps.
func others(l *deadletter.Letter) map[string]json.RawMessage {
	bare := l.Clone()
	bare.Payload = nil
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(bare.Encode(), &fields); err != nil {
		return nil
	}
	for _, ours := range []string{
		"id", "timestamp", "original_endpoint", "error_code", "payload", "payload_b64", "payload_ref", "retry_count", "headers", "error",
		"next_attempt_at", "attempts", "source", "parked",
	} {
		delete(fields, ours)
	}
	return fields
}

// remembered is all that "show" can print of a letter that is known by its delivery alone.
type remembered struct {
	ID          string      `json:"id"`
	Phase       retry.Phase `json:"phase"`
	DeliveredAt *time.Time  `json:"delivered_at"`
}

func (a *app) printDetail(format string, d detail) error {
	if format == "table" {
		return d.print(a.stdout)
	}
	indent := ""
	if format == "json" {
		indent = "  "
	}
	if d.bare {
		return printed(encode(a.stdout, remembered{d.ID, d.Phase, d.DeliveredAt}, indent))
	}
	return printed(encode(a.stdout, d, indent))
}

// print writes it for people. All text from outside is made safe here.
func (d detail) print(to io.Writer) error {
	t := table{{"id", plain.Line(d.ID)}}
	line := func(name, value string) {
		if value != "" {
			t.add([]string{name, value})
		}
	}
	line("phase", d.standing())
	if d.bare {
		line("letter", "no more of it is remembered")
		_, err := io.WriteString(to, t.String())
		return printed(err)
	}
	line("endpoint", d.Endpoint)
	line("source", d.Source)
	line("failed", d.Timestamp.Format(time.RFC3339))
	line("why", d.why())
	line("tries", strconv.Itoa(d.RetryCount))
	if d.ParkedAt != nil {
		line("parked", d.ParkedAt.Format(time.RFC3339)+" as "+d.Reason)
	}
	if d.ExpiresAt != nil {
		line("expires", d.ExpiresAt.Format(time.RFC3339))
	}
	for _, name := range slices.Sorted(maps.Keys(d.Others)) {
		line(name, string(d.Others[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(d.Headers)) {
		line("header", name+": "+strings.Join(d.Headers[name], ", "))
	}
	_, err := io.WriteString(to, t.String()+d.attempts()+d.payload())
	return printed(err)
}

// standing says where the letter is, and what it waits for.
func (d detail) standing() string {
	said := string(d.Phase)
	if d.Wait != "" {
		said += ", " + string(d.Wait)
	}
	if d.HeldBy != "" {
		said += " by " + d.HeldBy
	}
	switch {
	case d.DeliveredAt != nil:
		said += " " + d.DeliveredAt.Format(time.RFC3339)
	case d.Due != nil:
		said += " until " + d.Due.Format(time.RFC3339)
	case d.NextAttemptAt != nil && d.Reason == "":
		said += ", not before " + d.NextAttemptAt.Format(time.RFC3339)
	}
	return said
}

func (d detail) why() string {
	status := strconv.Itoa(d.Status)
	if d.Status == 0 || strings.HasPrefix(d.Error, status) {
		return d.Error
	}
	return strings.TrimSpace(status + " " + d.Error)
}

func (d detail) attempts() string {
	if len(d.Attempts) == 0 {
		return ""
	}
	t := table{{"ATTEMPT", "STATUS", "TOOK", "ERROR", "RESPONSE"}}
	for _, at := range d.Attempts {
		t.add([]string{at.At.Format(time.RFC3339), strconv.Itoa(at.Status), fmt.Sprintf("%d ms", at.LatencyMS), cmp.Or(at.Error, "-"), cmp.Or(at.Response, "-")})
	}
	return "\n" + t.String()
}

// payload is the payload, indented where that is possible.
func (d detail) payload() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nPAYLOAD, %d bytes", d.PayloadBytes)
	if d.PayloadRef != nil {
		fmt.Fprintf(&b, ", kept in %s", plain.Line(d.PayloadRef.Bucket+"/"+d.PayloadRef.Key))
	}
	text := d.PayloadB64
	var indented bytes.Buffer
	if json.Indent(&indented, d.Payload, "", "  ") == nil {
		text = indented.Bytes()
	}
	return b.String() + "\n" + strings.Join(plain.Lines(string(text)), "\n") + "\n"
}
