package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/genesys/simulator"
)

const openPath = "/api/v2/conversations/messaging/integrations/open"

func TestTokenIsGivenForTheRightCredentialsOnly(t *testing.T) {
	api := simulator.NewAPI(simulator.APIConfig{TokenLife: 5 * time.Minute})
	for name, c := range map[string]struct {
		id, secret, grant string
		status            int
		code              string
	}{
		"right":        {api.ClientID(), api.ClientSecret(), "client_credentials", 200, ""},
		"wrong secret": {api.ClientID(), "guess", "client_credentials", 401, "invalid_client"},
		"wrong client": {"somebody", api.ClientSecret(), "client_credentials", 401, "invalid_client"},
		"other grant":  {api.ClientID(), api.ClientSecret(), "password", 400, "unsupported_grant_type"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := askToken(t, api, c.id, c.secret, c.grant)
			if status != c.status || field(body, "error") != c.code {
				t.Errorf("answered %d %v, want %d and %q", status, body, c.status, c.code)
			}
			if c.status == 200 && (body["expires_in"] != 300.0 || field(body, "access_token") == "") {
				t.Errorf("a token must come with expires_in: %v", body)
			}
		})
	}
}

func TestTokensEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := simulator.NewAPI(simulator.APIConfig{TokenLife: 5 * time.Minute})
		token := newToken(t, api)
		if status, _ := get(t, api, token, "/api/v2/organizations/me"); status != 200 {
			t.Fatalf("a fresh token got %d", status)
		}
		<-time.After(5 * time.Minute)
		if status, body := get(t, api, token, "/api/v2/organizations/me"); status != 401 || field(body, "code") != "bad.credentials" {
			t.Errorf("an expired token got %d %v", status, body)
		}
		token = newToken(t, api)
		api.Revoke()
		if status, _ := get(t, api, token, openPath); status != 401 {
			t.Errorf("a revoked token got %d", status)
		}
	})
}

func TestEveryIntegrationIsOnExactlyOnePage(t *testing.T) {
	sim, err := simulator.New(simulator.Config{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	token := newToken(t, sim.API())
	seen := map[string]int{}
	uri, pages := openPath, 0
	for uri != "" {
		status, body := get(t, sim.API(), token, uri)
		if status != 200 {
			t.Fatalf("page %d: %d %v", pages, status, body)
		}
		for _, e := range body["entities"].([]any) {
			seen[field(e.(map[string]any), "id")]++
		}
		pages++
		uri = field(body, "nextUri")
		if total := body["total"]; uri == "" && total != float64(len(seen)) {
			t.Errorf("total is %v, but %d were listed", total, len(seen))
		}
	}
	if pages < 3 || len(seen) < 15 {
		t.Errorf("%d integrations on %d pages: too few to show paging", len(seen), pages)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was listed %d times", id, n)
		}
	}
}

func TestPagesOutOfRangeAreEmptyOrRefused(t *testing.T) {
	sim, err := simulator.New(simulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	token := newToken(t, sim.API())
	for query, want := range map[string]int{
		"pageNumber=99": 200, "pageNumber=9223372036854775807": 200,
		"pageNumber=0": 400, "pageSize=-1": 400, "pageSize=many": 400, "pageSize=": 400,
	} {
		status, body := get(t, sim.API(), token, openPath+"?"+query)
		if status != want {
			t.Errorf("%s: %d, want %d", query, status, want)
		}
		if entities, _ := body["entities"].([]any); len(entities) > 0 {
			t.Errorf("%s: has entities", query)
		}
	}
}

func TestThrottledRequestsSayWhenToComeBack(t *testing.T) {
	api := simulator.NewAPI(simulator.APIConfig{})
	token := newToken(t, api)
	api.Throttle(1, 42*time.Second)
	w := ask(t, api, token, openPath)
	if w.Code != 429 || w.Header().Get("Retry-After") != "42" {
		t.Errorf("answered %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if w := ask(t, api, token, openPath); w.Code != 200 {
		t.Errorf("the next request got %d", w.Code)
	}
}

func newToken(t *testing.T, api *simulator.API) string {
	t.Helper()
	_, body := askToken(t, api, api.ClientID(), api.ClientSecret(), "client_credentials")
	return field(body, "access_token")
}

func askToken(t *testing.T, api http.Handler, id, secret, grant string) (int, map[string]any) {
	t.Helper()
	form := url.Values{"grant_type": {grant}}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/oauth/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(id, secret)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return w.Code, object(t, w)
}

func ask(t *testing.T, api http.Handler, token, uri string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, uri, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return w
}

func get(t *testing.T, api http.Handler, token, uri string) (int, map[string]any) {
	t.Helper()
	w := ask(t, api, token, uri)
	return w.Code, object(t, w)
}

func object(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
		t.Fatalf("answer is not a JSON object: %v: %s", err, w.Body)
	}
	return m
}

// field is a field's text, "" if there is none.
func field(m map[string]any, name string) string {
	if m[name] == nil {
		return ""
	}
	return fmt.Sprint(m[name])
}
