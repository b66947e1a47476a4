package localsqs

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// awsJSON is the AWS JSON 1.0 protocol, which SDKs speak since the end of 2023.
type awsJSON struct{}

const (
	targetHeader = "X-Amz-Target"
	targetPrefix = "AmazonSQS."
	typePrefix   = "com.amazonaws.sqs#"
)

func (awsJSON) request(r *http.Request, body []byte) (name string, decode func(in any) error, err error) {
	name, known := strings.CutPrefix(r.Header.Get(targetHeader), targetPrefix)
	if _, found := operations[name]; !known || !found {
		return "", nil, plain("UnknownOperationException", "The operation %.100q is not known.", r.Header.Get(targetHeader))
	}
	return name, func(in any) error { return decodeJSON(body, in) }, nil
}

// decodeJSON reads the one JSON value that body is; no body is an empty object.
func decodeJSON(body []byte, in any) error {
	if len(body) == 0 {
		return nil
	}
	err := json.Unmarshal(body, in)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return plain("SerializationException", "%s is a JSON %s, which the operation does not take there.", cmp.Or(wrong.Field, "The request or a part of it"), wrong.Value)
	}
	if err != nil {
		return plain("SerializationException", "The request is not the JSON that the operation takes.")
	}
	return nil
}

func (awsJSON) contentType() string { return "application/x-amz-json-1.0" }

func (awsJSON) encode(_, _ string, out any) ([]byte, error) { return json.Marshal(out) }

// refuse sends also the code that the older Query protocol has for the error, by which many programs still tell
// errors apart.
func (p awsJSON) refuse(w http.ResponseWriter, f *fault) {
	w.Header().Set("Content-Type", p.contentType())
	w.Header().Set("X-Amzn-Query-Error", f.query+";"+f.whose())
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": typePrefix + f.code, "message": f.message}) // else the client left
}
