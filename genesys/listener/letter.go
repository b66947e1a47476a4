package listener

import (
	"strings"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// failed is the letter of a webhook that the endpoint did not take. The attempt is in it, but does not count: it
// was not made from the queue.
func (h webhook) failed(res delivery.Result) *deadletter.Letter {
	l := h.letter(res.At)
	l.ErrorCode, l.Error = res.Status, res.Error
	l.Attempts = []deadletter.Attempt{res.Attempt()}
	l.NextAttemptAt = res.NotBefore.UTC()
	return l
}

// unforwarded is the letter of a webhook that was not attempted at all.
func (h webhook) unforwarded(why string) *deadletter.Letter {
	l := h.letter(time.Now())
	l.Error = "not forwarded: " + why
	return l
}

func (h webhook) letter(failedAt time.Time) *deadletter.Letter {
	return &deadletter.Letter{
		ID: h.id, Timestamp: failedAt.UTC(), OriginalEndpoint: h.url, Payload: h.body, Headers: stored(h.headers),
	}
}

// stored are the headers to send again, without credentials. A signature is none: it proves this payload only.
func stored(headers map[string][]string) deadletter.Headers {
	kept := delivery.EndToEnd(headers)
	for name := range kept {
		secret := deadletter.MaskHeader(name, "") == deadletter.Masked
		if secret && !strings.Contains(strings.ToLower(name), "signature") {
			delete(kept, name)
		}
	}
	return kept
}
