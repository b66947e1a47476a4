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
)

var errMalformed = errors.New("malformed record")

// definition is a queue as it is stored.
type definition struct {
	ID         uint64            `json:"id"` // never used twice, unlike the name
	Name       string            `json:"name"`
	Created    instant           `json:"created"`
	Modified   instant           `json:"modified"`
	Attributes map[string]string `json:"attributes"` // those that were set; the others have their default
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
	b := []byte{byte(kindLease)}
	for _, v := range []uint64{queueID, seq, uint64(l.visibleAt), uint64(l.receivedAt), uint64(l.firstReceived), l.receives, l.nonce} { //nolint:gosec // moments since 1970
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
	b := make([]byte, 0, 256+len(c.Body))
	b = append(b, byte(kindMessage))
	for _, v := range []uint64{e.queueID, e.seq, uint64(e.sent), uint64(e.visibleAt)} { //nolint:gosec // moments since 1970
		b = binary.AppendUvarint(b, v)
	}
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

// parseContent reads what messageRecord wrote.
func parseContent(record []byte) (content, error) {
	if len(record) == 0 || kind(record[0]) != kindMessage {
		return content{}, errMalformed
	}
	f := &fields{rest: record[1:]}
	f.envelope()
	c := f.content()
	return c, f.err
}
