package sqsclient

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// s3Within is how long one request may take until its answer is read.
const s3Within = 30 * time.Second

// s3Store is one bucket.
type s3Store struct {
	client *s3.Client
	bucket string
}

// connectS3 uses the credentials and the region of the queues, and finds its own where those are embedded.
func connectS3(ctx context.Context, cfg Config, found aws.Config) (*s3.Client, error) {
	if cfg.DialContext != nil {
		var err error
		if found, err = awsConfig(ctx, Config{Queue: cfg.Queue, Region: cfg.Region}); err != nil {
			return nil, err
		}
	}
	buildable, ok := found.HTTPClient.(*awshttp.BuildableClient)
	if !ok {
		panic("bug: the AWS configuration has another HTTP client than it was given")
	}
	client := s3.NewFromConfig(found, func(o *s3.Options) {
		o.HTTPClient = &http.Client{Transport: buildable.GetTransport(), Timeout: s3Within, CheckRedirect: noRedirect}
		o.UsePathStyle = o.BaseEndpoint != nil // other servers have no name for each bucket
		if o.BaseEndpoint != nil && o.Region == "" {
			o.Region = defaultRegion
		}
	})
	if client.Options().Region == "" {
		return nil, &RegionError{}
	}
	return client, nil
}

// put has S3 compare what it got with the payload's SHA-256 before it says yes.
func (s *s3Store) put(ctx context.Context, key string, payload []byte, sum [sha256.Size]byte) error {
	want := base64.StdEncoding.EncodeToString(sum[:])
	answer, err := s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.bucket, Key: &key, Body: bytes.NewReader(payload), ContentLength: aws.Int64(int64(len(payload))),
		ChecksumSHA256: &want,
	})
	switch {
	case err != nil:
		return s.explain(err)
	case answer.ChecksumSHA256 != nil && *answer.ChecksumSHA256 != want:
		return errors.New("it was damaged on its way: its SHA-256 differs")
	}
	return nil
}

// get knows a missing object from one that is denied only where this identity may list the bucket.
func (s *s3Store) get(ctx context.Context, key string, most int64) ([]byte, error) {
	answer, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: &key})
	if _, missing := errors.AsType[*types.NoSuchKey](err); missing {
		return nil, errNoObject
	}
	if err != nil {
		return nil, s.explain(err)
	}
	defer answer.Body.Close()
	if aws.ToInt64(answer.ContentLength) > most { // an object can be 50 TB
		return make([]byte, most+1), nil
	}
	payload, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	if err != nil {
		return nil, s.explain(err)
	}
	return payload, nil
}

func (s *s3Store) remove(ctx context.Context, key string) error {
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: &key})
	return s.explain(err)
}

// StoreError says that S3 could not be asked, or did not do what it was asked. The same may work later.
type StoreError struct {
	Bucket string
	Err    error
}

func (e *StoreError) Error() string { return fmt.Sprintf("bucket %q: %v", e.Bucket, e.Err) }

// Unwrap gives the cause.
func (e *StoreError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *StoreError) Hint() string {
	return "check that the bucket exists in this region, and that this identity is allowed s3:PutObject, s3:GetObject, s3:DeleteObject and s3:ListBucket there; letters stay where they are until then"
}

func (s *s3Store) explain(err error) error {
	if err == nil {
		return nil
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		err = &said{api, err}
	}
	return &StoreError{Bucket: s.bucket, Err: err}
}
