package localsqs_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestBothProtocolsSayTheSame: what is asked in a form is what is asked in JSON, be it right or wrong, and so is what came of it.
func TestBothProtocolsSayTheSame(t *testing.T) {
	inJSON, inForms := newConversation(t, protocols[0]), newConversation(t, protocols[1])
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		url := inJSON.queue(fmt.Sprint("q", runs), nil)
		inForms.queue(fmt.Sprint("q", runs), nil)
		same := func(operation string, in params) {
			in["QueueUrl"] = url
			a, b := inJSON.ask(operation, in), inForms.ask(operation, in)
			if a.status != b.status || a.code != b.code || !reflect.DeepEqual(lasting(a.output), lasting(b.output)) && a.code == "" {
				rt.Fatalf("%s %v: in JSON\n%d %s\nin a form\n%d %s", operation, in, a.status, a.text, b.status, b.text)
			}
		}
		for range rapid.IntRange(1, 3).Draw(rt, "requests") {
			operation := rapid.SampledFrom([]string{
				"SendMessage", "SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch", "SetQueueAttributes", "TagQueue", "UntagQueue",
			}).Draw(rt, "operation")
			same(operation, anyInput(rt, operation))
		}
		same("ListQueueTags", params{})
		same("GetQueueAttributes", params{"AttributeNames": list{"DelaySeconds", "VisibilityTimeout", "Policy"}})
		same("ReceiveMessage", anyInput(rt, "ReceiveMessage"))
		same("ReceiveMessage", params{"MaxNumberOfMessages": 10, "AttributeNames": list{"All"}, "MessageAttributeNames": list{"All"}})
	})
}

// lasting is an output without what differs from one server to the next, and all scalars as text.
func lasting(output any) any {
	switch v := output.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, member := range v {
			switch name {
			case "MessageId", "ReceiptHandle", "SentTimestamp", "ApproximateFirstReceiveTimestamp", "Message":
				continue
			}
			if member := lasting(member); member != nil {
				kept[name] = member
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return kept
	case []any:
		var kept []any
		for _, element := range v {
			kept = append(kept, lasting(element))
		}
		return kept
	case nil:
		return nil
	default:
		return fmt.Sprint(v)
	}
}

// Pieces of what is sent: what forms, JSON and XML each escape, and what SQS refuses.
var (
	anyText = rapid.Custom(func(rt *rapid.T) string {
		var text strings.Builder
		for _, piece := range rapid.SliceOfN(rapid.SampledFrom([]string{
			"a", "Z", " ", "+", "%", "%41", "&", "=", ";", ".", "<", "]]>", `"`, `\`, "\r\n", "\t", "\u0085", "\u2028", "é", "\ufffd", "\U0001F600", "\x00", "\x1b", "\uffff",
		}), 0, 6).Draw(rt, "pieces") {
			text.WriteString(piece)
		}
		return text.String()
	})
	anyName    = rapid.SampledFrom([]string{"a", "b.c", "é", "", "AWS.x", "a b", "1", "Name", "Value"})
	anySeconds = rapid.SampledFrom([]int{-1, 0, 1, 900, 901, 43200, 43201})
)

// anyInput draws parameters, of which each may be missing or wrong.
func anyInput(rt *rapid.T, operation string) params {
	in := params{}
	switch operation {
	case "SendMessage":
		return anyMessage(rt)
	case "SendMessageBatch":
		in["Entries"] = anyEntries(rt, anyMessage)
	case "DeleteMessageBatch", "ChangeMessageVisibilityBatch":
		in["Entries"] = anyEntries(rt, func(rt *rapid.T) params {
			entry := params{}
			perhaps(rt, entry, "ReceiptHandle", anyText)
			perhaps(rt, entry, "VisibilityTimeout", anySeconds)
			return entry
		})
	case "SetQueueAttributes":
		in["Attributes"] = anyMap(rt, rapid.SampledFrom([]string{"DelaySeconds", "VisibilityTimeout", "Policy", "x", ""}), func(rt *rapid.T) any {
			return rapid.OneOf(rapid.SampledFrom([]string{"0", "7", "901", "+7", ""}), anyText).Draw(rt, "value")
		})
	case "TagQueue":
		in["Tags"] = anyMap(rt, anyText, func(rt *rapid.T) any { return anyText.Draw(rt, "value") })
	case "UntagQueue":
		in["TagKeys"] = anyList(rt, anyText)
	case "ReceiveMessage":
		perhaps(rt, in, "MaxNumberOfMessages", rapid.IntRange(0, 11))
		perhaps(rt, in, "VisibilityTimeout", rapid.SampledFrom([]int{-1, 0, 43201}))
		in["AttributeNames"] = anyList(rt, rapid.SampledFrom([]string{"All", "SenderId", "MessageGroupId", "x", ""}))
		in["MessageAttributeNames"] = anyList(rt, rapid.SampledFrom([]string{"All", ".*", "b.*", "a", ""}))
	}
	return in
}

func anyMessage(rt *rapid.T) params {
	in := params{}
	perhaps(rt, in, "MessageBody", mostly("é +%41&=;<]]>\r\n\u0085\U0001F600", anyText))
	perhaps(rt, in, "DelaySeconds", mostly(0, anySeconds))
	perhaps(rt, in, "MessageGroupId", mostly("g", anyText))
	in["MessageAttributes"] = anyMap(rt, mostly("a", anyName), func(rt *rapid.T) any {
		value := rapid.SampledFrom([]params{
			{"DataType": "String", "StringValue": "é +%&\r"}, {"DataType": "Number.x", "StringValue": "1e5"}, {"DataType": "Binary.png", "BinaryValue": []byte{0, 255, 251}},
		}).Draw(rt, "value")
		if rapid.IntRange(0, 3).Draw(rt, "value is right") > 0 {
			return value
		}
		value = params{}
		perhaps(rt, value, "DataType", rapid.SampledFrom([]string{"String", "Number", "Binary", "Float", ""}))
		perhaps(rt, value, "StringValue", anyText)
		perhaps(rt, value, "BinaryValue", rapid.SliceOfN(rapid.Byte(), 0, 4))
		return value
	})
	return in
}

func anyEntries(rt *rapid.T, draw func(*rapid.T) params) list {
	entries := list{}
	for i := range rapid.IntRange(0, 11).Draw(rt, "entries") {
		entry := draw(rt)
		entry["Id"] = mostly(fmt.Sprint(i), anyText).Draw(rt, "Id") // a form cannot say an entry with nothing in it
		entries = append(entries, entry)
	}
	return entries
}

func anyMap(rt *rapid.T, names *rapid.Generator[string], draw func(*rapid.T) any) params {
	all := params{}
	for range rapid.IntRange(0, 3).Draw(rt, "members") {
		all[names.Draw(rt, "name")] = draw(rt)
	}
	return all
}

func anyList(rt *rapid.T, elements *rapid.Generator[string]) list {
	all := list{}
	for _, element := range rapid.SliceOfN(elements, 0, 3).Draw(rt, "elements") {
		all = append(all, element)
	}
	return all
}

// perhaps sets a parameter more often than not.
func perhaps[T any](rt *rapid.T, in params, name string, values *rapid.Generator[T]) {
	if rapid.IntRange(0, 3).Draw(rt, name+" is given") > 0 {
		in[name] = values.Draw(rt, name)
	}
}

// mostly is a value that is right, and now and then one that may not be.
func mostly[T any](right T, values *rapid.Generator[T]) *rapid.Generator[T] {
	return rapid.OneOf(rapid.Just(right), rapid.Just(right), rapid.Just(right), rapid.Just(right), values)
}
