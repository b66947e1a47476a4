package localsqs

import (
	"mime"
	"net/http"
	"strings"
)

// query is the AWS Query protocol: forms in, XML out. SDKs and CLIs from before the end of 2023 speak it, and curl.
type query struct{}

// isForm reports whether a request's body is an HTML form.
func isForm(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

// request takes parameters from the body and the URL alike. A queue may be meant by the path alone.
func (query) request(r *http.Request, body []byte) (name string, decode func(in any) error, err error) {
	f := &form{}
	if err := f.parse(string(body)); err != nil {
		return "", nil, err
	}
	if err := f.parse(r.URL.RawQuery); err != nil {
		return "", nil, err
	}
	if path := strings.TrimRight(r.URL.Path, "/"); path != "" {
		f.add("QueueUrl", path)
	}
	action := f.child("Action")
	if action == nil || action.value == "" {
		return "", nil, plain("MissingAction", "The request must contain the parameter Action.")
	}
	if _, found := operations[action.value]; !found {
		return "", nil, plain("InvalidAction", "The action %.100s is not valid for this endpoint.", action.value)
	}
	return action.value, func(in any) error { return f.decode(action.value, in) }, nil
}

func (query) contentType() string { return "text/xml" }

// encode writes no result element for operations that have no output.
func (query) encode(name, requestID string, out any) ([]byte, error) {
	x := &xmlAnswer{action: name}
	x.open(name+"Response", namespace)
	if _, none := out.(nothing); !none {
		if err := x.value(name+"Result", out); err != nil {
			return nil, err
		}
	}
	x.open("ResponseMetadata", "")
	x.text("RequestId", requestID)
	x.close("ResponseMetadata")
	x.close(name + "Response")
	return x.bytes(), nil
}

func (p query) refuse(w http.ResponseWriter, f *fault) {
	x := &xmlAnswer{}
	x.open("ErrorResponse", namespace)
	x.open("Error", "")
	x.text("Type", f.whose())
	x.text("Code", f.query)
	x.text("Message", f.queryMessage())
	x.text("Detail", "")
	x.close("Error")
	x.text("RequestId", w.Header().Get(requestIDHeader))
	x.close("ErrorResponse")
	w.Header().Set("Content-Type", p.contentType())
	w.WriteHeader(f.status)
	_, _ = w.Write(x.bytes()) // else the client left
}

// flatName is what an element of a list or a map is called in forms and XML, where nothing stands around all of them.
func flatName(action, field string) string {
	switch field {
	case "Actions":
		return "ActionName"
	case "Entries":
		return action + "RequestEntry"
	case "Successful", "Results":
		return action + "ResultEntry"
	case "Failed":
		return "BatchResultErrorEntry"
	case "tags":
		return "Tag"
	case "queueUrls":
		return "QueueUrl"
	}
	return strings.TrimSuffix(field, "s")
}

// flatKey is what the key of a map is called in its elements; the value is called Value.
func flatKey(element string) string {
	if element == "Tag" {
		return "Key"
	}
	return "Name"
}
