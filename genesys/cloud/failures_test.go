package cloud_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rehook/genesys/cloud"
	"rehook/genesys/simulator"
)

func TestATokenIsUsedUntilShortlyBeforeItsEnd(t *testing.T) {
	inOrg(t, simulator.APIConfig{TokenLife: 10 * time.Minute}, func(o *org) {
		for minute := range 30 { // 10 min × 0.85 = 8.5 min: new ones in minutes 0, 9, 18 and 27
			if _, err := o.client.Webhooks(o.Context()); err != nil {
				o.Fatalf("minute %d: %v", minute, err)
			}
			<-time.After(time.Minute)
		}
		if n := o.api.Issued(); n != 4 {
			o.Errorf("%d tokens in 30 minutes, want 4", n)
		}
		for _, r := range o.requests {
			if strings.HasPrefix(r, "POST") && r != "POST /oauth/token" {
				o.Errorf("unexpected request %s", r)
			}
		}
	})
}

func TestATokenThatEndsEarlyIsReplacedOnce(t *testing.T) {
	inOrg(t, simulator.APIConfig{Integrations: many(2)}, func(o *org) {
		for range 2 {
			if listing, err := o.client.Webhooks(o.Context()); err != nil || len(listing.Webhooks) != 2 {
				o.Fatal(listing, err)
			}
			o.api.Revoke()
		}
		if n := o.api.Issued(); n != 2 {
			o.Errorf("%d tokens, want 2", n)
		}
	})
}

func TestATokenThatIsNeverTakenEndsInCredentials(t *testing.T) {
	inOrg(t, simulator.APIConfig{}, func(o *org) {
		o.intercept(answering(http.StatusUnauthorized, `{"code":"bad.credentials","message":"Invalid"}`))
		_, err := o.client.Webhooks(o.Context())
		if e, ok := errors.AsType[*cloud.CredentialsError](err); !ok || !strings.Contains(e.Reason, "bad.credentials") {
			o.Errorf("%v, want a CredentialsError", err)
		}
		if n := o.counted("GET"); n != 2 {
			o.Errorf("asked %d times, want twice", n)
		}
	})
}

func TestOneAsksForATokenAndTheOthersWait(t *testing.T) {
	inOrg(t, simulator.APIConfig{Integrations: many(9), PageSize: 2}, func(o *org) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if listing, err := o.client.Webhooks(o.Context()); err != nil || len(listing.Webhooks) != 9 {
					o.Error(len(listing.Webhooks), err)
				}
			})
		}
		wg.Wait()
		if n := o.api.Issued(); n != 1 {
			o.Errorf("%d tokens, want 1", n)
		}
	})
}

func TestWaitingForAnothersTokenEndsWithTheContext(t *testing.T) {
	inOrg(t, simulator.APIConfig{}, func(o *org) {
		o.intercept(func(_ http.ResponseWriter, r *http.Request) bool { // the token hangs
			_, _ = io.Copy(io.Discard, r.Body) // or a server does not notice that the client has gone
			<-r.Context().Done()
			return true
		})
		ctx, cancel := context.WithTimeout(o.Context(), 10*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = o.client.Webhooks(ctx) })
		synctest.Wait()
		short, stop := context.WithTimeout(o.Context(), time.Second)
		defer stop()
		begin := time.Now()
		if _, err := o.client.Webhooks(short); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			o.Errorf("%v after %v", err, time.Since(begin))
		}
		cancel()
		wg.Wait()
	})
}

func TestRefusalsOfATokenSayWhy(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   func(error) bool
	}{
		"unknown client": {401, `{"error":"invalid_client","error_description":"client not found"}`, isCredentials("invalid_client: client not found")},
		"as 400":         {400, `{"error":"invalid_client","description":"client not found: 4711"}`, isCredentials("client not found")},
		"without words":  {401, ``, isCredentials("")},
		"null":           {401, `null`, isCredentials("")},
		"rate as 400":    {400, `{"error":"invalid_request","description":"rate limit exceeded; wait"}`, isRate(time.Minute)},
		"rate as 429":    {429, `{}`, isRate(time.Minute)},
		"HTML":           {502, `<html>Bad gateway</html>`, isUnreachable(502)},
		"empty 503":      {503, ``, isUnreachable(503)},
		"redirect":       {302, ``, isUnreachable(302)},
		"200 and HTML":   {200, `<html>Log in to the hotel</html>`, isAnswer},
		"200 and null":   {200, `null`, isAnswer},
		"200 and empty":  {200, ``, isAnswer},
		"other types":    {200, `{"access_token":7}`, isAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			inOrg(t, simulator.APIConfig{}, func(o *org) {
				o.intercept(func(w http.ResponseWriter, _ *http.Request) bool {
					w.Header().Set("Location", "https://elsewhere.example.com/")
					w.WriteHeader(c.status)
					_, _ = io.WriteString(w, c.body)
					return true
				})
				_, err := o.client.Webhooks(o.Context())
				if !c.want(err) {
					o.Errorf("%T: %v", errors.Unwrap(err), err)
				}
				checkWords(o, err)
			})
		})
	}
}

func TestRefusalsOfTheAPISayWhy(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   func(error) bool
	}{
		"forbidden":       {403, `{"code":"missing.permissions","message":"Unable to perform the requested action"}`, isPermission},
		"forbidden, null": {403, `null`, isPermission},
		"too many":        {429, `{"code":"too.many.requests.retry.after"}`, isRate(42 * time.Second)},
		"HTML":            {502, `<html>`, isUnreachable(502)},
		"error is null":   {500, `null`, isUnreachable(500)},
		"empty":           {503, ``, isUnreachable(503)},
		"not found":       {404, `{"code":"not.found"}`, isUnreachable(404)},
		"redirect":        {301, ``, isUnreachable(301)},
		"200 and null":    {200, `null`, isAnswer},
		"200 and empty":   {200, ``, isAnswer},
		"200 and HTML":    {200, `<html>`, isAnswer},
		"200 and a list":  {200, `[1]`, isAnswer},
		"entities null":   {200, `{"entities":null}`, isNil},
		"no entities":     {200, `{}`, isNil},
		"wrong types":     {200, `{"entities":[{"id":7,"name":[],"createError":"x","webhookHeaders":7,"dateModified":"yesterday"}]}`, isNil},
		"too long":        {200, `{"entities":[],"x":"` + strings.Repeat("x", 9<<20) + `"}`, isTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			inOrg(t, simulator.APIConfig{}, func(o *org) {
				o.intercept(answering(c.status, c.body))
				_, err := o.client.Webhooks(o.Context())
				if !c.want(err) {
					o.Errorf("%T: %v", errors.Unwrap(err), err)
				}
				checkWords(o, err)
			})
		})
	}
}

// answering answers all requests but those for tokens.
func answering(status int, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/oauth/token" {
			return false
		}
		w.Header().Set("Retry-After", "42")
		w.Header().Set("Location", "https://elsewhere.example.com/")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}
}

// checkWords holds every error to a hint, and to keeping the secret.
func checkWords(o *org, err error) {
	o.Helper()
	if err == nil {
		return
	}
	hinted, ok := errors.AsType[interface {
		error
		Hint() string
	}](err)
	if !ok || hinted.Hint() == "" {
		o.Errorf("no hint: %v", err)
	}
	if strings.Contains(err.Error(), o.api.ClientSecret()) {
		o.Errorf("the secret is in %v", err)
	}
}

func isNil(err error) bool { return err == nil }

func isCredentials(reason string) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*cloud.CredentialsError](err)
		return ok && strings.Contains(e.Reason, reason)
	}
}

func isRate(after time.Duration) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*cloud.RateLimitedError](err)
		return ok && (e.RetryAfter == after)
	}
}

func isUnreachable(status int) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*cloud.UnreachableError](err)
		return ok && e.Status == status
	}
}

func isPermission(err error) bool {
	e, ok := errors.AsType[*cloud.PermissionError](err)
	return ok && e.Permission == "messaging:integration:view" && strings.Contains(e.Hint(), e.Permission)
}

func isAnswer(err error) bool {
	_, ok := errors.AsType[*cloud.AnswerError](err)
	return ok
}

func isTooLong(err error) bool { return isAnswer(err) && strings.Contains(err.Error(), "longer than") }

func TestWrongCredentialsAreTold(t *testing.T) {
	inOrg(t, simulator.APIConfig{}, func(o *org) {
		c := newClient(o.T, cloud.Config{BaseURL: "http://genesys.test", ClientID: "4711", ClientSecret: "hunter2", DialContext: o.dial})
		_, err := c.Webhooks(o.Context())
		if !isCredentials("invalid_client")(err) || strings.Contains(err.Error(), "hunter2") {
			o.Error(err)
		}
	})
}

func TestAHangEndsWithTheContext(t *testing.T) {
	inOrg(t, simulator.APIConfig{}, func(o *org) {
		var hung atomic.Int32
		o.intercept(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/oauth/token" {
				return false
			}
			hung.Add(1)
			<-r.Context().Done()
			return true
		})
		for limit, want := range map[time.Duration]time.Duration{3 * time.Second: 3 * time.Second, time.Hour: 15 * time.Second} {
			ctx, cancel := context.WithTimeout(o.Context(), limit)
			begin := time.Now()
			_, err := o.client.Webhooks(ctx)
			cancel()
			if !isUnreachable(0)(err) || time.Since(begin) != want {
				o.Errorf("within %v: %v after %v, want %v", limit, err, time.Since(begin), want)
			}
			if limit < time.Hour && !errors.Is(err, context.DeadlineExceeded) {
				o.Errorf("%v does not say that the context ended", err)
			}
		}
		if hung.Load() != 2 {
			o.Errorf("%d requests hung", hung.Load())
		}
	})
}

func TestNoConnectionIsUnreachable(t *testing.T) {
	refuse := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no route") }
	c := newClient(t, cloud.Config{BaseURL: "https://genesys.test", ClientID: "a", ClientSecret: "b", DialContext: refuse})
	if _, err := c.Webhooks(t.Context()); !isUnreachable(0)(err) || !strings.Contains(err.Error(), "no route") {
		t.Error(err)
	}
}

// FuzzListing gives the client whatever a server could send as a listing.
func FuzzListing(f *testing.F) {
	for _, s := range []string{
		`{"entities":[{"id":"a","createError":{"message":"x"},"webhookHeaders":{"a":"b"},"dateModified":"2025-01-01T00:00:00Z"}],"pageCount":1}`,
		`{"entities":[null],"pageCount":-1}`, `{"entities":{},"pageCount":"2"}`, `null`, `[]`, `{"nextUri":"x"}`,
	} {
		f.Add(s)
	}
	api := simulator.NewAPI(simulator.APIConfig{})
	var body atomic.Value
	intercepted := &org{api: api, before: func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != openPath || r.URL.Query().Get("pageNumber") != "1" {
			return false
		}
		_, _ = io.WriteString(w, body.Load().(string))
		return true
	}}
	srv := httptest.NewServer(intercepted)
	f.Cleanup(srv.Close)
	c, err := cloud.New(cloud.Config{BaseURL: srv.URL, ClientID: api.ClientID(), ClientSecret: api.ClientSecret()})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		body.Store(s)
		listing, err := c.Webhooks(t.Context())
		if err != nil && !isAnswer(err) {
			t.Errorf("%q: %v", s, err)
		}
		for _, w := range listing.Webhooks {
			if w.Kind == "" || w.Direction == "" {
				t.Errorf("%q: unfinished row %+v", s, w)
			}
		}
	})
}
