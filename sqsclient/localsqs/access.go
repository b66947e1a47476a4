package localsqs

import (
	"io"
	"net/http"
	"time"
)

// readUnsigned reads the body of a request that need not be signed. It does without only on addresses that strangers
// cannot reach; a browser could for them.
func readUnsigned(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if fromBrowser(r) {
		f := plain("AccessDenied", "This server answers no web pages: SDKs, CLIs and curl are served.")
		f.status = http.StatusForbidden
		return nil, f
	}
	return readBody(w, r)
}

// fromBrowser reports whether a request may be a web page's. The name in Host would tell pages that had their own name
// lead here, but so may an entry of /etc/hosts or a container's. Pages cannot keep browsers from sending Origin with each
// POST and Accept-Language with each GET, and no SDK sends the one or, with a GET, the other.
func fromBrowser(r *http.Request) bool {
	_, origin := r.Header["Origin"]
	_, site := r.Header["Sec-Fetch-Site"]
	_, language := r.Header["Accept-Language"]
	return origin || site || language && r.Method == http.MethodGet
}

// readSigned reads the body of a request if the request is signed with c. Strangers' bodies are not waited for.
func (c Credentials) readSigned(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	s, err := signatureOf(r)
	if err == nil {
		err = c.accepts(s, time.Now())
	}
	if err != nil {
		w.Header().Set("Connection", "close")
		return nil, err
	}
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	return body, c.verify(r, s, body)
}

// readBody reads a request. What is too long is refused unread where the client says so, else when it turns out.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > maxRequestBytes {
		w.Header().Set("Connection", "close")
		return nil, &http.MaxBytesError{Limit: maxRequestBytes}
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
}
