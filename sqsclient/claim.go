package sqsclient

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"rehook/retry/deadletter"
)

// claims are the places of payloads that are too large for a queue. The message carries a reference in place of the
// payload, and no reference leads anywhere but to these places: what a message says is not to be trusted.
//
// The payload is kept first, then the message sent; the message is deleted first, then the payload discarded. A crash
// between two of these leaves a payload that nothing refers to: it costs money, and no letter.
type claims struct {
	keep  *place  // where ours go; nil: nowhere
	read  []place // where payloads may be read from, ours among them
	bytes int64   // the most that a payload may have
}

// place is a part of a store: all its keys that begin with a prefix.
type place struct {
	store
	bucket string
	prefix string
}

// store keeps payloads by key.
type store interface {
	// put returns when the payload is safe. Putting the same again is no error.
	put(ctx context.Context, key string, payload []byte, sum [sha256.Size]byte) error
	// get reads a payload, or a little more than most bytes of it. Its error wraps errNoObject if there is none.
	get(ctx context.Context, key string, most int64) ([]byte, error)
	// remove deletes a payload. One that is not there is no error.
	remove(ctx context.Context, key string) error
}

// errNoObject says that a store has been asked, and has no such payload.
var errNoObject = errors.New("it is not there")

// folderBucket stands in references for the folder, wherever it is.
const folderBucket = "folder"

// mostClaimed is what a payload may have. An attempt holds it in memory, and there are 64 at once.
const mostClaimed = 8 << 20

// openClaims connects to no store yet.
func openClaims(ctx context.Context, cfg Config, found aws.Config) (*claims, error) {
	c := &claims{bytes: mostClaimed}
	if cfg.Claims == "" && len(cfg.ClaimsFrom) == 0 {
		return c, nil
	}
	var buckets []string
	switch {
	case isS3(cfg.Claims):
		buckets = append(buckets, cfg.Claims)
	case cfg.Claims != "":
		c.read = append(c.read, place{store: folder(cfg.Claims), bucket: folderBucket})
	}
	buckets = append(buckets, cfg.ClaimsFrom...)
	if len(buckets) > 0 {
		client, err := connectS3(ctx, cfg, found)
		if err != nil {
			return nil, err
		}
		for _, b := range buckets {
			bucket, prefix := splitS3(b)
			c.read = append(c.read, place{store: &s3Store{client, bucket}, bucket: bucket, prefix: prefix})
		}
	}
	if cfg.Claims != "" {
		c.keep = &c.read[0]
	}
	return c, nil
}

func isS3(where string) bool { return strings.HasPrefix(where, s3Scheme) }

const s3Scheme = "s3://"

// splitS3 takes s3://BUCKET/PREFIX apart. A prefix is a folder, so that s3://b/claims does not have claims2/x.
func splitS3(where string) (bucket, prefix string) {
	bucket, prefix, _ = strings.Cut(strings.TrimPrefix(where, s3Scheme), "/")
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		prefix += "/"
	}
	return bucket, prefix
}

func (c Config) checkClaims() error {
	var errs []error
	if c.Claims != "" && !isS3(c.Claims) && !filepath.IsAbs(c.Claims) {
		errs = append(errs, fmt.Errorf("payloads cannot be kept in %q: it is neither s3://BUCKET/PREFIX nor the path of a folder from the root", c.Claims))
	}
	for _, where := range append([]string{c.Claims}, c.ClaimsFrom...) {
		if where == "" || !isS3(where) && where == c.Claims {
			continue
		}
		if bucket, _ := splitS3(where); !isS3(where) || bucket == "" {
			errs = append(errs, fmt.Errorf("payloads cannot be read from %q: it is not s3://BUCKET or s3://BUCKET/PREFIX", where))
		}
	}
	return errors.Join(errs...)
}

// claimed is the letter with a reference in place of its payload, which is not kept yet.
func (c *claims) claimed(l *deadletter.Letter) *deadletter.Letter {
	sum := sha256.Sum256(l.Payload)
	ref := &deadletter.PayloadRef{Bucket: c.keep.bucket, Size: int64(len(l.Payload)), SHA256: hex.EncodeToString(sum[:])}
	ref.Key = c.keep.key(l.ID, ref.SHA256)
	light := l.Clone()
	light.Payload, light.PayloadRef = nil, ref
	return light
}

// key is where the payload of a letter goes: the same for a repetition, another for any other letter or payload. An id
// from elsewhere may hold anything, so it is not used as it is.
func (p *place) key(id, sum string) string {
	of := sha256.Sum256([]byte(id))
	return p.prefix + hex.EncodeToString(of[:16]) + "-" + sum
}

// own reports whether a reference is one that we made for this letter: it names the very key that we would.
func (c *claims) own(l *deadletter.Letter) bool {
	ref := l.PayloadRef
	return ref != nil && c.keep != nil && ref.Bucket == c.keep.bucket && ref.Key == c.keep.key(l.ID, ref.SHA256)
}

// put keeps a letter's payload where its reference says.
func (c *claims) put(ctx context.Context, ref *deadletter.PayloadRef, payload []byte) error {
	if err := c.keep.put(ctx, ref.Key, payload, sha256.Sum256(payload)); err != nil {
		return fmt.Errorf("keep the payload of %d bytes in %s: %w", len(payload), named(ref), err)
	}
	return nil
}

// Payload reads the payload that a letter refers to, whole and verified. The error wraps [deadletter.ErrNoPayload] if
// it is missing, is another than the letter says, or lies where payloads may not be read from; after any other, the
// store could not be asked.
func (c *Client) Payload(ctx context.Context, l *deadletter.Letter) ([]byte, error) {
	ref := l.PayloadRef
	if ref == nil {
		return nil, fmt.Errorf("%w: letter %q refers to none", deadletter.ErrNoPayload, l.ID)
	}
	payload, err := c.link.claims.get(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("read the payload of letter %q from %s: %w", l.ID, named(ref), err)
	}
	return payload, nil
}

func (c *claims) get(ctx context.Context, ref *deadletter.PayloadRef) ([]byte, error) {
	sum, err := hex.DecodeString(ref.SHA256)
	if err != nil || len(sum) != sha256.Size {
		return nil, unhad("the letter does not say its SHA-256")
	}
	payload, err := c.fetch(ctx, ref, size{ref.Size, true})
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(payload) != [sha256.Size]byte(sum) {
		return nil, unhad("its SHA-256 is not that of the letter")
	}
	return payload, nil
}

// size is how many bytes there are to be, exactly or at most.
type size struct {
	bytes int64
	exact bool
}

// fetch reads what a reference leads to, if that is allowed.
func (c *claims) fetch(ctx context.Context, ref *deadletter.PayloadRef, want size) ([]byte, error) {
	from := c.placeOf(ref)
	switch {
	case from == nil:
		return nil, unhad("payloads are not read from there: name it in the setting claims, or in claims-from")
	case want.bytes < 0 || want.bytes > c.bytes:
		return nil, unhad("it is said to have %d bytes, and %d are the most", want.bytes, c.bytes)
	}
	payload, err := from.get(ctx, ref.Key, want.bytes)
	n := int64(len(payload))
	switch {
	case errors.Is(err, errNoObject):
		return nil, unhad("%w", err)
	case err != nil:
		return nil, err
	case want.exact && n != want.bytes:
		return nil, unhad("it has not the %d bytes that it is said to have", want.bytes)
	case n > want.bytes:
		return nil, unhad("it has more than %d bytes, which are the most", want.bytes)
	}
	return payload, nil
}

// placeOf is where a reference leads; nil if it leads nowhere. S3 takes ".." for a name like any other, but what stands
// before a server that is not Amazon's may take it for the way out of the prefix.
func (c *claims) placeOf(ref *deadletter.PayloadRef) *place {
	for i := range c.read {
		p := &c.read[i]
		inside := strings.HasPrefix(ref.Key, p.prefix) && !slices.Contains(strings.Split(ref.Key, "/"), "..")
		if p.bucket == ref.Bucket && inside {
			return p
		}
	}
	return nil
}

// Discard deletes the payload of a letter that no message carries any more. One that was not kept by us for this very
// letter is left alone.
func (c *Client) Discard(ctx context.Context, l *deadletter.Letter) error {
	claims := c.link.claims
	if !claims.own(l) {
		return nil
	}
	if err := claims.keep.remove(ctx, l.PayloadRef.Key); err != nil {
		return fmt.Errorf("delete the payload of letter %q from %s: %w", l.ID, named(l.PayloadRef), err)
	}
	return nil
}

// CheckClaims keeps, reads and deletes a payload at [Config.Claims], as the work with letters does: nothing else shows
// that all three are allowed. The error is a [*StoreError] if S3 does not do it.
func CheckClaims(ctx context.Context, cfg Config) error {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return fmt.Errorf("check the place of large payloads: %w", err)
	}
	l, err := connect(ctx, cfg)
	if err != nil {
		return fmt.Errorf("check the place of large payloads: %w", err)
	}
	defer l.hang()
	if l.claims.keep == nil {
		return nil
	}
	if err := l.claims.check(ctx); err != nil {
		return fmt.Errorf("check the place of large payloads: keep, read and delete one: %w", err)
	}
	return nil
}

func (c *claims) check(ctx context.Context) error {
	l := &deadletter.Letter{ID: rand.Text(), Payload: []byte("written by rehook to see that it can; delete it")}
	ref := c.claimed(l).PayloadRef
	if err := c.put(ctx, ref, l.Payload); err != nil {
		return err
	}
	if _, err := c.get(ctx, ref); err != nil {
		return err
	}
	return c.keep.remove(ctx, ref.Key)
}

func unhad(format string, args ...any) error {
	return fmt.Errorf("%w: %w", deadletter.ErrNoPayload, fmt.Errorf(format, args...))
}

// named is how an error names a payload; both parts may come from a stranger.
func named(ref *deadletter.PayloadRef) string { return fmt.Sprintf("%q", ref.Bucket+"/"+ref.Key) }
