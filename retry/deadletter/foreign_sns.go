package deadletter

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// isNotification knows the envelope in which SNS sends a message to a queue, unless raw delivery is on.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
func isNotification(m *foreign) bool {
	e := m.members
	message := e["Message"]
	return e.text("Type") == "Notification" && e.text("TopicArn") != "" && e.text("MessageId") != "" && len(message) > 0 && message[0] == '"'
}

// readNotification reads the message out of its envelope. Each subscription has a copy of its own, and tells itself
// apart by the URL that ends it.
func readNotification(m *foreign) *Letter {
	message := m.members.text("Message")
	exact := !strings.ContainsRune(message, utf8.RuneError) // which half a surrogate pair becomes too
	l := m.inside(m.members["Message"], []byte(message), exact)
	if !json.Valid(l.Payload) {
		l.Headers = contentType("text/plain; charset=utf-8")
	}
	l.ID = apart(fitID(m.members.text("MessageId")), m.members.text("UnsubscribeURL"))
	l.Timestamp = m.members.time("Timestamp")
	return l
}
