package sqsclient_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/retry/deadletter"
)

// point sends a message as Amazon's Extended Client Library does.
func point(t *testing.T, endpoint, class, bucket, key, attribute string, size int) {
	t.Helper()
	body := fmt.Sprintf(`[%q,{"s3BucketName":%q,"s3Key":%q}]`, class, bucket, key)
	_, err := rawAt(endpoint).SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: aws.String(endpoint + "/000000000000/" + waitingName), MessageBody: &body,
		MessageAttributes: map[string]types.MessageAttributeValue{
			attribute: {DataType: aws.String("Number"), StringValue: aws.String(fmt.Sprint(size))},
			"origin":  {DataType: aws.String("String"), StringValue: aws.String("crm")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

const (
	pointerClass = "software.amazon.payloadoffloading.PayloadS3Pointer"
	oldClass     = "com.amazon.sqs.javamessaging.MessageS3Pointer"
)

func TestPointersOfTheExtendedClientAreFollowed(t *testing.T) {
	for class, attribute := range map[string]string{pointerClass: "ExtendedPayloadSize", oldClass: "SQSLargePayloadSize"} {
		s := newBuckets(t)
		_, endpoint := frontOverTCP(t)
		c := openClaiming(t, endpoint, "s3://"+ownBucket, "s3://"+otherBucket)
		body := large("a", big()).Encode()
		s.set(t, otherBucket, "k", body)
		point(t, endpoint, class, otherBucket, "k", attribute, len(body))
		l := receive(t, c, 1)[0]
		if l.Letter.ID != "a" || !bytes.Equal(l.Letter.Payload, big()) || len(l.Attributes) != 1 || l.Attributes["origin"].String != "crm" {
			t.Errorf("%s: %q with %d bytes and %v", class, l.Letter.ID, len(l.Letter.Payload), l.Attributes)
		}
		if err := c.Replace(t.Context(), l, l.Letter); err != nil { // it is a letter of ours from now on
			t.Fatal(err)
		}
		l = receive(t, c, 1)[0]
		if got, err := c.Payload(t.Context(), l.Letter); err != nil || !bytes.Equal(got, big()) {
			t.Errorf("%s: %d bytes, %v", class, len(got), err)
		}
		if len(s.keys(t, otherBucket)) != 1 {
			t.Error("another program's object was deleted")
		}
	}
}

func TestPointersThatLeadNowhereAreKeptAndSayWhy(t *testing.T) {
	s := newBuckets(t)
	_, endpoint := frontOverTCP(t)
	c := openClaiming(t, endpoint, "s3://"+ownBucket+"/dlq")
	s.set(t, ownBucket, "dlq/k", []byte("twelve bytes"))
	s.set(t, otherBucket, "k", []byte("secret"))
	for _, p := range []struct {
		bucket, key string
		size        int
		why         string
	}{
		{otherBucket, "k", 6, "claims-from"},
		{ownBucket, "elsewhere/k", 6, "claims-from"},
		{ownBucket, "dlq/missing", 6, "not there"},
		{ownBucket, "dlq/k", 6, "6 bytes"},
		{ownBucket, "dlq/k", 1 << 40, "the most"},
	} {
		point(t, endpoint, pointerClass, p.bucket, p.key, "ExtendedPayloadSize", p.size)
		l := receive(t, c, 1)[0]
		if !strings.Contains(l.Letter.Error, p.why) || !strings.Contains(l.Letter.Error, p.key) || !bytes.Contains(l.Letter.Payload, []byte(pointerClass)) {
			t.Errorf("%+v: %q, %q", p, l.Letter.Error, l.Letter.Payload)
		}
		if l.Letter.Source != deadletter.SourceUnreadable { // a route would send the pointer in place of its body
			t.Errorf("%+v: a letter from %q", p, l.Letter.Source)
		}
		if l.Attributes["ExtendedPayloadSize"].Type == "" {
			t.Errorf("%+v: the attribute is gone", p)
		}
		if err := c.Delete(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPointerWhoseStoreIsDownStaysInTheQueue(t *testing.T) {
	s := newBuckets(t)
	_, endpoint := frontOverTCP(t)
	c := openClaiming(t, endpoint, "s3://"+ownBucket)
	s.down.Store(true)
	point(t, endpoint, pointerClass, ownBucket, "k", "ExtendedPayloadSize", 6)
	if got, err := c.Receive(t.Context()); !errors.Is(err, deadletter.ErrBodyAway) || len(got) != 0 {
		t.Errorf("%d letters, %v", len(got), err)
	}
	if d := depth(t, c); d.InFlight != 1 {
		t.Errorf("the queue holds %+v", d)
	}
	point(t, endpoint, pointerClass, ownBucket, "k", "ExtendedPayloadSize", 6)
	send(t, c, letter("b"))
	var ids []string
	for len(ids) == 0 {
		got, err := c.Receive(t.Context())
		if err != nil && !errors.Is(err, deadletter.ErrBodyAway) {
			t.Fatal(err)
		}
		for _, l := range got {
			ids = append(ids, l.Letter.ID)
		}
	}
	if len(ids) != 1 || ids[0] != "b" {
		t.Errorf("received %q", ids)
	}
}

// Looking must work when a store does not, and show the others.
func TestLettersAreLookedAtWhileAStoreIsDown(t *testing.T) {
	s := newBuckets(t)
	_, endpoint := frontOverTCP(t)
	c := openClaiming(t, endpoint, "s3://"+ownBucket)
	point(t, endpoint, pointerClass, ownBucket, "k", "ExtendedPayloadSize", 6)
	l := receive(t, c, 1)[0]
	parked := l.Letter.Clone()
	parked.Parked = &deadletter.Parked{Reason: deadletter.Unreadable}
	if err := c.Park(t.Context(), l, parked); err != nil {
		t.Fatal(err)
	}
	s.down.Store(true)
	got, err := c.ReceiveParked(t.Context())
	if err != nil || len(got) != 1 || got[0].Letter.ID != parked.ID || got[0].Letter.Parked == nil || got[0].Letter.Error != parked.Error {
		t.Errorf("parked: %+v, %v", got, err)
	}
	point(t, endpoint, pointerClass, ownBucket, "k", "ExtendedPayloadSize", 6)
	got, err = c.Glance(t.Context())
	if err != nil || len(got) != 1 || got[0].Letter.Source != deadletter.SourceUnreadable || !strings.Contains(got[0].Letter.Error, ownBucket+"/k") {
		t.Errorf("waiting: %+v, %v", got, err)
	}
}
