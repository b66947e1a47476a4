package deadletter

// isLambdaDeadLetter knows what Lambda puts into the dead letter queue of a function: the event of an asynchronous
// invocation, with attributes of its own.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
func isLambdaDeadLetter(m *foreign) bool {
	return m.has("RequestID") && (m.has("ErrorCode") || m.has("ErrorMessage"))
}

func readLambdaDeadLetter(m *foreign) *Letter {
	l := m.whole()
	l.ID = fitID(m.attribute("RequestID"))
	l.ErrorCode = failedStatus(m.attribute("ErrorCode"))
	l.Error = said(m.attribute("ErrorCode"), m.attribute("ErrorMessage"))
	return l
}
