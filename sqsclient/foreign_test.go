package sqsclient_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/retry/deadletter"
)

func TestForeignMessagesStayWholeThroughEveryMove(t *testing.T) {
	const samples = "../retry/deadletter/testdata/foreign/"
	for name, source := range map[string]string{
		"eventbridge_dead": deadletter.SourceEventBridge, "lambda_dead": deadletter.SourceLambda, "lambda": deadletter.SourceLambda,
		"sns": deadletter.SourceSNS, "bare": deadletter.SourceBare, "unreadable": deadletter.SourceUnreadable,
	} {
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(samples + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			given := map[string]string{}
			if text, err := os.ReadFile(samples + name + ".attributes.json"); err == nil {
				if err := json.Unmarshal(text, &given); err != nil {
					t.Fatal(err)
				}
			}
			for n := len(given); n < 10; n++ { // the most that SQS takes
				given[fmt.Sprint("more.", n)] = "é"
			}
			want := map[string]deadletter.Attribute{}
			put := map[string]types.MessageAttributeValue{}
			for name, v := range given {
				want[name] = deadletter.Attribute{Type: "String", String: v}
				put[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(v)}
			}
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ensure(t)
				w.put(t, waitingName, string(body), put)
				c := w.open(t)
				l := receive(t, c, 1)[0]
				first := l.Letter
				if first.Source != source || !reflect.DeepEqual(first, deadletter.Read(body, want, l.MessageID)) {
					t.Errorf("received %+v", first)
				}
				assertMoved(t, "received", l, want, 0, nil)
				assertMoved(t, "replace", l, want, 0, c.Replace(t.Context(), l, first))
				l = receive(t, c, 1)[0]
				assertMoved(t, "park", l, want, 0, c.Park(t.Context(), l, first))
				l = receiveParked(t, c)
				assertMoved(t, "release", l, want, 0, c.Release(t.Context(), l, first))
				l = receive(t, c, 1)[0]
				assertMoved(t, "released", l, want, 0, nil)
				if !reflect.DeepEqual(l.Letter, first) {
					t.Errorf("after every move %+v, first %+v", l.Letter, first)
				}
			})
		})
	}
}
