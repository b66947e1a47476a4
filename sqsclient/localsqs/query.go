package localsqs

import (
	"fmt"
	"mime"
	"net/http"
)

// queryRefusal says in the older protocol, which is not served, what is.
const queryRefusal = `<?xml version="1.0"?>
<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type><Code>InvalidAction</Code>` +
	`<Message>This server speaks the AWS JSON protocol, not the older AWS Query protocol: use an SDK or CLI of 2024 or later.</Message>` +
	`<Detail/></Error><RequestId>%s</RequestId></ErrorResponse>
`

// isQuery reports whether a request is of the AWS Query protocol: an HTML form.
func isQuery(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

func refuseQuery(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = fmt.Fprintf(w, queryRefusal, w.Header().Get("X-Amzn-Requestid")) // else the client left
}
