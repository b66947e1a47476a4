package localsqs

import (
	"errors"

	"github.com/google/uuid"

	"rehook/sqsclient/localsqs/seglog"
)

// What goes from queue to queue at once: enough for one sync to be worth it, little enough for memory.
const (
	passageMessages = 100
	passageBytes    = 4 << 20
)

// passage is messages on their way from one queue to others. Nobody receives them meanwhile, and they are back in their
// queue if the disk does not take it. One record takes a message out of one queue and puts it into the other, so that
// after a crash it is in exactly one.
type passage struct {
	from     *queue
	where    destination
	anew     bool // as new messages: with another id, a time of their own, and never received
	messages []*message
	bytes    int64
	legs     []leg // of those that could be read and have where to go
	commit   seglog.Commit
}

// destination finds where a message goes, or says why it stays; s.mu is held.
type destination func(c content) (*queue, error)

// leg is the way of one message.
type leg struct {
	left    *message
	to      *queue
	arrival *message
}

func (p *passage) full() bool {
	return len(p.messages) >= passageMessages || p.bytes >= passageBytes
}

// add hides a message that is to move. s.landing (for reading) and s.mu are held; carry follows with s.landing still held,
// s.mu not.
func (p *passage) add(m *message) {
	p.from.detach(m)
	p.messages = append(p.messages, m)
	p.bytes += m.at.Bytes()
}

// carry brings the messages to where they go, and returns how many left. The error is about those that stayed.
func (s *Server) carry(p *passage) (int, error) {
	contents, unread := s.load(p)
	stayed := s.depart(p, contents)
	failed := p.commit.Wait()
	s.arriveAll(p, failed)
	if failed != nil {
		return 0, s.notStored("a move to another queue", failed)
	}
	s.wantTidy()
	if stayed != nil {
		return len(p.legs), stayed
	}
	return len(p.legs), unread
}

// load reads the messages. What cannot be read is reported and stays; if it is damaged, it is lost.
func (s *Server) load(p *passage) (map[*message]content, error) {
	contents := make(map[*message]content, len(p.messages))
	var unread error
	for _, m := range p.messages {
		c, err := s.content(m)
		if err == nil {
			contents[m] = c
			continue
		}
		s.report.Error("queue store: a message cannot be read", "queue", p.from.Name, "error", err)
		s.stay(p.from, m)
		if errors.Is(err, seglog.ErrDamaged) {
			s.lose(p.from, m)
			continue
		}
		unread = storeFailed()
	}
	return contents, unread
}

func (s *Server) stay(q *queue, m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q.reattach(m, now())
}

// reattach puts a detached message back, unless q was deleted meanwhile.
func (q *queue) reattach(m *message, t instant) {
	if q.messages[m.seq] == m && m.place == detached {
		q.attach(m, t)
	}
}

// depart gives the messages their numbers in the queues that they go to, and appends the records in that order.
func (s *Server) depart(p *passage, contents map[*message]content) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := now()
	var stayed error
	var records [][]byte
	for _, m := range p.messages {
		c, read := contents[m]
		if !read {
			continue
		}
		to, err := p.where(c)
		if err != nil {
			stayed = err
			p.from.reattach(m, t)
			continue
		}
		arrival, record := s.transfer(p, m, c, to, t)
		p.legs = append(p.legs, leg{m, to, arrival})
		records = append(records, record)
	}
	p.commit = s.log.Append(records...)
	return stayed
}

// transfer makes the message that m becomes in another queue, with its place in its group, and the record of that.
func (s *Server) transfer(p *passage, m *message, c content, to *queue, t instant) (*message, []byte) {
	id := c.takeIdentity(p.from.fifo != nil)
	n := &message{seq: s.nextSeq, sent: m.sent}
	s.nextSeq++
	if p.anew {
		c.ID = uuid.NewString()
		delete(c.System, deadLetterSource)
		n.sent = t
		n.lease.visibleAt = t.add(to.duration("DelaySeconds"))
	} else {
		c.System[deadLetterSource] = s.arn(p.from.Name)
		n.lease = lease{visibleAt: t, firstReceived: m.lease.firstReceived, receives: m.lease.receives}
		n.brought = n.lease.receives
	}
	e := envelope{to.ID, n.seq, n.sent, n.lease.visibleAt}
	from := origin{p.from.ID, m.seq, n.lease.firstReceived, n.lease.receives}
	if to.fifo == nil {
		return n, movedRecord(from, messageRecord(e, c))
	}
	n.sent, e.sent = t, t // SQS: retention in a FIFO queue begins anew
	to.fifo.groups.join(n, id.group)
	return n, movedRecord(from, fifoRecord(e, id, c))
}

// arriveAll puts the messages where they are on disk.
func (s *Server) arriveAll(p *passage, failed error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := now()
	for i, l := range p.legs {
		if failed != nil {
			l.turnBack(p.from, t)
			continue
		}
		if p.from.messages[l.left.seq] == l.left { // else its queue was deleted meanwhile
			s.forget(p.from, l.left)
		}
		if l.to.deleted {
			continue // with all that was in it
		}
		l.arrival.at = p.commit.Position(i)
		s.liveBytes += l.arrival.at.Bytes()
		l.to.attach(l.arrival, t)
	}
}

func (l leg) turnBack(from *queue, t instant) {
	if l.to.fifo != nil {
		l.to.fifo.groups.leave(l.arrival)
		l.to.wakeNext()
	}
	from.reattach(l.left, t)
}
