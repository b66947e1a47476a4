package localsqs_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// The errors of SQS, as its API reference lists them.
var (
	noQueue        = refusal{"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", 400}
	nameExists     = refusal{"QueueAlreadyExists", "QueueNameExists", 400}
	missing        = refusal{"MissingParameter", "MissingRequiredParameterException", 400}
	badValue       = refusal{"InvalidParameterValue", "InvalidParameterValueException", 400}
	badAttribute   = refusal{"InvalidAttributeName", "InvalidAttributeName", 400}
	badSetting     = refusal{"InvalidAttributeValue", "InvalidAttributeValue", 400}
	badContents    = refusal{"InvalidMessageContents", "InvalidMessageContents", 400}
	badHandle      = refusal{"ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 400}
	notInFlight    = refusal{"AWS.SimpleQueueService.MessageNotInflight", "MessageNotInflight", 400}
	emptyBatch     = refusal{"AWS.SimpleQueueService.EmptyBatchRequest", "EmptyBatchRequest", 400}
	tooManyEntries = refusal{"AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "TooManyEntriesInBatchRequest", 400}
	badEntryID     = refusal{"AWS.SimpleQueueService.InvalidBatchEntryId", "InvalidBatchEntryId", 400}
	sameEntryIDs   = refusal{"AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "BatchEntryIdsNotDistinct", 400}
	batchTooLong   = refusal{"AWS.SimpleQueueService.BatchRequestTooLong", "BatchRequestTooLong", 400}
	purging        = refusal{"AWS.SimpleQueueService.PurgeQueueInProgress", "PurgeQueueInProgress", 403}
)

const (
	lettersURL = "http://queues/000000000000/letters"
	nowhereURL = "http://queues/000000000000/nowhere"
)

// creating, setting and sending are requests of their operations that differ from a good one in these parameters.
func creating(attribute, value string) params {
	return params{"QueueName": "another", "Attributes": params{attribute: value}}
}

func setting(attribute, value string) params {
	return params{"QueueUrl": lettersURL, "Attributes": params{attribute: value}}
}

func sending(more params) params {
	return with(params{"QueueUrl": lettersURL, "MessageBody": "m"}, more)
}

// with is in with more, and without what is nil there.
func with(in, more params) params {
	for name, value := range more {
		if value == nil {
			delete(in, name)
		} else {
			in[name] = value
		}
	}
	return in
}

func withAttribute(name, dataType string, value any) params {
	a := params{"DataType": dataType}
	switch value.(type) {
	case string:
		a["StringValue"] = value
	case []byte:
		a["BinaryValue"] = value
	}
	return sending(params{"MessageAttributes": params{name: a}})
}

func receiving(parameter string, value any) params {
	return params{"QueueUrl": lettersURL, parameter: value}
}

func entries(all ...params) params {
	in := list{}
	for _, entry := range all {
		in = append(in, entry)
	}
	return params{"QueueUrl": lettersURL, "Entries": in}
}

// numbered is n entries of a batch, with ids and what each of them has.
func numbered(n int, each params) params {
	var all []params
	for i := range n {
		all = append(all, with(params{"Id": string(rune('a' + i))}, each))
	}
	return entries(all...)
}

func elevenAttributes() params {
	all := params{}
	for i := range 11 {
		all[fmt.Sprint("a", i)] = params{"DataType": "String", "StringValue": "v"}
	}
	return sending(params{"MessageAttributes": all})
}

func TestRequestsThatSQSRefusesAreRefusedWithItsCode(t *testing.T) {
	type refused struct {
		request
		want refusal
	}
	long := strings.Repeat("x", 81)
	cases := []refused{
		{request{"create without a name", "CreateQueue", nil}, missing},
		{request{"create with a name of 81", "CreateQueue", params{"QueueName": long}}, badValue},
		{request{"create with a space in the name", "CreateQueue", params{"QueueName": "a b"}}, badValue},
		{request{"create with a dot in the name", "CreateQueue", params{"QueueName": "a.b"}}, badValue},
		{request{"create with a slash in the name", "CreateQueue", params{"QueueName": "a/b"}}, badValue},
		{request{"create with another alphabet in the name", "CreateQueue", params{"QueueName": "größe"}}, badValue},
		{request{"create with an unknown attribute", "CreateQueue", creating("Colour", "red")}, badAttribute},
		{request{"create with a read-only attribute", "CreateQueue", creating("QueueArn", "arn:aws:sqs:us-east-1:000000000000:another")}, badAttribute},
		{request{"create with DelaySeconds 901", "CreateQueue", creating("DelaySeconds", "901")}, badSetting},
		{request{"create with DelaySeconds -1", "CreateQueue", creating("DelaySeconds", "-1")}, badSetting},
		{request{"create with DelaySeconds in words", "CreateQueue", creating("DelaySeconds", "ten")}, badSetting},
		{request{"create with DelaySeconds 1.5", "CreateQueue", creating("DelaySeconds", "1.5")}, badSetting},
		{request{"create with MaximumMessageSize 1023", "CreateQueue", creating("MaximumMessageSize", "1023")}, badSetting},
		{request{"create with MaximumMessageSize over 1 MiB", "CreateQueue", creating("MaximumMessageSize", "1048577")}, badSetting},
		{request{"create with retention of 59 s", "CreateQueue", creating("MessageRetentionPeriod", "59")}, badSetting},
		{request{"create with retention over 14 days", "CreateQueue", creating("MessageRetentionPeriod", "1209601")}, badSetting},
		{request{"create with a wait of 21 s", "CreateQueue", creating("ReceiveMessageWaitTimeSeconds", "21")}, badSetting},
		{request{"create with a wait of -1 s", "CreateQueue", creating("ReceiveMessageWaitTimeSeconds", "-1")}, badSetting},
		{request{"create with visibility over 12 h", "CreateQueue", creating("VisibilityTimeout", "43201")}, badSetting},
		{request{"create with visibility of -1 s", "CreateQueue", creating("VisibilityTimeout", "-1")}, badSetting},
		{request{"create with key reuse of 59 s", "CreateQueue", creating("KmsDataKeyReusePeriodSeconds", "59")}, badSetting},
		{request{"create with key reuse over a day", "CreateQueue", creating("KmsDataKeyReusePeriodSeconds", "86401")}, badSetting},
		{request{"create with a word for SqsManagedSseEnabled", "CreateQueue", creating("SqsManagedSseEnabled", "maybe")}, badSetting},
		{request{"create with another delay", "CreateQueue", params{"QueueName": "letters", "Attributes": params{"DelaySeconds": "5"}}}, nameExists},

		{request{"URL of no name", "GetQueueUrl", nil}, missing},
		{request{"URL of no queue", "GetQueueUrl", params{"QueueName": "nowhere"}}, noQueue},
		{request{"URL of a name in another case", "GetQueueUrl", params{"QueueName": "Letters"}}, noQueue},

		{request{"list 0 queues", "ListQueues", params{"MaxResults": 0}}, badValue},
		{request{"list 1001 queues", "ListQueues", params{"MaxResults": 1001}}, badValue},
		{request{"list from a token that is none", "ListQueues", params{"MaxResults": 1, "NextToken": "?"}}, badValue},

		{request{"attributes of no URL", "GetQueueAttributes", nil}, missing},
		{request{"attributes of no queue", "GetQueueAttributes", params{"QueueUrl": nowhereURL, "AttributeNames": list{"All"}}}, noQueue},
		{request{"an unknown attribute", "GetQueueAttributes", params{"QueueUrl": lettersURL, "AttributeNames": list{"Colour"}}}, badAttribute},
		{request{"an attribute in another case", "GetQueueAttributes", params{"QueueUrl": lettersURL, "AttributeNames": list{"visibilitytimeout"}}}, badAttribute},
		{request{"set without a queue", "SetQueueAttributes", params{"Attributes": params{"DelaySeconds": "1"}}}, missing},
		{request{"set nothing", "SetQueueAttributes", params{"QueueUrl": lettersURL}}, missing},
		{request{"set on no queue", "SetQueueAttributes", params{"QueueUrl": nowhereURL, "Attributes": params{"DelaySeconds": "1"}}}, noQueue},
		{request{"set an unknown attribute", "SetQueueAttributes", setting("Colour", "red")}, badAttribute},
		{request{"set a read-only attribute", "SetQueueAttributes", setting("ApproximateNumberOfMessages", "0")}, badAttribute},
		{request{"set DelaySeconds 901", "SetQueueAttributes", setting("DelaySeconds", "901")}, badSetting},
		{request{"set MaximumMessageSize 1023", "SetQueueAttributes", setting("MaximumMessageSize", "1023")}, badSetting},
		{request{"set retention of 59 s", "SetQueueAttributes", setting("MessageRetentionPeriod", "59")}, badSetting},
		{request{"set a wait of 21 s", "SetQueueAttributes", setting("ReceiveMessageWaitTimeSeconds", "21")}, badSetting},
		{request{"set visibility over 12 h", "SetQueueAttributes", setting("VisibilityTimeout", "43201")}, badSetting},
		{request{"delete no URL", "DeleteQueue", nil}, missing},
		{request{"delete no queue", "DeleteQueue", params{"QueueUrl": nowhereURL}}, noQueue},
		{request{"purge no URL", "PurgeQueue", nil}, missing},
		{request{"purge no queue", "PurgeQueue", params{"QueueUrl": nowhereURL}}, noQueue},

		{request{"send to no URL", "SendMessage", params{"MessageBody": "m"}}, missing},
		{request{"send to no queue", "SendMessage", params{"QueueUrl": nowhereURL, "MessageBody": "m"}}, noQueue},
		{request{"send no body", "SendMessage", params{"QueueUrl": lettersURL}}, missing},
		{request{"send an empty body", "SendMessage", sending(params{"MessageBody": ""})}, missing},
		{request{"send U+0000", "SendMessage", sending(params{"MessageBody": "a\x00b"})}, badContents},
		{request{"send U+0008", "SendMessage", sending(params{"MessageBody": "a\bb"})}, badContents},
		{request{"send U+000B", "SendMessage", sending(params{"MessageBody": "a\vb"})}, badContents},
		{request{"send U+001F", "SendMessage", sending(params{"MessageBody": "a\x1fb"})}, badContents},
		{request{"send U+FFFE", "SendMessage", sending(params{"MessageBody": "a\ufffeb"})}, badContents},
		{request{"send U+FFFF", "SendMessage", sending(params{"MessageBody": "a\uffffb"})}, badContents},
		{request{"send more than 1 MiB", "SendMessage", sending(params{"MessageBody": strings.Repeat("m", 1<<20+1)})}, badValue},
		{request{"send with a delay of 901 s", "SendMessage", sending(params{"DelaySeconds": 901})}, badValue},
		{request{"send with a delay of -1 s", "SendMessage", sending(params{"DelaySeconds": -1})}, badValue},
		{request{"send with a group that has a space", "SendMessage", sending(params{"MessageGroupId": "a b"})}, badValue},
		{request{"send with a group of 129", "SendMessage", sending(params{"MessageGroupId": strings.Repeat("g", 129)})}, badValue},
		{request{"send 11 attributes", "SendMessage", elevenAttributes()}, badValue},
		{request{"send an attribute without a type", "SendMessage", withAttribute("a", "", "v")}, badValue},
		{request{"send an attribute of an unknown type", "SendMessage", withAttribute("a", "Date", "v")}, badValue},
		{request{"send an attribute of a type in lower case", "SendMessage", withAttribute("a", "string", "v")}, badValue},
		{request{"send an attribute with an empty value", "SendMessage", withAttribute("a", "String", "")}, badValue},
		{request{"send an attribute without a value", "SendMessage", withAttribute("a", "String", nil)}, badValue},
		{request{"send a binary attribute with a string", "SendMessage", withAttribute("a", "Binary", "v")}, badValue},
		{request{"send a string attribute with bytes", "SendMessage", withAttribute("a", "String", []byte("v"))}, badValue},
		{request{"send a number in words", "SendMessage", withAttribute("a", "Number", "ten")}, badValue},
		{request{"send an attribute named AWS.x", "SendMessage", withAttribute("AWS.x", "String", "v")}, badValue},
		{request{"send an attribute named amazon.x", "SendMessage", withAttribute("amazon.x", "String", "v")}, badValue},
		{request{"send an attribute that begins with a dot", "SendMessage", withAttribute(".a", "String", "v")}, badValue},
		{request{"send an attribute that ends with a dot", "SendMessage", withAttribute("a.", "String", "v")}, badValue},
		{request{"send an attribute with two dots", "SendMessage", withAttribute("a..b", "String", "v")}, badValue},
		{request{"send an attribute with a space in its name", "SendMessage", withAttribute("a b", "String", "v")}, badValue},
		{request{"send an attribute with a name of 257", "SendMessage", withAttribute(strings.Repeat("a", 257), "String", "v")}, badValue},
		{request{"send an attribute with a control character", "SendMessage", withAttribute("a", "String", "\x01")}, badValue},
		{request{"send a system attribute that is none", "SendMessage", sending(params{"MessageSystemAttributes": params{"SenderId": params{"DataType": "String", "StringValue": "v"}}})}, badValue},
		{request{"send a trace header that is a number", "SendMessage", sending(params{"MessageSystemAttributes": params{"AWSTraceHeader": params{"DataType": "Number", "StringValue": "1"}}})}, badValue},

		{request{"send no batch", "SendMessageBatch", params{"QueueUrl": lettersURL}}, emptyBatch},
		{request{"send a batch to no URL", "SendMessageBatch", params{"Entries": list{params{"Id": "a", "MessageBody": "m"}}}}, missing},
		{request{"send a batch to no queue", "SendMessageBatch", params{"QueueUrl": nowhereURL, "Entries": list{params{"Id": "a", "MessageBody": "m"}}}}, noQueue},
		{request{"send a batch of 11", "SendMessageBatch", numbered(11, params{"MessageBody": "m"})}, tooManyEntries},
		{request{"send a batch with a space in an id", "SendMessageBatch", entries(params{"Id": "a b", "MessageBody": "m"})}, badEntryID},
		{request{"send a batch with a colon in an id", "SendMessageBatch", entries(params{"Id": "a:b", "MessageBody": "m"})}, badEntryID},
		{request{"send a batch with an id of 81", "SendMessageBatch", entries(params{"Id": long, "MessageBody": "m"})}, badEntryID},
		{request{"send a batch with an id twice", "SendMessageBatch", entries(params{"Id": "a", "MessageBody": "m"}, params{"Id": "a", "MessageBody": "m"})}, sameEntryIDs},
		{request{"send a batch of more than 1 MiB", "SendMessageBatch", numbered(2, params{"MessageBody": strings.Repeat("m", 1<<19+1)})}, batchTooLong},

		{request{"receive from no URL", "ReceiveMessage", nil}, missing},
		{request{"receive from no queue", "ReceiveMessage", params{"QueueUrl": nowhereURL}}, noQueue},
		{request{"receive 0", "ReceiveMessage", receiving("MaxNumberOfMessages", 0)}, badValue},
		{request{"receive 11", "ReceiveMessage", receiving("MaxNumberOfMessages", 11)}, badValue},
		{request{"receive for -1 s", "ReceiveMessage", receiving("VisibilityTimeout", -1)}, badValue},
		{request{"receive for more than 12 h", "ReceiveMessage", receiving("VisibilityTimeout", 43201)}, badValue},
		{request{"wait -1 s", "ReceiveMessage", receiving("WaitTimeSeconds", -1)}, badValue},
		{request{"wait 21 s", "ReceiveMessage", receiving("WaitTimeSeconds", 21)}, badValue},

		{request{"delete without a handle", "DeleteMessage", params{"QueueUrl": lettersURL}}, missing},
		{request{"delete from no URL", "DeleteMessage", params{"ReceiptHandle": "x"}}, missing},
		{request{"delete from no queue", "DeleteMessage", params{"QueueUrl": nowhereURL, "ReceiptHandle": "x"}}, noQueue},
		{request{"delete with a handle that is none", "DeleteMessage", params{"QueueUrl": lettersURL, "ReceiptHandle": "x"}}, badHandle},
		{request{"delete no batch", "DeleteMessageBatch", params{"QueueUrl": lettersURL}}, emptyBatch},
		{request{"delete a batch of 11", "DeleteMessageBatch", numbered(11, params{"ReceiptHandle": "x"})}, tooManyEntries},
		{request{"delete a batch with a bad id", "DeleteMessageBatch", entries(params{"Id": "invalid:id", "ReceiptHandle": "x"})}, badEntryID},
		{request{"delete a batch with an id twice", "DeleteMessageBatch", entries(params{"Id": "a", "ReceiptHandle": "x"}, params{"Id": "a", "ReceiptHandle": "x"})}, sameEntryIDs},
		{request{"delete a batch from no queue", "DeleteMessageBatch", params{"QueueUrl": nowhereURL, "Entries": list{params{"Id": "a", "ReceiptHandle": "x"}}}}, noQueue},

		{request{"change without a handle", "ChangeMessageVisibility", receiving("VisibilityTimeout", 5)}, missing},
		{request{"change without a time", "ChangeMessageVisibility", receiving("ReceiptHandle", "x")}, missing},
		{request{"change on no queue", "ChangeMessageVisibility", params{"QueueUrl": nowhereURL, "ReceiptHandle": "x", "VisibilityTimeout": 5}}, noQueue},
		{request{"change with a handle that is none", "ChangeMessageVisibility", params{"QueueUrl": lettersURL, "ReceiptHandle": "x", "VisibilityTimeout": 5}}, badHandle},
		{request{"change to -1 s", "ChangeMessageVisibility", params{"QueueUrl": lettersURL, "ReceiptHandle": "x", "VisibilityTimeout": -1}}, badValue},
		{request{"change to more than 12 h", "ChangeMessageVisibility", params{"QueueUrl": lettersURL, "ReceiptHandle": "x", "VisibilityTimeout": 43201}}, badValue},
		{request{"change no batch", "ChangeMessageVisibilityBatch", params{"QueueUrl": lettersURL}}, emptyBatch},
		{request{"change a batch of 11", "ChangeMessageVisibilityBatch", numbered(11, params{"ReceiptHandle": "x", "VisibilityTimeout": 5})}, tooManyEntries},
		{request{"change a batch with a bad id", "ChangeMessageVisibilityBatch", entries(params{"Id": "a.b", "ReceiptHandle": "x", "VisibilityTimeout": 5})}, badEntryID},
		{request{"change a batch with an id twice", "ChangeMessageVisibilityBatch", entries(params{"Id": "a", "ReceiptHandle": "x", "VisibilityTimeout": 5}, params{"Id": "a", "ReceiptHandle": "x", "VisibilityTimeout": 5})}, sameEntryIDs},
	}
	askEach(t, func(c *conversation) { c.queue("letters", nil) }, cases,
		func(c refused) request { return c.request },
		func(a *answer, c refused) { a.refused(c.want) })
}

func TestRequestsAtSQSsLimitsAreAccepted(t *testing.T) {
	whole := strings.Repeat("m", 1<<20)
	cases := []request{
		{"a queue name of 80", "CreateQueue", params{"QueueName": strings.Repeat("q", 80)}},
		{"a queue name of every character", "CreateQueue", params{"QueueName": "Az09-_"}},
		{"DelaySeconds 0", "SetQueueAttributes", setting("DelaySeconds", "0")},
		{"MaximumMessageSize 1024", "CreateQueue", creating("MaximumMessageSize", "1024")},
		{"a queue that exists, without attributes", "CreateQueue", params{"QueueName": "another"}},
		{"MaximumMessageSize of 1 MiB", "SetQueueAttributes", setting("MaximumMessageSize", "1048576")},
		{"retention of a minute", "SetQueueAttributes", setting("MessageRetentionPeriod", "60")},
		{"retention of 14 days", "SetQueueAttributes", setting("MessageRetentionPeriod", "1209600")},
		{"visibility of 0", "SetQueueAttributes", setting("VisibilityTimeout", "0")},
		{"visibility of 12 h", "SetQueueAttributes", setting("VisibilityTimeout", "43200")},
		{"key reuse of a minute", "SetQueueAttributes", setting("KmsDataKeyReusePeriodSeconds", "60")},
		{"key reuse of a day", "SetQueueAttributes", setting("KmsDataKeyReusePeriodSeconds", "86400")},
		{"a page of one queue", "ListQueues", params{"MaxResults": 1}},
		{"a page of 1000 queues", "ListQueues", params{"MaxResults": 1000}},
		{"a delay of 0", "SendMessage", sending(params{"DelaySeconds": 0})},
		{"a delay of 900 s", "SendMessage", sending(params{"DelaySeconds": 900})},
		{"a body of 1 MiB", "SendMessage", sending(params{"MessageBody": whole})},
		{"an attribute name of 256", "SendMessage", withAttribute(strings.Repeat("a", 256), "String", "v")},
		{"an attribute name of every character", "SendMessage", withAttribute("Az09_-.b", "String", "v")},
		{"a type with a label", "SendMessage", withAttribute("a", "Number.int", "7")},
		{"a number of 38 digits", "SendMessage", withAttribute("a", "Number", "12345678901234567890123456789012345678")},
		{"a negative number", "SendMessage", withAttribute("a", "Number", "-1.5e10")},
		{"bytes that are no text", "SendMessage", withAttribute("a", "Binary", []byte{0, 0xff, 1})},
		{"a group on a standard queue", "SendMessage", sending(params{"MessageGroupId": "tenant-7"})},
		{"a batch of 10", "SendMessageBatch", numbered(10, params{"MessageBody": "m"})},
		{"a batch with an id of 80", "SendMessageBatch", entries(params{"Id": strings.Repeat("i", 80), "MessageBody": "m"})},
		{"a batch of 1 MiB", "SendMessageBatch", numbered(2, params{"MessageBody": whole[:1<<19]})},
		{"a receive of 10", "ReceiveMessage", receiving("MaxNumberOfMessages", 10)},
		{"a receive for 0 s", "ReceiveMessage", receiving("VisibilityTimeout", 0)},
		{"a receive for 12 h", "ReceiveMessage", receiving("VisibilityTimeout", 43200)},
		{"a receive that waits 20 s", "ReceiveMessage", receiving("WaitTimeSeconds", 20)},
		{"a receive that waits 0 s", "ReceiveMessage", receiving("WaitTimeSeconds", 0)},
		{"a receive with an attempt id", "ReceiveMessage", receiving("ReceiveRequestAttemptId", "attempt-1")},
	}
	askEach(t, func(c *conversation) { c.queue("letters", nil) }, cases,
		func(r request) request { return r },
		func(a *answer, _ request) {
			if a.status != http.StatusOK {
				a.t.Errorf("%d %s", a.status, a.text)
			}
		})
}
