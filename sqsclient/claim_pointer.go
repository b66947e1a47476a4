package sqsclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	"rehook/retry/deadletter"
)

// pointersWithin is how long the bodies that one receive brought may take to be read, so that their leases outlast it.
const pointersWithin = 10 * time.Second

// pointer is a message of Amazon's Extended Client Library, whose whole body lies in S3.
type pointer struct {
	Bucket string `json:"s3BucketName"`
	Key    string `json:"s3Key"`
}

// pointerTypes are the names that its versions give it.
var pointerTypes = map[string]bool{
	"software.amazon.payloadoffloading.PayloadS3Pointer": true,
	"com.amazon.sqs.javamessaging.MessageS3Pointer":      true,
}

// sizeAttributes say how large the body in S3 is; they mark such a message, and belong to no other.
var sizeAttributes = []string{"ExtendedPayloadSize", "SQSLargePayloadSize"}

// pointerOf reads a body as a pointer; nil if it is none.
func pointerOf(body []byte) *pointer {
	var parts []json.RawMessage
	if len(body) == 0 || body[0] != '[' || json.Unmarshal(body, &parts) != nil || len(parts) != 2 {
		return nil
	}
	var name string
	var p pointer
	if json.Unmarshal(parts[0], &name) != nil || !pointerTypes[name] || json.Unmarshal(parts[1], &p) != nil || p.Key == "" {
		return nil
	}
	return &p
}

// follow reads the bodies that lie in S3. A letter whose body cannot be had is as it was, and says why. It gives what
// the stores said that could not be asked, each in the place of its lease. The objects are another program's: they stay.
func (c *claims) follow(ctx context.Context, leases []deadletter.Lease) []error {
	ctx, cancel := context.WithTimeout(ctx, pointersWithin)
	defer cancel()
	errs := make([]error, len(leases))
	var reads sync.WaitGroup
	for i := range leases {
		if leases[i].Letter.OriginalEndpoint != "" {
			continue
		}
		if p := pointerOf(leases[i].Letter.Payload); p != nil {
			reads.Go(func() { errs[i] = c.followOne(ctx, &leases[i], p) })
		}
	}
	reads.Wait()
	return errs
}

func (c *claims) followOne(ctx context.Context, l *deadletter.Lease, p *pointer) error {
	ref := &deadletter.PayloadRef{Bucket: p.Bucket, Key: p.Key}
	body, err := c.fetch(ctx, ref, sizeOf(l.Attributes, c.bytes))
	if err == nil {
		l.Letter = deadletter.Read(body, l.Attributes, l.MessageID)
		l.Attributes = maps.Clone(l.Attributes)
		for _, name := range sizeAttributes {
			delete(l.Attributes, name) // the body that replaces this one is no pointer
		}
		return nil
	}
	err = fmt.Errorf("read the body of message %q from %s: %w", l.MessageID, named(ref), err)
	unread := l.Letter.Clone()
	unread.Source, unread.Error = deadletter.SourceUnreadable, err.Error() // there is nothing to send to any endpoint
	l.Letter = unread
	if errors.Is(err, deadletter.ErrNoPayload) {
		return nil
	}
	return err
}

// sizeOf is what the message says of the size of its body, else the most that it may have.
func sizeOf(attributes map[string]deadletter.Attribute, most int64) size {
	for _, name := range sizeAttributes {
		if n, err := strconv.ParseInt(attributes[name].String, 10, 64); err == nil {
			return size{n, true}
		}
	}
	return size{most, false}
}
