package localsqs_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

func (c *conversation) fifo(attributes params) string {
	c.t.Helper()
	return c.queue("letters.fifo", with(params{"FifoQueue": "true"}, attributes))
}

// post sends to a group of a FIFO queue; the body is the deduplication id too.
func (c *conversation) post(url, group, body string) *answer {
	c.t.Helper()
	return c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": body})
}

// bodies are those of an answer's messages.
func (a *answer) bodies() string {
	var all []string
	for i := range a.count("Messages") {
		all = append(all, a.at(fmt.Sprintf("Messages/%d/Body", i)))
	}
	return strings.Join(all, " ")
}

func (a *answer) holds(bodies string) {
	a.t.Helper()
	if got := a.bodies(); got != bodies {
		a.t.Errorf("%s: received %q, want %q", a.asked, got, bodies)
	}
}

const fifoURL = "http://queues/000000000000/letters.fifo"

func posting(more params) params {
	return with(params{"QueueUrl": fifoURL, "MessageBody": "m", "MessageGroupId": "g", "MessageDeduplicationId": "d"}, more)
}

func TestRequestsOnFIFOQueuesThatSQSRefusesAreRefused(t *testing.T) {
	type refused struct {
		request
		want refusal
	}
	create := func(name string, attributes params) params {
		return params{"QueueName": name, "Attributes": attributes}
	}
	set := func(name, value string) params {
		return params{"QueueUrl": fifoURL, "Attributes": params{name: value}}
	}
	cases := []refused{
		{request{"create without .fifo", "CreateQueue", create("another", params{"FifoQueue": "true"})}, badValue},
		{request{"create .fifo without FifoQueue", "CreateQueue", create("another.fifo", nil)}, badValue},
		{request{"create .fifo with a name of 81", "CreateQueue", create(strings.Repeat("q", 76)+".fifo", params{"FifoQueue": "true"})}, badValue},
		{request{"create with nothing but .fifo", "CreateQueue", create(".fifo", params{"FifoQueue": "true"})}, badValue},
		{request{"create with a word for ContentBasedDeduplication", "CreateQueue", create("another.fifo", params{"FifoQueue": "true", "ContentBasedDeduplication": "maybe"})}, badSetting},
		{request{"create with a word for DeduplicationScope", "CreateQueue", create("another.fifo", params{"FifoQueue": "true", "DeduplicationScope": "world"})}, badSetting},
		{request{"create with a word for FifoThroughputLimit", "CreateQueue", create("another.fifo", params{"FifoQueue": "true", "FifoThroughputLimit": "none"})}, badSetting},
		{request{"create a standard queue with ContentBasedDeduplication", "CreateQueue", create("another", params{"ContentBasedDeduplication": "true"})}, badAttribute},
		{request{"create with another ContentBasedDeduplication", "CreateQueue", create("letters.fifo", params{"FifoQueue": "true", "ContentBasedDeduplication": "true"})}, nameExists},
		{request{"set FifoQueue to false", "SetQueueAttributes", set("FifoQueue", "false")}, badSetting},
		{request{"set ContentBasedDeduplication on a standard queue", "SetQueueAttributes", setting("ContentBasedDeduplication", "true")}, badAttribute},
		{request{"set DeduplicationScope on a standard queue", "SetQueueAttributes", setting("DeduplicationScope", "queue")}, badAttribute},
		{request{"send without a group", "SendMessage", posting(params{"MessageGroupId": nil})}, missing},
		{request{"send without a deduplication id", "SendMessage", posting(params{"MessageDeduplicationId": nil})}, badValue},
		{request{"send with a group of 129", "SendMessage", posting(params{"MessageGroupId": strings.Repeat("g", 129)})}, badValue},
		{request{"send with a group that has a space", "SendMessage", posting(params{"MessageGroupId": "a b"})}, badValue},
		{request{"send with a deduplication id of 129", "SendMessage", posting(params{"MessageDeduplicationId": strings.Repeat("d", 129)})}, badValue},
		{request{"send with a deduplication id that has a space", "SendMessage", posting(params{"MessageDeduplicationId": "a b"})}, badValue},
		{request{"send with a delay of its own", "SendMessage", posting(params{"DelaySeconds": 5})}, badValue},
		{request{"send a batch without a group", "SendMessageBatch", params{"QueueUrl": fifoURL, "Entries": list{params{"Id": "a", "MessageBody": "m", "MessageDeduplicationId": "d"}}}}, missing},
		{request{"send a batch without a deduplication id", "SendMessageBatch", params{"QueueUrl": fifoURL, "Entries": list{params{"Id": "a", "MessageBody": "m", "MessageGroupId": "g"}}}}, badValue},
		{request{"send to a standard queue with a deduplication id", "SendMessage", sending(params{"MessageDeduplicationId": "d"})}, badValue},
	}
	prepare := func(c *conversation) {
		c.queue("letters", nil)
		c.fifo(nil)
	}
	askEach(t, prepare, cases,
		func(c refused) request { return c.request },
		func(a *answer, c refused) { a.refused(c.want) })
}

func TestFIFOQueueHasItsAttributes(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.fifo(nil)
		c.ok("GetQueueAttributes", params{"QueueUrl": url, "AttributeNames": list{"All"}}).is(
			"Attributes/FifoQueue", "true", "Attributes/ContentBasedDeduplication", "false",
			"Attributes/DeduplicationScope", "queue", "Attributes/FifoThroughputLimit", "perQueue",
			"Attributes/QueueArn", "arn:aws:sqs:us-east-1:000000000000:letters.fifo",
		)
		c.ok("SetQueueAttributes", params{"QueueUrl": url, "Attributes": params{"FifoQueue": "true", "ContentBasedDeduplication": "true"}})
		c.ok("GetQueueAttributes", params{"QueueUrl": url, "AttributeNames": list{"ContentBasedDeduplication"}}).is("Attributes/ContentBasedDeduplication", "true")
	})
}

func TestFIFOGivesOrderAndSequenceNumbers(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.fifo(nil)
		before := ""
		for i := range 12 {
			number := c.post(url, "g", strconv.Itoa(i)).at("SequenceNumber")
			if len(number) != 20 || number <= before || strings.Trim(number, "0123456789") != "" {
				c.t.Errorf("sequence number %q after %q", number, before)
			}
			before = number
		}
		got := c.receive(url)
		got.holds("0 1 2 3 4 5 6 7 8 9")
		got.is("Messages/0/Attributes/MessageGroupId", "g", "Messages/0/Attributes/MessageDeduplicationId", "0", "Messages/0/Attributes/ApproximateReceiveCount", "1")
		if got.at("Messages/1/Attributes/SequenceNumber") <= got.at("Messages/0/Attributes/SequenceNumber") {
			c.t.Errorf("%s", got.text)
		}
		c.receive(url).holds("")
	})
}

func TestFIFOGroupWaitsForWhatIsInFlight(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.fifo(nil)
		c.post(url, "g", "g1")
		c.post(url, "g", "g2")
		c.post(url, "h", "h1")
		first := c.ok("ReceiveMessage", params{"QueueUrl": url})
		first.holds("g1")
		c.receive(url).holds("h1")
		c.receive(url).holds("")
		c.ok("DeleteMessage", params{"QueueUrl": url, "ReceiptHandle": first.at("Messages/0/ReceiptHandle")})
		c.receive(url).holds("g2")
		time.Sleep(30 * time.Second)
		c.receive(url).has(2, "Messages")
	})
}

func TestFIFOGivesTheSameAgainAfterTheTimeout(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.fifo(nil)
		c.post(url, "g", "1")
		c.post(url, "g", "2")
		held := c.ok("ReceiveMessage", params{"QueueUrl": url})
		time.Sleep(30 * time.Second)
		// AWS: a FIFO queue's handle ends with its timeout.
		c.refused("DeleteMessage", params{"QueueUrl": url, "ReceiptHandle": held.at("Messages/0/ReceiptHandle")}, badValue)
		again := c.ok("ReceiveMessage", params{"QueueUrl": url})
		again.holds("1")
		c.ok("ChangeMessageVisibility", params{"QueueUrl": url, "ReceiptHandle": again.at("Messages/0/ReceiptHandle"), "VisibilityTimeout": 0})
		c.receive(url).holds("1 2")
	})
}

func TestFIFOTakesAMessageOnceInFiveMinutes(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.fifo(nil)
		first := c.post(url, "g", "1")
		again := c.post(url, "g", "1")
		again.is("MessageId", first.at("MessageId"), "SequenceNumber", first.at("SequenceNumber"))
		other := c.post(url, "h", "1") // in the whole queue, not in the group
		other.is("MessageId", first.at("MessageId"))
		got := c.receive(url)
		got.holds("1")
		c.ok("DeleteMessage", params{"QueueUrl": url, "ReceiptHandle": got.at("Messages/0/ReceiptHandle")})
		time.Sleep(5*time.Minute - time.Second)
		c.post(url, "g", "1") // also when it is deleted
		c.receive(url).holds("")
		time.Sleep(time.Second)
		c.post(url, "g", "1")
		c.receive(url).holds("1")
	})
}

func TestFIFODeduplicatesByContentOrByTheIDThatIsGiven(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.fifo(params{"ContentBasedDeduplication": "true"})
		in := params{"QueueUrl": url, "MessageBody": "m", "MessageGroupId": "g"}
		first := c.ok("SendMessage", in)
		in["MessageAttributes"] = params{"a": params{"DataType": "String", "StringValue": "v"}} // which do not count
		c.ok("SendMessage", in).is("MessageId", first.at("MessageId"))
		in["MessageDeduplicationId"] = "own"
		c.ok("SendMessage", in)
		sum := sha256.Sum256([]byte("m"))
		got := c.receive(url)
		got.holds("m m")
		got.is("Messages/0/Attributes/MessageDeduplicationId", hex.EncodeToString(sum[:]), "Messages/1/Attributes/MessageDeduplicationId", "own")
	})
}

func TestFIFODeduplicatesInTheGroupIfThatIsItsScope(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.fifo(params{"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"})
		c.post(url, "g", "1")
		c.post(url, "g", "1")
		c.post(url, "h", "1")
		c.receive(url).holds("1 1")
	})
}

func TestFIFOBatchKeepsItsOrder(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.fifo(nil)
		in := params{"QueueUrl": url, "Entries": list{
			params{"Id": "a", "MessageBody": "1", "MessageGroupId": "g", "MessageDeduplicationId": "1"},
			params{"Id": "b", "MessageBody": "2", "MessageGroupId": "g", "MessageDeduplicationId": "2"},
			params{"Id": "c", "MessageBody": "2 again", "MessageGroupId": "g", "MessageDeduplicationId": "2"},
			params{"Id": "delay", "MessageBody": "m", "MessageGroupId": "g", "MessageDeduplicationId": "4", "DelaySeconds": 5},
		}}
		sent := c.ok("SendMessageBatch", in)
		sent.has(3, "Successful")
		sent.has(1, "Failed")
		sent.is(
			"Failed/0/Id", "delay", "Failed/0/Code", "InvalidParameterValue",
			"Successful/2/MessageId", sent.at("Successful/1/MessageId"),
		)
		if sent.at("Successful/0/SequenceNumber") == "" || sent.at("Successful/1/SequenceNumber") <= sent.at("Successful/0/SequenceNumber") {
			c.t.Errorf("%s", sent.text)
		}
		c.receive(url).holds("1 2")
	})
}

func TestFIFODelaysByTheQueue(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.fifo(params{"DelaySeconds": "10"})
		c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": "1", "MessageGroupId": "g", "MessageDeduplicationId": "1", "DelaySeconds": 0})
		c.post(url, "g", "2")
		time.Sleep(9 * time.Second)
		c.receive(url).holds("")
		time.Sleep(time.Second)
		c.receive(url).holds("1 2")
	})
}

func TestFIFOReceiveIsRepeatedByItsAttemptID(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.fifo(nil)
		c.post(url, "g", "1")
		c.post(url, "g", "2")
		in := params{"QueueUrl": url, "MaxNumberOfMessages": 10, "ReceiveRequestAttemptId": "attempt-1"}
		first := c.ok("ReceiveMessage", in)
		again := c.ok("ReceiveMessage", in)
		first.holds("1 2")
		again.holds("1 2")
		in["ReceiveRequestAttemptId"] = "attempt-2"
		c.ok("ReceiveMessage", in).holds("")
	})
}

func TestFIFOPurgeLeavesTheQueueUsable(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.fifo(nil)
		c.post(url, "g", "1")
		c.receive(url).holds("1")
		c.post(url, "g", "2")
		c.ok("PurgeQueue", params{"QueueUrl": url})
		c.post(url, "g", "3")
		c.receive(url).holds("3")
	})
}
