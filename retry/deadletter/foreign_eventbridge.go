package deadletter

// isEventBridgeDeadLetter knows what EventBridge puts into the dead letter queue of a rule.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
func isEventBridgeDeadLetter(m *foreign) bool { return m.has("RULE_ARN") || m.has("TARGET_ARN") }

// isEvent knows an event that has come without those attributes, as from a rule whose target is the queue.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
func isEvent(m *foreign) bool {
	e := m.members
	return e.text("id") != "" && e.text("detail-type") != "" && e.text("source") != "" && e.text("time") != "" && len(e["detail"]) > 0
}

// readEventBridge reads an event: it is the payload. Each target that failed has a dead letter of it. The body of one
// that a schedule sent is what the schedule was given: it is the same each time, and so are an id and a time in it.
func readEventBridge(m *foreign) *Letter {
	l := m.whole()
	if isEvent(m) {
		l.ID = apart(fitID(m.members.text("id")), m.attribute("RULE_ARN"), m.attribute("TARGET_ARN"))
		l.Timestamp = m.members.time("time")
	}
	l.ErrorCode = failedStatus(m.attribute("ERROR_CODE"))
	l.Error = said(m.attribute("ERROR_CODE"), m.attribute("ERROR_MESSAGE"), retried(m))
	return l
}

func retried(m *foreign) string {
	n, until := m.attribute("RETRY_ATTEMPTS"), m.attribute("EXHAUSTED_RETRY_CONDITION")
	switch {
	case n == "":
		return until
	case until == "":
		return "retries " + n
	default:
		return "retries " + n + ", " + until
	}
}
