package localsqs_test

import (
	"crypto/md5" //nolint:gosec // SQS's checksum
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

func md5Of(s string) string {
	sum := md5.Sum([]byte(s)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

func TestBodyComesBackByteForByte(t *testing.T) {
	bodies := []string{
		"m", " leading and trailing ", "\t\n\r", "a\rb", "a\r\nb", "a\nb", `<a href="x">&amp;</a>`, "]]>", "<![CDATA[x]]>", "<?xml version=\"1.0\"?>",
		`{"foo": "ba\rr", "foo2": "ba&quot;r&quot;"}`, "+ and %2B and %", "a=b&c=d", "größe", "日本語", "\U0001F600", "\u0085\u2028\u2029\u00a0", "\ufffd\ufeff\ue000",
		`\u0041`, `"quoted"`, "'", strings.Repeat("x", 100_000),
	}
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		for _, body := range bodies {
			c.send(url, body).is("MD5OfMessageBody", md5Of(body))
			got := c.receive(url)
			got.has(1, "Messages")
			got.is("Messages/0/Body", body, "Messages/0/MD5OfBody", md5Of(body))
			c.ok("DeleteMessage", params{"QueueUrl": url, "ReceiptHandle": got.at("Messages/0/ReceiptHandle")})
		}
		if got := c.attribute(url, "ApproximateNumberOfMessages"); got != "0" {
			c.t.Error(got)
		}
	})
}

func TestSentMessageHasAnIDAndDigests(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		sent := c.send(url, "This is a test message")
		sent.is("MD5OfMessageBody", "fafb00f5732ab283681e124bf8747ed1", "MD5OfMessageAttributes", "", "SequenceNumber", "")
		if !regexp.MustCompile(`^[0-9a-f-]{36}$`).MatchString(sent.at("MessageId")) {
			c.t.Errorf("id %q", sent.at("MessageId"))
		}
		c.receive(url).is("Messages/0/MessageId", sent.at("MessageId"), "Messages/0/MD5OfMessageAttributes", "", "Messages/0/MessageAttributes", "")
	})
}

// allTypes is a message with an attribute of each type.
const (
	allTypesDigest = "a76c56972c75da5a6ef7238171662fad" // by AWS's rules, computed elsewhere
	traceDigest    = "62a56dd927315f2b2e12832b84617ea5"
)

var allTypes = params{
	"timestamp": params{"DataType": "Number", "StringValue": "1493147359900"},
	"labelled":  params{"DataType": "Number.byte", "StringValue": "7"},
	"text":      params{"DataType": "String", "StringValue": "größe\r\n<&>"},
	"bytes":     params{"DataType": "Binary.png", "BinaryValue": []byte{0, 1, 0xfe, 0xff}},
}

func TestDigestOfAttributesIsTheOneThatAWSDocuments(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		in := params{"QueueUrl": url, "MessageBody": "m", "MessageAttributes": params{"timestamp": allTypes["timestamp"]}}
		c.ok("SendMessage", in).is("MD5OfMessageAttributes", "235c5c510d26fb653d073faed50ae77c")
		c.receive(url).is("Messages/0/MD5OfMessageAttributes", "235c5c510d26fb653d073faed50ae77c")
	})
}

func TestAttributesOfEveryTypeComeBack(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		sent := c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": "m", "MessageAttributes": allTypes})
		sent.is("MD5OfMessageAttributes", allTypesDigest)
		got := c.receive(url)
		got.has(4, "Messages/0/MessageAttributes")
		got.is(
			"Messages/0/MD5OfMessageAttributes", allTypesDigest,
			"Messages/0/MessageAttributes/timestamp/DataType", "Number",
			"Messages/0/MessageAttributes/timestamp/StringValue", "1493147359900",
			"Messages/0/MessageAttributes/labelled/DataType", "Number.byte",
			"Messages/0/MessageAttributes/text/StringValue", "größe\r\n<&>",
			"Messages/0/MessageAttributes/bytes/DataType", "Binary.png",
			"Messages/0/MessageAttributes/bytes/BinaryValue", base64.StdEncoding.EncodeToString([]byte{0, 1, 0xfe, 0xff}),
			"Messages/0/MessageAttributes/bytes/StringValue", "",
		)
	})
}

func TestAttributesAreChosenByNameAndPrefix(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", params{"VisibilityTimeout": "0"})
		attributes := params{}
		for _, name := range []string{"a", "a.1", "a.2", "b", "ab"} {
			attributes[name] = params{"DataType": "String", "StringValue": "v"}
		}
		c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": "m", "MessageAttributes": attributes})
		for _, one := range []struct {
			names list
			n     int
		}{
			{nil, 0},
			{list{"b"}, 1},
			{list{"b", "a"}, 2},
			{list{"a.*"}, 4}, // what begins with "a", dot or not
			{list{"a.*", "b"}, 5},
			{list{"All"}, 5},
			{list{".*"}, 5},
			{list{"*"}, 5},
			{list{"nowhere"}, 0},
			{list{"B"}, 0},
			{list{"b", "b"}, 1},
		} {
			in := params{"QueueUrl": url}
			if one.names != nil {
				in["MessageAttributeNames"] = one.names
			}
			got := c.ok("ReceiveMessage", in)
			got.has(1, "Messages")
			if n := got.count("Messages/0/MessageAttributes"); n != one.n {
				c.t.Errorf("%v: %d attributes, want %d", one.names, n, one.n)
			}
			if hasDigest := got.at("Messages/0/MD5OfMessageAttributes") != ""; hasDigest != (one.n > 0) {
				c.t.Errorf("%v: digest %q", one.names, got.at("Messages/0/MD5OfMessageAttributes"))
			}
		}
	})
}

func TestSystemAttributesAreThoseThatAreNamed(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", params{"VisibilityTimeout": "0"})
		sentAt := strconv.FormatInt(time.Now().UnixMilli(), 10)
		c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": "m", "MessageGroupId": "tenant-7", "MessageSystemAttributes": params{
			"AWSTraceHeader": params{"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"},
		}}).is("MD5OfMessageSystemAttributes", traceDigest)
		c.ok("ReceiveMessage", params{"QueueUrl": url}).has(0, "Messages/0/Attributes")
		for _, parameter := range []string{"AttributeNames", "MessageSystemAttributeNames"} {
			got := c.ok("ReceiveMessage", params{"QueueUrl": url, parameter: list{"SentTimestamp", "AWSTraceHeader"}})
			got.has(2, "Messages/0/Attributes")
			got.is("Messages/0/Attributes/SentTimestamp", sentAt, "Messages/0/Attributes/AWSTraceHeader", "Root=1-5759e988-bd862e3fe1be46a994272793")
		}
		got := c.ok("ReceiveMessage", params{"QueueUrl": url, "MessageSystemAttributeNames": list{"All"}})
		got.is("Messages/0/Attributes/ApproximateReceiveCount", "4", "Messages/0/Attributes/MessageGroupId", "tenant-7")
		if got.at("Messages/0/Attributes/SenderId") == "" || got.at("Messages/0/Attributes/SequenceNumber") != "" {
			c.t.Errorf("%s", got.text)
		}
	})
}
