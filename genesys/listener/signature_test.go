package listener_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"testing"

	"rehook/genesys/listener"
)

func TestSignatureIsCheckedOverTheRawBytes(t *testing.T) {
	const secret, body = "a secret of some length", "{\"a\": 1}\n"
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	sum := mac.Sum(nil)
	right := "sha256=" + base64.StdEncoding.EncodeToString(sum)

	forwarded := 0
	endpoint := serve(t, func(http.ResponseWriter, *http.Request) { forwarded++ })
	q := &queue{}
	url := start(t, listener.Config{ForwardTo: endpoint, Capture: q, Secret: []byte(secret)})
	for _, tc := range []struct {
		name, signature, body string
		want                  int
	}{
		{"right", right, body, 200},
		{"of another body", right, body + " ", 401},
		{"missing", "", body, 401},
		{"hex", "sha256=" + hex.EncodeToString(sum), body, 401},
		{"without its scheme", right[len("sha256="):], body, 401},
		{"no base64", "sha256=%%%", body, 401},
		{"empty", "sha256=", body, 401},
		{"cut", "sha256=" + base64.StdEncoding.EncodeToString(sum[:31]), body, 401},
	} {
		a := send(t, url, tc.body, http.Header{"X-Hub-Signature-256": {tc.signature}})
		if a.status != tc.want {
			t.Errorf("%s: answer %+v, want %d", tc.name, a, tc.want)
		}
	}
	if forwarded != 1 || len(q.kept()) != 0 {
		t.Errorf("%d forwarded, %d captured; want 1 and 0", forwarded, len(q.kept()))
	}
}
