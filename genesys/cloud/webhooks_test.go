package cloud_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rehook/genesys"
	"rehook/genesys/cloud"
	"rehook/genesys/simulator"
)

const (
	openPath  = "/api/v2/conversations/messaging/integrations/open"
	signedBy  = "a text of 24 characters."
	headerKey = "hunter2-in-a-header"
)

func integration(i int) simulator.Integration {
	return simulator.Integration{
		ID: fmt.Sprintf("id-%03d", i), Name: fmt.Sprintf("Name %d", i), URL: fmt.Sprintf("https://hooks.example.com/%d?code=hunter2", i),
		Secret: signedBy, Headers: map[string]string{"X-Api-Key": headerKey}, Status: "Active", CreateStatus: "Completed",
		Modified: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

func many(n int) []simulator.Integration {
	var list []simulator.Integration
	for i := range n {
		list = append(list, integration(i))
	}
	return list
}

func TestAllPagesAreReadInOrder(t *testing.T) {
	for _, n := range []int{0, 1, 4, 5, 8, 31} {
		inOrg(t, simulator.APIConfig{Integrations: many(n), PageSize: 4}, func(o *org) {
			listing, err := o.client.Webhooks(o.Context())
			if err != nil {
				o.Fatal(err)
			}
			if len(listing.Webhooks) != n {
				o.Fatalf("%d of %d were listed", len(listing.Webhooks), n)
			}
			for i, w := range listing.Webhooks {
				if w.ID != integration(i).ID {
					o.Errorf("row %d is %s", i, w.ID)
				}
			}
			if pages := max(1, (n+3)/4); o.counted("GET "+openPath) != pages {
				o.Errorf("%d requests for %d pages", o.counted("GET "+openPath), pages)
			}
			if listing.Org != "Example Communications" || listing.Region != "genesys.test" || !listing.At.Equal(time.Now()) {
				o.Errorf("listing is of %q in %q at %v", listing.Org, listing.Region, listing.At)
			}
		})
	}
}

func TestARowHasWhatIsShownAndNoSecret(t *testing.T) {
	flawed := integration(1)
	flawed.URL, flawed.Secret, flawed.Status, flawed.CreateStatus = "http://erp.example.com/in", "short", "", "Error"
	flawed.CreateError = "no recipient"
	inOrg(t, simulator.APIConfig{Integrations: []simulator.Integration{integration(0), flawed}}, func(o *org) {
		listing, err := o.client.Webhooks(o.Context())
		if err != nil {
			o.Fatal(err)
		}
		got := listing.Webhooks[0]
		if got.Name != "Name 0" || got.Kind != "Open Messaging" || got.Direction != "outbound" || got.Endpoint != "https://hooks.example.com/0?code=xxxxx" ||
			len(got.Events) == 0 || got.Status != "Active" || got.Problem != "" || !got.SecretSet || !got.ModifiedAt.Equal(integration(0).Modified) || len(got.Findings) > 0 {
			o.Errorf("row %+v", got)
		}
		bad := listing.Webhooks[1]
		if bad.Status != "Error" || !strings.Contains(bad.Problem, "no recipient") || bad.SecretSet || len(bad.Findings) != 3 {
			o.Errorf("row %+v", bad)
		}
		shown, err := json.Marshal(listing)
		if err != nil {
			o.Fatal(err)
		}
		for _, secret := range []string{signedBy, headerKey, "hunter2"} {
			if strings.Contains(string(shown), secret) {
				o.Errorf("the listing holds %q: %s", secret, shown)
			}
		}
	})
}

func TestTheDemonstrationIsListedWithItsFlaws(t *testing.T) {
	sim, err := simulator.New(simulator.Config{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	srv := &org{T: t, api: sim.API()}
	inOrg(t, simulator.APIConfig{}, func(o *org) {
		o.intercept(func(w http.ResponseWriter, r *http.Request) bool {
			srv.ServeHTTP(w, r)
			return true
		})
		listing, err := o.client.Webhooks(o.Context())
		if err != nil {
			o.Fatal(err)
		}
		failed, warned, sound := 0, 0, 0
		for _, w := range listing.Webhooks {
			switch {
			case len(w.Findings) == 0:
				sound++
			case w.Findings[0].Severity == genesys.Failure:
				failed++
			default:
				warned++
			}
		}
		if failed < 4 || warned < 2 || sound < 5 {
			o.Errorf("%d fail, %d are warned of, %d sound", failed, warned, sound)
		}
	})
}

func TestOverTheNetworkToo(t *testing.T) {
	api := simulator.NewAPI(simulator.APIConfig{Integrations: many(7)})
	srv := httptest.NewServer(api)
	defer srv.Close()
	c := newClient(t, cloud.Config{BaseURL: srv.URL + "/", ClientID: api.ClientID(), ClientSecret: api.ClientSecret()})
	if listing, err := c.Webhooks(t.Context()); err != nil || len(listing.Webhooks) != 7 {
		t.Errorf("%v, %v", listing.Webhooks, err)
	}
}

func TestAnIntegrationOnTwoPagesIsListedOnce(t *testing.T) {
	inOrg(t, simulator.APIConfig{}, func(o *org) {
		o.intercept(pages(
			`{"entities":[{"id":"a","name":"A"},{"id":"b","name":"B"}],"pageCount":2}`,
			`{"entities":[{"id":"b","name":"B"},{"id":"c","name":"C"}],"pageCount":2}`))
		listing, err := o.client.Webhooks(o.Context())
		if err != nil || len(listing.Webhooks) != 3 {
			o.Errorf("%v, %v", listing.Webhooks, err)
		}
	})
}

func TestPagesWithoutACountAreFollowed(t *testing.T) {
	inOrg(t, simulator.APIConfig{}, func(o *org) {
		o.intercept(pages(`{"entities":[{"id":"a"}],"nextUri":"/next"}`, `{"entities":[{"id":"b"}]}`))
		listing, err := o.client.Webhooks(o.Context())
		if err != nil || len(listing.Webhooks) != 2 {
			o.Errorf("%v, %v", listing.Webhooks, err)
		}
	})
}

func TestEndlessPagesEnd(t *testing.T) {
	inOrg(t, simulator.APIConfig{}, func(o *org) {
		o.intercept(pages(`{"entities":[{"id":"a"}],"pageCount":1000000}`))
		if _, err := o.client.Webhooks(o.Context()); err == nil {
			o.Error("no error")
		}
	})
}

// pages answers each page with a text, and all later ones with the last.
func pages(texts ...string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != openPath {
			return false
		}
		number := 1
		_, _ = fmt.Sscan(r.URL.Query().Get("pageNumber"), &number)
		_, _ = io.WriteString(w, texts[min(number, len(texts))-1])
		return true
	}
}

func TestAnOrganizationWithoutANameIsCalledAsConfigured(t *testing.T) {
	inOrg(t, simulator.APIConfig{}, func(o *org) {
		o.intercept(func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/api/v2/organizations/me" {
				return false
			}
			w.WriteHeader(http.StatusForbidden)
			return true
		})
		if listing, err := o.client.Webhooks(o.Context()); err != nil || listing.Org != "genesys.test" {
			o.Errorf("%q, %v", listing.Org, err)
		}
		o.intercept(nil)
		for range 2 {
			if listing, err := o.client.Webhooks(o.Context()); err != nil || listing.Org != "Example Communications" {
				o.Errorf("%q, %v", listing.Org, err)
			}
		}
		if n := o.counted("GET /api/v2/organizations/me"); n != 2 {
			o.Errorf("the name was asked for %d times, want once refused and once given", n)
		}
	})
}

func TestNothingIsPrinted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "printed")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = f, f
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	inOrg(t, simulator.APIConfig{Integrations: many(3)}, func(o *org) {
		_, _ = o.client.Webhooks(o.Context())
		o.api.Throttle(1, time.Second)
		_, _ = o.client.Webhooks(o.Context())
		o.intercept(pages("null"))
		_, _ = o.client.Webhooks(o.Context())
	})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if printed, err := os.ReadFile(path); err != nil || len(printed) > 0 {
		t.Errorf("printed %q, %v", printed, err)
	}
}

func TestSettingsThatAreMissingAreNamedTogether(t *testing.T) {
	_, err := cloud.New(cloud.Config{})
	for _, want := range []string{"GENESYSCLOUD_REGION", "GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
	for _, base := range []string{"localhost", "://", "ftp://x", "http://", "http://u:hunter2@host", "\x00"} {
		_, err := cloud.New(cloud.Config{BaseURL: base, ClientID: "a", ClientSecret: "b"})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("base URL %q: %v", base, err)
		}
	}
}
