package listener

import (
	"encoding/json"
	"net/http"

	"rehook/retry/delivery"
)

// retryAfterSeconds is when a sender may try again. Genesys sends again after 5 s whatever it is told.
const retryAfterSeconds = "5"

// passBack answers with what the endpoint answered.
func passBack(w http.ResponseWriter, res delivery.Result) {
	h := w.Header()
	h["Content-Type"] = res.Header["Content-Type"] // none stays none: net/http would guess one
	if encoding := res.Header["Content-Encoding"]; encoding != nil {
		h["Content-Encoding"] = encoding
	}
	w.WriteHeader(res.Status)
	_, _ = w.Write(res.Body) // a sender that has gone away needs no answer
}

// accepted answers that the letter is safe.
func accepted(w http.ResponseWriter, id string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(struct {
		ID string `json:"id"`
	}{id})
}

// unavailable answers that the sender still has the webhook.
func unavailable(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", retryAfterSeconds)
	http.Error(w, why+": send it again", http.StatusServiceUnavailable)
}
