package simulator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// What Genesys does with a webhook that is not answered
// (developer.genesys.cloud/commdigital/digital/openmessaging/validate.html).
const (
	answerWithin = 10 * time.Second
	sendRetries  = 5
	sendPause    = 5 * time.Second
)

// sendsMax bounds how many webhooks are under way at once; when so many wait for the listener, no new ones
// are made.
const sendsMax = 512

// Send makes webhooks at the configured rate, with random gaps, and posts each to the listener's path for
// its endpoint, until the context ends. Then attempts under way are waited for, and no more are made; it
// returns when all are settled, within 10 s. Only a URL that is none is an error.
//
// It can be called once. The endpoints should go on serving until the engine has drained.
func (s *Sim) Send(ctx context.Context, client *http.Client, listener string) error {
	u, err := url.Parse(listener)
	if err != nil || u.Host == "" {
		return fmt.Errorf("send to %q: not the URL of a listener, such as http://127.0.0.1:8080", listener)
	}
	snd := newSender(s, client, strings.TrimSuffix(listener, "/"))
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, sendsMax)
	for due := time.Now().Add(snd.gap()); wait(ctx, time.Until(due)); due = snd.after(due) {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		w := snd.next(time.Now())
		wg.Go(func() {
			snd.settle(ctx, w)
			<-slots
		})
	}
	return nil
}

// sender makes webhooks one after the other; only what it has made is shared with other goroutines.
type sender struct {
	client   *http.Client
	listener string
	ledger   *ledger
	rng      *rand.Rand
	mean     time.Duration // between webhooks
	routes   deck[*endpoint]
	kinds    deck[kind]
}

func newSender(s *Sim, client *http.Client, listener string) *sender {
	snd := &sender{
		client: client, listener: listener, ledger: s.ledger,
		rng:  newRand(s.seed, streamSender),
		mean: time.Duration(float64(time.Second) / s.rate),
	}
	for _, e := range s.parts {
		snd.routes.add(e, e.share)
	}
	for k := byAgent; k <= huge; k++ {
		snd.kinds.add(k, kinds()[k])
	}
	return snd
}

// gap is the time to the next webhook: they arrive independently of each other (a Poisson process).
func (s *sender) gap() time.Duration {
	return time.Duration(s.rng.ExpFloat64() * float64(s.mean))
}

// after is when the webhook after the one due is due. A moment in the past would be made good for by a
// flood, so that what was missed is left out.
func (s *sender) after(due time.Time) time.Time {
	next := due.Add(s.gap())
	if now := time.Now(); now.Sub(next) > time.Second {
		return now
	}
	return next
}

// outgoing is a webhook on its way.
type outgoing struct {
	id, url     string
	body        []byte
	signature   string
	correlation string
}

func (s *sender) next(now time.Time) outgoing {
	e := s.routes.deal(s.rng)
	id, body := compose(s.rng, now, e.id, s.kinds.deal(s.rng))
	s.ledger.sent()
	return outgoing{
		id: id, url: s.listener + e.route.Path, body: body,
		signature: sign(e.route.Secret, body), correlation: newID(s.rng, now),
	}
}

// settle sends a webhook until it is acknowledged or given up, and enters what became of it.
func (s *sender) settle(ctx context.Context, w outgoing) {
	for try := 0; ; try++ {
		status := s.post(ctx, w)
		switch {
		case status == http.StatusAccepted:
			s.ledger.settled(w.id, captured)
			return
		case status >= 200 && status < 300:
			s.ledger.settled(w.id, direct)
			return
		case try == sendRetries || !sentAgain(status):
			s.ledger.settled(w.id, refused)
			return
		}
		if !wait(ctx, sendPause) {
			s.ledger.settled(w.id, abandoned)
			return
		}
	}
}

// sentAgain says whether Genesys tries once more; 0 stands for no answer.
func sentAgain(status int) bool {
	return status == 0 || status == http.StatusTooManyRequests || status >= 500
}

// post is one attempt, which a stop does not cut short. It gives the status, or 0 without an answer.
func (s *sender) post(ctx context.Context, w outgoing) int {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(w.body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(signatureHeader, w.signature)
	req.Header.Set(correlationHeader, w.correlation)
	resp, err := s.client.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody)) // so that the connection is used again
	_ = resp.Body.Close()
	return resp.StatusCode
}
