package simulator

import (
	"cmp"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// APIConfig says what a simulated organization has. Empty fields have working defaults.
type APIConfig struct {
	Seed         uint64
	ClientID     string        // of the OAuth client; "simulated-client"
	ClientSecret string        // "simulated-secret"
	TokenLife    time.Duration // expires_in; 24 h, as in Genesys Cloud
	Organization string        // its name; "Example Communications"
	Integrations []Integration
	PageSize     int // most entities on a page, however many are asked for; 6, so that there are several pages
}

// API is the part of the Genesys Cloud API that rehook reads, tokens included, for one organization. It is
// an [http.Handler] and safe for concurrent use.
type API struct {
	cfg APIConfig
	mux *http.ServeMux

	mu        sync.Mutex // guards all below
	rng       *rand.Rand
	tokens    map[string]time.Time // when each ends
	issued    int
	throttled int // so many requests get 429
	stayAway  time.Duration
}

// NewAPI makes an API.
func NewAPI(cfg APIConfig) *API {
	cfg.ClientID = cmp.Or(cfg.ClientID, "simulated-client")
	cfg.ClientSecret = cmp.Or(cfg.ClientSecret, "simulated-secret")
	cfg.TokenLife = cmp.Or(cfg.TokenLife, 24*time.Hour)
	cfg.Organization = cmp.Or(cfg.Organization, "Example Communications")
	cfg.PageSize = cmp.Or(cfg.PageSize, 6)
	a := &API{cfg: cfg, mux: http.NewServeMux(), rng: newRand(cfg.Seed, streamAPI), tokens: map[string]time.Time{}}
	a.mux.HandleFunc("POST /oauth/token", a.token)
	a.mux.HandleFunc("GET /api/v2/organizations/me", a.authorized(a.organization))
	a.mux.HandleFunc("GET /api/v2/conversations/messaging/integrations/open", a.authorized(a.openIntegrations))
	a.mux.HandleFunc("/", a.authorized(a.notFound))
	return a
}

// ClientID is the OAuth client that may use the API.
func (a *API) ClientID() string { return a.cfg.ClientID }

// ClientSecret is that client's secret. It guards nothing outside the simulation.
func (a *API) ClientSecret() string { return a.cfg.ClientSecret }

// Revoke ends all tokens at once: the next request with one of them gets 401.
func (a *API) Revoke() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.tokens)
}

// Throttle answers the next n API requests, but none for tokens, with 429 and Retry-After in whole seconds.
func (a *API) Throttle(n int, retryAfter time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.throttled, a.stayAway = n, retryAfter
}

// Issued is how many tokens have been given out.
func (a *API) Issued() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.issued
}

// ServeHTTP answers as api.<region> and as login.<region>.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// token grants client credentials.
func (a *API) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	id, secret, ok := r.BasicAuth()
	switch {
	case r.PostFormValue("grant_type") != "client_credentials":
		refuseToken(w, http.StatusBadRequest, "unsupported_grant_type", "grant type must be client_credentials")
	case !ok || id != a.cfg.ClientID || secret != a.cfg.ClientSecret:
		refuseToken(w, http.StatusUnauthorized, "invalid_client", "client not found or secret invalid")
	default:
		writeJSON(w, http.StatusOK, map[string]any{
			"access_token": a.issue(time.Now()), "token_type": "bearer", "expires_in": int(a.cfg.TokenLife / time.Second),
		})
	}
}

func refuseToken(w http.ResponseWriter, status int, code, description string) {
	writeJSON(w, status, map[string]string{"error": code, "description": description, "error_description": description})
}

func (a *API) issue(now time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.tokens, func(_ string, end time.Time) bool { return !now.Before(end) })
	token := newSecret(a.rng) + newSecret(a.rng)
	a.tokens[token] = now.Add(a.cfg.TokenLife)
	a.issued++
	return token
}

// authorized lets requests through that have a token, unless all are being throttled.
func (a *API) authorized(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !a.valid(bearer, time.Now()) {
			refuse(w, http.StatusUnauthorized, "bad.credentials", "Invalid login credentials.")
			return
		}
		if away, yes := a.throttle(); yes {
			w.Header().Set("Retry-After", strconv.Itoa(int(away/time.Second)))
			refuse(w, http.StatusTooManyRequests, "too.many.requests.retry.after", "Rate limit exceeded the maximum.")
			return
		}
		next(w, r)
	}
}

func (a *API) valid(token string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now.Before(a.tokens[token])
}

func (a *API) throttle() (time.Duration, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.throttled == 0 {
		return 0, false
	}
	a.throttled--
	return a.stayAway, true
}

func (a *API) organization(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"id": newID(newRand(a.cfg.Seed, streamAPI), founded), "name": a.cfg.Organization, "defaultLanguage": "en-us",
		"defaultCountryCode": "IE", "domain": "example", "version": 14, "state": "active",
		"selfUri": "/api/v2/organizations/me",
	})
}

func (a *API) notFound(w http.ResponseWriter, _ *http.Request) {
	refuse(w, http.StatusNotFound, "not.found", "The requested resource was not found.")
}

// refuse writes an error as Genesys Cloud words it.
func refuse(w http.ResponseWriter, status int, code, text string) {
	const context = "0f5d9c1e-6f0c-4d0e-9a55-8d9f0a7c2b11"
	w.Header().Set(correlationHeader, context)
	writeJSON(w, status, map[string]any{
		"message": text, "code": code, "status": status, "contextId": context,
		"messageWithParams": text, "messageParams": map[string]string{}, "details": []string{}, "errors": []string{},
	})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // fails only when nobody listens any more
}
