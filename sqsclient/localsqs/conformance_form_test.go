package localsqs_test

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// This file says requests and answers of the conformance tests in the AWS Query protocol: forms and XML.

const queryNamespace = "http://queue.amazonaws.com/doc/2012-11-05/"

func queryRequest(t *testing.T, operation string, in params) *http.Request {
	t.Helper()
	r := newRequest(t, http.MethodPost, "http://queues/", queryForm(operation, in).Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return r
}

func queryForm(operation string, in params) url.Values {
	form := url.Values{"Action": {operation}, "Version": {"2012-11-05"}}
	for name, value := range in {
		addParameter(form, queryName(operation, name), value)
	}
	return form
}

// queryName is what the Query protocol calls the elements of a list or map, which it does not wrap.
func queryName(operation, name string) string {
	switch name {
	case "Entries":
		return operation + "RequestEntry"
	case "Actions":
		return "ActionName"
	case "Attributes", "AttributeNames", "MessageAttributes", "MessageAttributeNames", "MessageSystemAttributes",
		"MessageSystemAttributeNames", "TagKeys", "AWSAccountIds":
		return strings.TrimSuffix(name, "s")
	case "Tags", "tags":
		return "Tag"
	default:
		return name
	}
}

func addParameter(form url.Values, name string, value any) {
	switch v := value.(type) {
	case params:
		for i, key := range slices.Sorted(maps.Keys(v)) {
			addEntry(form, fmt.Sprintf("%s.%d", name, i+1), key, v[key])
		}
	case list:
		for i, element := range v {
			addElement(form, fmt.Sprintf("%s.%d", name, i+1), element)
		}
	default:
		form.Set(name, scalar(v))
	}
}

// addEntry adds an entry of a map.
func addEntry(form url.Values, at, key string, value any) {
	if strings.HasPrefix(at, "Tag.") {
		form.Set(at+".Key", key)
	} else {
		form.Set(at+".Name", key)
	}
	addMembers(form, at+".Value", value)
}

// addElement adds an element of a list: an entry of a batch, or a string.
func addElement(form url.Values, at string, element any) {
	entry, isEntry := element.(params)
	if !isEntry {
		form.Set(at, scalar(element))
		return
	}
	for name, value := range entry {
		addParameter(form, at+"."+queryName("", name), value)
	}
}

// addMembers adds the value of a map: a string, or a message attribute.
func addMembers(form url.Values, at string, value any) {
	members, isAttribute := value.(params)
	if !isAttribute {
		form.Set(at, scalar(value))
		return
	}
	for name, member := range members {
		form.Set(at+"."+name, scalar(member))
	}
}

func scalar(value any) string {
	if b, binary := value.([]byte); binary {
		return base64.StdEncoding.EncodeToString(b)
	}
	return fmt.Sprint(value)
}

// element is an element of an XML answer.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

func (e element) child(name string) element {
	for _, c := range e.Children {
		if c.XMLName.Local == name {
			return c
		}
	}
	return element{}
}

func readQuery(t *testing.T, operation string, a *answer) {
	t.Helper()
	if kind := a.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/xml") {
		t.Errorf("%s: an answer of type %q", operation, kind)
	}
	var root element
	if err := xml.Unmarshal(a.text, &root); err != nil {
		t.Fatalf("%s: %q is not XML: %v", operation, a.text, err)
	}
	if root.XMLName.Space != queryNamespace {
		t.Errorf("%s: an answer in namespace %q", operation, root.XMLName.Space)
	}
	if a.status != http.StatusOK {
		readQueryError(t, a, root)
		return
	}
	if root.XMLName.Local != operation+"Response" || root.child("ResponseMetadata").child("RequestId").Text == "" {
		t.Errorf("%s: not an answer with a request id: %s", operation, a.text)
	}
	a.output = root.child(operation + "Result").members()
}

func readQueryError(t *testing.T, a *answer, root element) {
	t.Helper()
	if root.XMLName.Local != "ErrorResponse" || root.child("RequestId").Text == "" {
		t.Errorf("%s: not an error with a request id: %s", a.asked, a.text)
	}
	e := root.child("Error")
	a.code, a.whose, a.message = e.child("Code").Text, e.child("Type").Text, e.child("Message").Text
}

// plural is what JSON calls the list that holds all elements of a name.
var plural = map[string]string{
	"ListQueuesResult/QueueUrl":                                                  "QueueUrls",
	"ListDeadLetterSourceQueuesResult/QueueUrl":                                  "queueUrls",
	"ReceiveMessageResult/Message":                                               "Messages",
	"SendMessageBatchResult/SendMessageBatchResultEntry":                         "Successful",
	"SendMessageBatchResult/BatchResultErrorEntry":                               "Failed",
	"DeleteMessageBatchResult/DeleteMessageBatchResultEntry":                     "Successful",
	"DeleteMessageBatchResult/BatchResultErrorEntry":                             "Failed",
	"ChangeMessageVisibilityBatchResult/ChangeMessageVisibilityBatchResultEntry": "Successful",
	"ChangeMessageVisibilityBatchResult/BatchResultErrorEntry":                   "Failed",
	"ListMessageMoveTasksResult/ListMessageMoveTasksResultEntry":                 "Results",
}

// keyed is what JSON calls the map that holds all elements of a name, by what their keys are called.
var keyed = map[string][2]string{
	"GetQueueAttributesResult/Attribute": {"Attributes", "Name"},
	"Message/Attribute":                  {"Attributes", "Name"},
	"Message/MessageAttribute":           {"MessageAttributes", "Name"},
	"ListQueueTagsResult/Tag":            {"Tags", "Key"},
}

// members gives an element the structure that it has in JSON.
func (e element) members() any {
	if len(e.Children) == 0 && e.XMLName.Local != "" && !strings.HasSuffix(e.XMLName.Local, "Result") {
		return e.Text
	}
	all := map[string]any{}
	for _, c := range e.Children {
		name := e.XMLName.Local + "/" + c.XMLName.Local
		if of, isMap := keyed[name]; isMap {
			entries, _ := all[of[0]].(map[string]any)
			if entries == nil {
				entries = map[string]any{}
			}
			entries[c.child(of[1]).Text] = c.child("Value").members()
			all[of[0]] = entries
		} else if of, isList := plural[name]; isList {
			elements, _ := all[of].([]any)
			all[of] = append(elements, c.members())
		} else {
			all[c.XMLName.Local] = c.members()
		}
	}
	return all
}
