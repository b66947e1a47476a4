package localsqs_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestQueueURLIsTheHostTheAccountAndTheName(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		c.ok("CreateQueue", params{"QueueName": "letters"}).is("QueueUrl", lettersURL)
		c.ok("GetQueueUrl", params{"QueueName": "letters"}).is("QueueUrl", lettersURL)
		c.ok("ListQueues", nil).is("QueueUrls/0", lettersURL)
	})
}

func TestQueueURLIsOfTheHostThatWasAsked(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		r := c.protocol.request(c.t, "CreateQueue", params{"QueueName": "letters"})
		r.Host = "sqs.example.com:9324"
		url := c.do("CreateQueue", r).at("QueueUrl")
		if url != "http://sqs.example.com:9324/000000000000/letters" {
			c.t.Error(url)
		}
		c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": "m"})
		c.receive(lettersURL).is("Messages/0/Body", "m")
	})
}

func TestQueueURLMayEndInASlash(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		c.send(c.queue("letters", nil)+"/", "m") // as the API reference's samples have it
		c.receive(lettersURL).is("Messages/0/Body", "m")
	})
}

func TestURLOfAQueueOfAnotherAccountIsRefused(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		c.ok("GetQueueUrl", params{"QueueName": "letters", "QueueOwnerAWSAccountId": "000000000000"}).is("QueueUrl", url)
		c.refused("GetQueueUrl", params{"QueueName": "letters", "QueueOwnerAWSAccountId": "999999999999"}, noQueue)
	})
}

func TestCreatingTheSameQueueAgainGivesItsURL(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", params{"DelaySeconds": "5", "VisibilityTimeout": "60"})
		for _, same := range []params{nil, {"DelaySeconds": "5"}, {"VisibilityTimeout": "60", "DelaySeconds": "5"}, {"MessageRetentionPeriod": "345600"}} {
			c.ok("CreateQueue", params{"QueueName": "letters", "Attributes": same}).is("QueueUrl", url)
		}
		a := c.ask("CreateQueue", params{"QueueName": "letters", "Attributes": params{"VisibilityTimeout": "61"}})
		a.refused(nameExists)
		if !strings.Contains(a.message, "VisibilityTimeout") {
			c.t.Error(a.message)
		}
		c.refused("CreateQueue", params{"QueueName": "letters", "Attributes": params{"DelaySeconds": "0"}}, nameExists)
	})
}

func TestNewQueueHasSQSsDefaults(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		a := c.ok("GetQueueAttributes", params{"QueueUrl": url, "AttributeNames": list{"All"}})
		now := strconv.FormatInt(time.Now().Unix(), 10)
		a.is(
			"Attributes/ApproximateNumberOfMessages", "0",
			"Attributes/ApproximateNumberOfMessagesDelayed", "0",
			"Attributes/ApproximateNumberOfMessagesNotVisible", "0",
			"Attributes/CreatedTimestamp", now,
			"Attributes/LastModifiedTimestamp", now,
			"Attributes/DelaySeconds", "0",
			"Attributes/MaximumMessageSize", "1048576",
			"Attributes/MessageRetentionPeriod", "345600",
			"Attributes/QueueArn", "arn:aws:sqs:us-east-1:000000000000:letters",
			"Attributes/ReceiveMessageWaitTimeSeconds", "0",
			"Attributes/SqsManagedSseEnabled", "true",
			"Attributes/VisibilityTimeout", "30",
		)
		for _, absent := range []string{"Policy", "RedrivePolicy", "RedriveAllowPolicy", "FifoQueue", "ContentBasedDeduplication", "KmsMasterKeyId"} {
			a.is("Attributes/"+absent, "")
		}
	})
}

func TestAttributesAreThoseThatAreNamed(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", params{"DelaySeconds": "7"})
		c.ok("GetQueueAttributes", params{"QueueUrl": url}).has(0, "Attributes")
		a := c.ok("GetQueueAttributes", params{"QueueUrl": url, "AttributeNames": list{"DelaySeconds", "QueueArn"}})
		a.has(2, "Attributes")
		a.is("Attributes/DelaySeconds", "7", "Attributes/QueueArn", "arn:aws:sqs:us-east-1:000000000000:letters")
		c.ok("GetQueueAttributes", params{"QueueUrl": url, "AttributeNames": list{"Policy"}}).has(0, "Attributes")
	})
}

func TestSetAttributesReplaceThoseThatAreNamed(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		created := strconv.FormatInt(time.Now().Unix(), 10)
		url := c.queue("letters", params{"DelaySeconds": "7", "VisibilityTimeout": "60"})
		time.Sleep(10 * time.Second)
		c.ok("SetQueueAttributes", params{"QueueUrl": url, "Attributes": params{"VisibilityTimeout": "90", "MaximumMessageSize": "2048"}})
		c.ok("GetQueueAttributes", params{"QueueUrl": url, "AttributeNames": list{"All"}}).is(
			"Attributes/DelaySeconds", "7",
			"Attributes/VisibilityTimeout", "90",
			"Attributes/MaximumMessageSize", "2048",
			"Attributes/CreatedTimestamp", created,
			"Attributes/LastModifiedTimestamp", strconv.FormatInt(time.Now().Unix(), 10),
		)
	})
}

func TestOneBadAttributeChangesNone(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		c.refused("SetQueueAttributes", params{"QueueUrl": url, "Attributes": params{"DelaySeconds": "7", "VisibilityTimeout": "x"}}, badSetting)
		if got := c.attribute(url, "DelaySeconds"); got != "0" {
			c.t.Error(got)
		}
	})
}

func TestPolicyIsKeptAndTakenAway(t *testing.T) {
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]}`
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", params{"Policy": policy})
		if got := c.attribute(url, "Policy"); got != policy {
			c.t.Error(got)
		}
		c.ok("SetQueueAttributes", params{"QueueUrl": url, "Attributes": params{"Policy": ""}})
		c.ok("GetQueueAttributes", params{"QueueUrl": url, "AttributeNames": list{"All"}}).is("Attributes/Policy", "")
	})
}

func TestCountsAreOfWhatIsReadyDelayedAndInFlight(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		for range 3 {
			c.send(url, "m")
		}
		c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": "later", "DelaySeconds": 60})
		c.ok("ReceiveMessage", params{"QueueUrl": url})
		c.ok("GetQueueAttributes", params{"QueueUrl": url, "AttributeNames": list{"All"}}).is(
			"Attributes/ApproximateNumberOfMessages", "2",
			"Attributes/ApproximateNumberOfMessagesNotVisible", "1",
			"Attributes/ApproximateNumberOfMessagesDelayed", "1",
		)
	})
}

func TestListIsEmptyWithoutQueues(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		a := c.ok("ListQueues", nil)
		a.has(0, "QueueUrls")
		a.is("NextToken", "")
		if c.protocol.name == "JSON" && string(a.text) != "{}" {
			c.t.Errorf("%s", a.text)
		}
	})
}

func TestListIsOfThePrefix(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		for _, name := range []string{"a-1", "a-2", "b-1", "A-3"} {
			c.queue(name, nil)
		}
		a := c.ok("ListQueues", params{"QueueNamePrefix": "a-"})
		a.has(2, "QueueUrls")
		a.is("QueueUrls/0", "http://queues/000000000000/a-1", "QueueUrls/1", "http://queues/000000000000/a-2")
		c.ok("ListQueues", params{"QueueNamePrefix": "c"}).has(0, "QueueUrls")
	})
}

func TestListGoesOnFromItsToken(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		for i := range 5 {
			c.queue(fmt.Sprint("q", i), nil)
		}
		seen := map[string]bool{}
		in := params{"MaxResults": 2}
		for _, n := range []int{2, 2, 1} {
			page := c.ok("ListQueues", in)
			page.has(n, "QueueUrls")
			for i := range n {
				seen[page.at(fmt.Sprint("QueueUrls/", i))] = true
			}
			in["NextToken"] = page.at("NextToken")
		}
		if len(seen) != 5 || in["NextToken"] != "" {
			c.t.Errorf("%v, and then %v", seen, in)
		}
		all := c.ok("ListQueues", nil)
		all.has(5, "QueueUrls")
		all.is("NextToken", "")
	})
}

func TestDeletedQueueIsGoneAtOnce(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		c.send(url, "m")
		c.ok("DeleteQueue", params{"QueueUrl": url})
		c.refused("SendMessage", params{"QueueUrl": url, "MessageBody": "m"}, noQueue)
		c.refused("GetQueueUrl", params{"QueueName": "letters"}, noQueue)
		c.refused("DeleteQueue", params{"QueueUrl": url}, noQueue)
		c.ok("ListQueues", nil).has(0, "QueueUrls")
	})
}

func TestPurgeTakesReadyDelayedAndInFlight(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		c.send(url, "held")
		handle := c.receive(url).at("Messages/0/ReceiptHandle")
		c.send(url, "ready")
		c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": "later", "DelaySeconds": 1})
		c.ok("PurgeQueue", params{"QueueUrl": url})
		time.Sleep(time.Minute - time.Second)
		c.receive(url).has(0, "Messages")
		c.ok("DeleteMessage", params{"QueueUrl": url, "ReceiptHandle": handle})
		c.refused("PurgeQueue", params{"QueueUrl": url}, purging)
		time.Sleep(time.Second)
		c.send(url, "after")
		c.ok("PurgeQueue", params{"QueueUrl": url})
		if got := c.attribute(url, "ApproximateNumberOfMessages"); got != "0" {
			c.t.Error(got)
		}
	})
}

func TestPurgeOfOneQueueLeavesOthers(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		one, other := c.queue("one", nil), c.queue("other", nil)
		c.send(one, "m")
		c.send(other, "m")
		c.ok("PurgeQueue", params{"QueueUrl": one})
		c.ok("PurgeQueue", params{"QueueUrl": c.queue("third", nil)})
		c.receive(other).has(1, "Messages")
	})
}

func TestUnknownOperationIsSaidToBeUnknown(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		a := c.ask("Dance", nil)
		want := map[string]string{"JSON": "UnknownOperationException", "Query": "InvalidAction"}[c.protocol.name]
		if a.status != http.StatusBadRequest || a.code != want {
			c.t.Errorf("%d %s", a.status, a.text)
		}
	})
}

func TestEveryAnswerHasARequestIDOfItsOwn(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		uuid := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
		one, other := c.ok("ListQueues", nil).header.Get("X-Amzn-Requestid"), c.ask("Dance", nil).header.Get("X-Amzn-Requestid")
		if one == other || !uuid.MatchString(one) || !uuid.MatchString(other) {
			c.t.Errorf("%q and %q", one, other)
		}
	})
}
