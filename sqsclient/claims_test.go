package sqsclient_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"rehook/retry/deadletter"
	"rehook/sqsclient"
)

const (
	ownBucket   = "webhooks"
	otherBucket = "others"
)

// bucketServer is S3, with a switch.
type bucketServer struct {
	backend *s3mem.Backend
	down    atomic.Bool
	asked   atomic.Int64

	mu      sync.Mutex      // guards actions
	actions map[string]bool // that were used since it last forgot, in IAM's words
}

// newBuckets serves both buckets, where the SDK finds them.
func newBuckets(t *testing.T) *bucketServer {
	t.Helper()
	s := &bucketServer{backend: s3mem.New(), actions: map[string]bool{}}
	for _, b := range []string{ownBucket, otherBucket} {
		if err := s.backend.CreateBucket(b); err != nil {
			t.Fatal(err)
		}
	}
	h := gofakes3.New(s.backend).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		s.note(r)
		if s.down.Load() {
			reset(w)
			return
		}
		if r.Method == http.MethodPut && !sumFits(r) {
			http.Error(w, "<Error><Code>BadDigest</Code><Message>x</Message></Error>", http.StatusBadRequest)
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_S3": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
		"AWS_MAX_ATTEMPTS": "1",
	} {
		t.Setenv(name, value)
	}
	return s
}

// note writes down the action that a request is, or the request itself if it is none of those of an object.
func (s *bucketServer) note(r *http.Request) {
	action := map[string]string{"PUT": "s3:PutObject", "GET": "s3:GetObject", "DELETE": "s3:DeleteObject"}[r.Method]
	if bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); action == "" || bucket == "" || key == "" || r.URL.Query().Has("uploads") {
		action = r.Method + " " + r.URL.String()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.actions[action] = true
}

// called are the actions that were used since the server last forgot, in IAM's words.
func (s *bucketServer) called() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.actions))
}

func (s *bucketServer) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.actions)
}

// sumFits compares an upload with its SHA-256, as S3 does and this server does not.
func sumFits(r *http.Request) bool {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(body)
	return err == nil && r.Header.Get("X-Amz-Checksum-Sha256") == base64.StdEncoding.EncodeToString(sum[:])
}

func (s *bucketServer) keys(t *testing.T, bucket string) []string {
	t.Helper()
	list, err := s.backend.ListBucket(bucket, nil, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, o := range list.Contents {
		keys = append(keys, o.Key)
	}
	return keys
}

func (s *bucketServer) set(t *testing.T, bucket, key string, body []byte) {
	t.Helper()
	if _, err := s.backend.PutObject(bucket, key, nil, bytes.NewReader(body), int64(len(body)), nil); err != nil {
		t.Fatal(err)
	}
}

// claimStore is where payloads go, and how a test sees what is there.
type claimStore struct {
	claims string
	kept   func() int
}

// eachStore runs a test with payloads in S3, and in a folder.
func eachStore(t *testing.T, test func(t *testing.T, s claimStore)) {
	t.Helper()
	t.Run("s3", func(t *testing.T) {
		s := newBuckets(t)
		test(t, claimStore{"s3://" + ownBucket + "/dlq", func() int { return len(s.keys(t, ownBucket)) }})
	})
	t.Run("folder", func(t *testing.T) {
		newBuckets(t) // for the credentials
		dir := filepath.Join(t.TempDir(), "claims")
		test(t, claimStore{dir, func() int {
			files, err := os.ReadDir(dir)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			return len(files)
		}})
	})
}

func openClaiming(t *testing.T, endpoint, claims string, from ...string) *sqsclient.Client {
	t.Helper()
	cfg := sqsclient.Config{Queue: waitingName, Endpoint: endpoint, Claims: claims, ClaimsFrom: from}
	if _, err := sqsclient.Ensure(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	c, err := sqsclient.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// rawAt is another tool that uses the queues.
func rawAt(endpoint string) *sqs.Client {
	return sqs.New(sqs.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("x", "x", ""),
	})
}

// large is more than SQS takes.
func large(id string, payload []byte) *deadletter.Letter {
	l := letter(id)
	l.Payload = payload
	return l
}

func big() []byte {
	return append([]byte(`{"x":"`), append(bytes.Repeat([]byte("x"), 3<<19), `"}`...)...)
}

func TestLargePayloadGoesThroughTheStoreByteForByte(t *testing.T) {
	payloads := map[string][]byte{
		"JSON":          big(),
		"escapes":       []byte(`{"h":"<b>&amp;</b>\u003c\u00e9","n":1.0,"x":"` + strings.Repeat("<&>", 1<<19) + `"}`),
		"invalid UTF-8": append(bytes.Repeat([]byte{0xff, 0xfe, 0, '\r', '\n'}, 1<<18), '{'),
	}
	eachStore(t, func(t *testing.T, s claimStore) {
		t.Helper()
		_, endpoint := frontOverTCP(t)
		c := openClaiming(t, endpoint, s.claims)
		for name, payload := range payloads {
			send(t, c, large(name, payload))
			l := receive(t, c, 1)[0]
			if l.Letter.Payload != nil || !l.Letter.PayloadElsewhere() || s.kept() != 1 {
				t.Fatalf("%s: %d bytes came with the letter, %d are kept", name, len(l.Letter.Payload), s.kept())
			}
			// Every move keeps the same payload.
			ref := *l.Letter.PayloadRef
			if err := c.Replace(t.Context(), l, l.Letter); err != nil {
				t.Fatal(err)
			}
			l = receive(t, c, 1)[0]
			if err := c.Park(t.Context(), l, l.Letter); err != nil {
				t.Fatal(err)
			}
			l = receiveParked(t, c)
			if err := c.Release(t.Context(), l, l.Letter); err != nil {
				t.Fatal(err)
			}
			l = receive(t, c, 1)[0]
			if *l.Letter.PayloadRef != ref || s.kept() != 1 {
				t.Errorf("%s: moved to %+v, %d kept", name, l.Letter.PayloadRef, s.kept())
			}
			got, err := c.Payload(t.Context(), l.Letter)
			if err != nil || !bytes.Equal(got, payload) {
				t.Errorf("%s: %d bytes came back of %d, %v", name, len(got), len(payload), err)
			}
			if err := c.Delete(t.Context(), l); err != nil {
				t.Fatal(err)
			}
			if s.kept() != 1 { // a copy may be all that was deleted
				t.Errorf("%s: the payload went with the message", name)
			}
			for range 2 {
				if err := c.Discard(t.Context(), l.Letter); err != nil {
					t.Error(err)
				}
			}
			if s.kept() != 0 {
				t.Errorf("%s: the payload is still kept", name)
			}
			if _, err := c.Payload(t.Context(), l.Letter); !errors.Is(err, deadletter.ErrNoPayload) || !strings.Contains(err.Error(), ref.Key) {
				t.Errorf("%s: a payload that is gone: %v", name, err)
			}
		}
	})
}

func TestSmallerLimitOfAQueueIsKept(t *testing.T) {
	eachStore(t, func(t *testing.T, s claimStore) {
		t.Helper()
		_, endpoint := frontOverTCP(t)
		cfg := sqsclient.Config{Queue: waitingName, Endpoint: endpoint}
		if _, err := sqsclient.Ensure(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		c := openClaiming(t, endpoint, s.claims)
		limit := func(name string) {
			_, err := rawAt(endpoint).SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
				QueueUrl: aws.String(endpoint + "/000000000000/" + name), Attributes: map[string]string{"MaximumMessageSize": "1024"},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		payload := []byte(`"` + strings.Repeat("y", 2000) + `"`)
		limit(parkedName)
		send(t, c, large("a", payload))
		l := receive(t, c, 1)[0]
		if !bytes.Equal(l.Letter.Payload, payload) {
			t.Fatal("a payload that fits was kept elsewhere")
		}
		if err := c.Park(t.Context(), l, l.Letter); err != nil { // its limit is not known to be lower yet
			t.Fatal(err)
		}
		parked := receiveParked(t, c)
		if got, err := c.Payload(t.Context(), parked.Letter); err != nil || !bytes.Equal(got, payload) {
			t.Errorf("parked: %d bytes, %v", len(got), err)
		}
		limit(waitingName)
		depth(t, c)
		send(t, c, large("b", payload))
		if got, err := c.Payload(t.Context(), receive(t, c, 1)[0].Letter); err != nil || !bytes.Equal(got, payload) {
			t.Errorf("waiting: %d bytes, %v", len(got), err)
		}
		// What is too large without its payload is not kept in vain.
		kept := s.kept()
		l2 := large("c", payload)
		l2.Headers = deadletter.Headers{"X": {strings.Repeat("h", 2000)}}
		if err := c.Send(t.Context(), l2); !errors.Is(err, deadletter.ErrTooLarge) || s.kept() != kept {
			t.Errorf("got %v, and %d kept", err, s.kept()-kept)
		}
	})
}

func TestSendThatFailsAfterTheUploadMayBeRepeated(t *testing.T) {
	eachStore(t, func(t *testing.T, s claimStore) {
		t.Helper()
		f, endpoint := frontOverTCP(t)
		c := openClaiming(t, endpoint, s.claims)
		f.keepMeeting("SendMessageBatch", resetBefore)
		l := large("a", big())
		if err := c.Send(t.Context(), l); err == nil {
			t.Fatal("a send without an answer succeeded")
		}
		if s.kept() != 1 {
			t.Fatalf("%d payloads are kept, want the one without a message", s.kept())
		}
		f.keepMeeting("SendMessageBatch", nil)
		send(t, c, l)
		if s.kept() != 1 {
			t.Errorf("%d payloads are kept after the repetition", s.kept())
		}
		got, err := c.Payload(t.Context(), receive(t, c, 1)[0].Letter)
		if err != nil || !bytes.Equal(got, l.Payload) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}

func TestStoreThatIsDownTakesNoLetterAndLosesNone(t *testing.T) {
	s := newBuckets(t)
	_, endpoint := frontOverTCP(t)
	c := openClaiming(t, endpoint, "s3://"+ownBucket)
	s.down.Store(true)
	err := c.Send(t.Context(), large("a", big()))
	if _, ok := errors.AsType[*sqsclient.StoreError](err); !ok || errors.Is(err, deadletter.ErrTooLarge) {
		t.Errorf("sent while S3 is down: %v", err)
	}
	if d := depth(t, c); d.Visible != 0 {
		t.Error("a letter without its payload was sent")
	}
	s.down.Store(false)
	send(t, c, large("a", big()))
	l := receive(t, c, 1)[0].Letter
	s.down.Store(true)
	if _, err := c.Payload(t.Context(), l); err == nil || errors.Is(err, deadletter.ErrNoPayload) {
		t.Errorf("read while S3 is down: %v", err)
	}
	if err := c.Discard(t.Context(), l); err == nil {
		t.Error("discarded while S3 is down")
	}
	s.down.Store(false)
	if got, err := c.Payload(t.Context(), l); err != nil || !bytes.Equal(got, big()) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestReferencesOfStrangersLeadNowhere(t *testing.T) {
	s := newBuckets(t)
	_, endpoint := frontOverTCP(t)
	secret := []byte("secret")
	const sum = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b" // of it
	s.set(t, ownBucket, "elsewhere/x", secret)
	s.set(t, ownBucket, "dlq/x", secret)
	s.set(t, ownBucket, "dlq/../y", secret) // as a server behind one that cleans paths has it
	s.set(t, otherBucket, "x", secret)
	s.set(t, otherBucket, "shared/x", secret)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), secret, 0o600); err != nil {
		t.Fatal(err)
	}
	claims := filepath.Join(dir, "claims")
	if err := os.Mkdir(claims, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../x", filepath.Join(claims, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(claims, "x"), secret, 0o600); err != nil {
		t.Fatal(err)
	}
	inS3 := openClaiming(t, endpoint, "s3://"+ownBucket+"/dlq", "s3://"+otherBucket+"/shared")
	inFolder := openClaiming(t, endpoint, claims)
	ref := func(bucket, key string) *deadletter.PayloadRef {
		return &deadletter.PayloadRef{Bucket: bucket, Key: key, Size: int64(len(secret)), SHA256: sum}
	}
	for _, c := range []struct {
		in   *sqsclient.Client
		ref  *deadletter.PayloadRef
		read bool
	}{
		{inS3, ref(ownBucket, "dlq/x"), true},
		{inS3, ref(otherBucket, "shared/x"), true},
		{inS3, ref(ownBucket, "elsewhere/x"), false},
		{inS3, ref(ownBucket, "dlq/../elsewhere/x"), false},
		{inS3, ref(ownBucket, "dlq/../y"), false},
		{inS3, ref(otherBucket, "x"), false},
		{inS3, ref("anything", "dlq/x"), false},
		{inS3, ref("", "dlq/x"), false},
		{inS3, ref("folder", "x"), false},
		{inS3, &deadletter.PayloadRef{Bucket: ownBucket, Key: "dlq/x", Size: 5, SHA256: sum}, false},
		{inS3, &deadletter.PayloadRef{Bucket: ownBucket, Key: "dlq/x", Size: 7, SHA256: sum}, false},
		{inS3, &deadletter.PayloadRef{Bucket: ownBucket, Key: "dlq/x", Size: 6, SHA256: strings.Repeat("0", 64)}, false},
		{inS3, &deadletter.PayloadRef{Bucket: ownBucket, Key: "dlq/x", Size: 6}, false},
		{inS3, &deadletter.PayloadRef{Bucket: ownBucket, Key: "dlq/x", Size: -1, SHA256: sum}, false},
		{inS3, &deadletter.PayloadRef{Bucket: ownBucket, Key: "dlq/x", Size: 1 << 40, SHA256: sum}, false},
		{inFolder, ref("folder", "x"), true},
		{inFolder, ref("folder", "../x"), false},
		{inFolder, ref("folder", "../../../../../../etc/passwd"), false},
		{inFolder, ref("folder", filepath.Join(dir, "x")), false},
		{inFolder, ref("folder", "link"), false},
		{inFolder, ref("folder", "."), false},
		{inFolder, ref("folder", "x\x00"), false},
		{inFolder, ref("other", "x"), false},
		{inFolder, ref(ownBucket, "dlq/x"), false},
	} {
		l := &deadletter.Letter{ID: "a", PayloadRef: c.ref}
		got, err := c.in.Payload(t.Context(), l)
		if c.read && (err != nil || !bytes.Equal(got, secret)) {
			t.Errorf("%+v: %q, %v", c.ref, got, err)
		}
		if !c.read && (got != nil || !errors.Is(err, deadletter.ErrNoPayload)) {
			t.Errorf("%+v: %q, %v", c.ref, got, err)
		}
		if err := c.in.Discard(t.Context(), l); err != nil { // not ours: left alone
			t.Errorf("%+v: discard: %v", c.ref, err)
		}
	}
	if own, other := s.keys(t, ownBucket), s.keys(t, otherBucket); len(own) != 3 || len(other) != 2 {
		t.Errorf("left are %v and %v", own, other)
	}
	if _, err := os.Stat(filepath.Join(claims, "x")); err != nil {
		t.Error(err)
	}
}

func TestOneLetterCannotDiscardThePayloadOfAnother(t *testing.T) {
	eachStore(t, func(t *testing.T, s claimStore) {
		t.Helper()
		_, endpoint := frontOverTCP(t)
		c := openClaiming(t, endpoint, s.claims)
		send(t, c, large("a", big()))
		l := receive(t, c, 1)[0].Letter.Clone()
		l.ID = "b"
		if err := c.Discard(t.Context(), l); err != nil || s.kept() != 1 {
			t.Errorf("%v, and %d kept", err, s.kept())
		}
	})
}

func TestWithoutAStoreALargeLetterIsRefusedWithAHint(t *testing.T) {
	newBuckets(t)
	_, endpoint := frontOverTCP(t)
	c := openClaiming(t, endpoint, "")
	err := c.Send(t.Context(), large("a", big()))
	if !errors.Is(err, deadletter.ErrTooLarge) || !strings.Contains(err.Error(), `"claims"`) {
		t.Errorf("got %v", err)
	}
}

func TestCheckClaimsTriesTheBucket(t *testing.T) {
	s := newBuckets(t)
	_, endpoint := frontOverTCP(t)
	cfg := sqsclient.Config{Queue: waitingName, Endpoint: endpoint, Claims: "s3://" + ownBucket + "/dlq"}
	if err := sqsclient.CheckClaims(t.Context(), cfg); err != nil {
		t.Error(err)
	}
	if s.asked.Load() != 3 || len(s.keys(t, ownBucket)) != 0 {
		t.Errorf("%d requests, and %v is left", s.asked.Load(), s.keys(t, ownBucket))
	}
	cfg.Claims = "s3://missing"
	if err := sqsclient.CheckClaims(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("got %v", err)
	}
	for _, wrong := range []string{"s3://", "relative/path", "http://bucket"} {
		cfg.Claims = wrong
		if err := sqsclient.CheckClaims(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", wrong)) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
