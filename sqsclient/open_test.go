package sqsclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/retry/deadletter"
	"rehook/sqsclient"
	"rehook/sqsclient/localsqs"
)

// hinted is what every error of opening is: with advice.
type hinted interface {
	error
	Hint() string
}

func TestEnsureCreatesWhatIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		got, err := sqsclient.Ensure(t.Context(), w.cfg)
		want := sqsclient.Ensured{Where: "embedded", Created: []string{waitingName, parkedName}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("at first: %+v, %v", got, err)
		}
		for _, name := range got.Created {
			w.assertAttributes(t, name, map[string]string{
				"VisibilityTimeout": "300", "MessageRetentionPeriod": "1209600", "ReceiveMessageWaitTimeSeconds": "20",
			})
		}
		want.Created = nil
		if got, err := sqsclient.Ensure(t.Context(), w.cfg); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("again: %+v, %v", got, err)
		}
	})
}

func (w *world) assertAttributes(t *testing.T, name string, want map[string]string) {
	t.Helper()
	got, err := w.raw.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url(name), AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	for attribute, value := range want {
		if got.Attributes[attribute] != value {
			t.Errorf("%s of %s is %q, want %q", attribute, name, got.Attributes[attribute], value)
		}
	}
}

func TestEnsureUsesAnExistingQueueAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		has := map[string]string{"VisibilityTimeout": "60", "ReceiveMessageWaitTimeSeconds": "20"}
		if _, err := w.raw.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(waitingName), Attributes: has}); err != nil {
			t.Fatal(err)
		}
		got, err := sqsclient.Ensure(t.Context(), w.cfg)
		want := sqsclient.Ensured{
			Where:   "embedded",
			Created: []string{parkedName},
			Differences: []sqsclient.Difference{
				{Queue: waitingName, Attribute: "MessageRetentionPeriod", Has: "345600", Wanted: "1209600"},
				{Queue: waitingName, Attribute: "VisibilityTimeout", Has: "60", Wanted: "300"},
			},
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v", got, err)
		}
		w.assertAttributes(t, waitingName, has)
		w.open(t)
	})
}

func TestEnsureGivesWayToWhoWasFaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.meet("CreateQueue", func(rw http.ResponseWriter, r *http.Request, server http.Handler) {
			faster := &sqs.CreateQueueInput{QueueName: aws.String(waitingName), Attributes: map[string]string{"VisibilityTimeout": "1"}}
			if _, err := w.raw.CreateQueue(t.Context(), faster); err != nil {
				t.Error(err)
			}
			server.ServeHTTP(rw, r)
		})
		got, err := sqsclient.Ensure(t.Context(), w.cfg)
		if err != nil || !reflect.DeepEqual(got.Created, []string{parkedName}) || len(got.Differences) == 0 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestEnsureCannotCreateByURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Queue = *url("absent")
		_, err := sqsclient.Ensure(t.Context(), w.cfg)
		if e, ok := errors.AsType[*sqsclient.MissingQueueError](err); !ok || e.Queue != "absent" {
			t.Errorf("got %v", err)
		}
	})
}

func TestOpenCreatesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, err := sqsclient.Open(t.Context(), w.cfg)
		if e, ok := errors.AsType[*sqsclient.MissingQueueError](err); !ok || e.Queue != waitingName || !strings.Contains(e.Hint(), "rehook queue ensure") {
			t.Errorf("without any queue: %v", err)
		}
		w.create(t, waitingName)
		w.open(t)
		if _, err := w.raw.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String(parkedName)}); err == nil {
			t.Error("opening has created the parked queue")
		}
	})
}

func TestMissingParkedQueueIsUsedOnceItIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.create(t, waitingName)
		c := w.open(t)
		missing := func(err error) bool {
			e, ok := errors.AsType[*sqsclient.MissingQueueError](err)
			return ok && e.Queue == parkedName && e.Hint() != ""
		}
		if !missing(c.Missing()) {
			t.Errorf("missing: %v", c.Missing())
		}
		if err := c.Send(t.Context(), &deadletter.Letter{ID: "a", OriginalEndpoint: "http://a", Payload: []byte("1")}); err != nil {
			t.Fatal(err)
		}
		leases, err := c.Receive(t.Context())
		if err != nil || len(leases) != 1 {
			t.Fatalf("%d leases, %v", len(leases), err)
		}
		if err := c.Park(t.Context(), leases[0], leases[0].Letter); !missing(err) {
			t.Errorf("park: %v", err)
		}
		if d, err := c.Depth(t.Context()); err != nil || d.InFlight != 1 || d.Parked != 0 {
			t.Errorf("depth %+v, %v", d, err)
		}
		if parked, err := c.ReceiveParked(t.Context()); err != nil || len(parked) != 0 {
			t.Errorf("parked letters: %v, %v", parked, err)
		}
		w.create(t, parkedName)
		time.Sleep(6 * time.Second)
		if err := c.Park(t.Context(), leases[0], leases[0].Letter); err != nil || c.Missing() != nil {
			t.Errorf("park once the queue is there: %v, missing %v", err, c.Missing())
		}
	})
}

func TestServersThatKnowOnlyTheOldCodeAreUnderstood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.keepMeeting("GetQueueUrl", refused(400, "AWS.SimpleQueueService.NonExistentQueue"))
		_, err := sqsclient.Open(t.Context(), w.cfg)
		if _, ok := errors.AsType[*sqsclient.MissingQueueError](err); !ok {
			t.Errorf("got %v", err)
		}
	})
}

func TestQueuesByURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		w.cfg.Queue = *url(waitingName)
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		if err := c.Park(t.Context(), l, l.Letter); err != nil {
			t.Fatal(err)
		}
		receiveParked(t, c)
	})
}

func TestConfigThatCannotWorkIsRefused(t *testing.T) {
	for name, cfg := range map[string]sqsclient.Config{
		"no queue":            {},
		"one queue twice":     {Queue: "a", Parked: "a"},
		"FIFO":                {Queue: "a.fifo"},
		"FIFO parked":         {Queue: "a", Parked: "b.fifo"},
		"URL without a queue": {Queue: "https://sqs.eu-west-1.amazonaws.com/"},
		"no URL":              {Queue: "https://%zz/a"},
		"half a second":       {Queue: "a", Visibility: 500 * time.Millisecond},
		"a day":               {Queue: "a", Visibility: 24 * time.Hour},
		"negative linger":     {Queue: "a", Linger: -1},
	} {
		cfg.DialContext = func(context.Context, string, string) (net.Conn, error) {
			t.Errorf("%s: something was asked", name)
			return nil, net.ErrClosed
		}
		if _, err := sqsclient.Open(t.Context(), cfg); err == nil {
			t.Errorf("%s: opened", name)
		}
		if _, err := sqsclient.Ensure(t.Context(), cfg); err == nil {
			t.Errorf("%s: ensured", name)
		}
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := &net.OpError{Op: "dial", Net: "unix", Err: syscall.ECONNREFUSED}
		cfg := sqsclient.Config{Queue: "a", DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, refused }}
		_, opened := sqsclient.Open(t.Context(), cfg)
		_, ensured := sqsclient.Ensure(t.Context(), cfg)
		_, listed := sqsclient.List(t.Context(), cfg)
		for what, err := range map[string]error{"open": opened, "ensure": ensured, "list": listed} {
			e, ok := errors.AsType[*sqsclient.UnreachableError](err)
			if !ok || e.Where != "embedded" || e.Hint() == "" || !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// TestServerAtHandIsAskedWithoutAConnection, and over one again when it is no more.
func TestServerAtHandIsAskedWithoutAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		server, err := localsqs.Open(localsqs.Config{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close() })
		atHand := true
		w.cfg.Direct = func() http.RoundTripper {
			if atHand {
				return server
			}
			return nil
		}
		w.ensure(t)
		if n := w.connections(); n != 0 {
			t.Errorf("%d connections were made", n)
		}
		c := w.open(t)
		if err := c.Send(t.Context(), letter("a")); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Receive(t.Context()); err != nil || len(got) != 1 || got[0].Letter.ID != "a" {
			t.Errorf("%v, %v", got, err)
		}
		if n := w.connections(); n != 0 {
			t.Errorf("%d connections were made", n)
		}
		atHand = false
		if _, err := sqsclient.Open(t.Context(), w.cfg); err == nil {
			t.Error("the server behind the connection has no queues, and they were opened")
		}
	})
}

// onAWS is an environment in which nothing of AWS is configured but these variables.
func onAWS(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, name := range []string{
		"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
		"AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CA_BUNDLE",
	} {
		t.Setenv(name, "")
	}
	absent := filepath.Join(t.TempDir(), "absent")
	t.Setenv("AWS_CONFIG_FILE", absent)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", absent)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

func overTCP(t *testing.T) *httptest.Server {
	t.Helper()
	queues, err := localsqs.Open(localsqs.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(queues)
	t.Cleanup(func() {
		server.Close()
		if err := queues.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func TestEndpointOfTheEnvironmentIsUsed(t *testing.T) {
	server := overTCP(t)
	onAWS(t, map[string]string{"AWS_ENDPOINT_URL_SQS": server.URL, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"})
	assertUsable(t, server, sqsclient.Config{Queue: waitingName})
}

func TestEndpointOfTheConfigGoesFirst(t *testing.T) {
	server := overTCP(t)
	onAWS(t, map[string]string{"AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"})
	assertUsable(t, server, sqsclient.Config{Queue: waitingName, Endpoint: server.URL, Region: "eu-west-1"})
}

func assertUsable(t *testing.T, server *httptest.Server, cfg sqsclient.Config) {
	t.Helper()
	if _, err := sqsclient.Ensure(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	c, err := sqsclient.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if where := c.Where(); "http://"+where != server.URL {
		t.Errorf("it says that it is at %q", where)
	}
	send(t, c, letter("a"))
	if err := c.Delete(t.Context(), receive(t, c, 1)[0]); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsMissingOfAWSIsSaid(t *testing.T) {
	keys := map[string]string{"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
	t.Run("credentials", func(t *testing.T) {
		onAWS(t, map[string]string{"AWS_REGION": "eu-west-1"})
		assertSays[*sqsclient.CredentialsError](t, sqsclient.Config{Queue: "a"})
	})
	t.Run("region", func(t *testing.T) {
		onAWS(t, keys)
		assertSays[*sqsclient.RegionError](t, sqsclient.Config{Queue: "a"})
	})
	t.Run("region given by the queue's URL", func(t *testing.T) {
		onAWS(t, nil)
		assertSays[*sqsclient.CredentialsError](t, sqsclient.Config{Queue: "https://sqs.eu-west-1.amazonaws.com/123456789012/a"})
	})
}

func assertSays[E hinted](t *testing.T, cfg sqsclient.Config) {
	t.Helper()
	_, opened := sqsclient.Open(t.Context(), cfg)
	_, ensured := sqsclient.Ensure(t.Context(), cfg)
	_, listed := sqsclient.List(t.Context(), cfg)
	for what, err := range map[string]error{"open": opened, "ensure": ensured, "list": listed} {
		if e, ok := errors.AsType[E](err); !ok || e.Hint() == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestListTurnsThePages(t *testing.T) {
	pages := map[string]string{
		"":  `{"QueueUrls":["http://h/1/a","http://h/1/b"],"NextToken":"2"}`,
		"2": `{"QueueUrls":["http://h/1/c"]}`,
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.keepMeeting("ListQueues", func(rw http.ResponseWriter, r *http.Request, _ http.Handler) {
			var asked struct{ NextToken string }
			if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
				t.Error(err)
			}
			_, _ = io.WriteString(rw, pages[asked.NextToken])
		})
		got, err := sqsclient.List(t.Context(), w.cfg)
		want := []sqsclient.QueueInfo{{Name: "a", URL: "http://h/1/a"}, {Name: "b", URL: "http://h/1/b"}, {Name: "c", URL: "http://h/1/c"}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestListFindsWhatEnsureMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		got, err := sqsclient.List(t.Context(), sqsclient.Config{DialContext: w.cfg.DialContext})
		want := []sqsclient.QueueInfo{{Name: waitingName, URL: *url(waitingName)}, {Name: parkedName, URL: *url(parkedName)}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}
