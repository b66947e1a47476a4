package delivery

import (
	"net/http"
	"sync"
)

// What is remembered of URLs is bounded: where each letter has one of its own, it is of no use.
const (
	targetsMost  = 1000
	targetLength = 2000 // bytes of a URL
)

// target is what a letter's URL comes to.
type target struct {
	endpoint string
	request  *http.Request // to be copied; its URL is shared by all copies, which nobody changes
	err      error         // why nothing can be sent there
}

// targets are the URLs seen lately. All letters of an integration have one URL, or few, and to read it for each of them,
// for its lane and again for its attempt, is a fiftieth of what a letter costs.
var targets struct {
	mu    sync.RWMutex // guards byURL
	byURL map[string]*target
}

// targetOf reads a URL, or knows it.
func targetOf(rawURL string) *target {
	targets.mu.RLock()
	t := targets.byURL[rawURL]
	targets.mu.RUnlock()
	if t == nil {
		t = readTarget(rawURL)
		t.keep(rawURL)
	}
	return t
}

func (t *target) keep(rawURL string) {
	if len(rawURL) > targetLength {
		return
	}
	targets.mu.Lock()
	defer targets.mu.Unlock()
	if targets.byURL == nil || len(targets.byURL) >= targetsMost {
		targets.byURL = map[string]*target{}
	}
	targets.byURL[rawURL] = t
}

func readTarget(rawURL string) *target {
	request, err := http.NewRequest(http.MethodPost, rawURL, nil) //nolint:noctx // each copy has one
	if err != nil {
		return &target{err: &refusal{why: badURL(err)}}
	}
	if err := checkURL(request.URL); err != nil {
		return &target{err: err}
	}
	return &target{endpoint: endpointOf(request.URL), request: request}
}
