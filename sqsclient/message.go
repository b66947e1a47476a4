package sqsclient

import (
	"crypto/md5" //nolint:gosec // SQS's checksum against damage on the way, not against an attacker
	"encoding/hex"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/retry/deadletter"
)

// message is what goes into a queue.
type message struct {
	body       string
	attributes map[string]types.MessageAttributeValue
	bytes      int // as SQS counts them: the body, and the names, types and values of the attributes
}

func newMessage(l *deadletter.Letter, attributes map[string]deadletter.Attribute) message {
	m := message{body: string(l.Encode())}
	m.bytes = len(m.body)
	for name, a := range attributes {
		if m.attributes == nil {
			m.attributes = make(map[string]types.MessageAttributeValue, len(attributes))
		}
		m.attributes[name] = attributeTo(a)
		m.bytes += len(name) + len(a.Type) + len(a.String) + len(a.Binary)
	}
	return m
}

func (m message) size() int { return m.bytes }

func attributeTo(a deadletter.Attribute) types.MessageAttributeValue {
	v := types.MessageAttributeValue{DataType: &a.Type}
	if isBinary(a.Type) {
		v.BinaryValue = a.Binary
	} else {
		v.StringValue = &a.String
	}
	return v
}

func attributesFrom(values map[string]types.MessageAttributeValue) map[string]deadletter.Attribute {
	if len(values) == 0 {
		return nil
	}
	attributes := make(map[string]deadletter.Attribute, len(values))
	for name, v := range values {
		attributes[name] = deadletter.Attribute{
			Type:   strings.Clone(aws.ToString(v.DataType)), // as in lease
			String: strings.Clone(aws.ToString(v.StringValue)),
			Binary: v.BinaryValue,
		}
	}
	return attributes
}

// isBinary knows a type with its label, as in "Binary.gzip".
func isBinary(dataType string) bool {
	base, _, _ := strings.Cut(dataType, ".")
	return base == "Binary"
}

var errDamaged = errors.New("the body was damaged on its way: its MD5 differs")

// checkMD5 compares a body with the checksum that SQS made of it. Servers that send none are trusted, as the SDK
// does.
func checkMD5(body []byte, want *string) error {
	if want == nil {
		return nil
	}
	sum := md5.Sum(body) //nolint:gosec // see the import
	var text [2 * md5.Size]byte
	hex.Encode(text[:], sum[:])
	if !strings.EqualFold(string(text[:]), *want) {
		return errDamaged
	}
	return nil
}
