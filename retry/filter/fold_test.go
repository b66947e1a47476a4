package filter_test

import (
	"testing"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/filter"
)

func TestTextIsFoundWhereverItStandsInAPayload(t *testing.T) {
	for payload, finds := range map[string]map[string]bool{
		`"Jazz"`:           {"jazz": true, "JAZZ": true, "jazzy": false, "zz": true},
		`{"a":"xqJxQjxq"}`: {"xqj": true, "qjx": true, "jxqjx": true, "xqx": false, "jxq": true},
		`zzzzzzzzzz`:       {"zzzzzzzzzz": true, "zzzzzzzzzzz": false},
		`QUEUE`:            {"queue": true, "Queues": false, "eue": true},
		``:                 {"a": false},
	} {
		for text, want := range finds {
			f, err := filter.Parse(text)
			if err != nil {
				continue // a quote that does not close
			}
			if got := f.Match(&deadletter.Letter{Payload: []byte(payload)}, time.Now(), filter.Facts{}); got != want {
				t.Errorf("%q in %s: %t, want %t", text, payload, got, want)
			}
		}
	}
}
