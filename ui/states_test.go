package ui_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/genesys"
	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui"
)

func TestAnUnreachableQueueIsSaidInWords(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.tell(func(_ *retry.Update, s *retry.Status) {
			s.LinkDown, s.LinkSince = true, time.Now()
			s.LinkError, s.LinkHint = "dial tcp: no such host", "check the network and AWS_REGION"
		})
		x.pass(time.Second)
		x.shows("✗ queue unreachable since 00:00", "check the network and AWS_REGION · dial tcp: no such host")
		x.pass(5 * time.Minute)
		x.shows("5m old") // the depth
		e.tell(func(_ *retry.Update, s *retry.Status) { s.LinkDown = false })
		x.pass(time.Second)
		x.shows("● running")
		x.hides("unreachable since")
	})
}

func TestAnEngineThatIsNotThereIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		e.refuses = errors.New("dial unix control.sock: connection refused")
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.shows(`no engine since 00:00: start "rehook serve", or quit (q) and run rehook again · dial unix`, "✗ not attached", "connection refused")
		x.press("r")
		x.says("no engine is attached")
		e.mu.Lock()
		e.refuses = nil
		e.mu.Unlock()
		x.pass(3 * time.Second)
		x.shows("● running", "waiting 11")
		x.hides("no engine since")
	})
}

func TestAQueueThatDoesNotAnswerAtTheStartIsSaidInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		e.refuses = &ui.UnopenedError{Err: errors.New("SQS (eu-west-1) cannot be reached"), Hint: "check the network"}
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.shows("✗ queue unreachable since 00:00", "check the network · SQS (eu-west-1) cannot be reached", "the queue does not answer")
		x.hides("no engine", "run rehook again")
		x.press("r")
		x.says("no engine is attached")
		e.mu.Lock()
		e.refuses = nil
		e.mu.Unlock()
		x.pass(3 * time.Second)
		x.shows("● running", "waiting 11")
		x.hides("unreachable")
	})
}

func TestAnEngineThatHasEndedIsSaidInWords(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.end()
		x.pass(time.Second)
		e.mu.Lock()
		e.refuses = errors.New("dial unix control.sock: connection refused")
		e.mu.Unlock()
		x.shows(`the engine has ended: start "rehook serve", or quit (q) and run rehook again · `+retry.ErrStopped.Error(), "20 not here · at 00:00:00", "in — · out —")
		x.hides("depth under")
		x.pass(3 * time.Second)
		x.shows(`the engine has ended: start "rehook serve", or quit (q) and run rehook again · dial unix`)
		x.resize(80, 24)
		x.shows(`the engine has ended: start "rehook serve", or quit (q) and run rehook again`)
	})
}

func TestWhatIsLeasedElsewhereIsNoGoodNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		e.status.Endpoints, e.status.Depth, e.status.FirstExpiry = nil, deadletter.Depth{InFlight: 20}, time.Time{}
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.shows("no letter is held here", "20 in the queue are leased elsewhere or not received yet", "20 more not held here", "no expiry is known")
		x.hides("no letter waits", "no webhook has failed", "nothing expires")
		x.press("1", "z")
		x.shows("20 in the queue are leased elsewhere or not received yet")
		e.tell(func(_ *retry.Update, s *retry.Status) { s.Depth, s.DepthAt = deadletter.Depth{}, time.Now() })
		x.press("4", "z")
		x.shows("✓ no letter waits")
		x.pass(16 * time.Second)
		x.hides("no letter waits", "depth under 15 s old")
		x.shows("no letter is held here", "depth read at 00:00:00")
	})
}

func TestADepthFromBeforeADeliveryIsNotLeasedElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(letter(1, "https://erp.example.com/in"))
		e.status.Endpoints, e.status.Depth, e.status.FirstExpiry = nil, deadletter.Depth{InFlight: 1}, time.Time{}
		x := open(t, config(e), 120, 40)
		defer x.close()
		e.tell(func(u *retry.Update, s *retry.Status) { u.Gone, s.Held = []string{id(1)}, 0 })
		x.pass(time.Second)
		x.shows("no letter is held here", "1 in the queue at 00:00:00")
		x.hides("elsewhere", "no letter waits")
		e.tell(func(_ *retry.Update, s *retry.Status) { s.Depth, s.DepthAt = deadletter.Depth{}, time.Now() })
		x.pass(time.Second)
		x.shows("✓ no letter waits")
	})
}

func TestFiguresOfAQueueThatIsOutOfReachSayWhenTheyWereRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		e.status.Depth = deadletter.Depth{}
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.shows("depth under 15 s old", "in 3.9/s · out 3.2/s")
		e.tell(func(_ *retry.Update, s *retry.Status) { s.LinkDown, s.LinkSince = true, time.Now() })
		x.pass(time.Second)
		x.shows("depth read at 00:00:00", "in — · out —")
		x.hides("depth under", "3.9/s", "no letter waits")
	})
}

func TestTheRatesKeepAwayFromTheLink(t *testing.T) {
	for width := 60; width <= 140; width++ {
		synctest.Test(t, func(t *testing.T) {
			x := open(t, config(newEngine(some()...)), width, 24)
			defer x.close()
			if row := x.rows()[0]; strings.Contains(row, "delivered") && !strings.Contains(row, "● running  ") {
				t.Errorf("at %d columns: %q", width, row)
			}
		})
	}
}

func TestNoLettersIsGoodNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		e.status.Endpoints, e.status.Depth, e.status.FirstExpiry = nil, deadletter.Depth{}, time.Time{}
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.shows("✓ no letter waits", "70 delivered since 23:00")
	})
}

func TestTheWebhooksPaneSaysWhatItWaitsForAndWhatFailed(t *testing.T) {
	for name, c := range map[string]struct {
		read  func(context.Context) (genesys.Listing, error)
		hint  string
		shows []string
	}{
		"not configured": {nil, "set GENESYSCLOUD_OAUTHCLIENT_ID", []string{"not configured", "set GENESYSCLOUD_OAUTHCLIENT_ID"}},
		"failed": {func(context.Context) (genesys.Listing, error) {
			return genesys.Listing{}, errors.New("401 unauthorized: check the client secret")
		}, "", []string{"✗ not read", "401 unauthorized: check the"}},
		"reading": {func(ctx context.Context) (genesys.Listing, error) {
			<-ctx.Done()
			return genesys.Listing{}, ctx.Err()
		}, "", []string{"reading the configurations"}},
		"none": {func(context.Context) (genesys.Listing, error) { return genesys.Listing{}, nil }, "", []string{"the organization has no webhooks"}},
		"some": {organization, "", []string{"✗ Chat", "endpoint unreac", "! ERP notifier", "http, no TLS", "✓ CRM outbound"}},
	} {
		t.Run(name, func(t *testing.T) {
			screenOf(t, func(e *engine) ui.Config {
				cfg := config(e)
				cfg.Webhooks, cfg.WebhooksHint = c.read, c.hint
				return cfg
			}, func(x *terminal, _ *engine) { x.shows(c.shows...) })
		})
	}
}

func TestWebhooksAreReadAgain(t *testing.T) {
	reads := 0
	screenOf(t, func(e *engine) ui.Config {
		cfg := config(e)
		cfg.Webhooks = func(ctx context.Context) (genesys.Listing, error) {
			if reads++; reads == 1 {
				return genesys.Listing{}, errors.New("timeout")
			}
			return organization(ctx)
		}
		return cfg
	}, func(x *terminal, _ *engine) {
		x.shows("✗ not read")
		x.press("3", "enter")
		x.shows("✓ CRM outbound")
		x.pass(6 * time.Minute)
		if reads != 3 {
			t.Errorf("read %d times, want 3", reads)
		}
	})
}

func TestWhatIsWrongWithAWebhookCanBeReadWhole(t *testing.T) {
	message := "Genesys could not deliver to the endpoint in the last hour: 502 from the proxy in front of it"
	hint := "look at the log of the proxy, then enable the integration again in Admin, Integrations"
	screenOf(t, func(e *engine) ui.Config {
		cfg := config(e)
		cfg.Webhooks = func(ctx context.Context) (genesys.Listing, error) {
			listing, err := organization(ctx)
			listing.Webhooks[0].Findings = []genesys.Finding{{Severity: genesys.Failure, Message: message, Hint: hint}}
			return listing, err
		}
		return cfg
	}, func(x *terminal, _ *engine) {
		x.press("3")
		x.shows("✗ Genesys could not deliver")
		x.press("z")
		x.shows("✗ "+message, "→ "+hint[:60], "· https://crm.example.com/genesys/hook")
		x.press("j")
		x.shows("✗ endpoint unreachable")
		x.hides(hint[:60])
		x.resize(60, 24)
		x.press("k")
		x.shows("front of it", "Integrations")
	})
}

func TestAWebhookSaysWhatItDelivers(t *testing.T) {
	screenOf(t, func(e *engine) ui.Config {
		cfg := config(e)
		cfg.Webhooks = func(ctx context.Context) (genesys.Listing, error) {
			listing, err := organization(ctx)
			listing.Webhooks = listing.Webhooks[:1]
			hook := &listing.Webhooks[0]
			hook.Kind, hook.Direction, hook.Events = "Open Messaging", "outbound", []string{"outbound messages"}
			hook.ModifiedAt = time.Now().Add(-72 * time.Hour)
			return listing, err
		}
		return cfg
	}, func(x *terminal, _ *engine) {
		x.hides("DELIVERS")
		x.press("3", "z")
		x.shows("NAME", "DELIVERS", "STATUS", "FINDING", "→ outbound messages", "Active", "nothing found",
			"· Open Messaging · outbound · delivers outbound messages · status Active · changed 3d")
		x.resize(60, 15)
		x.shows("· Open Messaging · outbound · delivers outbound", "messages · status Active")
		x.hides("DELIVERS")
	})
}

func TestALaterReadingThatFailsIsSaidOverTheOldRows(t *testing.T) {
	failing, reads := true, 0
	screenOf(t, func(e *engine) ui.Config {
		cfg := config(e)
		cfg.Webhooks = func(ctx context.Context) (genesys.Listing, error) {
			if reads++; reads > 1 && failing {
				return genesys.Listing{}, errors.New("401 the secret was changed")
			}
			return organization(ctx)
		}
		return cfg
	}, func(x *terminal, _ *engine) {
		x.press("3")
		x.shows("enter its letters")
		x.hides("enter read again", "as of")
		x.pass(6 * time.Minute)
		x.shows("✗ as of 00:00: 401 the secret", "endpoint unreach", "enter read again")
		x.hides("enter its letters")
		failing = false
		x.press("enter")
		if reads != 3 {
			t.Errorf("read %d times, want 3", reads)
		}
		x.shows("enter its letters")
		x.hides("as of", "enter read again")
		x.press("enter")
		x.shows("endpoint:\"")
		if reads != 3 {
			t.Errorf("read %d times, want 3", reads)
		}
	})
}

func TestALaneWhoseLastAttemptFailedIsNotSound(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.shows("✓ erp.example.com", "84 ms")
		e.tell(func(_ *retry.Update, s *retry.Status) { s.Endpoints[1].LastStatus, s.Endpoints[1].Failed = 503, 1 })
		x.pass(time.Second)
		x.shows("◐ erp.example.com", "failing 503", "◐ 1 failing")
		x.hides("✓ erp.example.com", "84 ms")
		e.tell(func(_ *retry.Update, s *retry.Status) {
			s.Endpoints[1].LastStatus, s.Endpoints[1].LastError = 0, "lookup erp.example.com: no such host"
		})
		x.pass(time.Second)
		x.shows("◐ erp.example.com", "no such host")
		e.tell(func(_ *retry.Update, s *retry.Status) { s.Endpoints[1].LastStatus, s.Endpoints[1].LastError = 204, "" })
		x.pass(time.Second)
		x.shows("✓ erp.example.com", "84 ms")
	})
}

func TestABurstIsDrawnAtABoundedRate(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.writtenSince()
		for n := range 400 { // forty events a second for ten seconds
			e.tell(func(u *retry.Update, s *retry.Status) {
				u.Stream = append(u.Stream, retry.Failed{At: retry.At{Time: time.Now()}, ID: id(n % 10), Endpoint: "https://erp.example.com/in", Status: 503})
				s.Counters.Delivered++
			})
			x.pass(25 * time.Millisecond)
		}
		if n := x.writtenSince(); n > 5000 {
			t.Errorf("ten seconds of it wrote %d bytes", n)
		} else {
			t.Logf("%d bytes", n)
		}
	})
}

func TestResizingKeepsThePictureWhole(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		for _, size := range [][2]int{{200, 60}, {59, 20}, {60, 15}, {100, 30}, {99, 29}, {160, 45}, {20, 5}, {250, 80}, {120, 40}} {
			x.resize(size[0], size[1])
			x.whole()
		}
	})
}

func TestWhatNoEngineHasToldIsNotShownAsZeros(t *testing.T) {
	for _, name := range []string{"attaching", "no engine"} {
		synctest.Test(t, func(t *testing.T) {
			_, cfg := states[name]()
			x := open(t, cfg, 80, 24)
			defer x.close()
			for _, pane := range []string{"1", "2", "4", "5", "6"} {
				x.press(pane)
				x.hides("waiting 0", "0 delivered", "ENDPOINTS  0", "no endpoint yet", "nothing has happened", "under the cursor")
				if pane != "4" {
					x.shows("not known yet")
				}
			}
			x.press("4")
			x.resize(120, 40)
			if name == "attaching" { // the other has its picture elsewhere
				x.golden("attaching_120x40")
			}
		})
	}
}
