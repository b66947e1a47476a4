package localsqs

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// kind is the first byte of each record in the log. A number, once used, keeps its meaning.
type kind byte

const (
	kindQueue     kind = 1 // a queue's definition, new or changed: JSON
	kindQueueGone kind = 2 // queue
	kindMessage   kind = 3 // queue, seq, sent, visible at, the stored message
	kindLease     kind = 4 // queue, seq, and the lease as it is from now on
	kindRemoved   kind = 5 // queue, how many, seqs: deleted, purged or expired
	kindMoved     kind = 6 // queue, seq, first received, receives of a message that is there no more, and the record of what it is now

	kindFIFOMessage kind = 7  // as kindMessage, with group and deduplication id before the stored message
	kindTask        kind = 8  // a move task as it is from now on: JSON
	kindAccepted    kind = 9  // queue, seq, sent, group, deduplication id, message id: what a duplicate is told by
	kindNext        kind = 10 // the next seq, the next queue: none below is used again
	kindKept        kind = 11 // a lease, and the record of the message that has it: what is written again to free a segment
)

var errMalformed = errors.New("malformed record")

// definition is a queue as it is stored.
type definition struct {
	ID         uint64            `json:"id"` // never used twice, unlike the name
	Name       string            `json:"name"`
	Created    instant           `json:"created"`
	Modified   instant           `json:"modified"`
	Attributes map[string]string `json:"attributes"` // those that were set; the others have their default
	Tags       map[string]string `json:"tags,omitempty"`
}

func (d definition) record() ([]byte, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode queue %q: %w", d.Name, err)
	}
	return append([]byte{byte(kindQueue)}, text...), nil
}

func queueGoneRecord(id uint64) []byte {
	return binary.AppendUvarint([]byte{byte(kindQueueGone)}, id)
}

func leaseRecord(queueID, seq uint64, l lease) []byte {
	return appendLease(binary.AppendUvarint(binary.AppendUvarint([]byte{byte(kindLease)}, queueID), seq), l)
}

func appendLease(b []byte, l lease) []byte {
	for _, v := range []uint64{uint64(l.visibleAt), uint64(l.receivedAt), uint64(l.firstReceived), l.receives, l.nonce} { //nolint:gosec // moments since 1970
		b = binary.AppendUvarint(b, v)
	}
	return b
}

func removedRecord(queueID uint64, gone []*message) []byte {
	b := binary.AppendUvarint([]byte{byte(kindRemoved)}, queueID)
	b = binary.AppendUvarint(b, uint64(len(gone)))
	for _, m := range gone {
		b = binary.AppendUvarint(b, m.seq)
	}
	return b
}

func acceptedRecord(queueID uint64, a *acceptance) []byte {
	b := []byte{byte(kindAccepted)}
	for _, v := range []uint64{queueID, a.seq, uint64(a.sent)} { //nolint:gosec // moments since 1970
		b = binary.AppendUvarint(b, v)
	}
	return appendString(appendIdentity(b, a.identity), a.messageID)
}

// origin is where a moved message was, and what it keeps of its lease there.
type origin struct {
	queueID, seq  uint64
	firstReceived instant
	receives      uint64
}

// movedRecord holds a whole message record, so that it stands for itself when the one of the origin is given back.
func movedRecord(o origin, message []byte) []byte {
	b := append(make([]byte, 0, len(message)+32), byte(kindMoved))
	for _, v := range []uint64{o.queueID, o.seq, uint64(o.firstReceived), o.receives} { //nolint:gosec // moments since 1970
		b = binary.AppendUvarint(b, v)
	}
	return append(b, message...)
}

func (f *fields) origin() origin {
	return origin{queueID: f.number(), seq: f.number(), firstReceived: f.instant(), receives: f.number()}
}

// keptRecord is a message's record as it is written again. The lease is in it, not in one of its own: a kill amid the write
// would leave a message without its receives.
func keptRecord(l lease, record []byte) []byte {
	record = unkept(record)
	if l.nonce == 0 {
		return record
	}
	b := append(make([]byte, 0, len(record)+64), byte(kindKept))
	return append(appendLease(b, l), record...)
}

// unkept returns the record that a message had before it was written again.
func unkept(record []byte) []byte {
	if len(record) == 0 || kind(record[0]) != kindKept {
		return record
	}
	f := &fields{rest: record[1:]}
	f.lease()
	return f.rest
}

// unmoved returns the record of the message that a record holds: itself, if the message never moved.
func unmoved(record []byte) []byte {
	if len(record) == 0 || kind(record[0]) != kindMoved {
		return record
	}
	f := &fields{rest: record[1:]}
	f.origin()
	return f.rest
}

func nextRecord(seq, queueID uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint([]byte{byte(kindNext)}, seq), queueID)
}

// envelope is the part of a message record that the index is made of.
type envelope struct {
	queueID, seq    uint64
	sent, visibleAt instant
}

// content is the part of a message record that only a receive reads.
type content struct {
	ID         string
	Attributes map[string]attribute // the sender's
	System     map[string]string    // SenderId and the like
	Body       string
}

func messageRecord(e envelope, c content) []byte {
	return appendContent(appendEnvelope(newRecord(kindMessage, c), e), c)
}

func fifoRecord(e envelope, id identity, c content) []byte {
	b := appendEnvelope(newRecord(kindFIFOMessage, c), e)
	return appendContent(appendIdentity(b, id), c)
}

// newRecord begins a record that c will most likely fit in.
func newRecord(k kind, c content) []byte {
	return append(make([]byte, 0, 512+len(c.Body)), byte(k))
}

func appendEnvelope(b []byte, e envelope) []byte {
	for _, v := range []uint64{e.queueID, e.seq, uint64(e.sent), uint64(e.visibleAt)} { //nolint:gosec // moments since 1970
		b = binary.AppendUvarint(b, v)
	}
	return b
}

func appendIdentity(b []byte, id identity) []byte {
	return appendString(appendString(b, id.group), id.deduplication)
}

func appendContent(b []byte, c content) []byte {
	b = appendString(b, c.ID)
	b = binary.AppendUvarint(b, uint64(len(c.Attributes)))
	for name, a := range c.Attributes {
		b = appendString(appendString(appendString(b, name), a.DataType), string(a.value()))
	}
	b = binary.AppendUvarint(b, uint64(len(c.System)))
	for name, value := range c.System {
		b = appendString(appendString(b, name), value)
	}
	return appendString(b, c.Body)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// fields reads a record from front to back. After the first error it yields zeros, and err says why.
type fields struct {
	rest []byte
	err  error
}

func (f *fields) number() uint64 {
	v, n := binary.Uvarint(f.rest)
	if n <= 0 {
		f.fail()
		return 0
	}
	f.rest = f.rest[n:]
	return v
}

func (f *fields) instant() instant { return instant(f.number()) } //nolint:gosec // written from one

// count is a number of things that follow, each of at least a byte.
func (f *fields) count() int {
	n := f.number()
	if n > uint64(len(f.rest)) {
		f.fail()
		return 0
	}
	return int(n) //nolint:gosec // bounded above
}

func (f *fields) text() string {
	n := f.number()
	if n > uint64(len(f.rest)) {
		f.fail()
		return ""
	}
	s := string(f.rest[:n])
	f.rest = f.rest[n:]
	return s
}

func (f *fields) fail() { f.rest, f.err = nil, errMalformed }

func (f *fields) envelope() envelope {
	return envelope{queueID: f.number(), seq: f.number(), sent: f.instant(), visibleAt: f.instant()}
}

func (f *fields) identity() identity { return identity{group: f.text(), deduplication: f.text()} }

func (f *fields) lease() lease {
	return lease{visibleAt: f.instant(), receivedAt: f.instant(), firstReceived: f.instant(), receives: f.number(), nonce: f.number()}
}

func (f *fields) content() content {
	c := content{ID: f.text()}
	if n := f.count(); n > 0 {
		c.Attributes = make(map[string]attribute, n)
		for range n {
			name, dataType := f.text(), f.text()
			c.Attributes[name] = newAttribute(dataType, []byte(f.text()))
		}
	}
	if n := f.count(); n > 0 {
		c.System = make(map[string]string, n)
		for range n {
			name := f.text()
			c.System[name] = f.text()
		}
	}
	c.Body = f.text()
	return c
}

// parseContent reads what messageRecord, fifoRecord, movedRecord or keptRecord wrote. What a FIFO queue goes by is among the
// system attributes.
func parseContent(record []byte) (content, error) {
	record = unmoved(unkept(record))
	if !isMessage(record) {
		return content{}, errMalformed
	}
	f := &fields{rest: record[1:]}
	e := f.envelope()
	if kind(record[0]) == kindMessage {
		c := f.content()
		return c, f.err
	}
	id, c := f.identity(), f.content()
	if c.System == nil {
		c.System = map[string]string{}
	}
	c.System["MessageGroupId"] = id.group
	c.System["MessageDeduplicationId"] = id.deduplication
	c.System["SequenceNumber"] = sequenceNumber(e.seq)
	return c, f.err
}

// takeIdentity takes what a FIFO queue goes by out of the system attributes again, where there are some then.
func (c *content) takeIdentity(fifo bool) identity {
	if c.System == nil {
		c.System = map[string]string{}
	}
	if !fifo {
		return identity{}
	}
	id := identity{c.System["MessageGroupId"], c.System["MessageDeduplicationId"]}
	for _, name := range []string{"MessageGroupId", "MessageDeduplicationId", "SequenceNumber"} {
		delete(c.System, name)
	}
	return id
}

// isMessage reports whether a record, unmoved, is a message, whatever the type of its queue.
func isMessage(record []byte) bool {
	return len(record) > 0 && (kind(record[0]) == kindMessage || kind(record[0]) == kindFIFOMessage)
}
