package deadletter

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// FormatError says why a body is no letter.
type FormatError struct {
	Field  string // the member that is missing or wrong; "" for the whole body
	Reason string
}

func (e *FormatError) Error() string {
	if e.Field == "" {
		return "not a letter: " + e.Reason
	}
	return fmt.Sprintf("not a letter: %q %s", e.Field, e.Reason)
}

// Read gives a letter for any message there is, so that nothing is dropped: where [Decode] cannot, its body is read
// as other programs write them, with what its attributes say, and at worst the whole body becomes the payload. Such
// a letter has a Source and no endpoint; what its payload leaves out of the body is kept in a field "envelope". A
// letter without an id gets that of its message.
func Read(body []byte, attributes map[string]Attribute, messageID string) *Letter {
	l, err := Decode(body)
	if err != nil {
		l = readForeign(body, attributes, err)
	}
	if l.ID == "" {
		l.ID = messageID
	}
	return l
}

// Decode reads a letter. It asks for no more than an object with an endpoint and a payload, as simple
// tools write it; of the other fields, one that cannot be understood is kept as it is and otherwise
// ignored. The letter shares body's memory: do not change it afterwards. The error is a [*FormatError].
func Decode(body []byte) (*Letter, error) {
	if !valid(body) {
		return nil, &FormatError{Reason: "it is not JSON"}
	}
	top := trimSpace(body)
	if top[0] != '{' {
		return nil, &FormatError{Reason: "it is not a JSON object"}
	}
	l := &Letter{}
	var hasEndpoint, hasPayload, exact bool
	for key, value := range members(top) {
		name, err := fieldName(key)
		if name == "payload" && exact || optional(name) && string(value) == "null" {
			continue // payload_b64 stands in its place; or some tools write what they do not have as null
		}
		if err == nil {
			err = l.set(name, value)
		}
		if fe, ok := errors.AsType[*FormatError](err); ok {
			return nil, fe
		}
		if err != nil {
			l.keep(name, key, value)
			continue
		}
		exact = exact || name == "payload_b64"
		hasEndpoint = hasEndpoint || name == "original_endpoint"
		hasPayload = hasPayload || name == "payload" || name == "payload_b64" || name == "payload_ref"
	}
	switch {
	case !hasEndpoint:
		return nil, &FormatError{"original_endpoint", "is missing"}
	case !hasPayload:
		return nil, &FormatError{"payload", "is missing"}
	}
	return l, nil
}

// fieldNames are those of a letter as other programs write them too, so that to read one costs no memory.
var fieldNames = map[string]string{
	`"id"`: "id", `"timestamp"`: "timestamp", `"original_endpoint"`: "original_endpoint", `"error_code"`: "error_code",
	`"payload"`: "payload", `"payload_b64"`: "payload_b64", `"payload_ref"`: "payload_ref", `"retry_count"`: "retry_count",
	`"headers"`: "headers", `"error"`: "error", `"next_attempt_at"`: "next_attempt_at", `"attempts"`: "attempts",
	`"source"`: "source", `"parked"`: "parked",
}

func fieldName(key []byte) (string, error) {
	if name, ok := fieldNames[string(key)]; ok {
		return name, nil
	}
	return unquote(key)
}

// optional reports whether a member of ours may be left out.
func optional(name string) bool {
	switch name {
	case "payload_b64", "payload_ref", "headers", "error", "next_attempt_at", "attempts", "source", "parked", "edited":
		return true
	default:
		return false
	}
}

// errKeep says that a member is not ours, or not in a form that we read: it is kept as it is.
var errKeep = errors.New("kept as it is")

// set reads one member. A [*FormatError] means that there is no letter without it.
func (l *Letter) set(name string, v []byte) (err error) {
	switch name {
	case "id":
		l.ID, err = readID(v)
	case "timestamp":
		l.Timestamp, err = readTime(v)
	case "original_endpoint":
		if l.OriginalEndpoint, err = readString(v); err != nil {
			return &FormatError{name, "is not a string"}
		}
	case "error_code":
		l.ErrorCode, err = readInt(v)
	case "payload":
		l.Payload = v
	case "payload_b64":
		if l.Payload, err = readBase64(v); err != nil {
			return &FormatError{name, "is not base64"}
		}
	case "payload_ref":
		if l.PayloadRef, err = readRef(v); err != nil {
			return &FormatError{name, "is not a claim check: bucket, key, size, sha256"}
		}
	case "retry_count":
		l.RetryCount, err = readInt(v)
		l.RetryCount = max(l.RetryCount, 0)
	case "headers":
		l.Headers, err = readHeaders(v)
	case "error":
		l.Error, err = readString(v)
	case "next_attempt_at":
		l.NextAttemptAt, err = readTime(v)
	case "attempts":
		l.Attempts, err = readAttempts(v)
	case "source":
		l.Source, err = readString(v)
	case "parked":
		l.Parked, err = readParked(v)
	case "edited":
		l.Edited, err = readEdited(v)
	default:
		return errKeep
	}
	return err
}

// keep remembers a member for the next rewrite, unless it is one that Encode always writes.
func (l *Letter) keep(name string, key, value []byte) {
	switch name {
	case "id", "timestamp", "error_code", "retry_count":
		return
	}
	l.extra = append(l.extra, rawField{key, value})
}

func readID(v []byte) (string, error) {
	if v[0] == '"' {
		return readString(v)
	}
	if _, err := readInt(v); err != nil {
		return "", err
	}
	return string(v), nil
}

func readString(v []byte) (string, error) {
	if v[0] != '"' {
		return "", errKeep
	}
	return unquote(v)
}

func unquote(v []byte) (s string, err error) {
	if bytes.IndexByte(v, '\\') < 0 && xmlSafe(v) {
		return string(v[1 : len(v)-1]), nil
	}
	err = json.Unmarshal(v, &s)
	return s, err
}

// readInt reads a whole number, also one written as a string or with a fraction of zero.
func readInt(v []byte) (int, error) {
	f, err := strconv.ParseFloat(string(bytes.Trim(v, `"`)), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		return 0, errKeep
	}
	return int(f), nil
}

func readBase64(v []byte) ([]byte, error) {
	s, err := readString(v)
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if b == nil {
		b = []byte{}
	}
	return b, err
}

func readRef(v []byte) (*PayloadRef, error) {
	ref := &PayloadRef{}
	if err := json.Unmarshal(v, ref); err != nil {
		return nil, err
	}
	if ref.Key == "" {
		return nil, errKeep
	}
	return ref, nil
}

func readHeaders(v []byte) (Headers, error) {
	if v[0] != '{' {
		return nil, errKeep
	}
	h := Headers{}
	for key, value := range members(v) {
		name, err := unquote(key)
		if err != nil {
			return nil, err
		}
		switch value[0] {
		case '[':
			var values []string
			if json.Unmarshal(value, &values) != nil {
				return nil, errKeep
			}
			h[name] = values
		case '{', 'n':
			return nil, errKeep
		case '"':
			s, err := unquote(value)
			if err != nil {
				return nil, err
			}
			h[name] = []string{s}
		default: // a number or a boolean, as it is written
			h[name] = []string{string(value)}
		}
	}
	return h, nil
}

// attemptJSON is an [Attempt] as it is written.
type attemptJSON struct {
	At          json.RawMessage `json:"at"`
	Status      int             `json:"status"`
	LatencyMS   int64           `json:"latency_ms"`
	Error       string          `json:"error"`
	Response    string          `json:"response"`
	RetryAfterS int64           `json:"retry_after_s"`
}

// secondsMax keeps durations read from outside within what a time.Duration holds.
const secondsMax = math.MaxInt32

func readAttempts(v []byte) ([]Attempt, error) {
	var raw []attemptJSON
	if v[0] != '[' || json.Unmarshal(v, &raw) != nil {
		return nil, errKeep
	}
	if n := len(raw) - KeptAttempts; n > 0 {
		raw = raw[n:]
	}
	attempts := make([]Attempt, 0, len(raw))
	for _, r := range raw {
		at, err := readTime(r.At)
		if err != nil || r.LatencyMS < 0 || r.LatencyMS > secondsMax || r.RetryAfterS < 0 || r.RetryAfterS > secondsMax {
			return nil, errKeep
		}
		attempts = append(attempts, Attempt{
			At: at, Status: r.Status, Latency: time.Duration(r.LatencyMS) * time.Millisecond,
			Error: r.Error, Response: r.Response, RetryAfter: time.Duration(r.RetryAfterS) * time.Second,
		})
	}
	return attempts, nil
}

func readParked(v []byte) (*Parked, error) {
	var raw struct {
		At     json.RawMessage `json:"at"`
		Reason string          `json:"reason"`
	}
	if v[0] != '{' || json.Unmarshal(v, &raw) != nil {
		return nil, errKeep
	}
	at, err := readTime(raw.At)
	if err != nil {
		return nil, err
	}
	return &Parked{At: at, Reason: ParkReason(raw.Reason)}, nil
}

func readEdited(v []byte) (*Edited, error) {
	var raw struct {
		At json.RawMessage `json:"at"`
		By string          `json:"by"`
		Of []string        `json:"of"`
	}
	if v[0] != '{' || json.Unmarshal(v, &raw) != nil || len(raw.Of) > KeptEdits {
		return nil, errKeep
	}
	at, err := readTime(raw.At)
	if err != nil {
		return nil, err
	}
	return &Edited{At: at, By: raw.By, Of: raw.Of}, nil
}
