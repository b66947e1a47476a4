package sqsclient_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rehook/retry/deadletter"
	"rehook/sqsclient"
)

// policy is what a policy of IAM allows.
type policy struct {
	Version   string
	Statement []struct {
		Sid, Effect string
		Action      []string
		Resource    any
	}
}

func documentedPolicy(t *testing.T) policy {
	t.Helper()
	text, err := os.ReadFile("../docs/iam-policy.json")
	if err != nil {
		t.Fatal(err)
	}
	var p policy
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// allowed are the actions of a policy's statements, or of one.
func (p policy) allowed(sid string) []string {
	var all []string
	for _, s := range p.Statement {
		if s.Effect == "Allow" && (sid == "" || s.Sid == sid) {
			all = append(all, s.Action...)
		}
	}
	return slices.Sorted(slices.Values(all))
}

// called are the actions that were used since the front last forgot, in IAM's words: it has none for batches.
func (f *front) called() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	actions := map[string]bool{}
	for op := range f.counts {
		actions["sqs:"+strings.TrimSuffix(op, "Batch")] = true
	}
	return slices.Sorted(maps.Keys(actions))
}

// uses are what commands do with the client, all of it, by the name that docs/permissions.md has for them.
func uses(t *testing.T, w *world) map[string]func() {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	opened := func(use func(c *sqsclient.Client)) func() {
		return func() {
			c, err := sqsclient.Open(t.Context(), w.cfg)
			must(err)
			use(c)
			must(c.Close())
		}
	}
	one := func(get func() ([]deadletter.Lease, error)) deadletter.Lease {
		t.Helper()
		got, err := get()
		if err != nil || len(got) != 1 {
			t.Fatalf("%d letters, %v", len(got), err)
		}
		return got[0]
	}
	return map[string]func(){
		"`rehook`, `rehook serve`": opened(func(c *sqsclient.Client) {
			receive := func() ([]deadletter.Lease, error) { return c.Receive(t.Context()) }
			must(c.Send(t.Context(), letter("a")))
			l := one(receive)
			must(c.Extend(t.Context(), time.Minute, l)[0])
			must(c.Replace(t.Context(), l, l.Letter))
			l = one(receive)
			must(c.Park(t.Context(), l, l.Letter))
			l = one(func() ([]deadletter.Lease, error) { return c.ReceiveParked(t.Context()) })
			must(c.Release(t.Context(), l, l.Letter))
			must(c.Delete(t.Context(), one(receive)))
			_, err := c.Depth(t.Context())
			must(err)
		}),
		"`rehook ls`, `show`, `export` without an engine": opened(func(c *sqsclient.Client) {
			_, err := c.Depth(t.Context())
			must(err)
			w.put(t, waitingName, string(letter("b").Encode()), nil)
			w.forgetOp("SendMessage")
			must(c.Extend(t.Context(), 0, one(func() ([]deadletter.Lease, error) { return c.Glance(t.Context()) }))[0])
		}),
		"`rehook import`": opened(func(c *sqsclient.Client) {
			must(c.Fits(letter("c")))
			must(c.Send(t.Context(), letter("c")))
			must(c.SendParked(t.Context(), letter("d")))
		}),
		"`rehook queue depth`": opened(func(c *sqsclient.Client) {
			_, err := c.Depth(t.Context())
			must(err)
		}),
		"`rehook queue ensure`": func() {
			_, err := sqsclient.Ensure(t.Context(), w.cfg) // of queues that are there
			must(err)
			w.cfg.Queue, w.cfg.Parked = "others", "others-parked"
			_, err = sqsclient.Ensure(t.Context(), w.cfg)
			must(err)
			w.cfg.Queue, w.cfg.Parked = waitingName, ""
		},
		"`rehook queue ls`": func() {
			_, err := sqsclient.List(t.Context(), w.cfg)
			must(err)
		},
	}
}

func TestPolicyAllowsWhatIsCalledAndNothingElse(t *testing.T) {
	p := documentedPolicy(t)
	page, err := os.ReadFile("../docs/permissions.md")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		all := map[string]bool{}
		for name, use := range uses(t, w) {
			time.Sleep(time.Hour) // SQS: one purge a minute
			for _, name := range []string{waitingName, parkedName} {
				if _, err := w.raw.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: url(name)}); err != nil {
					t.Fatal(err)
				}
			}
			w.forget()
			use()
			called := w.called()
			for _, action := range called {
				all[action] = true
			}
			if row := documentedActions(string(page), name); !slices.Equal(row, called) {
				t.Errorf("%s calls %v, and docs/permissions.md has %v", name, called, row)
			}
			if sid := map[string]string{"`rehook`, `rehook serve`": "Work", "`rehook queue ls`": "List"}[name]; sid != "" && !slices.Equal(p.allowed(sid), called) {
				t.Errorf("%s calls %v, and the statement %s allows %v", name, called, sid, p.allowed(sid))
			}
		}
		allowed := slices.DeleteFunc(p.allowed(""), func(action string) bool { return strings.HasPrefix(action, "s3:") })
		if called := slices.Sorted(maps.Keys(all)); !slices.Equal(allowed, called) {
			t.Errorf("called is\n%v, allowed is\n%v", called, allowed)
		}
	})
}

func TestPolicyAllowsWhatIsDoneWithPayloads(t *testing.T) {
	p := documentedPolicy(t)
	page, err := os.ReadFile("../docs/permissions.md")
	if err != nil {
		t.Fatal(err)
	}
	s := newBuckets(t)
	_, endpoint := frontOverTCP(t)
	cfg := sqsclient.Config{Queue: waitingName, Endpoint: endpoint, Claims: "s3://" + ownBucket + "/dlq"}
	for command, use := range map[string]func(){
		"`rehook`, `rehook serve` with `--claims`": func() {
			c := openClaiming(t, endpoint, cfg.Claims)
			send(t, c, large("a", big()))
			l := receive(t, c, 1)[0]
			if err := c.Replace(t.Context(), l, l.Letter); err != nil {
				t.Error(err)
			}
			if _, err := c.Payload(t.Context(), l.Letter); err != nil {
				t.Error(err)
			}
			if err := c.Discard(t.Context(), l.Letter); err != nil {
				t.Error(err)
			}
		},
		"`rehook queue ensure` with `--claims`": func() {
			if err := sqsclient.CheckClaims(t.Context(), cfg); err != nil {
				t.Error(err)
			}
		},
		"anything that receives, with `--claims-from`": func() {
			_, endpoint := frontOverTCP(t)
			c := openClaiming(t, endpoint, "", "s3://"+otherBucket)
			s.set(t, otherBucket, "k", letter("b").Encode())
			point(t, endpoint, pointerClass, otherBucket, "k", "ExtendedPayloadSize", len(letter("b").Encode()))
			if l := receive(t, c, 1)[0]; l.Letter.ID != "b" {
				t.Errorf("received is %+v", l.Letter)
			}
		},
	} {
		s.forget()
		use()
		called := s.called()
		if row := documentedActions(string(page), command); !slices.Equal(row, called) {
			t.Errorf("%s calls %v, and docs/permissions.md has %v", command, called, row)
		}
		if !strings.Contains(command, "from") && !slices.Equal(p.allowed("Claims"), called) {
			t.Errorf("%s calls %v, and the statement Claims allows %v", command, called, p.allowed("Claims"))
		}
	}
	// S3 says of a missing object that it is denied to whoever may not list the bucket.
	if got := p.allowed("MissingClaims"); !slices.Equal(got, []string{"s3:ListBucket"}) {
		t.Errorf("the statement MissingClaims allows %v", got)
	}
}

// documentedActions are those in a command's row of the page.
func documentedActions(page, command string) []string {
	for line := range strings.Lines(page) {
		if cells := strings.Split(line, " | "); strings.TrimPrefix(cells[0], "| ") == command && len(cells) == 3 {
			return strings.Fields(strings.NewReplacer("`", "", "|", "").Replace(cells[2]))
		}
	}
	return nil
}

func TestPolicyNamesBothQueuesAndNoOther(t *testing.T) {
	for _, s := range documentedPolicy(t).Statement {
		switch s.Sid {
		case "List":
			continue // SQS knows no other resource for it
		case "Claims", "MissingClaims":
			where := map[string]string{"Claims": "arn:aws:s3:::BUCKET/PREFIX/*", "MissingClaims": "arn:aws:s3:::BUCKET"}
			if s.Resource != where[s.Sid] {
				t.Errorf("%s: %v", s.Sid, s.Resource)
			}
			continue
		}
		want := []any{"arn:aws:sqs:REGION:ACCOUNT:gen-webhook-dlq", "arn:aws:sqs:REGION:ACCOUNT:gen-webhook-dlq-parked"}
		if got, _ := s.Resource.([]any); !slices.Equal(got, want) {
			t.Errorf("%s: %v", s.Sid, s.Resource)
		}
	}
}
