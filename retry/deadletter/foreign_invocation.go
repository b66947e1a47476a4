package deadletter

// isInvocationRecord knows what Lambda sends to the on-failure destination of a function: a record of the invocation,
// with the event in it.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
func isInvocationRecord(m *foreign) bool {
	request := objectOf(m.members["requestContext"])
	return request.text("requestId") != "" && request.text("functionArn") != "" && len(m.members["requestPayload"]) > 0
}

// readInvocationRecord reads the event out of the record.
func readInvocationRecord(m *foreign) *Letter {
	payload := m.members["requestPayload"]
	l := m.inside(payload, payload, true)
	request, response := objectOf(m.members["requestContext"]), objectOf(m.members["responseContext"])
	l.ID = fitID(request.text("requestId"))
	l.Timestamp = m.members.time("timestamp")
	l.ErrorCode = failedStatus(string(response["statusCode"]))
	l.Error = said(request.text("condition"), invoked(request), response.text("functionError"), objectOf(m.members["responsePayload"]).text("errorMessage"))
	return l
}

func invoked(request object) string {
	n := request["approximateInvokeCount"]
	if len(n) == 0 {
		return ""
	}
	return "invocations " + string(n)
}
