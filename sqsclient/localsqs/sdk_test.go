package localsqs_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// The tests in this file hold the operations that rehook itself does not need to what the SDK for Go makes of them.

func (s served) named(tb testing.TB, name string, attributes map[string]string) string {
	tb.Helper()
	out, err := s.CreateQueue(tb.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		tb.Fatal(err)
	}
	return *out.QueueUrl
}

func isStatus(err error, status int) bool {
	response, ok := errors.AsType[*awshttp.ResponseError](err)
	return ok && response.HTTPStatusCode() == status
}

func TestErrorsAreOfTheSDKsTypes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		nowhere := aws.String("http://queues/000000000000/nowhere")
		entry := types.SendMessageBatchRequestEntry{Id: aws.String("a"), MessageBody: aws.String("m")}
		batch := func(entries ...types.SendMessageBatchRequestEntry) error {
			_, err := s.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
			return err
		}
		set := func(name, value string) error {
			_, err := s.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{name: value}})
			return err
		}
		_, missingQueue := s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: nowhere})
		_, otherQueue := s.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("letters"), Attributes: map[string]string{"DelaySeconds": "5"}})
		_, contents := s.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("\x01")})
		_, handle := s.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: aws.String("x")})
		_, parameter := s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 11})
		twice := func() error {
			_, _ = s.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &url})
			_, err := s.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &url})
			return err
		}()
		for name, holds := range map[string]bool{
			"QueueDoesNotExist":            isError[*types.QueueDoesNotExist](missingQueue) && isStatus(missingQueue, http.StatusBadRequest),
			"QueueNameExists":              isError[*types.QueueNameExists](otherQueue),
			"InvalidMessageContents":       isError[*types.InvalidMessageContents](contents),
			"ReceiptHandleIsInvalid":       isError[*types.ReceiptHandleIsInvalid](handle),
			"InvalidParameterValue":        isCode(parameter, "InvalidParameterValue"),
			"PurgeQueueInProgress":         isError[*types.PurgeQueueInProgress](twice) && isStatus(twice, http.StatusForbidden),
			"EmptyBatchRequest":            isError[*types.EmptyBatchRequest](batch([]types.SendMessageBatchRequestEntry{}...)),
			"TooManyEntriesInBatchRequest": isError[*types.TooManyEntriesInBatchRequest](batch(slices.Repeat([]types.SendMessageBatchRequestEntry{entry}, 11)...)),
			"BatchEntryIdsNotDistinct":     isError[*types.BatchEntryIdsNotDistinct](batch(entry, entry)),
			"InvalidBatchEntryId":          isError[*types.InvalidBatchEntryId](batch(types.SendMessageBatchRequestEntry{Id: aws.String("a b"), MessageBody: aws.String("m")})),
			"InvalidAttributeName":         isError[*types.InvalidAttributeName](set("Colour", "red")),
			"InvalidAttributeValue":        isError[*types.InvalidAttributeValue](set("DelaySeconds", "901")),
		} {
			if !holds {
				t.Errorf("not the SDK's %s", name)
			}
		}
	})
}

func TestTagsThroughTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		_, tagged := s.TagQueue(t.Context(), &sqs.TagQueueInput{QueueUrl: &url, Tags: map[string]string{"team": "hooks", "a": ""}})
		_, untagged := s.UntagQueue(t.Context(), &sqs.UntagQueueInput{QueueUrl: &url, TagKeys: []string{"a"}})
		out, err := s.ListQueueTags(t.Context(), &sqs.ListQueueTagsInput{QueueUrl: &url})
		if err := errors.Join(tagged, untagged, err); err != nil {
			t.Fatal(err)
		}
		if len(out.Tags) != 1 || out.Tags["team"] != "hooks" {
			t.Errorf("%v", out.Tags)
		}
	})
}

func TestPermissionsThroughTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		_, err := s.AddPermission(t.Context(), &sqs.AddPermissionInput{
			QueueUrl: &url, Label: aws.String("senders"), AWSAccountIds: []string{"111122223333"}, Actions: []string{"SendMessage"},
		})
		if err != nil || s.attributes(t, url)["Policy"] == "" {
			t.Fatal(err, s.attributes(t, url))
		}
		_, err = s.RemovePermission(t.Context(), &sqs.RemovePermissionInput{QueueUrl: &url, Label: aws.String("senders")})
		if err != nil || s.attributes(t, url)["Policy"] != "" {
			t.Error(err, s.attributes(t, url))
		}
	})
}

func TestFIFOThroughTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		url := s.named(t, "letters.fifo", map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"})
		var numbers []string
		for _, body := range []string{"1", "1", "2"} {
			out, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body, MessageGroupId: aws.String("g")})
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, aws.ToString(out.SequenceNumber))
		}
		if numbers[0] != numbers[1] || numbers[2] <= numbers[1] {
			t.Errorf("sequence numbers %v", numbers)
		}
		got := s.receiveAll(t, url)
		if len(got) != 2 || *got[0].Body != "1" || *got[1].Body != "2" || got[0].Attributes["MessageGroupId"] != "g" || got[0].Attributes["SequenceNumber"] != numbers[0] {
			t.Errorf("%+v", got)
		}
	})
}
