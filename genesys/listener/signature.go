package listener

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// signatureHeader carries Genesys' signature: sha256=, then HMAC-SHA256 of the body in base64 (others of the same
// name write hex). Source: Genesys developer centre, Open Messaging, "Validate and receive messages".
const signatureHeader = "X-Hub-Signature-256"

// signed says whether the signature is that of these bytes, in a time that does not tell how much of it is right.
func signed(secret, body []byte, signature string) bool {
	text, ok := strings.CutPrefix(signature, "sha256=")
	if !ok {
		return false
	}
	got, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return hmac.Equal(got, mac.Sum(nil))
}
