package localsqs_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rehook/sqsclient/localsqs"
)

const sessionToken = "token/+="

// guarded is a server that answers signed requests only.
type guarded struct {
	t    *testing.T
	net  *pipeNet
	http *http.Client
}

// guard serves a new server to who has the credentials of these tests.
func guard(t *testing.T) guarded {
	t.Helper()
	server, network := open(t, t.TempDir()), newPipeNet()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- server.ServeSigned(ctx, network, localsqs.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: sessionToken})
	}()
	transport := &http.Transport{DialContext: network.DialContext}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		transport.CloseIdleConnections()
	})
	return guarded{t, network, &http.Client{Transport: transport}}
}

// client is the real client of SQS with these credentials.
func (g guarded) client(key, secret, token string) *sqs.Client {
	return sqs.New(sqs.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String("http://queues:9324"), HTTPClient: &http.Client{Transport: plainBodies{g.http.Transport}},
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, token),
	})
}

func TestSignedRequestsOfTheSDKAreAnswered(t *testing.T) {
	c := guard(t).client("AKIDEXAMPLE", "secret", sessionToken)
	made, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("letters")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: aws.String("ä\r\n" + strings.Repeat("m", 100_000))}); err != nil {
		t.Error(err)
	}
}

func TestOtherCredentialsAreRefused(t *testing.T) {
	g := guard(t)
	for name, c := range map[string]struct {
		key, secret, token string
		want               string
	}{
		"secret":   {"AKIDEXAMPLE", "guess", sessionToken, "SignatureDoesNotMatch"},
		"key":      {"AKIDOTHER", "secret", sessionToken, "InvalidClientTokenId"},
		"token":    {"AKIDEXAMPLE", "secret", "other", "InvalidClientTokenId"},
		"no token": {"AKIDEXAMPLE", "secret", "", "InvalidClientTokenId"},
	} {
		_, err := g.client(c.key, c.secret, c.token).ListQueues(t.Context(), &sqs.ListQueuesInput{})
		if !isCode(err, c.want) {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

// signer signs requests as SDKs do.
type signer struct {
	at     time.Time
	key    aws.Credentials
	region string
}

func newSigner() signer {
	return signer{time.Now(), aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: sessionToken}, "us-east-1"}
}

// skewed has a clock that is wrong.
func skewed(by time.Duration) signer {
	s := newSigner()
	s.at = s.at.Add(by)
	return s
}

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// form is a signed request of the Query protocol.
func (s signer) form(t *testing.T, url, body string) *http.Request {
	t.Helper()
	return s.read(t, url, strings.NewReader(body), hashOf(body))
}

// read is a signed request of the Query protocol with a body that may be of unknown length.
func (s signer) read(t *testing.T, url string, body io.Reader, hash string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if err := v4.NewSigner().SignHTTP(t.Context(), s.key, r, hash, "sqs", s.region, s.at); err != nil {
		t.Fatal(err)
	}
	return r
}

// presigned is a presigned GET.
func (s signer) presigned(t *testing.T, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, _, err := v4.NewSigner().PresignHTTP(t.Context(), s.key, r, hashOf(""), "sqs", s.region, s.at)
	if err != nil {
		t.Fatal(err)
	}
	if r.URL, err = url.Parse(signed); err != nil {
		t.Fatal(err)
	}
	return r
}

// do gives the code of the answer, "" if it is no error.
func (g guarded) do(t *testing.T, r *http.Request) (status int, code string) {
	t.Helper()
	resp, err := g.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if query := resp.Header.Get("X-Amzn-Query-Error"); query != "" { // in JSON, since there was a target
		code, _, _ := strings.Cut(query, ";")
		return resp.StatusCode, code
	}
	var a xmlAnswer
	if err := xml.Unmarshal(text, &a); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return resp.StatusCode, a.Error.Code
}

const listed = "http://queues:9324/000000000000/a%2Fb%20c/?Action=ListQueues&QueueNamePrefix=a%20%2B%2F%3D~*&b=2&b=1&B&X-Amz-Expires=60"

func TestSignedFormsAreAnswered(t *testing.T) {
	g := guard(t)
	for name, r := range map[string]*http.Request{
		"form":      newSigner().form(t, "http://queues:9324/000000000000/x/", "Action=ListQueues&QueueNamePrefix=x"),
		"query":     newSigner().form(t, "http://queues:9324/?Action=ListQueues&b=2&b=1&A.1=x&A=%20", ""),
		"no path":   newSigner().form(t, "http://queues:9324", "Action=ListQueues"),
		"presigned": newSigner().presigned(t, listed),
		"late":      skewed(-14*time.Minute).form(t, "http://queues:9324", "Action=ListQueues"),
		"early":     skewed(14*time.Minute).form(t, "http://queues:9324", "Action=ListQueues"),
		"chunked":   newSigner().read(t, "http://queues:9324", io.MultiReader(strings.NewReader("Action=ListQueues")), hashOf("Action=ListQueues")),
	} {
		if status, code := g.do(t, r); status != http.StatusOK {
			t.Errorf("%s: %d %s", name, status, code)
		}
	}
}

func TestRequestsThatWereTamperedWithAreRefused(t *testing.T) {
	const form = "Action=ListQueues&QueueNamePrefix=x"
	const root = "http://queues:9324/"
	nowhere := newSigner()
	nowhere.region = ""
	edited := func(r *http.Request, edit func(r *http.Request)) *http.Request { edit(r); return r }
	signed := func(edit func(r *http.Request)) *http.Request { return edited(newSigner().form(t, root, form), edit) }
	presigned := func(edit func(r *http.Request)) *http.Request { return edited(newSigner().presigned(t, listed), edit) }
	header := func(name, value string) *http.Request {
		return signed(func(r *http.Request) { r.Header.Set(name, value) })
	}
	authorization := func(old, new string) *http.Request {
		return signed(func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
		})
	}
	inURL := func(old, new string) *http.Request {
		return presigned(func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, old, new, 1) })
	}
	g := guard(t)
	for name, c := range map[string]struct {
		request *http.Request
		status  int
		code    string
	}{
		"another body":         {signed(func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(strings.Replace(form, "=x", "=y", 1))) }), 403, "SignatureDoesNotMatch"},
		"another path":         {signed(func(r *http.Request) { r.URL.Path = "/x" }), 403, "SignatureDoesNotMatch"},
		"a parameter more":     {signed(func(r *http.Request) { r.URL.RawQuery = "x;y=1" }), 403, "SignatureDoesNotMatch"},
		"another host":         {signed(func(r *http.Request) { r.Host = "other" }), 403, "SignatureDoesNotMatch"},
		"a target put in":      {header("X-Amz-Target", "AmazonSQS.PurgeQueue"), 403, "SignatureDoesNotMatch"},
		"another content type": {header("Content-Type", "application/x-www-form-urlencoded"), 403, "SignatureDoesNotMatch"},
		"another hash":         {header("X-Amz-Content-Sha256", hashOf("x")), 403, "SignatureDoesNotMatch"},
		"an unsigned payload":  {header("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"), 403, "SignatureDoesNotMatch"},
		"another date":         {header("X-Amz-Date", newSigner().at.UTC().Add(time.Second).Format("20060102T150405Z")), 403, "SignatureDoesNotMatch"},
		"host not signed":      {authorization("host;", ""), 403, "SignatureDoesNotMatch"},
		"another service":      {authorization("/sqs/", "/sns/"), 403, "SignatureDoesNotMatch"},
		"no region":            {nowhere.form(t, root, form), 403, "SignatureDoesNotMatch"},
		"two targets":          {signed(func(r *http.Request) { r.Header["X-Amz-Target"] = []string{"", "AmazonSQS.PurgeQueue"} }), 403, "SignatureDoesNotMatch"},
		"a second date":        {signed(func(r *http.Request) { r.Header.Add("X-Amz-Date", "20000101T000000Z") }), 403, "SignatureDoesNotMatch"},
		"a second token":       {signed(func(r *http.Request) { r.Header.Add("X-Amz-Security-Token", "x") }), 403, "SignatureDoesNotMatch"},
		"signed over again":    {signed(func(r *http.Request) { r.URL.RawQuery = "X-Amz-Signature=x&Action=PurgeQueue" }), 403, "SignatureDoesNotMatch"},
		"escaped otherwise":    {inURL("a%20%2B", "a%2520%2B"), 403, "SignatureDoesNotMatch"},
		"its path unescaped":   {presigned(func(r *http.Request) { r.URL.RawPath = ""; r.URL.Path = "/000000000000/a/b c/" }), 403, "SignatureDoesNotMatch"},
		"another method":       {presigned(func(r *http.Request) { r.Method = http.MethodPost }), 403, "SignatureDoesNotMatch"},
		"a body put in":        {presigned(func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("Action=PurgeQueue")) }), 403, "SignatureDoesNotMatch"},
		"another region":       {authorization("/us-east-1/", "/us-east-2/"), 403, "SignatureDoesNotMatch"},
		"another algorithm":    {authorization("AWS4-HMAC-SHA256", "AWS4-HMAC-MD5"), 400, "IncompleteSignature"},
		"no signature in it":   {authorization("Signature=", "Sign="), 400, "IncompleteSignature"},
		"no date":              {header("X-Amz-Date", ""), 400, "IncompleteSignature"},
		"nothing of it":        {signed(func(r *http.Request) { r.Header.Del("Authorization") }), 403, "MissingAuthenticationToken"},
		"old":                  {skewed(-16*time.Minute).form(t, root, form), 400, "RequestExpired"},
		"from the future":      {skewed(16*time.Minute).form(t, root, form), 400, "RequestExpired"},
		"old and presigned":    {skewed(-2*time.Minute).presigned(t, listed), 400, "RequestExpired"},
		"presigned, longer":    {inURL("X-Amz-Expires=60", "X-Amz-Expires=90"), 403, "SignatureDoesNotMatch"},
		"presigned for ever":   {inURL("X-Amz-Expires=60", "X-Amz-Expires=700000"), 400, "IncompleteSignature"},
		"presigned, undated":   {inURL("X-Amz-Expires=60", ""), 400, "IncompleteSignature"},
		"presigned, other":     {inURL("ListQueues", "CreateQueue"), 403, "SignatureDoesNotMatch"},
		"presigned, no escape": {inURL("ListQueues", "%zz"), 404, "MalformedQueryString"},
	} {
		if status, code := g.do(t, c.request); status != c.status || code != c.code {
			t.Errorf("%s: %d %s, want %d %s", name, status, code, c.status, c.code)
		}
	}
}

// TestHashOfTheBodyIsOfTheBody: a client may sign what it says of the body, but not something that is not so.
func TestHashOfTheBodyIsOfTheBody(t *testing.T) {
	const form = "Action=ListQueues"
	g, by := guard(t), newSigner()
	for said, want := range map[string]int{hashOf(form): 200, hashOf("x"): 403, "UNSIGNED-PAYLOAD": 403} {
		for _, signed := range []string{hashOf(form), said} {
			r := by.form(t, "http://queues:9324/", form)
			r.Header.Set("X-Amz-Content-Sha256", said)
			if err := v4.NewSigner().SignHTTP(t.Context(), by.key, r, signed, "sqs", "us-east-1", by.at); err != nil {
				t.Fatal(err)
			}
			if status, code := g.do(t, r); status != want {
				t.Errorf("said %.16s, signed %.16s: %d %s", said, signed, status, code)
			}
		}
	}
}

// TestBodiesOfStrangersAreNotRead: who has no key sends nothing into memory.
func TestBodiesOfStrangersAreNotRead(t *testing.T) {
	g := guard(t)
	reader, writer := io.Pipe()              // nobody writes
	t.Cleanup(func() { _ = writer.Close() }) // an error is the reader's
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://queues:9324/", reader)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, code := g.do(t, r); code != "MissingAuthenticationToken" {
		t.Errorf("%d %s", status, code)
	}
}

func TestServingSignedRequestsNeedsCredentials(t *testing.T) {
	ln := newPipeNet()
	err := open(t, t.TempDir()).ServeSigned(t.Context(), ln, localsqs.Credentials{AccessKeyID: "AKIDEXAMPLE"})
	if err == nil {
		t.Error("an empty secret is no credentials")
	}
	if _, err := ln.Accept(); err == nil {
		t.Error("the listener is still open")
	}
}

// TestWebPagesAreRefused: a page has the browser send these headers with requests that need no permission.
func TestWebPagesAreRefused(t *testing.T) {
	server := withLetters(t)
	for _, c := range []struct {
		method, header, value string
		refused               bool
	}{
		{http.MethodPost, "Origin", "http://evil.example", true},
		{http.MethodPost, "Origin", "null", true},
		{http.MethodGet, "Origin", "http://evil.example", true},
		{http.MethodGet, "Sec-Fetch-Site", "cross-site", true},
		{http.MethodPost, "Sec-Fetch-Site", "cross-site", true},
		{http.MethodGet, "Sec-Fetch-Site", "same-origin", true}, // as of a page whose name was made to lead here
		{http.MethodGet, "Accept-Language", "de", true},
		{http.MethodGet, "Accept-Language", "", true},
		{http.MethodPost, "Accept-Language", "*", false}, // of runtimes of JavaScript that are no browsers
		{http.MethodGet, "User-Agent", "curl", false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, "http://queues/?Action=ListQueues", nil)
		r.Header.Set(c.header, c.value)
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if refused := w.Code == http.StatusForbidden && read(t, w).Error.Code == "AccessDenied"; refused != c.refused || !refused && w.Code != http.StatusOK {
			t.Errorf("%s %s %q: %d %s", c.method, c.header, c.value, w.Code, w.Body)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://queues/", strings.NewReader("{}"))
	r.Header.Set("X-Amz-Target", "AmazonSQS.ListQueues")
	r.Header.Set("Origin", "http://evil.example")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden || w.Header().Get("X-Amzn-Query-Error") != "AccessDenied;Sender" || !strings.Contains(w.Body.String(), "com.amazonaws.sqs#AccessDenied") {
		t.Errorf("in JSON: %d %s", w.Code, w.Body)
	}
}
