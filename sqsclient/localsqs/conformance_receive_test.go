package localsqs_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestReceiveCountAndFirstReceiveAreKept(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", params{"VisibilityTimeout": "10"})
		sent := strconv.FormatInt(time.Now().UnixMilli(), 10)
		c.send(url, "m")
		time.Sleep(2500 * time.Millisecond)
		first := strconv.FormatInt(time.Now().UnixMilli(), 10)
		handles := map[string]bool{}
		for i := range 3 {
			got := c.receive(url)
			got.is(
				"Messages/0/Attributes/ApproximateReceiveCount", strconv.Itoa(i+1),
				"Messages/0/Attributes/ApproximateFirstReceiveTimestamp", first,
				"Messages/0/Attributes/SentTimestamp", sent,
			)
			handles[got.at("Messages/0/ReceiptHandle")] = true
			time.Sleep(10 * time.Second)
		}
		if len(handles) != 3 {
			c.t.Errorf("handles %v", handles)
		}
	})
}

func TestReceiveGivesOneUnlessMoreAreAskedFor(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", params{"VisibilityTimeout": "0"})
		for range 12 {
			c.send(url, "m")
		}
		c.ok("ReceiveMessage", params{"QueueUrl": url}).has(1, "Messages")
		c.ok("ReceiveMessage", params{"QueueUrl": url, "MaxNumberOfMessages": 3}).has(3, "Messages")
		c.ok("ReceiveMessage", params{"QueueUrl": url, "MaxNumberOfMessages": 10}).has(10, "Messages")
	})
}

func TestEmptyReceiveHasNoMessages(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		a := c.receive(c.queue("letters", nil))
		if a.node("Messages") != nil {
			c.t.Errorf("%s", a.text)
		}
	})
}

func TestReceivedMessageIsHiddenForTheVisibilityTimeout(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		c.send(url, "m")
		c.receive(url).has(1, "Messages")
		time.Sleep(29 * time.Second)
		c.receive(url).has(0, "Messages")
		time.Sleep(time.Second)
		c.ok("ReceiveMessage", params{"QueueUrl": url, "VisibilityTimeout": 100}).has(1, "Messages")
		time.Sleep(99 * time.Second)
		c.receive(url).has(0, "Messages")
		time.Sleep(time.Second)
		c.receive(url).has(1, "Messages")
	})
}

func TestDelayedMessageIsHiddenUntilItsTime(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", params{"DelaySeconds": "20"})
		c.send(url, "queue's")
		c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": "own", "DelaySeconds": 5})
		c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": "none", "DelaySeconds": 0})
		c.receive(url).is("Messages/0/Body", "none", "Messages/1/Body", "")
		time.Sleep(5 * time.Second)
		c.receive(url).is("Messages/0/Body", "own", "Messages/1/Body", "")
		time.Sleep(15 * time.Second)
		c.receive(url).is("Messages/0/Body", "queue's")
	})
}

func TestChangedDelayIsForLaterMessages(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", params{"DelaySeconds": "20"})
		c.send(url, "before")
		c.ok("SetQueueAttributes", params{"QueueUrl": url, "Attributes": params{"DelaySeconds": "0"}})
		c.send(url, "after")
		c.receive(url).is("Messages/0/Body", "after", "Messages/1/Body", "")
	})
}

func TestMessagesEndWithTheRetention(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", params{"MessageRetentionPeriod": "60", "VisibilityTimeout": "0"})
		c.send(url, "m")
		time.Sleep(59 * time.Second)
		c.receive(url).has(1, "Messages")
		time.Sleep(time.Second)
		c.receive(url).has(0, "Messages")
	})
}

func TestLongPollWaitsForAMessage(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", params{"ReceiveMessageWaitTimeSeconds": "10"})
		start := time.Now()
		c.ok("ReceiveMessage", params{"QueueUrl": url}).has(0, "Messages")
		if waited := time.Since(start); waited != 10*time.Second {
			c.t.Errorf("the queue's wait took %v", waited)
		}
		c.ok("ReceiveMessage", params{"QueueUrl": url, "WaitTimeSeconds": 0}).has(0, "Messages")
		if waited := time.Since(start); waited != 10*time.Second {
			c.t.Errorf("no wait took %v", waited)
		}
		polled := make(chan *answer, 1)
		poll := c.protocol.request(c.t, "ReceiveMessage", params{"QueueUrl": url, "WaitTimeSeconds": 20})
		go func() {
			a, err := c.try("ReceiveMessage", poll)
			if err != nil {
				c.t.Error(err)
			}
			polled <- a
		}()
		synctest.Wait()
		time.Sleep(3 * time.Second)
		c.send(url, "m")
		a := <-polled
		c.protocol.read(c.t, "ReceiveMessage", a)
		a.has(1, "Messages")
		if waited := time.Since(start); waited != 13*time.Second {
			c.t.Errorf("the poll took until %v", waited)
		}
	})
}

func TestDeletedMessageDoesNotComeBack(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		c.send(url, "m")
		in := params{"QueueUrl": url, "ReceiptHandle": c.receive(url).at("Messages/0/ReceiptHandle")}
		c.ok("DeleteMessage", in)
		c.ok("DeleteMessage", in) // is no error
		time.Sleep(time.Hour)
		c.receive(url).has(0, "Messages")
	})
}

func TestHandleDeletesAfterItsTimeUntilTheNextReceive(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		c.send(url, "m")
		first := c.receive(url).at("Messages/0/ReceiptHandle")
		time.Sleep(30 * time.Second)
		second := c.receive(url).at("Messages/0/ReceiptHandle")
		c.ok("DeleteMessage", params{"QueueUrl": url, "ReceiptHandle": first})
		time.Sleep(30 * time.Second)
		c.ok("DeleteMessage", params{"QueueUrl": url, "ReceiptHandle": second})
		c.receive(url).has(0, "Messages")
	})
}

func TestChangedVisibilityCountsFromNow(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		c.send(url, "m")
		in := params{"QueueUrl": url, "ReceiptHandle": c.receive(url).at("Messages/0/ReceiptHandle"), "VisibilityTimeout": 60}
		time.Sleep(20 * time.Second)
		c.ok("ChangeMessageVisibility", in)
		time.Sleep(59 * time.Second)
		c.receive(url).has(0, "Messages")
		time.Sleep(time.Second)
		in["ReceiptHandle"] = c.receive(url).at("Messages/0/ReceiptHandle")
		in["VisibilityTimeout"] = 0
		c.ok("ChangeMessageVisibility", in)
		c.receive(url).has(1, "Messages")
		time.Sleep(30 * time.Second) // the queue's timeout again
		c.receive(url).has(1, "Messages")
	})
}

func TestVisibilityIsChangedOnlyOfWhatIsInFlight(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		c.send(url, "m")
		in := params{"QueueUrl": url, "ReceiptHandle": c.receive(url).at("Messages/0/ReceiptHandle"), "VisibilityTimeout": 43200}
		time.Sleep(time.Second)
		c.refused("ChangeMessageVisibility", in, badValue) // 12 h from the receive, in all
		in["VisibilityTimeout"] = 10
		time.Sleep(29 * time.Second)
		c.refused("ChangeMessageVisibility", in, notInFlight)
		in["ReceiptHandle"] = c.receive(url).at("Messages/0/ReceiptHandle")
		c.ok("DeleteMessage", params{"QueueUrl": url, "ReceiptHandle": in["ReceiptHandle"]})
		c.refused("ChangeMessageVisibility", in, badValue)
	})
}

func TestQueuesOwnMaximumSizeHolds(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", params{"MaximumMessageSize": "1024"})
		c.send(url, strings.Repeat("m", 1024))
		c.refused("SendMessage", params{"QueueUrl": url, "MessageBody": strings.Repeat("m", 1025)}, badValue)
		c.refused("SendMessage", params{"QueueUrl": url, "MessageBody": strings.Repeat("ö", 513)}, badValue)
		attribute := params{"a": params{"DataType": "String", "StringValue": "v"}} // 8 bytes with name and type
		c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": strings.Repeat("m", 1016), "MessageAttributes": attribute})
		c.refused("SendMessage", params{"QueueUrl": url, "MessageBody": strings.Repeat("m", 1017), "MessageAttributes": attribute}, badValue)
		batch := c.ok("SendMessageBatch", params{"QueueUrl": url, "Entries": list{
			params{"Id": "small", "MessageBody": "m"}, params{"Id": "large", "MessageBody": strings.Repeat("m", 1025)},
		}})
		batch.is("Successful/0/Id", "small", "Failed/0/Id", "large", "Failed/0/Code", "InvalidParameterValue", "Failed/0/SenderFault", "true")
	})
}

func TestBatchSendsEachEntryAsItsOwn(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		sent := c.ok("SendMessageBatch", params{"QueueUrl": url, "Entries": list{
			params{"Id": "plain", "MessageBody": "plain"},
			params{"Id": "delayed", "MessageBody": "delayed", "DelaySeconds": 10},
			params{"Id": "attributes", "MessageBody": "attributes", "MessageAttributes": allTypes},
			params{"Id": "bad", "MessageBody": "\x01"},
			params{"Id": "late", "MessageBody": "m", "DelaySeconds": 901},
		}})
		sent.has(3, "Successful")
		sent.has(2, "Failed")
		sent.is(
			"Successful/0/Id", "plain", "Successful/0/MD5OfMessageBody", md5Of("plain"), "Successful/0/MD5OfMessageAttributes", "",
			"Successful/2/Id", "attributes",
			"Failed/0/Id", "bad", "Failed/0/Code", "InvalidMessageContents", "Failed/0/SenderFault", "true",
			"Failed/1/Id", "late", "Failed/1/Code", "InvalidParameterValue",
		)
		if sent.at("Failed/0/Message") == "" {
			c.t.Errorf("%s", sent.text)
		}
		got := c.receive(url)
		got.has(2, "Messages")
		got.is("Messages/0/MessageId", sent.at("Successful/0/MessageId"), "Messages/1/MD5OfMessageAttributes", sent.at("Successful/2/MD5OfMessageAttributes"))
		time.Sleep(10 * time.Second)
		c.receive(url).is("Messages/0/Body", "delayed")
	})
}

func TestBatchesOfHandlesAnswerEntryByEntry(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		c.ok("SendMessageBatch", params{"QueueUrl": url, "Entries": numbered(3, params{"MessageBody": "m"})["Entries"]})
		got := c.receive(url)
		got.has(3, "Messages")
		var change, remove list
		for i := range 3 {
			handle := got.at(fmt.Sprintf("Messages/%d/ReceiptHandle", i))
			change = append(change, params{"Id": strconv.Itoa(i), "ReceiptHandle": handle, "VisibilityTimeout": 100 * i})
			remove = append(remove, params{"Id": strconv.Itoa(i), "ReceiptHandle": handle})
		}
		bad := params{"Id": "bad", "ReceiptHandle": "x", "VisibilityTimeout": 5}
		long := params{"Id": "long", "ReceiptHandle": got.at("Messages/0/ReceiptHandle"), "VisibilityTimeout": 43201}
		changed := c.ok("ChangeMessageVisibilityBatch", params{"QueueUrl": url, "Entries": append(change, bad, long)})
		changed.has(3, "Successful")
		changed.has(2, "Failed")
		changed.is(
			"Successful/2/Id", "2", "Failed/0/Id", "bad", "Failed/0/Code", "ReceiptHandleIsInvalid", "Failed/0/SenderFault", "true",
			"Failed/1/Id", "long", "Failed/1/Code", "InvalidParameterValue",
		)
		if n := c.attribute(url, "ApproximateNumberOfMessages"); n != "1" {
			c.t.Errorf("%s are visible again", n)
		}
		removed := c.ok("DeleteMessageBatch", params{"QueueUrl": url, "Entries": append(remove, params{"Id": "bad", "ReceiptHandle": "x"})})
		removed.has(3, "Successful")
		removed.has(1, "Failed")
		removed.is("Successful/0/Id", "0", "Failed/0/Id", "bad", "Failed/0/Code", "ReceiptHandleIsInvalid", "Failed/0/SenderFault", "true")
		time.Sleep(time.Hour)
		c.receive(url).has(0, "Messages")
	})
}

func TestOperationsWithoutOutputAnswerNothing(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		c.send(url, "m")
		handle := c.receive(url).at("Messages/0/ReceiptHandle")
		for _, one := range []struct {
			operation string
			in        params
		}{
			{"SetQueueAttributes", params{"QueueUrl": url, "Attributes": params{"DelaySeconds": "0"}}},
			{"ChangeMessageVisibility", params{"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": 1}},
			{"DeleteMessage", params{"QueueUrl": url, "ReceiptHandle": handle}},
			{"PurgeQueue", params{"QueueUrl": url}},
			{"DeleteQueue", params{"QueueUrl": url}},
		} {
			a := c.ok(one.operation, one.in)
			if output, _ := a.output.(map[string]any); a.status != http.StatusOK || len(output) > 0 {
				c.t.Errorf("%s: %s", one.operation, a.text)
			}
		}
	})
}
