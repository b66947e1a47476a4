package localsqs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rehook/sqsclient/localsqs"
)

func (s served) tags(tb testing.TB, url string) map[string]string {
	tb.Helper()
	out, err := s.ListQueueTags(tb.Context(), &sqs.ListQueueTagsInput{QueueUrl: &url})
	if err != nil {
		tb.Fatal(err)
	}
	return out.Tags
}

func TestTagsSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	server, err := localsqs.Open(localsqs.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, server)
	out, err := s.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("letters"), Tags: map[string]string{"team": "a", "cost": ""}})
	if err != nil {
		t.Fatal(err)
	}
	url := *out.QueueUrl
	if _, err := s.TagQueue(t.Context(), &sqs.TagQueueInput{QueueUrl: &url, Tags: map[string]string{"team": "b", "": "x"}}); !isCode(err, "InvalidParameterValue") {
		t.Errorf("an empty key: %v", err)
	}
	if _, err := s.TagQueue(t.Context(), &sqs.TagQueueInput{QueueUrl: &url, Tags: map[string]string{"team": "b", "ä": "c"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UntagQueue(t.Context(), &sqs.UntagQueueInput{QueueUrl: &url, TagKeys: []string{"cost", "none"}}); err != nil {
		t.Fatal(err)
	}
	s.set(t, url, map[string]string{"DelaySeconds": "4"})
	want := map[string]string{"team": "b", "ä": "c"}
	if got := s.tags(t, url); !maps.Equal(got, want) {
		t.Errorf("before: %v", got)
	}
	s.stop()
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	s = serve(t, open(t, dir))
	if got := s.tags(t, url); !maps.Equal(got, want) {
		t.Errorf("after: %v", got)
	}
	if got := s.attributes(t, url)["DelaySeconds"]; got != "4" {
		t.Errorf("DelaySeconds %s", got)
	}
}

func TestTagsHaveLimits(t *testing.T) {
	s, url := serveQueue(t)
	many := map[string]string{}
	for i := range 50 {
		many[strconv.Itoa(i)] = strings.Repeat("ä", 256)
	}
	if _, err := s.TagQueue(t.Context(), &sqs.TagQueueInput{QueueUrl: &url, Tags: many}); err != nil {
		t.Fatal(err)
	}
	for name, tags := range map[string]map[string]string{
		"a 51st":     {"new": ""},
		"long key":   {strings.Repeat("k", 129): ""},
		"long value": {"1": strings.Repeat("v", 257)},
		"AWS's own":  {"aws:x": ""},
		"AWS's too":  {"AWS:x": ""},
	} {
		if _, err := s.TagQueue(t.Context(), &sqs.TagQueueInput{QueueUrl: &url, Tags: tags}); !isCode(err, "InvalidParameterValue") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.TagQueue(t.Context(), &sqs.TagQueueInput{QueueUrl: &url, Tags: map[string]string{}}); !isCode(err, "MissingParameter") {
		t.Errorf("none: %v", err)
	}
	if _, err := s.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("x"), Tags: map[string]string{"aws:x": ""}}); !isCode(err, "InvalidParameterValue") {
		t.Errorf("a new queue: %v", err)
	}
	if got := s.tags(t, url); !maps.Equal(got, many) {
		t.Errorf("refusals left %v", got)
	}
}

func TestQueryTags(t *testing.T) {
	server := open(t, t.TempDir())
	postOK(t, server, "CreateQueue", "QueueName", "letters", "Tag.1.Key", "a", "Tag.1.Value", "1", "Tag.2.Key", "b", "Tag.2.Value", "")
	postOK(t, server, "TagQueue", "Tag.Key", "c", "Tag.Value", "3")
	postOK(t, server, "UntagQueue", "TagKey.1", "a")
	w := post(t, server, "/000000000000/letters", "Action", "ListQueueTags")
	if !strings.Contains(w.Body.String(), "<Tag><Key>b</Key><Value></Value></Tag><Tag><Key>c</Key><Value>3</Value></Tag>") {
		t.Error(w.Body)
	}
}

// policy is the parts of a policy that the tests read.
type policy struct {
	Version, ID string
	Statement   []struct {
		Sid, Effect, Resource string
		Principal             map[string]any
		Action                any
	}
}

func (s served) policy(tb testing.TB, url string) policy {
	tb.Helper()
	var p policy
	if err := json.Unmarshal([]byte(s.attributes(tb, url)["Policy"]), &p); err != nil {
		tb.Fatal(err)
	}
	return p
}

func (s served) allow(tb testing.TB, url, label string, actions ...string) error {
	tb.Helper()
	_, err := s.AddPermission(tb.Context(), &sqs.AddPermissionInput{QueueUrl: &url, Label: &label, AWSAccountIds: []string{"111111111111"}, Actions: actions})
	return err
}

func TestPermissionsAreStatementsOfThePolicy(t *testing.T) {
	server := open(t, t.TempDir())
	s := serve(t, server)
	url := s.queue(t, nil)
	if err := s.allow(t, url, "send", "SendMessage"); err != nil {
		t.Fatal(err)
	}
	postOK(t, server, "AddPermission", "Label", "more", "AWSAccountId.1", "111111111111", "AWSAccountId.2", "222222222222", "ActionName.1", "ReceiveMessage", "ActionName.2", "*")
	arn := "arn:aws:sqs:us-east-1:000000000000:letters"
	want := fmt.Sprintf("{2008-10-17 %[1]s/SQSDefaultPolicy [{send Allow %[1]s map[AWS:arn:aws:iam::111111111111:root] SQS:SendMessage}"+
		" {more Allow %[1]s map[AWS:[arn:aws:iam::111111111111:root arn:aws:iam::222222222222:root]] [SQS:ReceiveMessage SQS:*]}]}", arn)
	if got := fmt.Sprint(s.policy(t, url)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if err := s.allow(t, url, "send", "SendMessage"); !isCode(err, "InvalidParameterValue") || !strings.Contains(err.Error(), "Already exists.") {
		t.Errorf("the same label: %v", err)
	}
	remove := func(label string) error {
		_, err := s.RemovePermission(t.Context(), &sqs.RemovePermissionInput{QueueUrl: &url, Label: &label})
		return err
	}
	if err := remove("none"); !isCode(err, "InvalidParameterValue") || !strings.Contains(err.Error(), "can't find label.") {
		t.Errorf("another label: %v", err)
	}
	if err := remove("send"); err != nil || s.policy(t, url).Statement[0].Sid != "more" {
		t.Errorf("%v, %+v", err, s.policy(t, url))
	}
	if err := remove("more"); err != nil || s.attributes(t, url)["Policy"] != "" {
		t.Errorf("%v, %q", err, s.attributes(t, url)["Policy"])
	}
}

func TestPermissionsLeaveTheRestOfAPolicy(t *testing.T) {
	s, url := serveQueue(t)
	s.set(t, url, map[string]string{"Policy": `{"Version":"2012-10-17","Id":"mine","Statement":{"Sid":"one","Effect":"Deny","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}`})
	if err := s.allow(t, url, "two", "SendMessage"); err != nil {
		t.Fatal(err)
	}
	got := s.attributes(t, url)["Policy"]
	for _, part := range []string{`"Version":"2012-10-17"`, `"Id":"mine"`, `"Condition":{"Bool":{"aws:SecureTransport":"false"}}`, `"Sid":"two"`} {
		if !strings.Contains(got, part) {
			t.Errorf("%s is not in %s", part, got)
		}
	}
}

func TestPermissionsThatAreRefused(t *testing.T) {
	server := withLetters(t)
	ask := func(pairs ...string) xmlAnswer {
		return read(t, post(t, server, "/000000000000/letters", append(pairs, "Action", "AddPermission")...))
	}
	for name, c := range map[string]struct {
		got  xmlAnswer
		want string
	}{
		"no label":       {ask("AWSAccountId.1", "111111111111", "ActionName.1", "*"), "MissingParameter"},
		"no account":     {ask("Label", "l", "ActionName.1", "*"), "MissingParameter"},
		"no action":      {ask("Label", "l", "AWSAccountId.1", "111111111111"), "MissingParameter"},
		"strange label":  {ask("Label", "l l", "AWSAccountId.1", "111111111111", "ActionName.1", "*"), "InvalidParameterValue"},
		"no account id":  {ask("Label", "l", "AWSAccountId.1", "1", "ActionName.1", "*"), "InvalidParameterValue"},
		"owner's action": {ask("Label", "l", "AWSAccountId.1", "111111111111", "ActionName.1", "DeleteQueue"), "InvalidParameterValue"},
	} {
		if c.got.Error.Code != c.want {
			t.Errorf("%s: %+v", name, c.got.Error)
		}
	}
	for i := range 21 {
		a := ask("Label", strconv.Itoa(i), "AWSAccountId.1", "111111111111", "ActionName.1", "SendMessage")
		if want := map[bool]string{true: "OverLimit"}[i == 20]; a.Error.Code != want {
			t.Errorf("statement %d: %+v", i+1, a.Error)
		}
	}
}

func TestSettingsOfPolicyAndEncryption(t *testing.T) {
	s, url := serveQueue(t)
	for _, c := range []struct{ name, value string }{
		{"Policy", "x"},
		{"Policy", "[]"},
		{"Policy", "null"},
		{"Policy", `{"x":"` + strings.Repeat("x", 8192) + `"}`},
		{"KmsMasterKeyId", strings.Repeat("x", 2049)},
		{"KmsDataKeyReusePeriodSeconds", "59"},
		{"KmsDataKeyReusePeriodSeconds", "86401"},
		{"SqsManagedSseEnabled", "yes"},
	} {
		_, err := s.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{c.name: c.value}})
		if !isCode(err, "InvalidAttributeValue") {
			t.Errorf("%s %.20s: %v", c.name, c.value, err)
		}
	}
	_, err := s.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{"KmsMasterKeyId": "alias/x", "SqsManagedSseEnabled": "true"}})
	if !isCode(err, "InvalidAttributeValue") {
		t.Errorf("two kinds of encryption: %v", err)
	}
	s.set(t, url, map[string]string{"KmsMasterKeyId": "alias/x"})
	if got := s.attributes(t, url); got["SqsManagedSseEnabled"] != "false" || got["KmsDataKeyReusePeriodSeconds"] != "300" {
		t.Errorf("with a key: %v", got)
	}
	s.set(t, url, map[string]string{"SqsManagedSseEnabled": "true"})
	if got, has := s.attributes(t, url)["KmsMasterKeyId"]; has {
		t.Errorf("the key is still %q", got)
	}
}
