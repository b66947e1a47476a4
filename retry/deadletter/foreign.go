package deadletter

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"
)

// Sources of a letter that did not come from our listener.
const (
	SourceEventBridge = "eventbridge" // an event of Amazon EventBridge, mostly out of the dead letter queue of a rule
	SourceSNS         = "sns"         // the message of an SNS notification
	SourceLambda      = "lambda"      // the event of an asynchronous invocation that failed
	SourceBare        = "bare"        // JSON that is no letter: it names no endpoint
	SourceUnreadable  = "unreadable"  // not JSON at all
)

// Sources are those of letters that were read from bodies of other programs, and name no endpoint until they are
// given one. A body that cannot be read is not one of them.
func Sources() []string { return []string{SourceEventBridge, SourceSNS, SourceLambda, SourceBare} }

// format is how another program writes what it could not deliver.
type format struct {
	source string
	detect func(m *foreign) bool
	decode func(m *foreign) *Letter
}

// formats are in the order in which they are tried. A message's attributes tell more surely than its body what
// happened to it; but a notification may have any.
func formats() []format {
	return []format{
		{SourceEventBridge, isEventBridgeDeadLetter, readEventBridge},
		{SourceSNS, isNotification, readNotification},
		{SourceLambda, isLambdaDeadLetter, readLambdaDeadLetter},
		{SourceLambda, isInvocationRecord, readInvocationRecord},
		{SourceEventBridge, isEvent, readEventBridge},
	}
}

// foreign is a message of another program, whose body is JSON.
type foreign struct {
	body       []byte
	members    object
	attributes map[string]Attribute
}

// readForeign reads a body that is no letter, for the reason given. Text that is not UTF-8 is not taken apart, so
// that its payload is the body to the byte.
func readForeign(body []byte, attributes map[string]Attribute, reason error) *Letter {
	if !valid(body) {
		return &Letter{Payload: body, Source: SourceUnreadable, Error: reason.Error()}
	}
	m := &foreign{body: body, attributes: attributes}
	if utf8.Valid(body) {
		m.members = objectOf(trimSpace(body))
	}
	for _, f := range formats() {
		if f.detect(m) {
			l := f.decode(m)
			l.Source = f.source
			return l
		}
	}
	l := m.whole()
	l.Source, l.Error = SourceBare, reason.Error()
	return l
}

// whole is the letter whose payload is the body as it is.
func (m *foreign) whole() *Letter {
	return &Letter{Payload: m.body, Headers: contentType("application/json")}
}

// inside is the letter whose payload is one member of the body, or what that member says. The other members are kept
// in a field of the letter that is not ours, all in one, since they may have the names of ours; and so is the member
// itself where the payload is not exact, and may not give it back.
func (m *foreign) inside(member, payload []byte, exact bool) *Letter {
	rest := []byte{'{'}
	for key, value := range members(trimSpace(m.body)) {
		if exact && &value[0] == &member[0] {
			continue
		}
		if len(rest) > 1 {
			rest = append(rest, ',')
		}
		rest = append(append(append(rest, key...), ':'), value...)
	}
	return &Letter{
		Payload: payload, Headers: contentType("application/json"),
		extra: []rawField{{[]byte(`"envelope"`), append(rest, '}')}},
	}
}

func contentType(t string) Headers { return Headers{"Content-Type": {t}} }

func (m *foreign) has(attribute string) bool {
	_, ok := m.attributes[attribute]
	return ok
}

func (m *foreign) attribute(name string) string { return m.attributes[name].String }

// object is the members of a JSON object by name, each as it is written. Of several with one name it is the last.
type object map[string][]byte

// objectOf gives no members of a value that is no object.
func objectOf(v []byte) object {
	if len(v) == 0 || v[0] != '{' {
		return nil
	}
	o := object{}
	for key, value := range members(v) {
		if name, err := unquote(key); err == nil {
			o[name] = value
		}
	}
	return o
}

// text gives a string, "" for a member that is none.
func (o object) text(name string) string {
	v := o[name]
	if len(v) == 0 {
		return ""
	}
	s, err := readString(v)
	if err != nil {
		return ""
	}
	return s
}

func (o object) time(name string) time.Time {
	t, err := readTime(o[name])
	if err != nil {
		return time.Time{}
	}
	return t
}

// fitID gives an id that another program gave, if it looks as UUIDs do, which nobody uses twice; else "".
func fitID(s string) string {
	const pattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if len(s) != len(pattern) {
		return ""
	}
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if letter == (pattern[i] == '-') || !letter && c != '-' {
			return ""
		}
	}
	return s
}

// apart is the id of a dead letter of which there may be one for each receiver, all with the id of what was sent and
// with the same body. They are not copies of each other, and must not be taken for such: each has an id of its own,
// and always the same one.
func apart(id string, receivers ...string) string {
	receiver := strings.Join(receivers, "\n")
	if id == "" || strings.Trim(receiver, "\n") == "" {
		return id
	}
	sum := sha256.Sum256([]byte(id + "\n" + receiver))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // RFC 9562, 5.8: a UUID of our own making
	h := hex.EncodeToString(sum[:16])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// failedStatus is the status of an HTTP answer that was no success, 0 for every other code.
func failedStatus(code string) int {
	n, err := readInt([]byte(code))
	if err != nil || n < 300 || n > 599 {
		return 0
	}
	return n
}

// saidBytes bounds what a letter repeats of an error that stands elsewhere too.
const saidBytes = 1024

// said joins what another program said of a failure, as far as it said it.
func said(parts ...string) string {
	var given []string
	for _, p := range parts {
		if p = strings.TrimSpace(strings.ToValidUTF8(p, "\ufffd")); p != "" {
			given = append(given, p)
		}
	}
	s := strings.Join(given, ": ")
	if len(s) <= saidBytes {
		return s
	}
	return strings.ToValidUTF8(s[:saidBytes], "") + "…" // cut between two characters
}
