package localsqs_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"
)

func (c *conversation) tasks() *answer {
	c.t.Helper()
	return c.ok("ListMessageMoveTasks", params{"SourceArn": arnOf("dead"), "MaxResults": 10})
}

func TestMoveTaskGoesOnAfterARestartWhereItWas(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url, _ := c.deadLetters()
		other := c.queue("other", nil)
		c.kill(url, "a", "b", "c", "d", "e")
		started := strconv.FormatInt(time.Now().UnixMilli(), 10)
		task := params{"SourceArn": arnOf("dead"), "DestinationArn": arnOf("other"), "MaxNumberOfMessagesPerSecond": 1}
		handle := c.ok("StartMessageMoveTask", task).at("TaskHandle")
		time.Sleep(1500 * time.Millisecond)
		c.end()
		time.Sleep(time.Hour)
		c.connect()
		same := []string{
			"Results/0/SourceArn", arnOf("dead"), "Results/0/DestinationArn", arnOf("other"), "Results/0/StartedTimestamp", started,
			"Results/0/MaxNumberOfMessagesPerSecond", "1", "Results/0/ApproximateNumberOfMessagesToMove", "5",
		}
		time.Sleep(500 * time.Millisecond)
		running := c.tasks()
		running.has(1, "Results")
		running.is(append(same, "Results/0/Status", "RUNNING", "Results/0/TaskHandle", handle, "Results/0/ApproximateNumberOfMessagesMoved", "3")...)
		c.refused("StartMessageMoveTask", task, badValue) // one at a time
		if n := c.attribute(other, "ApproximateNumberOfMessages"); n != "3" {
			c.t.Errorf("%s have arrived", n)
		}
		time.Sleep(10 * time.Second)
		for range 2 {
			c.tasks().is(append(same, "Results/0/Status", "COMPLETED", "Results/0/TaskHandle", "", "Results/0/ApproximateNumberOfMessagesMoved", "5")...)
			if n := c.attribute(other, "ApproximateNumberOfMessages"); n != "5" {
				c.t.Errorf("%s of 5 arrived", n)
			}
			c.restart()
		}
	})
}

func TestMoveTasksThatEndedAreListedAsTheyEndedAfterARestart(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url, dead := c.deadLetters()
		other := c.queue("other", nil)
		c.kill(url, "a", "b", "c", "d", "e", "f")
		task := params{"SourceArn": arnOf("dead"), "DestinationArn": arnOf("other"), "MaxNumberOfMessagesPerSecond": 1}
		handle := c.ok("StartMessageMoveTask", task).at("TaskHandle")
		time.Sleep(500 * time.Millisecond)
		c.ok("CancelMessageMoveTask", params{"TaskHandle": handle}).is("ApproximateNumberOfMessagesMoved", "1")
		c.ok("StartMessageMoveTask", task)
		time.Sleep(1500 * time.Millisecond)
		c.restart() // the one that was cancelled does not go on
		time.Sleep(500 * time.Millisecond)
		c.ok("DeleteQueue", params{"QueueUrl": other})
		time.Sleep(10 * time.Second)
		c.send(dead, "sent here") // moves last, and does not say where it came from
		c.ok("StartMessageMoveTask", params{"SourceArn": arnOf("dead")})
		time.Sleep(10 * time.Second)
		want := []string{
			"Results/2/Status", "CANCELLED", "Results/2/ApproximateNumberOfMessagesMoved", "1", "Results/2/FailureReason", "",
			"Results/1/Status", "FAILED", "Results/1/ApproximateNumberOfMessagesMoved", "3",
			"Results/1/FailureReason", "AWS.SimpleQueueService.NonExistentQueue",
			"Results/0/Status", "FAILED", "Results/0/ApproximateNumberOfMessagesMoved", "2",
			"Results/0/FailureReason", "CouldNotDetermineMessageSource",
		}
		for range 2 {
			tasks := c.tasks()
			tasks.has(3, "Results")
			tasks.is(want...)
			if n := c.attribute(dead, "ApproximateNumberOfMessages"); n != "1" {
				c.t.Errorf("%s are left", n)
			}
			c.refused("CancelMessageMoveTask", params{"TaskHandle": handle}, notFound)
			c.restart()
		}
	})
}

func TestMoveTaskWhoseDestinationGoesBeforeARestartFailsAfterIt(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url, _ := c.deadLetters()
		other := c.queue("other", nil)
		c.kill(url, "a", "b", "c")
		c.ok("StartMessageMoveTask", params{"SourceArn": arnOf("dead"), "DestinationArn": arnOf("other"), "MaxNumberOfMessagesPerSecond": 1})
		time.Sleep(500 * time.Millisecond)
		c.ok("DeleteQueue", params{"QueueUrl": other})
		c.restart()
		time.Sleep(time.Second)
		c.tasks().is(
			"Results/0/Status", "FAILED", "Results/0/ApproximateNumberOfMessagesMoved", "1",
			"Results/0/FailureReason", "AWS.SimpleQueueService.NonExistentQueue",
		)
	})
}

func TestTheNewestTenMoveTasksOutliveARestart(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		c.deadLetters()
		var started []string
		for range 12 {
			started = append(started, strconv.FormatInt(time.Now().UnixMilli(), 10))
			c.ok("StartMessageMoveTask", params{"SourceArn": arnOf("dead")})
			time.Sleep(time.Second)
		}
		c.restart()
		tasks := c.tasks()
		tasks.has(10, "Results")
		for i := range 10 {
			at := fmt.Sprintf("Results/%d/", i)
			tasks.is(at+"Status", "COMPLETED", at+"StartedTimestamp", started[11-i])
		}
	})
}

func TestMoveTasksOfADeletedQueueAreForgotten(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url, dead := c.deadLetters()
		c.kill(url, "a", "b", "c")
		c.ok("StartMessageMoveTask", params{"SourceArn": arnOf("dead"), "MaxNumberOfMessagesPerSecond": 1})
		time.Sleep(500 * time.Millisecond)
		c.ok("DeleteQueue", params{"QueueUrl": dead})
		c.queue("dead", nil) // another, which only has its name
		for range 2 {
			time.Sleep(10 * time.Second)
			c.tasks().has(0, "Results")
			c.restart()
		}
		if n := c.attribute(url, "ApproximateNumberOfMessages"); n != "1" {
			c.t.Errorf("%s came back", n)
		}
	})
}
