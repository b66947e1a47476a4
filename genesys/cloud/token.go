package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// tokens gets access tokens and keeps the latest. Asking for one is done here rather than by the SDK, which
// loses the status of a refusal, panics on some answers, and never refreshes a token of this grant.
type tokens struct {
	http       *http.Client
	url        string
	id, secret string

	turn    chan struct{} // holds one value while someone reads or changes what is below
	current string
	renewAt time.Time
}

func newTokens(client *http.Client, url, id, secret string) *tokens {
	return &tokens{http: client, url: url, id: id, secret: secret, turn: make(chan struct{}, 1)}
}

// get is a token that is good for a while. Of many who ask at once one asks Genesys Cloud, and the others wait
// for it, each as long as its own context lasts. A token that is the rejected one is not given again.
func (t *tokens) get(ctx context.Context, rejected string) (string, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", unreachable(ctx.Err())
	}
	if t.current != "" && t.current != rejected && time.Now().Before(t.renewAt) {
		return t.current, nil
	}
	asked := time.Now()
	g, err := t.ask(ctx)
	if err != nil {
		return "", err
	}
	t.current, t.renewAt = g.AccessToken, asked.Add(g.life()*85/100)
	return t.current, nil
}

// grant is the answer to who asked rightly.
type grant struct {
	AccessToken string  `json:"access_token"`
	ExpiresIn   float64 `json:"expires_in"` // seconds: 5 min to 48 h, as the OAuth client is set up
}

// life is how long the token is good for. One that does not say is used once.
func (g grant) life() time.Duration {
	const longest = 48 * 60 * 60
	return time.Duration(min(max(g.ExpiresIn, 0), longest) * float64(time.Second))
}

func (t *tokens) ask(ctx context.Context) (grant, error) {
	form := url.Values{"grant_type": {"client_credentials"}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, strings.NewReader(form))
	if err != nil {
		return grant{}, fmt.Errorf("ask for a token: %w", err)
	}
	req.SetBasicAuth(t.id, t.secret)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a, err := exchange(t.http, req)
	if err != nil {
		return grant{}, err
	}
	if a.status != http.StatusOK {
		return grant{}, refusedToken(a)
	}
	var g grant
	if err := json.Unmarshal(a.body, &g); err != nil {
		return grant{}, &AnswerError{What: "the token", Err: err}
	}
	if g.AccessToken == "" {
		return grant{}, &AnswerError{What: "the token", Err: errNothing}
	}
	return g, nil
}

// refusedToken reads a refusal. A rate limit for tokens comes as 400 with its reason in words only (Genesys'
// Terraform provider, provider.go, looks for the same words).
func refusedToken(a answer) error {
	var words struct {
		Error            string `json:"error"`
		Description      string `json:"description"`
		ErrorDescription string `json:"error_description"`
	}
	_ = json.Unmarshal(a.body, &words) // a proxy's page has no words for us
	reason := quotable(words.Error, words.ErrorDescription, words.Description)
	switch {
	case a.status == http.StatusTooManyRequests, strings.Contains(strings.ToLower(reason), "rate limit exceeded"):
		return &RateLimitedError{RetryAfter: a.retryAfter()}
	case a.status == http.StatusBadRequest, a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
		return &CredentialsError{Status: a.status, Reason: reason}
	default:
		return &UnreachableError{Status: a.status}
	}
}
