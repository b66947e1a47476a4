package localsqs

import "regexp"

// outgoing is a message as a client sends it, alone or in a batch.
type outgoing struct {
	MessageBody             text
	DelaySeconds            *int
	MessageAttributes       map[string]attribute
	MessageSystemAttributes map[string]attribute
	MessageGroupId          text // on a standard queue: kept and returned, without effect on the order
	MessageDeduplicationId  text // for FIFO queues
}

const (
	maxDelaySeconds = 900
	traceHeader     = "AWSTraceHeader" // the only system attribute that can be sent
)

// token is what a message group, a deduplication or a receive attempt may be called: alphanumeric and punctuation.
var token = regexp.MustCompile(`^[!-~]{1,128}$`)

func checkToken(parameter, value string) error {
	if value == "" || token.MatchString(value) {
		return nil
	}
	return invalidParameter("Value %.200q for parameter %s is invalid. Reason: %[2]s can only include alphanumeric and punctuation characters. 1 to 128 in length.", value, parameter)
}

// check says what is wrong with the message whatever the queue.
func (m outgoing) check() error {
	switch {
	case m.MessageBody == "":
		return missingParameter("MessageBody")
	case !validCharacters(string(m.MessageBody)):
		return plain("InvalidMessageContents", "Invalid characters found: the body may hold #x9 | #xA | #xD | [#x20 to #xD7FF] | [#xE000 to #xFFFD] | [#x10000 to #x10FFFF].")
	case m.DelaySeconds != nil && (*m.DelaySeconds < 0 || *m.DelaySeconds > maxDelaySeconds):
		return invalidParameter("Value %d for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= %d.", *m.DelaySeconds, maxDelaySeconds)
	}
	if err := checkToken("MessageGroupId", string(m.MessageGroupId)); err != nil {
		return err
	}
	if err := checkToken("MessageDeduplicationId", string(m.MessageDeduplicationId)); err != nil {
		return err
	}
	for name, a := range m.MessageSystemAttributes {
		if name != traceHeader || baseType(a.DataType) != "String" {
			return invalidParameter("Message system attribute name '%.100s' is invalid: only %s, a String, can be sent.", name, traceHeader)
		}
		if err := a.check("system", name); err != nil {
			return err
		}
	}
	return checkAttributes(m.MessageAttributes)
}

// size is what counts against SQS's limits. System attributes do not.
func (m outgoing) size() int { return len(m.MessageBody) + attributeBytes(m.MessageAttributes) }

func tooLong[Int int | int64](limit Int) *fault {
	return invalidParameter("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", limit)
}

// content is what is stored of the message. What a FIFO queue goes by stands beside it.
func (m outgoing) content(id, sender string, fifo bool) content {
	system := map[string]string{"SenderId": sender}
	if m.MessageGroupId != "" && !fifo {
		system["MessageGroupId"] = string(m.MessageGroupId)
	}
	if trace, sent := m.MessageSystemAttributes[traceHeader]; sent {
		system[traceHeader] = string(trace.value())
	}
	return content{ID: id, Attributes: m.MessageAttributes, System: system, Body: string(m.MessageBody)}
}

func (m outgoing) output(id, sequenceNumber string) sendMessageOutput {
	return sendMessageOutput{
		MessageId:                    id,
		MD5OfMessageBody:             digestBody(string(m.MessageBody)),
		MD5OfMessageAttributes:       digestAttributes(m.MessageAttributes),
		MD5OfMessageSystemAttributes: digestAttributes(m.MessageSystemAttributes),
		SequenceNumber:               sequenceNumber,
	}
}
