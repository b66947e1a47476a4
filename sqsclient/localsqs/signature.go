package localsqs

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Credentials are what requests are to be signed with, in AWS Signature Version 4.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string // "" if they have none
}

// AWS Signature Version 4, as "Create a signed AWS API request" in AWS's IAM User Guide has it.
const (
	signatureAlgorithm = "AWS4-HMAC-SHA256"
	dateLayout         = "20060102T150405Z"
	dayLength          = len("20060102")
	maxClockSkew       = 15 * time.Minute
	maxPresigned       = 7 * 24 * time.Hour
	payloadHashHeader  = "X-Amz-Content-Sha256"
)

// scopeAfterDay is any region's.
var scopeAfterDay = regexp.MustCompile(`^[^/]+/sqs/aws4_request$`)

// signature is what a request says of how it was signed, in its Authorization header or, presigned, in its URL.
type signature struct {
	keyID    string
	scope    string // "20261125/us-east-1/sqs/aws4_request"
	date     string // as dateLayout
	headers  []string
	value    string // hexadecimal
	token    string
	lifetime string // seconds, of a presigned request
}

// signatureOf reads a request's signature.
func signatureOf(r *http.Request) (signature, error) {
	if given := r.Header.Get("Authorization"); given != "" {
		return inHeader(given, r.Header)
	}
	given, err := parameters(r.URL.RawQuery)
	if err != nil {
		return signature{}, err
	}
	first := map[string]string{}
	for _, p := range given {
		name, amazon := strings.CutPrefix(p.name, "X-Amz-")
		if _, before := first[name]; amazon && !before {
			first[name] = p.value
		}
	}
	if len(first) == 0 {
		return signature{}, &fault{
			"MissingAuthenticationTokenException", "MissingAuthenticationToken", http.StatusForbidden,
			"The request must be signed: this server requires AWS Signature Version 4, with the credentials that it was started with.",
		}
	}
	if first["Expires"] == "" {
		return signature{}, incompleteSignature("it has no X-Amz-Expires")
	}
	s := signature{date: first["Date"], token: first["Security-Token"], lifetime: first["Expires"]}
	return s, s.fill(first)
}

// inHeader reads an Authorization header.
func inHeader(authorization string, header http.Header) (signature, error) {
	algorithm, rest, _ := strings.Cut(authorization, " ")
	given := map[string]string{"Algorithm": algorithm}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		given[name] = value
	}
	s := signature{date: header.Get("X-Amz-Date"), token: header.Get("X-Amz-Security-Token")}
	return s, s.fill(given)
}

// fill takes what has the same names in a header and a URL.
func (s *signature) fill(given map[string]string) error {
	if given["Algorithm"] != signatureAlgorithm {
		return incompleteSignature("it is not of the algorithm " + signatureAlgorithm)
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if given[name] == "" {
			return incompleteSignature("it has no " + name)
		}
	}
	s.keyID, s.scope, _ = strings.Cut(given["Credential"], "/")
	s.headers, s.value = strings.Split(given["SignedHeaders"], ";"), given["Signature"]
	return nil
}

// accepts checks what needs no body: whose the request claims to be, and from when it is. Strangers' bodies need not be
// read then.
func (c Credentials) accepts(s signature, t time.Time) error {
	known := s.keyID == c.AccessKeyID && subtle.ConstantTimeCompare([]byte(s.token), []byte(c.SessionToken)) == 1
	if !known {
		return &fault{"UnrecognizedClientException", "InvalidClientTokenId", http.StatusForbidden, "The security token included in the request is invalid: it is not of the credentials that this server was started with."}
	}
	at, err := time.Parse(dateLayout, s.date)
	if err != nil {
		return incompleteSignature("it has no X-Amz-Date like " + dateLayout)
	}
	if day, rest, _ := strings.Cut(s.scope, "/"); day != s.date[:dayLength] || !scopeAfterDay.MatchString(rest) {
		return mismatch("The credential's scope must be the day of X-Amz-Date, a region, and sqs/aws4_request.")
	}
	lifetime, err := s.validFor()
	if err != nil {
		return err
	}
	if t.After(at.Add(lifetime)) || t.Before(at.Add(-maxClockSkew)) {
		return plain("RequestExpired", "The request was signed for %s and it is %s now: check the clocks.", s.date, t.UTC().Format(dateLayout))
	}
	return nil
}

// validFor is how long the request may be used; a presigned one says it.
func (s signature) validFor() (time.Duration, error) {
	if s.lifetime == "" {
		return maxClockSkew, nil
	}
	seconds, err := strconv.Atoi(s.lifetime)
	if err != nil || seconds < 1 || seconds > int(maxPresigned/time.Second) {
		return 0, incompleteSignature("X-Amz-Expires must be from 1 to 604800")
	}
	return time.Duration(seconds) * time.Second, nil
}

// verify signs the request again and compares.
func (c Credentials) verify(r *http.Request, s signature, body []byte) error {
	sum := sha256.Sum256(body)
	bodyHash := hex.EncodeToString(sum[:])
	if said := r.Header.Get(payloadHashHeader); said != "" && said != bodyHash {
		return mismatch("The body is not the one that was signed: " + payloadHashHeader + " must be its SHA-256.")
	}
	headers, err := s.canonicalHeaders(r)
	if err != nil {
		return err
	}
	query, err := canonicalQuery(r.URL)
	if err != nil {
		return err
	}
	canonical := strings.Join([]string{r.Method, canonicalPath(r.URL), query, headers, strings.Join(s.headers, ";"), bodyHash}, "\n")
	sum = sha256.Sum256([]byte(canonical))
	toSign := strings.Join([]string{signatureAlgorithm, s.date, s.scope, hex.EncodeToString(sum[:])}, "\n")
	key := []byte("AWS4" + c.SecretAccessKey)
	for part := range strings.SplitSeq(s.scope, "/") {
		key = hmacSHA256(key, part)
	}
	if want := hex.EncodeToString(hmacSHA256(key, toSign)); !hmac.Equal([]byte(want), []byte(s.value)) {
		return mismatch("The request signature does not match: check the secret access key and what changes requests on their way.")
	}
	return nil
}

func hmacSHA256(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// canonicalHeaders are the signed ones. The host and AWS's own must be among them: they say what is asked of whom.
func (s signature) canonicalHeaders(r *http.Request) (string, error) {
	for name := range r.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-") && !slices.Contains(s.headers, lower) {
			return "", mismatch("'" + lower + "' must be a signed header.")
		}
	}
	if !slices.Contains(s.headers, "host") {
		return "", mismatch("'host' must be a signed header.")
	}
	var b strings.Builder
	for _, name := range s.headers {
		values := r.Header.Values(name)
		if name == "host" {
			values = []string{r.Host}
		}
		trimmed := make([]string, len(values))
		for i, value := range values {
			trimmed[i] = strings.Join(strings.Fields(value), " ")
		}
		b.WriteString(name + ":" + strings.Join(trimmed, ",") + "\n")
	}
	return b.String(), nil
}

// canonicalPath is the path as it was sent, escaped once more; only S3 does not do that.
func canonicalPath(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		return "/"
	}
	return strings.ReplaceAll(escaped(path), "%2F", "/")
}

// canonicalQuery is all parameters but the signature itself, sorted by their escaped names and then values.
func canonicalQuery(u *url.URL) (string, error) {
	given, err := parameters(u.RawQuery)
	if err != nil {
		return "", err
	}
	var pairs []string
	for _, p := range given {
		if p.name != "X-Amz-Signature" {
			pairs = append(pairs, escaped(p.name)+"\x00"+escaped(p.value))
		}
	}
	slices.Sort(pairs)
	return strings.ReplaceAll(strings.Join(pairs, "&"), "\x00", "="), nil
}

// escaped is as RFC 3986 has it.
func escaped(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func incompleteSignature(reason string) *fault {
	return &fault{"IncompleteSignatureException", "IncompleteSignature", http.StatusBadRequest, "The request's signature is not complete: " + reason + "."}
}

func mismatch(message string) *fault {
	return &fault{"InvalidSignatureException", "SignatureDoesNotMatch", http.StatusForbidden, message}
}
