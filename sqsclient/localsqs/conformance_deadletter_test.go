package localsqs_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

var notFound = refusal{"ResourceNotFoundException", "ResourceNotFoundException", 404}

func redrive(target string, receives any) string {
	return fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%v}`, arnOf(target), receives)
}

// deadLetters makes a queue whose messages move to "dead" at the second receive.
func (c *conversation) deadLetters() (url, dead string) {
	c.t.Helper()
	dead = c.queue("dead", nil)
	return c.queue("letters", params{"VisibilityTimeout": "0", "RedrivePolicy": redrive("dead", 1)}), dead
}

// kill sends messages and receives them until they are in the dead letter queue.
func (c *conversation) kill(url string, bodies ...string) {
	c.t.Helper()
	for _, body := range bodies {
		c.send(url, body)
	}
	c.receive(url).has(len(bodies), "Messages")
	c.receive(url).has(0, "Messages")
}

func TestRedrivePoliciesThatSQSRefusesAreRefused(t *testing.T) {
	type refused struct {
		request
		want refusal
	}
	set := func(name, value string) params {
		return params{"QueueUrl": lettersURL, "Attributes": params{name: value}}
	}
	eleven := `["` + strings.Repeat(arnOf("letters")+`","`, 10) + arnOf("letters") + `"]`
	cases := []refused{
		{request{"no JSON", "SetQueueAttributes", set("RedrivePolicy", "{")}, badValue},
		{request{"no target", "SetQueueAttributes", set("RedrivePolicy", `{"maxReceiveCount":1}`)}, badValue},
		{request{"no count", "SetQueueAttributes", set("RedrivePolicy", `{"deadLetterTargetArn":"`+arnOf("dead")+`"}`)}, badValue},
		{request{"a count of 0", "SetQueueAttributes", set("RedrivePolicy", redrive("dead", 0))}, badValue},
		{request{"a count of 1001", "SetQueueAttributes", set("RedrivePolicy", redrive("dead", 1001))}, badValue},
		{request{"a count in words", "SetQueueAttributes", set("RedrivePolicy", redrive("dead", `"ten"`))}, badValue},
		{request{"a target that does not exist", "SetQueueAttributes", set("RedrivePolicy", redrive("nowhere", 1))}, badValue},
		{request{"a target that is no ARN", "SetQueueAttributes", set("RedrivePolicy", `{"deadLetterTargetArn":"dead","maxReceiveCount":1}`)}, badValue},
		{request{"a target that is a FIFO queue", "SetQueueAttributes", set("RedrivePolicy", redrive("dead.fifo", 1))}, badValue},
		{request{"a target that does not exist, at the start", "CreateQueue", creating("RedrivePolicy", redrive("nowhere", 1))}, badValue},
		{request{"a target that allows nobody", "SetQueueAttributes", set("RedrivePolicy", redrive("closed", 1))}, badValue},
		{request{"a target that allows others", "SetQueueAttributes", set("RedrivePolicy", redrive("choosy", 1))}, badValue},
		{request{"an allow policy that is no JSON", "SetQueueAttributes", set("RedriveAllowPolicy", "{")}, badValue},
		{request{"an allow policy without a permission", "SetQueueAttributes", set("RedriveAllowPolicy", `{}`)}, badValue},
		{request{"an allow policy of an unknown permission", "SetQueueAttributes", set("RedriveAllowPolicy", `{"redrivePermission":"some"}`)}, badValue},
		{request{"an allow policy by queue without queues", "SetQueueAttributes", set("RedriveAllowPolicy", `{"redrivePermission":"byQueue"}`)}, badValue},
		{request{"an allow policy for all with queues", "SetQueueAttributes", set("RedriveAllowPolicy", `{"redrivePermission":"allowAll","sourceQueueArns":["`+arnOf("letters")+`"]}`)}, badValue},
		{request{"an allow policy of 11 queues", "SetQueueAttributes", set("RedriveAllowPolicy", `{"redrivePermission":"byQueue","sourceQueueArns":`+eleven+`}`)}, badValue},
		{request{"sources of no URL", "ListDeadLetterSourceQueues", nil}, missing},
		{request{"sources of no queue", "ListDeadLetterSourceQueues", params{"QueueUrl": nowhereURL}}, noQueue},
		{request{"sources, 0 of them", "ListDeadLetterSourceQueues", params{"QueueUrl": lettersURL, "MaxResults": 0}}, badValue},
		{request{"sources, 1001 of them", "ListDeadLetterSourceQueues", params{"QueueUrl": lettersURL, "MaxResults": 1001}}, badValue},
		{request{"move from nowhere", "StartMessageMoveTask", nil}, missing},
		{request{"move from no queue", "StartMessageMoveTask", params{"SourceArn": arnOf("nowhere")}}, notFound},
		{request{"move from a queue without sources", "StartMessageMoveTask", params{"SourceArn": arnOf("letters")}}, badValue},
		{request{"move to no queue", "StartMessageMoveTask", params{"SourceArn": arnOf("dead"), "DestinationArn": arnOf("nowhere")}}, notFound},
		{request{"move 0 a second", "StartMessageMoveTask", params{"SourceArn": arnOf("dead"), "MaxNumberOfMessagesPerSecond": 0}}, badValue},
		{request{"move 501 a second", "StartMessageMoveTask", params{"SourceArn": arnOf("dead"), "MaxNumberOfMessagesPerSecond": 501}}, badValue},
		{request{"moves from nowhere", "ListMessageMoveTasks", nil}, missing},
		{request{"moves from no queue", "ListMessageMoveTasks", params{"SourceArn": arnOf("nowhere")}}, notFound},
		{request{"0 moves", "ListMessageMoveTasks", params{"SourceArn": arnOf("dead"), "MaxResults": 0}}, badValue},
		{request{"11 moves", "ListMessageMoveTasks", params{"SourceArn": arnOf("dead"), "MaxResults": 11}}, badValue},
		{request{"cancel nothing", "CancelMessageMoveTask", nil}, missing},
		{request{"cancel what is no handle", "CancelMessageMoveTask", params{"TaskHandle": "x"}}, badValue},
		{request{"cancel a handle of nothing", "CancelMessageMoveTask", params{"TaskHandle": "e30="}}, badValue}, // {}
	}
	prepare := func(c *conversation) {
		c.queue("letters", nil)
		c.queue("dead", nil)
		c.queue("dead.fifo", params{"FifoQueue": "true"})
		c.queue("closed", params{"RedriveAllowPolicy": `{"redrivePermission":"denyAll"}`})
		c.queue("choosy", params{"RedriveAllowPolicy": `{"redrivePermission":"byQueue","sourceQueueArns":["` + arnOf("other") + `"]}`})
		c.queue("source", params{"RedrivePolicy": redrive("dead", 3)})
	}
	askEach(t, prepare, cases,
		func(c refused) request { return c.request },
		func(a *answer, c refused) { a.refused(c.want) })
}

func TestMessageMovesWhenItWouldBeReceivedOnceTooOften(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		dead := c.queue("dead", nil)
		url := c.queue("letters", params{"VisibilityTimeout": "10", "RedrivePolicy": redrive("dead", `"2"`)})
		sentAt := strconv.FormatInt(time.Now().UnixMilli(), 10)
		sent := c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": "m", "MessageAttributes": allTypes})
		for range 2 {
			c.receive(url).has(1, "Messages")
			time.Sleep(10 * time.Second)
			c.receive(dead).has(0, "Messages")
		}
		c.receive(url).has(0, "Messages")
		got := c.receive(dead)
		got.is(
			"Messages/0/Body", "m",
			"Messages/0/MessageId", sent.at("MessageId"),
			"Messages/0/MD5OfMessageAttributes", sent.at("MD5OfMessageAttributes"),
			"Messages/0/Attributes/SentTimestamp", sentAt,
			"Messages/0/Attributes/ApproximateReceiveCount", "3",
			"Messages/0/Attributes/DeadLetterQueueSourceArn", arnOf("letters"),
		)
		for _, name := range []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"} {
			if n := c.attribute(url, name); n != "0" {
				c.t.Errorf("%s of the source is %s", name, n)
			}
		}
	})
}

func TestRedrivePolicyIsToldAndTakenAway(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url, dead := c.deadLetters()
		if got := c.attribute(url, "RedrivePolicy"); !strings.Contains(got, arnOf("dead")) {
			c.t.Error(got)
		}
		sources := c.ok("ListDeadLetterSourceQueues", params{"QueueUrl": dead})
		sources.has(1, "queueUrls")
		sources.is("queueUrls/0", url)
		c.ok("SetQueueAttributes", params{"QueueUrl": url, "Attributes": params{"RedrivePolicy": ""}})
		c.ok("ListDeadLetterSourceQueues", params{"QueueUrl": dead}).has(0, "queueUrls")
		c.ok("GetQueueAttributes", params{"QueueUrl": url, "AttributeNames": list{"All"}}).is("Attributes/RedrivePolicy", "")
		c.send(url, "m")
		for range 3 {
			c.receive(url).has(1, "Messages")
		}
	})
}

func TestSourcesAreListedInPages(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		dead := c.queue("dead", nil)
		for i := range 3 {
			c.queue(fmt.Sprint("source-", i), params{"RedrivePolicy": redrive("dead", 3)})
		}
		first := c.ok("ListDeadLetterSourceQueues", params{"QueueUrl": dead, "MaxResults": 2})
		first.has(2, "queueUrls")
		rest := c.ok("ListDeadLetterSourceQueues", params{"QueueUrl": dead, "MaxResults": 2, "NextToken": first.at("NextToken")})
		rest.has(1, "queueUrls")
		rest.is("NextToken", "")
		c.ok("ListDeadLetterSourceQueues", params{"QueueUrl": dead}).has(3, "queueUrls")
	})
}

func TestMovedMessageKeepsItsAgeOnAStandardQueue(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		dead := c.queue("dead", params{"MessageRetentionPeriod": "100"})
		url := c.queue("letters", params{"VisibilityTimeout": "0", "MessageRetentionPeriod": "1000", "RedrivePolicy": redrive("dead", 1)})
		c.send(url, "m")
		time.Sleep(60 * time.Second)
		c.receive(url).has(1, "Messages")
		c.receive(url).has(0, "Messages")
		time.Sleep(30 * time.Second)
		c.ok("ReceiveMessage", params{"QueueUrl": dead, "VisibilityTimeout": 0}).has(1, "Messages")
		time.Sleep(10 * time.Second)
		c.receive(dead).has(0, "Messages")
	})
}

func TestFIFOMovesToAFIFOQueueAndGoesOn(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		dead := c.queue("dead.fifo", params{"FifoQueue": "true"})
		url := c.fifo(params{"VisibilityTimeout": "10", "RedrivePolicy": redrive("dead.fifo", 1)})
		c.post(url, "g", "1")
		c.post(url, "g", "2")
		c.ok("ReceiveMessage", params{"QueueUrl": url}).holds("1")
		time.Sleep(10 * time.Second)
		c.ok("ReceiveMessage", params{"QueueUrl": url}).holds("2")
		got := c.receive(dead)
		got.holds("1")
		got.is("Messages/0/Attributes/MessageGroupId", "g", "Messages/0/Attributes/MessageDeduplicationId", "1")
	})
}

func TestMoveTaskBringsMessagesBackToTheirSource(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url, dead := c.deadLetters()
		c.kill(url, "a", "b")
		started := time.Now().UnixMilli()
		if handle := c.ok("StartMessageMoveTask", params{"SourceArn": arnOf("dead")}).at("TaskHandle"); handle == "" {
			c.t.Error("no handle")
		}
		time.Sleep(10 * time.Second)
		c.receive(dead).has(0, "Messages")
		got := c.receive(url)
		got.has(2, "Messages")
		got.is("Messages/0/Attributes/ApproximateReceiveCount", "1", "Messages/0/Attributes/DeadLetterQueueSourceArn", "")
		tasks := c.ok("ListMessageMoveTasks", params{"SourceArn": arnOf("dead")})
		tasks.has(1, "Results")
		tasks.is(
			"Results/0/Status", "COMPLETED", "Results/0/SourceArn", arnOf("dead"), "Results/0/DestinationArn", "", "Results/0/TaskHandle", "",
			"Results/0/ApproximateNumberOfMessagesMoved", "2", "Results/0/ApproximateNumberOfMessagesToMove", "2",
			"Results/0/StartedTimestamp", strconv.FormatInt(started, 10), "Results/0/MaxNumberOfMessagesPerSecond", "",
		)
	})
}

func TestMoveTaskIsPacedAndCancelled(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url, _ := c.deadLetters()
		other := c.queue("other", nil)
		c.kill(url, "a", "b", "c", "d", "e")
		task := params{"SourceArn": arnOf("dead"), "DestinationArn": arnOf("other"), "MaxNumberOfMessagesPerSecond": 1}
		handle := c.ok("StartMessageMoveTask", task).at("TaskHandle")
		c.ok("ListMessageMoveTasks", params{"SourceArn": arnOf("dead")}).is(
			"Results/0/Status", "RUNNING", "Results/0/TaskHandle", handle, "Results/0/DestinationArn", arnOf("other"),
			"Results/0/MaxNumberOfMessagesPerSecond", "1", "Results/0/ApproximateNumberOfMessagesToMove", "5",
		)
		c.refused("StartMessageMoveTask", task, badValue) // one at a time
		time.Sleep(2500 * time.Millisecond)
		moved := c.ok("CancelMessageMoveTask", params{"TaskHandle": handle}).at("ApproximateNumberOfMessagesMoved")
		time.Sleep(10 * time.Second)
		tasks := c.ok("ListMessageMoveTasks", params{"SourceArn": arnOf("dead"), "MaxResults": 10})
		tasks.is("Results/0/Status", "CANCELLED", "Results/0/TaskHandle", "")
		if n, _ := strconv.Atoi(moved); n < 1 || n > 4 || tasks.at("Results/0/ApproximateNumberOfMessagesMoved") != c.attribute(other, "ApproximateNumberOfMessages") {
			c.t.Errorf("%s were moved: %s", moved, tasks.text)
		}
		c.refused("CancelMessageMoveTask", params{"TaskHandle": handle}, notFound)
		c.ok("StartMessageMoveTask", params{"SourceArn": arnOf("dead"), "DestinationArn": arnOf("other")})
		time.Sleep(10 * time.Second)
		tasks = c.ok("ListMessageMoveTasks", params{"SourceArn": arnOf("dead"), "MaxResults": 10})
		tasks.has(2, "Results")
		tasks.is("Results/0/Status", "COMPLETED", "Results/1/Status", "CANCELLED")
		c.ok("ListMessageMoveTasks", params{"SourceArn": arnOf("dead")}).has(1, "Results")
		if n := c.attribute(other, "ApproximateNumberOfMessages"); n != "5" {
			c.t.Errorf("%s of 5 arrived", n)
		}
	})
}

func TestMoveTaskFailsWhenItsDestinationGoes(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url, _ := c.deadLetters()
		other := c.queue("other", nil)
		c.kill(url, "a", "b", "c")
		c.ok("StartMessageMoveTask", params{"SourceArn": arnOf("dead"), "DestinationArn": arnOf("other"), "MaxNumberOfMessagesPerSecond": 1})
		time.Sleep(500 * time.Millisecond)
		c.ok("DeleteQueue", params{"QueueUrl": other})
		time.Sleep(10 * time.Second)
		c.ok("ListMessageMoveTasks", params{"SourceArn": arnOf("dead")}).is(
			"Results/0/Status", "FAILED", "Results/0/FailureReason", "AWS.SimpleQueueService.NonExistentQueue",
		)
	})
}

func TestNoMovesAreListedBeforeTheFirst(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		c.deadLetters()
		c.ok("ListMessageMoveTasks", params{"SourceArn": arnOf("dead")}).has(0, "Results")
	})
}
