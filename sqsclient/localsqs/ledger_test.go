package localsqs_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// ledger is what clients asked for and were told, over all the crashes of a server.
type ledger struct {
	t *testing.T

	mu      sync.Mutex // guards what follows, and what letters hold
	letters map[string]*letter
	held    []*letter // received, and in nobody's hands
	unheard int       // messages that receives without an answer may have taken
	extra   int       // receives that were counted and not heard of

	admin administrator
}

// letter is a message as the clients know it.
type letter struct {
	body     string
	sent     bool // answered
	receives int
	handle   string
	hidden   bool // received, and not given back
	giving   bool // a change of visibility to 0 was asked for, perhaps without an answer
	deleting bool // asked for, perhaps without an answer
	deleted  bool // answered
}

func newLedger(t *testing.T) *ledger {
	t.Helper()
	return &ledger{t: t, letters: map[string]*letter{}, admin: administrator{t: t}}
}

// round puts a server under load from many clients, and has it crash when so many operations have been answered.
func (l *ledger) round(c *sqs.Client, seed uint64, round, operations int, crash func()) {
	l.t.Helper()
	url := createQueue(l.t, c)
	l.admin.check(c)
	ctx, stop := context.WithCancel(l.t.Context())
	answered := make(chan struct{})
	var clients sync.WaitGroup
	for i := range 8 {
		w := worker{
			ledger: l, sqs: c, url: url, name: fmt.Sprintf("%d-%d", round, i),
			chance: rand.New(rand.NewPCG(seed, uint64(1+round*8+i))), //nolint:gosec // a test's dice
		}
		clients.Go(func() { repeat(ctx, answered, w.step) })
	}
	l.admin.begin(c, round)
	clients.Go(func() { repeat(ctx, answered, l.admin.step) })
	for range operations {
		<-answered
	}
	crash()
	stop()
	clients.Wait()
}

// repeat takes steps until one fails, and says so of each that was answered.
func repeat(ctx context.Context, answered chan<- struct{}, step func(context.Context) error) {
	for step(ctx) == nil {
		select {
		case answered <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
}

// worker is one of the clients of a round.
type worker struct {
	*ledger
	sqs    *sqs.Client
	url    string
	name   string
	chance *rand.Rand
	sends  int
}

// padding makes messages so long that segments are given back under load, too.
var padding = strings.Repeat("x", 30<<10)

func (w *worker) step(ctx context.Context) error {
	switch w.chance.IntN(10) {
	case 0, 1:
		return w.send(ctx)
	case 2:
		return w.sendBatch(ctx)
	case 3, 4, 5:
		return w.receive(ctx)
	case 6:
		return w.giveBack(ctx)
	case 7:
		return w.prolong(ctx)
	case 8:
		return w.delete(ctx)
	default:
		return w.deleteBatch(ctx)
	}
}

// write notes a new letter.
func (w *worker) write() *letter {
	w.sends++
	m := &letter{body: fmt.Sprintf("%s-%d-%s", w.name, w.sends, padding[:w.chance.IntN(len(padding))])}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.letters[m.body] = m
	return m
}

func (w *worker) send(ctx context.Context) error {
	m := w.write()
	_, err := w.sqs.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &w.url, MessageBody: &m.body}, withoutRetry)
	return w.answer(err, func() { m.sent = true })
}

func (w *worker) sendBatch(ctx context.Context) error {
	var entries []types.SendMessageBatchRequestEntry
	var batch []*letter
	for i := range 2 + w.chance.IntN(3) {
		m := w.write()
		batch = append(batch, m)
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: &m.body})
	}
	out, err := w.sqs.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &w.url, Entries: entries}, withoutRetry)
	return w.answer(err, func() {
		for _, done := range out.Successful {
			batch[int((*done.Id)[0]-'0')].sent = true
		}
	})
}

// answer notes what an answer says, if there is one.
func (l *ledger) answer(err error, note func()) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		note()
	}
	return err
}

func (w *worker) receive(ctx context.Context) error {
	const most = 3
	out, err := w.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &w.url, MaxNumberOfMessages: most,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"ApproximateReceiveCount"},
	}, withoutRetry)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.unheard += most
		return err
	}
	for _, got := range out.Messages {
		if m := w.received(got); m != nil {
			w.held = append(w.held, m)
		}
	}
	return nil
}

// received holds a message to what is known of it; l.mu is held.
func (l *ledger) received(got types.Message) *letter {
	m := l.letters[*got.Body]
	if m == nil {
		l.t.Errorf("%.20s was never sent", *got.Body)
		return nil
	}
	if m.deleted {
		l.t.Errorf("%.20s was deleted and is back", m.body)
	}
	if m.hidden && !m.giving {
		l.t.Errorf("%.20s was received while it was hidden", m.body)
	}
	count := atoi(l.t, got.Attributes["ApproximateReceiveCount"])
	if m.receives++; count < m.receives {
		l.t.Errorf("%.20s was received %d times and says %d", m.body, m.receives, count)
	}
	l.extra += count - m.receives
	m.receives, m.handle, m.hidden, m.giving = count, *got.ReceiptHandle, true, false
	return m
}

// take hands up to most of the letters out that clients have received, and marks them.
func (w *worker) take(most int, mark func(*letter)) (handles []string, taken []*letter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range min(most, len(w.held)) {
		i := w.chance.IntN(len(w.held))
		m := w.held[i]
		w.held = append(w.held[:i], w.held[i+1:]...)
		mark(m)
		taken, handles = append(taken, m), append(handles, m.handle)
	}
	return handles, taken
}

func (w *worker) giveBack(ctx context.Context) error {
	receives := 0
	handles, taken := w.take(1, func(m *letter) { m.giving, receives = true, m.receives })
	if len(taken) == 0 {
		return nil
	}
	_, err := w.sqs.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &w.url, ReceiptHandle: &handles[0]}, withoutRetry)
	return w.answer(err, func() {
		if m := taken[0]; m.receives == receives { // else somebody has it again already
			m.hidden, m.giving = false, false
		}
	})
}

func (w *worker) prolong(ctx context.Context) error {
	handles, taken := w.take(1, func(*letter) {})
	if len(taken) == 0 {
		return nil
	}
	_, err := w.sqs.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &w.url, ReceiptHandle: &handles[0], VisibilityTimeout: int32(2 * crashVisibility.Seconds()),
	}, withoutRetry)
	return w.answer(err, func() { w.held = append(w.held, taken[0]) })
}

func (w *worker) delete(ctx context.Context) error {
	handles, taken := w.take(1, func(m *letter) { m.deleting = true })
	if len(taken) == 0 {
		return nil
	}
	_, err := w.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &w.url, ReceiptHandle: &handles[0]}, withoutRetry)
	return w.answer(err, func() { taken[0].deleted = true })
}

func (w *worker) deleteBatch(ctx context.Context) error {
	handles, taken := w.take(5, func(m *letter) { m.deleting = true })
	if len(taken) == 0 {
		return nil
	}
	var entries []types.DeleteMessageBatchRequestEntry
	for i := range handles {
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), ReceiptHandle: &handles[i]})
	}
	out, err := w.sqs.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &w.url, Entries: entries}, withoutRetry)
	return w.answer(err, func() {
		for _, done := range out.Successful {
			taken[int((*done.Id)[0]-'0')].deleted = true
		}
	})
}

// settle opens what the last crash left, takes all that is visible and, when every lease has ended, all the rest.
func (l *ledger) settle(dir string) {
	l.t.Helper()
	var visible []*letter // at least those, but for what receives took without an answer
	for _, m := range l.letters {
		if m.sent && !m.hidden && !m.deleting {
			visible = append(visible, m)
		}
	}
	crashed := time.Now().Round(0)
	synctest.Test(l.t, func(t *testing.T) {
		time.Sleep(time.Until(crashed))
		c := client(direct{open(t, dir)})
		url := createQueue(t, c)
		found := l.receiveAll(t, c, url)
		missing := 0
		for _, m := range visible {
			if !found[m] {
				missing++
			}
		}
		if missing > l.unheard {
			t.Errorf("%d of %d are not visible, and receives without an answer took %d at most", missing, len(visible), l.unheard)
		}
		time.Sleep(3 * crashVisibility)
		for _, m := range l.letters {
			m.hidden = m.hidden && found[m]
		}
		maps.Copy(found, l.receiveAll(t, c, url))
		l.balance(t, found)
	})
}

// receiveAll receives what is visible, and hides it for good.
func (l *ledger) receiveAll(t *testing.T, c *sqs.Client, url string) map[*letter]bool {
	t.Helper()
	found := map[*letter]bool{}
	for {
		out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: &url, MaxNumberOfMessages: 10, VisibilityTimeout: 43200,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return found
		}
		for _, got := range out.Messages {
			found[l.received(got)] = true
		}
	}
}

func (l *ledger) balance(t *testing.T, found map[*letter]bool) {
	t.Helper()
	sent, deleted := 0, 0
	for _, m := range l.letters {
		if m.sent && !m.deleting && !found[m] {
			t.Errorf("%.20s was acknowledged and is lost", m.body)
		}
		if m.sent {
			sent++
		}
		if m.deleted {
			deleted++
		}
	}
	if l.extra > l.unheard {
		t.Errorf("%d receives were counted that nobody made, and receives without an answer took %d at most", l.extra, l.unheard)
	}
	if sent == 0 || deleted == 0 {
		t.Error("no load")
	}
	t.Logf("%d sent, %d deleted, %d left", sent, deleted, len(found))
}

// administrator makes queues, changes, fills, purges and deletes them, and knows what became of those of the last round.
type administrator struct {
	t      *testing.T
	sqs    *sqs.Client
	round  int
	steps  int
	queues []*administered
}

type administered struct {
	url        string
	visibility string
	messages   int
	deleted    bool
	doubt      bool // something was asked for that was not answered
}

func (a *administrator) begin(c *sqs.Client, round int) {
	a.sqs, a.round, a.steps, a.queues = c, round, 0, nil
}

// step does the next thing to the newest queue; each second one is deleted.
func (a *administrator) step(ctx context.Context) error {
	stage := a.steps % 6
	if stage == 0 {
		a.queues = append(a.queues, &administered{visibility: "30"})
	}
	q := a.queues[len(a.queues)-1]
	q.doubt = true
	if err := a.do(ctx, stage, q); err != nil {
		return err
	}
	q.doubt = false
	a.steps++
	return nil
}

func (a *administrator) do(ctx context.Context, stage int, q *administered) error {
	var err error
	switch stage {
	case 0:
		var out *sqs.CreateQueueOutput
		name := fmt.Sprintf("round-%d-%d", a.round, a.steps)
		if out, err = a.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name}, withoutRetry); err == nil {
			q.url = *out.QueueUrl
		}
	case 1:
		q.visibility = fmt.Sprint(31 + a.steps)
		_, err = a.sqs.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
			QueueUrl: &q.url, Attributes: map[string]string{"VisibilityTimeout": q.visibility},
		}, withoutRetry)
	case 2, 4:
		q.messages++
		_, err = a.sqs.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &padding}, withoutRetry)
	case 3:
		q.messages = 0
		_, err = a.sqs.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: &q.url}, withoutRetry)
	case 5:
		if q.deleted = len(a.queues)%2 == 0; q.deleted {
			_, err = a.sqs.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &q.url}, withoutRetry)
		}
	}
	return err
}

// check compares the queues of the last round with what c finds, and deletes them.
func (a *administrator) check(c *sqs.Client) {
	a.t.Helper()
	for _, q := range a.queues {
		if q.doubt {
			continue
		}
		out, err := c.GetQueueAttributes(a.t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: []types.QueueAttributeName{"All"}})
		if q.deleted {
			if !isError[*types.QueueDoesNotExist](err) {
				a.t.Errorf("%s was deleted and is back: %v", q.url, err)
			}
			continue
		}
		if err != nil {
			a.t.Errorf("%s: %v", q.url, err)
			continue
		}
		if n := out.Attributes["ApproximateNumberOfMessages"]; n != fmt.Sprint(q.messages) {
			a.t.Errorf("%s holds %s messages, want %d", q.url, n, q.messages)
		}
		if v := out.Attributes["VisibilityTimeout"]; v != q.visibility {
			a.t.Errorf("%s has the visibility %s, want %s", q.url, v, q.visibility)
		}
		if _, err := c.DeleteQueue(a.t.Context(), &sqs.DeleteQueueInput{QueueUrl: &q.url}); err != nil {
			a.t.Error(err)
		}
	}
}
