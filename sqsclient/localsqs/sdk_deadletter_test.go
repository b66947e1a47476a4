package localsqs_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestDeadLettersAndTheirReturnThroughTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		dead := s.named(t, "dead", nil)
		url := s.named(t, "letters", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive("dead", 1)})
		s.send(t, url, "m")
		if first, second := len(s.receiveAll(t, url)), len(s.receiveAll(t, url)); first != 1 || second != 0 {
			t.Errorf("received %d, then %d", first, second)
		}
		sources, err := s.ListDeadLetterSourceQueues(t.Context(), &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &dead})
		if err != nil || len(sources.QueueUrls) != 1 || sources.QueueUrls[0] != url {
			t.Error(sources, err)
		}
		started, err := s.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(arnOf("dead"))})
		if err != nil || aws.ToString(started.TaskHandle) == "" {
			t.Fatal(started, err)
		}
		time.Sleep(10 * time.Second)
		if got := s.receiveAll(t, url); len(got) != 1 || *got[0].Body != "m" {
			t.Error(got)
		}
		tasks, err := s.ListMessageMoveTasks(t.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: aws.String(arnOf("dead"))})
		if err != nil || len(tasks.Results) != 1 {
			t.Fatal(tasks, err)
		}
		task := tasks.Results[0]
		if aws.ToString(task.Status) != "COMPLETED" || task.ApproximateNumberOfMessagesMoved != 1 || aws.ToInt64(task.ApproximateNumberOfMessagesToMove) != 1 || task.TaskHandle != nil {
			t.Errorf("%+v", task)
		}
		_, err = s.CancelMessageMoveTask(t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: started.TaskHandle})
		if !isError[*types.ResourceNotFoundException](err) {
			t.Errorf("cancelled a task that is over: %v", err)
		}
		_, err = s.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(arnOf("nowhere"))})
		if !isError[*types.ResourceNotFoundException](err) || !isStatus(err, http.StatusNotFound) {
			t.Errorf("moved from nowhere: %v", err)
		}
	})
}
