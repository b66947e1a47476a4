package localsqs_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/sqsclient/localsqs"
	"rehook/sqsclient/localsqs/seglog"
)

// slowMove starts a task that moves a message a second, out of so many.
func (s served) slowMove(t *testing.T, messages int) (url, dead, handle string) {
	t.Helper()
	dead = s.named(t, "dead", nil)
	url = s.named(t, "letters", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive("dead", 1)})
	for i := range messages {
		s.send(t, url, fmt.Sprint("letter ", i))
	}
	for range 2 * (messages/10 + 1) {
		s.receiveAll(t, url)
	}
	out, err := s.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{
		SourceArn: aws.String(arnOf("dead")), MaxNumberOfMessagesPerSecond: aws.Int32(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	return url, dead, *out.TaskHandle
}

// lastMove is the newest task of the dead letter queue; nil if there is none.
func lastMove(tb testing.TB, c *sqs.Client) *types.ListMessageMoveTasksResultEntry {
	tb.Helper()
	out, err := c.ListMessageMoveTasks(tb.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: aws.String(arnOf("dead"))})
	if err != nil {
		tb.Fatal(err)
	}
	if len(out.Results) == 0 {
		return nil
	}
	return &out.Results[0]
}

// Segments are given back while a task runs: those that say how far it is, too.
func TestMoveTaskOutlivesTheSegmentsThatSayHowFarItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		server := open(t, dir)
		s := serve(t, server)
		other := s.named(t, "other", nil)
		url, dead, handle := s.slowMove(t, 8)
		for round := range 4 { // a message each
			time.Sleep(500 * time.Millisecond)
			first := logFiles(t, dir)[0]
			s.churn(t, other, 6)
			if slices.Contains(logFiles(t, dir), first) {
				t.Fatal("nothing was given back")
			}
			if round%2 == 1 { // the next begins at once
				s.stop()
				if err := server.Close(); err != nil {
					t.Fatal(err)
				}
				server = open(t, dir)
				s = serve(t, server)
				synctest.Wait()
			}
			task := lastMove(t, s.Client)
			moved, left := count(t, s.Client, url), count(t, s.Client, dead)
			if task == nil || int(task.ApproximateNumberOfMessagesMoved) != moved || moved+left != 8 {
				t.Fatalf("round %d: %d moved, %d left: %+v", round, moved, left, task)
			}
			if *task.Status == "RUNNING" && *task.TaskHandle != handle {
				t.Errorf("another handle: %q", *task.TaskHandle)
			}
			time.Sleep(500 * time.Millisecond)
		}
		time.Sleep(10 * time.Second)
		s.churn(t, other, 6)
		s.stop()
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		task := lastMove(t, client(direct{open(t, dir)}))
		if task == nil || *task.Status != "COMPLETED" || task.ApproximateNumberOfMessagesMoved != 8 {
			t.Errorf("%+v", task)
		}
	})
}

// What a task has moved is in a segment that goes before the one where the task began.
func TestMoveTaskOutlivesTheSegmentsThatItsMessagesWereIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		server := open(t, dir)
		s := serve(t, server)
		dead, other := fillDead(t, s.Client, 10)
		long := s.named(t, "long", nil)
		for range 17 { // MiB: a segment has 16
			s.sendTen(t, long, strings.Repeat("x", 100<<10))
		}
		before := logFiles(t, dir)
		if _, err := startMove(t, s.Client, 1); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1500 * time.Millisecond)
		if _, err := s.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &long}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if after := logFiles(t, dir); len(before) != 2 || slices.Contains(after, before[0]) || !slices.Contains(after, before[1]) {
			t.Fatalf("segments %q, then %q", before, after)
		}
		s.stop()
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		c := client(direct{open(t, dir)})
		if task, moved, left := lastMove(t, c), count(t, c, other), count(t, c, dead); task.ApproximateNumberOfMessagesMoved != 2 || moved != 2 || left != 8 {
			t.Errorf("%d moved, %d left: %+v", moved, left, task)
		}
	})
}

// A kill amid an evacuation leaves the record of a move and its copy: the message counts once.
func TestMessageCountsOnceAfterAKillAmidTheCopyOfItsMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		disk := &torn{t: t, dir: dir, what: []byte("letter 0"), writes: 4} // it is sent, dies, comes back, and is copied
		server, err := localsqs.OpenOn(localsqs.Config{Dir: dir}, disk.open)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = server.Close() }()
		s := serve(t, server)
		other := s.named(t, "other", nil)
		url, dead, _ := s.slowMove(t, 5)
		time.Sleep(1500 * time.Millisecond)
		s.churn(t, other, 6)
		s.stop()
		if disk.left == "" {
			t.Fatal("the message was not written again")
		}
		c := client(direct{open(t, disk.left)})
		if task, moved, left := lastMove(t, c), count(t, c, url), count(t, c, dead); task.ApproximateNumberOfMessagesMoved != 2 || moved != 2 || left != 3 {
			t.Errorf("%d moved, %d left: %+v", moved, left, task)
		}
	})
}

// Wherever a log ends that has the start of a task, as many messages count as moved as have moved.
func TestMoveTaskHasMovedWhatIsMovedWhereverTheLogEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		server := open(t, dir)
		s := serve(t, server)
		url, dead, handle := s.slowMove(t, 6)
		start := int(diskUse(t, dir)) // with the first message, or not
		time.Sleep(3500 * time.Millisecond)
		if _, err := s.CancelMessageMoveTask(t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: &handle}); err != nil {
			t.Fatal(err)
		}
		s.stop()
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		name := logFiles(t, dir)[0]
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for end := start; end <= len(whole); end += 3 {
			if err := os.WriteFile(name, whole[:end], 0o600); err != nil { //nolint:gosec // the test's own directory
				t.Fatal(err)
			}
			server, err := localsqs.Open(localsqs.Config{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			c := client(direct{server})
			task, moved, left := lastMove(t, c), count(t, c, url), count(t, c, dead)
			if task == nil || int(task.ApproximateNumberOfMessagesMoved) != moved || moved+left != 6 {
				t.Fatalf("cut at %d of %d: %d moved, %d left: %+v", end, len(whole), moved, left, task)
			}
			if err := server.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// startMove starts a task that moves all dead letters, at so many a second, or with 0 as fast as it goes.
func startMove(t *testing.T, c *sqs.Client, rate int32) (handle string, err error) {
	t.Helper()
	in := &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(arnOf("dead")), DestinationArn: aws.String(arnOf("other"))}
	if rate > 0 {
		in.MaxNumberOfMessagesPerSecond = &rate
	}
	out, err := c.StartMessageMoveTask(t.Context(), in, withoutRetry)
	if err != nil {
		return "", err
	}
	return *out.TaskHandle, nil
}

// fillDead sends so many messages to a dead letter queue, and makes one where they may go.
func fillDead(t *testing.T, c *sqs.Client, messages int) (dead, other string) {
	t.Helper()
	s := served{Client: c}
	dead, other = s.named(t, "dead", nil), s.named(t, "other", nil)
	s.named(t, "letters", map[string]string{"RedrivePolicy": redrive("dead", 1)})
	for range messages / 10 {
		s.sendTen(t, dead, "dead letter")
	}
	return dead, other
}

// count is how many messages a queue holds.
func count(t *testing.T, c *sqs.Client, url string) int {
	t.Helper()
	return atoi(t, served{Client: c}.attributes(t, url)["ApproximateNumberOfMessages"])
}

func TestKillsAmidAMoveTaskNeitherEndNorForgetIt(t *testing.T) {
	const messages = 300
	dir := t.TempDir()
	server := startChild(t, dir)
	dead, other := fillDead(t, server.Client, messages)
	handle, err := startMove(t, server.Client, 500)
	if err != nil {
		t.Fatal(err)
	}
	var task *types.ListMessageMoveTasksResultEntry
	for kills := 1; ; kills++ {
		before := -1
		for task = lastMove(t, server.Client); task != nil && *task.Status == "RUNNING"; task = lastMove(t, server.Client) {
			if *task.TaskHandle != handle {
				t.Fatalf("after %d kills another task: %+v", kills, task)
			}
			if moved := int(task.ApproximateNumberOfMessagesMoved); before < 0 {
				before = moved
			} else if moved > before {
				break
			}
		}
		server.kill(t)
		if task == nil || *task.Status != "RUNNING" {
			t.Logf("%d kills", kills)
			break
		}
		server = startChild(t, dir)
	}
	c := client(direct{open(t, dir)})
	for _, task := range []*types.ListMessageMoveTasksResultEntry{task, lastMove(t, c)} {
		if task == nil || *task.Status != "COMPLETED" || task.ApproximateNumberOfMessagesMoved != messages || *task.ApproximateNumberOfMessagesToMove != messages {
			t.Fatalf("%+v", task)
		}
	}
	if left, arrived := count(t, c, dead), count(t, c, other); left != 0 || arrived != messages {
		t.Errorf("%d are left and %d arrived", left, arrived)
	}
}

// What was seen or acknowledged of tasks holds after a power cut, and what they have moved is counted exactly.
func TestPowerCutsAmidMoveTasksLeaveThemAsTheyWereAcknowledged(t *testing.T) {
	chance := rand.New(rand.NewPCG(crashSeed(t), 0))
	for range crashRounds() / 2 {
		const messages = 60
		disk := newVolatile(t, t.TempDir(), chance)
		server, err := localsqs.OpenOn(localsqs.Config{Dir: disk.dir, Logger: slog.New(slog.DiscardHandler)}, disk.open)
		if err != nil {
			t.Fatal(err)
		}
		c := client(whilePower{direct{server}, disk})
		dead, other := fillDead(t, c, messages)
		handle, err := startMove(t, c, 500)
		if err != nil {
			t.Fatal(err)
		}
		stop := serve(t, server).stop
		known := lastMove(t, c)
		for until := chance.Int64N(messages + 1); *known.Status == "RUNNING" && known.ApproximateNumberOfMessagesMoved < until; {
			known = lastMove(t, c)
		}
		want := *known.Status
		if chance.IntN(3) == 0 {
			if _, err := c.CancelMessageMoveTask(t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: &handle}); err == nil {
				want = "CANCELLED"
			}
		}
		left := disk.cut(t)
		stop()
		_ = server.Close() // there is no power for that

		after := client(direct{open(t, left)})
		task := lastMove(t, after)
		if task == nil || *task.Status != want && want != "RUNNING" || task.ApproximateNumberOfMessagesMoved < known.ApproximateNumberOfMessagesMoved {
			t.Fatalf("%s, and %+v: %+v", want, known, task)
		}
		moved, waiting := count(t, after, other), count(t, after, dead)
		if int(task.ApproximateNumberOfMessagesMoved) != moved || moved+waiting != messages {
			t.Errorf("%d moved, %d left: %+v", moved, waiting, task)
		}
	}
}

// The messages that are on their way when a task is cancelled are among those that it says it has moved.
func TestCancelledMoveTaskHasMovedWhatItSays(t *testing.T) {
	const messages = 1000
	server := open(t, t.TempDir())
	serve(t, server)
	c := client(direct{server})
	_, other := fillDead(t, c, messages)
	for arrived := 0; arrived < messages; {
		handle, err := startMove(t, c, 0)
		if err != nil {
			t.Fatal(err)
		}
		for lastMove(t, c).ApproximateNumberOfMessagesMoved == 0 {
		}
		cancelled, err := c.CancelMessageMoveTask(t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: &handle})
		if isError[*types.ResourceNotFoundException](err) {
			break // it was the last
		} else if err != nil {
			t.Fatal(err)
		}
		says, task := cancelled.ApproximateNumberOfMessagesMoved, lastMove(t, c)
		arrived += int(says)
		if n := count(t, c, other); n != arrived || task.ApproximateNumberOfMessagesMoved != says {
			t.Fatalf("%d arrived, not %d: %d and %+v", n, arrived, says, task)
		}
	}
}

// A disk that is full takes neither the start nor the end of a task, and nobody hears that it did.
func TestFullDiskRefusesMoveTasksAndTheirCancellation(t *testing.T) {
	server := startChild(t, t.TempDir(), fileLimit+"=100000")
	dead, _ := fillDead(t, server.Client, 100)
	handle, err := startMove(t, server.Client, 1)
	if err != nil {
		t.Fatal(err)
	}
	server.fill(t, dead)
	if _, err := server.CancelMessageMoveTask(t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: &handle}, withoutRetry); !isStatus(err, 500) {
		t.Errorf("cancelled on a full disk: %v", err)
	}
	if task := lastMove(t, server.Client); task == nil || *task.Status != "RUNNING" {
		t.Errorf("%+v", task)
	}
	if err := server.process.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	if err := server.retrySend(t, dead, "there is space again"); err != nil {
		t.Fatal(err)
	}
	if _, err := server.CancelMessageMoveTask(t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: &handle}); err != nil {
		t.Error(err)
	}
	server.kill(t)
}

// fill sends until nothing fits any more. The last send is for what a step of a task that failed meanwhile has left.
func (c child) fill(t *testing.T, url string) {
	t.Helper()
	for _, size := range []int{10_000, 100, 1, 1} {
		for trySend(t, c, url, padding[:size]) == nil {
		}
	}
}

// A dead letter queue may have one of its own. What goes there does not count as moved.
func TestMoveTaskDoesNotCountWhatARedrivePolicyMoves(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := open(t, dir)
		s := serve(t, server)
		dead, _ := fillDead(t, s.Client, 10)
		last := s.named(t, "last", nil)
		s.set(t, dead, map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive("last", 1)})
		if _, err := startMove(t, s.Client, 1); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2500 * time.Millisecond)
		s.receiveAll(t, dead)
		s.receiveAll(t, dead)
		s.stop()
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		c := client(direct{open(t, dir)})
		if task, n := lastMove(t, c), count(t, c, last); task == nil || task.ApproximateNumberOfMessagesMoved != 3 || n != 7 {
			t.Errorf("%d went on: %+v", n, task)
		}
	})
}

func TestFullDiskStartsNoMoveTask(t *testing.T) {
	dir := t.TempDir()
	server := startChild(t, dir, fileLimit+"=100000")
	dead, _ := fillDead(t, server.Client, 10)
	server.fill(t, dead)
	if _, err := startMove(t, server.Client, 1); !isStatus(err, 500) {
		t.Errorf("started on a full disk: %v", err)
	}
	if task := lastMove(t, server.Client); task != nil {
		t.Errorf("%+v", task)
	}
	server.kill(t)
	if task := lastMove(t, client(direct{open(t, dir)})); task != nil {
		t.Errorf("after a restart: %+v", task)
	}
}

// FuzzTask reads anything as the record of a move task. What can be opened is served, whatever the task is.
func FuzzTask(f *testing.F) {
	const kindTask = 8
	f.Add([]byte(`{"id":"a","seq":7,"queue":1,"rate":5,"toMove":3,"started":1700000000000000000,"status":"RUNNING","moved":1}`))
	f.Add([]byte(`{"id":"a","seq":7,"queue":1,"rate":0,"toMove":3,"status":"RUNNING"}`))
	f.Add([]byte(`{"seq":18446744073709551615,"queue":9,"destination":"arn:aws:sqs:us-east-1:000000000000:letters","status":"FAILED","reason":"x"}`))
	f.Add([]byte(`{"queue":1,"toMove":-3,"status":"RUNNING","moved":-1}`))
	f.Add([]byte(`{"status":"CANCELLING"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			first := open(t, dir)
			fillDead(t, client(direct{first}), 10)
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			log, err := seglog.Open(dir, seglog.Config{}, func(seglog.Position, []byte) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			if err := log.Append(append([]byte{kindTask}, text...)).Wait(); err != nil {
				t.Fatal(err)
			}
			if err := log.Close(); err != nil {
				t.Fatal(err)
			}
			server, err := localsqs.Open(localsqs.Config{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				return
			}
			defer func() { _ = server.Close() }()
			s := serve(t, server)
			time.Sleep(time.Minute)
			lastMove(t, s.Client)
			s.stop()
		})
	})
}
