package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"rehook/sqsclient/localsqs"
)

// sqs stands in for AWS during a script, which finds it through the environment.
func sqs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: sqs")
	}
	ctx, stop := context.WithCancel(context.Background())
	server, url, ended, err := startSQS(ctx, ts.MkAbs("sqs"))
	ts.Check(err)
	ts.Defer(func() {
		stop()
		ts.Check(<-ended)
		ts.Check(server.Close())
	})
	for name, value := range awsEnvironment(url) {
		ts.Setenv(name, value)
	}
}

// openSQS stands in for AWS until the test ends, on queues that are kept in dir.
func openSQS(t *testing.T, dir string) (url string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	server, url, ended, err := startSQS(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return url
}

func startSQS(ctx context.Context, dir string) (*localsqs.Server, string, <-chan error, error) {
	server, err := localsqs.Open(localsqs.Config{Dir: dir})
	if err != nil {
		return nil, "", nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener) }()
	return server, "http://" + listener.Addr().String(), ended, nil
}

func awsEnvironment(url string) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL_SQS": url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
	}
}

// call makes one call of the SQS API as another program would.
func call(t *testing.T, url, operation string, input, output any) {
	t.Helper()
	body, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", operation, answer.Status)
	}
	if err := json.NewDecoder(answer.Body).Decode(output); err != nil {
		t.Fatal(err)
	}
}

// fill sends n six-field letters to a queue, by ten, as another program would.
func fill(t *testing.T, sqsURL, queue, endpoint string, n int) {
	t.Helper()
	var created struct{ QueueUrl string }
	call(t, sqsURL, "CreateQueue", map[string]any{"QueueName": queue}, &created)
	call(t, sqsURL, "CreateQueue", map[string]any{"QueueName": queue + "-parked"}, &struct{}{})
	for sent := 0; sent < n; {
		var entries []map[string]string
		for ; len(entries) < 10 && sent < n; sent++ {
			entries = append(entries, map[string]string{"Id": fmt.Sprint(len(entries)), "MessageBody": fmt.Sprintf(
				`{"id":"00000000-0000-4000-8000-%012d","timestamp":"2026-01-02T03:04:05","original_endpoint":%q,"error_code":503,"payload":%s,"retry_count":0}`,
				sent, endpoint, payload(sent))})
		}
		var answer struct{ Failed []struct{} }
		call(t, sqsURL, "SendMessageBatch", map[string]any{"QueueUrl": created.QueueUrl, "Entries": entries}, &answer)
		if len(answer.Failed) > 0 {
			t.Fatalf("%d were not sent", len(answer.Failed))
		}
	}
}

// left is how many messages the queue "orders" holds: visible, and leased.
func left(t *testing.T, sqsURL string) string {
	t.Helper()
	var found struct{ QueueUrl string }
	call(t, sqsURL, "GetQueueUrl", map[string]any{"QueueName": "orders"}, &found)
	var answer struct{ Attributes map[string]string }
	call(t, sqsURL, "GetQueueAttributes", map[string]any{"QueueUrl": found.QueueUrl, "AttributeNames": []string{"All"}}, &answer)
	return answer.Attributes["ApproximateNumberOfMessages"] + " and " + answer.Attributes["ApproximateNumberOfMessagesNotVisible"]
}
