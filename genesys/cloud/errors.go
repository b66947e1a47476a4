package cloud

import (
	"errors"
	"fmt"
	"time"
)

// CredentialsError says that Genesys Cloud does not accept the OAuth client.
type CredentialsError struct {
	Status int    // HTTP
	Reason string // in Genesys' words; may be empty
}

func (e *CredentialsError) Error() string {
	return fmt.Sprintf("Genesys Cloud refuses the OAuth client (%d %q)", e.Status, e.Reason)
}

// Hint says what to do.
func (e *CredentialsError) Hint() string {
	return "check GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET, that the client's grant type is " +
		"Client Credentials, and that it belongs to the region in GENESYSCLOUD_REGION"
}

// PermissionError says that the OAuth client may not do this. With client credentials roles decide, not scopes.
type PermissionError struct {
	Permission string // "messaging:integration:view"
	Reason     string // in Genesys' words; may be empty
}

func (e *PermissionError) Error() string {
	return fmt.Sprintf("the OAuth client lacks the permission %s (403 %q)", e.Permission, e.Reason)
}

// Hint says what to do.
func (e *PermissionError) Hint() string {
	return "give the OAuth client a role that has " + e.Permission
}

// UnreachableError says that Genesys Cloud did not answer, or answered with what only a proxy or a broken server
// answers.
type UnreachableError struct {
	Status int   // HTTP; 0 if there was no answer
	Err    error // why there was none; nil if there was
}

func (e *UnreachableError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("Genesys Cloud answered %d", e.Status)
	}
	return fmt.Sprintf("Genesys Cloud cannot be reached: %v", e.Err)
}

// Unwrap is the cause, a context's end among them.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *UnreachableError) Hint() string {
	return "check the network, the proxy (HTTPS_PROXY) and GENESYSCLOUD_REGION; if they are right, see status.mypurecloud.com"
}

func unreachable(err error) error { return &UnreachableError{Err: err} }

// RateLimitedError says that too much was asked in the last minute, by all who use this OAuth client.
type RateLimitedError struct {
	RetryAfter time.Duration // ask again no earlier
}

func (e *RateLimitedError) Error() string {
	return fmt.Sprintf("Genesys Cloud limits the rate: again in %v", e.RetryAfter)
}

// Hint says what to do.
func (e *RateLimitedError) Hint() string {
	return "wait, or give rehook an OAuth client of its own: each may ask 300 times a minute"
}

// AnswerError says that an answer was not what the API promises.
type AnswerError struct {
	What string // what was asked for
	Err  error
}

func (e *AnswerError) Error() string {
	return fmt.Sprintf("Genesys Cloud's answer cannot be read: %s: %v", e.What, e.Err)
}

// Unwrap is the cause.
func (e *AnswerError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *AnswerError) Hint() string {
	return "check that no proxy answers in place of Genesys Cloud; if none does, rehook may be too old for its API"
}

// errNothing is the cause where an answer was empty, or null.
var errNothing = errors.New("there is nothing in it")
