package sqsclient

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"
)

// findAgain is how soon credentials that AWS has refused are looked for again after the last time.
const findAgain = 5 * time.Second

// renewable are the credentials that the SDK's chain finds. The SDK reads files once; these are looked for again when
// AWS has refused them, so that an operator who renews them need not restart anything.
type renewable struct {
	find func(ctx context.Context) (aws.CredentialsProvider, error)

	mu      sync.Mutex // guards what follows; nothing is read or asked with it held
	found   aws.CredentialsProvider
	refused bool
	again   time.Time // not looked for again before
}

// Retrieve is what the SDK calls. It tells an error in finding credentials from others that a request can end in.
func (r *renewable) Retrieve(ctx context.Context) (aws.Credentials, error) {
	provider, err := r.provider(ctx)
	if err != nil {
		return aws.Credentials{}, credentialsError(ctx, err)
	}
	found, err := provider.Retrieve(ctx)
	return found, credentialsError(ctx, err)
}

func (r *renewable) provider(ctx context.Context) (aws.CredentialsProvider, error) {
	current, again := r.current()
	if !again {
		return current, nil
	}
	found, err := r.find(ctx)
	if err != nil {
		r.refuse() // what was found before is still no good
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = found
	return found, nil
}

// current is what was found last, and whether it is this caller's to look again.
func (r *renewable) current() (found aws.CredentialsProvider, again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.refused || time.Now().Before(r.again) {
		return r.found, false
	}
	r.refused, r.again = false, time.Now().Add(findAgain)
	return r.found, true
}

// refuse is told that AWS does not accept them.
func (r *renewable) refuse() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = true
}

func credentialsError(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	hint := hintConfigure
	_, session := errors.AsType[*ssocreds.InvalidTokenError](err)
	if _, answered := errors.AsType[smithy.APIError](err); session || answered {
		hint = hintRenew
	}
	return &CredentialsError{Err: err, hint: hint}
}
