package sqsclient_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rehook/retry/deadletter"
	"rehook/sqsclient"
)

// slow has the server answer later.
func slow(by time.Duration) fault {
	return func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		time.Sleep(by)
		server.ServeHTTP(w, r)
	}
}

func TestWhatPassesIsRepeated(t *testing.T) {
	for name, hit := range map[string]fault{
		"throttled":    refused(400, "RequestThrottled"),
		"unavailable":  refused(503, "ServiceUnavailable"),
		"failed":       refused(500, "InternalFailure"),
		"reset before": resetBefore,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ensure(t)
				c := w.open(t)
				w.meet("SendMessageBatch", hit)
				send(t, c, letter("a"))
				w.meet("ReceiveMessage", hit)
				l := receive(t, c, 1)[0]
				w.meet("ChangeMessageVisibilityBatch", hit)
				if err := c.Extend(t.Context(), time.Hour, l)[0]; err != nil {
					t.Error(err)
				}
				w.meet("DeleteMessageBatch", hit)
				if err := c.Delete(t.Context(), l); err != nil {
					t.Error(err)
				}
				if d := depth(t, c); d != (deadletter.Depth{}) {
					t.Errorf("left: %+v", d)
				}
			})
		})
	}
}

// lostAnswers are the ways in which what was asked is done and the client cannot know.
func lostAnswers() map[string]fault {
	return map[string]fault{"reset after": resetAfter, "half an answer": halfAnswer, "silence": silent}
}

func TestLostAnswerToASendLosesNoLetter(t *testing.T) {
	for name, hit := range lostAnswers() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ensure(t)
				c := w.open(t)
				w.meet("SendMessageBatch", hit)
				insist(t, func() error { return c.Send(t.Context(), letter("a")) })
				if d := depth(t, c); d.Visible != 2 {
					t.Errorf("the queue has %+v: a send that may have failed was not repeated", d)
				}
			})
		})
	}
}

func TestLostAnswerToADeleteIsAskedForAgain(t *testing.T) {
	for name, hit := range lostAnswers() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ensure(t)
				c := w.open(t)
				send(t, c, letter("a"))
				l := receive(t, c, 1)[0]
				w.meet("DeleteMessageBatch", hit)
				insist(t, func() error { return c.Delete(t.Context(), l) })
				if d, n := depth(t, c), w.requests("DeleteMessageBatch"); d.Total() != 0 || n != 2 {
					t.Errorf("left: %+v after %d requests", d, n)
				}
			})
		})
	}
}

// insist calls again what may be called again, once.
func insist(t *testing.T, call func() error) {
	t.Helper()
	err := call()
	if _, ok := errors.AsType[*sqsclient.UnreachableError](err); ok {
		err = call()
	}
	if err != nil {
		t.Error(err)
	}
}

func TestLostReceiveCostsThirtySeconds(t *testing.T) {
	for name, hit := range map[string]fault{"reset after": resetAfter, "half an answer": halfAnswer} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ensure(t)
				c := w.open(t)
				send(t, c, letters(10)...)
				began := time.Now()
				w.meet("ReceiveMessage", hit)
				var got []deadletter.Lease
				for len(got) == 0 {
					insist(t, func() (err error) {
						got, err = c.Receive(t.Context())
						return err
					})
				}
				if took := time.Since(began).Round(time.Second); took != 30*time.Second {
					t.Errorf("the letters came after %v", took)
				}
			})
		})
	}
}

func receiveAny(t *testing.T, c *sqsclient.Client) []deadletter.Lease {
	t.Helper()
	got, err := c.Receive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSilenceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		for op, call := range map[string]func() error{
			"SendMessageBatch":             func() error { return c.Send(t.Context(), letter("b")) },
			"ChangeMessageVisibilityBatch": func() error { return c.Extend(t.Context(), time.Minute, l)[0] },
			"DeleteMessageBatch":           func() error { return c.Delete(t.Context(), l) },
			"ReceiveMessage":               func() error { _, err := c.Receive(t.Context()); return err },
			"GetQueueAttributes":           func() error { _, err := c.Depth(t.Context()); return err },
		} {
			w.keepMeeting(op, silent)
			began := time.Now()
			err := call()
			if _, ok := errors.AsType[*sqsclient.UnreachableError](err); !ok || time.Since(began) > 2*time.Minute {
				t.Errorf("%s: %v after %v", op, err, time.Since(began))
			}
		}
	})
}

func TestClosingDoesNotWaitForSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		w.keepMeeting("SendMessageBatch", silent)
		sent := make(chan error, 1)
		go func() { sent <- c.Send(t.Context(), letter("a")) }()
		synctest.Wait()
		began := time.Now()
		if err := c.Close(); err == nil || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if err := <-sent; err == nil {
			t.Error("a letter of which nothing is known was said to be sent")
		}
	})
}

func TestOutageDoesNotSpin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		w.keepMeeting("SendMessageBatch", refused(503, "ServiceUnavailable"))
		if c.Send(t.Context(), letter("a")) == nil {
			t.Error("an outage took a letter")
		}
		if n := w.requests("SendMessageBatch"); n != 3 {
			t.Errorf("one call made %d requests", n)
		}
	})
}

func TestDamagedMessageIsLeftOutAndComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letters(3)...)
		w.meet("ReceiveMessage", rewritten(func(answer map[string]any) {
			answer["Messages"].([]any)[1].(map[string]any)["Body"] = "damaged"
		}))
		first := ids(receiveAny(t, c))
		if len(first) != 2 {
			t.Errorf("got %q", first)
		}
		for len(first) < 3 {
			for _, l := range receiveAny(t, c) {
				if !slices.Contains(first, l.Letter.ID) {
					first = append(first, l.Letter.ID)
				}
			}
		}
		if slices.Sort(first); !slices.Equal(first, []string{"letter-0", "letter-1", "letter-2"}) {
			t.Errorf("in the end: %q", first)
		}
	})
}

func ids(leases []deadletter.Lease) []string {
	var all []string
	for _, l := range leases {
		all = append(all, l.Letter.ID)
	}
	return all
}

func TestReceiveOfNothingButDamageSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		w.meet("ReceiveMessage", rewritten(func(answer map[string]any) {
			answer["Messages"].([]any)[0].(map[string]any)["Body"] = "damaged"
		}))
		if got, err := c.Receive(t.Context()); err == nil || len(got) != 0 {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestSendThatWasDamagedIsNotSaidToBeDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		w.meet("SendMessageBatch", rewritten(func(answer map[string]any) {
			answer["Successful"].([]any)[4].(map[string]any)["MD5OfMessageBody"] = "d41d8cd98f00b204e9800998ecf8427e"
		}))
		failed := 0
		for _, err := range atOnce(10, func(i int) error { return c.Send(t.Context(), letters(10)[i]) }) {
			if err != nil {
				failed++
			}
		}
		if failed != 1 {
			t.Errorf("%d of 10 failed", failed)
		}
	})
}

func TestQueueDeletedUnderTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		if _, err := w.raw.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: url(waitingName)}); err != nil {
			t.Fatal(err)
		}
		_, received := c.Receive(t.Context())
		_, counted := c.Depth(t.Context())
		for what, err := range map[string]error{
			"receive": received,
			"depth":   counted,
			"send":    c.Send(t.Context(), letter("b")),
			"delete":  c.Delete(t.Context(), l),
			"extend":  c.Extend(t.Context(), time.Minute, l)[0],
			"replace": c.Replace(t.Context(), l, l.Letter),
		} {
			if e, ok := errors.AsType[*sqsclient.MissingQueueError](err); !ok || e.Queue != waitingName || e.Hint() == "" {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := c.Park(t.Context(), l, l.Letter); !errors.Is(err, deadletter.ErrNotDeleted) {
			t.Errorf("park: %v", err)
		}
	})
}

func TestCredentialsThatAreNotAcceptedAnyMore(t *testing.T) {
	for _, code := range []string{"ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch", "AccessDenied"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.ensure(t)
			c := w.open(t)
			w.keepMeeting("SendMessageBatch", refused(403, code))
			w.keepMeeting("ReceiveMessage", refused(403, code))
			_, received := c.Receive(t.Context())
			for _, err := range []error{received, c.Send(t.Context(), letter("a"))} {
				if e, ok := errors.AsType[*sqsclient.CredentialsError](err); !ok || e.Hint() == "" {
					t.Errorf("%s: %v", code, err)
				}
			}
			if n := w.requests("SendMessageBatch"); n != 1 {
				t.Errorf("%s: %d requests", code, n)
			}
		})
	}
}

func TestNothingIsDeletedBeforeTheOtherQueueHasIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		for name, hit := range map[string]fault{"refused": refused(503, "ServiceUnavailable"), "partly": partly(0, "InternalError", false)} {
			w.keepMeeting("SendMessageBatch", hit)
			for _, move := range []error{c.Park(t.Context(), l, l.Letter), c.Replace(t.Context(), l, l.Letter)} {
				if move == nil || errors.Is(move, deadletter.ErrNotDeleted) {
					t.Errorf("%s: %v", name, move)
				}
			}
		}
		if d, n := depth(t, c), w.requests("DeleteMessageBatch"); d.Total() != 1 || d.Parked != 0 || n != 0 {
			t.Errorf("left: %+v after %d deletes", d, n)
		}
	})
}

func TestMoveWhoseDeleteFailsSaysSoAndKeepsBoth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		w.keepMeeting("DeleteMessageBatch", partly(0, "InternalError", false))
		if err := c.Park(t.Context(), l, l.Letter); !errors.Is(err, deadletter.ErrNotDeleted) {
			t.Errorf("got %v", err)
		}
		if d, n := depth(t, c), w.requests("DeleteMessageBatch"); d.InFlight != 1 || d.Parked != 1 || n != 3 {
			t.Errorf("left: %+v after %d deletes", d, n)
		}
	})
}

func TestMoveRepeatsADeleteThatFailedForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		w.meet("DeleteMessageBatch", partly(0, "InternalError", false))
		if err := c.Park(t.Context(), l, l.Letter); err != nil {
			t.Error(err)
		}
		if d := depth(t, c); d.Total() != 0 || d.Parked != 1 {
			t.Errorf("left: %+v", d)
		}
	})
}

func TestMoveOfALostLeaseIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		w.keepMeeting("DeleteMessageBatch", partly(0, "ReceiptHandleIsInvalid", true))
		err := c.Replace(t.Context(), l, l.Letter)
		if !errors.Is(err, deadletter.ErrNotDeleted) || !errors.Is(err, deadletter.ErrLeaseLost) {
			t.Errorf("got %v", err)
		}
		if n := w.requests("DeleteMessageBatch"); n != 1 {
			t.Errorf("%d deletes", n)
		}
	})
}
