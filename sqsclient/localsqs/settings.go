package localsqs

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// SQS's limits.
const (
	maxMessageBytes = 1 << 20 // of a message, and of a batch: body, attribute names, types and values
	maxInFlight     = 120_000 // messages of one queue
	maxVisibility   = 12 * time.Hour
	maxBatch        = 10
	maxNameLength   = 80
	maxFreeText     = 2048 // of an attribute that is a name or an ARN
)

// setting is an attribute of a queue that can be set.
type setting struct {
	name       string
	fallback   string // "" if the queue does not have the attribute until it is set
	number     bool
	least, max int64
	values     []string // all that it may be, if it is neither a number nor free text
	fifo       bool     // of FIFO queues only
}

// settings are all of them. What a policy must be like besides is with the policies.
var settings = []setting{
	{name: "DelaySeconds", fallback: "0", number: true, max: 900},
	{name: "MaximumMessageSize", fallback: "1048576", number: true, least: 1024, max: maxMessageBytes},
	{name: "MessageRetentionPeriod", fallback: "345600", number: true, least: 60, max: 1_209_600},
	{name: "ReceiveMessageWaitTimeSeconds", fallback: "0", number: true, max: 20},
	{name: "VisibilityTimeout", fallback: "30", number: true, max: 43_200},
	{name: "KmsDataKeyReusePeriodSeconds", number: true, least: 60, max: 86_400},
	{name: "KmsMasterKeyId"},
	{name: "Policy"},
	{name: "RedriveAllowPolicy"},
	{name: "RedrivePolicy"},
	{name: "FifoQueue", fifo: true, values: []string{"true"}},
	{name: "ContentBasedDeduplication", fifo: true, fallback: "false", values: []string{"true", "false"}},
	{name: "DeduplicationScope", fifo: true, fallback: "queue", values: []string{"queue", "messageGroup"}},
	{name: "FifoThroughputLimit", fifo: true, fallback: "perQueue", values: []string{"perQueue", "perMessageGroupId"}},
	{name: "SqsManagedSseEnabled", fallback: "true", values: []string{"true", "false"}},
}

func settingNamed(name string) (setting, bool) {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.name == name })
	if i < 0 {
		return setting{}, false
	}
	return settings[i], true
}

// checkSettings says what is wrong with attributes that a client wants to set for the queue of a name, the first by name.
func checkSettings(queueName string, attributes map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		s, known := settingNamed(name)
		if !known || s.fifo && !isFIFO(queueName) {
			return plain("InvalidAttributeName", "Unknown Attribute %.100s.", name)
		}
		if !s.accepts(attributes[name]) {
			return plain("InvalidAttributeValue", "Invalid value for the parameter %s.", name)
		}
	}
	if attributes["KmsMasterKeyId"] != "" && attributes["SqsManagedSseEnabled"] == "true" {
		return plain("InvalidAttributeValue", "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
	}
	return nil
}

// checkThroughput says what is wrong with attributes that a queue would have together.
func checkThroughput(attributes map[string]string) error {
	if attributes["FifoThroughputLimit"] == "perMessageGroupId" && attributes["DeduplicationScope"] != "messageGroup" {
		return plain("InvalidAttributeValue", "Invalid value for the parameter FifoThroughputLimit. Reason: perMessageGroupId needs the DeduplicationScope messageGroup.")
	}
	return nil
}

func (s setting) accepts(value string) bool {
	if s.values != nil {
		return slices.Contains(s.values, value)
	}
	switch {
	case s.name == "Policy":
		return validPolicy(value)
	case !s.number:
		return len(value) <= maxFreeText && validCharacters(value)
	}
	n, err := strconv.ParseInt(value, 10, 64)
	return err == nil && n >= s.least && n <= s.max
}

// setting returns the value of an attribute that was set or has a default, else "".
func (q *queue) setting(name string) string {
	if value, set := q.Attributes[name]; set {
		return value
	}
	s, _ := settingNamed(name)
	if s.fifo && q.fifo == nil {
		return ""
	}
	return s.fallback
}

func (q *queue) number(name string) int64 {
	n, _ := strconv.ParseInt(q.setting(name), 10, 64) // checked when it was set
	return n
}

func (q *queue) duration(name string) time.Duration {
	return time.Duration(q.number(name)) * time.Second
}

func (q *queue) retention() time.Duration { return q.duration("MessageRetentionPeriod") }
