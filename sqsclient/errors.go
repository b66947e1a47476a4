package sqsclient

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// MissingQueueError says that a queue does not exist where it was looked for.
type MissingQueueError struct {
	Queue string // name
	Where string // as [Client.Where] gives it
}

func (e *MissingQueueError) Error() string {
	return fmt.Sprintf("queue %q does not exist (%s)", e.Queue, e.Where)
}

// Hint says what to do about it.
func (e *MissingQueueError) Hint() string {
	return `run "rehook queue ensure" to create it, or "rehook queue ls" to see which queues there are`
}

// CredentialsError says that AWS credentials were not found, or are not accepted.
type CredentialsError struct {
	Err  error
	hint string
}

func (e *CredentialsError) Error() string { return "AWS credentials: " + e.Err.Error() }

// Unwrap gives what the SDK or AWS said.
func (e *CredentialsError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *CredentialsError) Hint() string { return e.hint }

// RegionError says that no AWS region is configured.
type RegionError struct{}

func (*RegionError) Error() string { return "no AWS region is configured" }

// Hint says what to do about it.
func (*RegionError) Hint() string {
	return "set AWS_REGION, or give the queue by its URL; --local uses the embedded queue"
}

// UnreachableError says that no answer came from SQS, or none that can be read. What was asked may have been done
// or not.
type UnreachableError struct {
	Where string // as [Client.Where] gives it
	Err   error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("SQS (%s) cannot be reached: %v", e.Where, e.Err)
}

// Unwrap gives the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *UnreachableError) Hint() string {
	return "check the network, the region and AWS_ENDPOINT_URL_SQS; letters stay where they are until it answers"
}

const (
	hintConfigure = `set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (a local server takes any); --local uses the embedded queue`
	hintRenew     = `renew them, with "aws sso login" or new keys, and check the clock and AWS_PROFILE`
	hintDenied    = "allow this identity the sqs: action on this queue in its IAM policy, or use another AWS_PROFILE"
)

// explain gives an error of the SDK the type that says what to do about it, if there is one.
func explain(err error, queue, where string) error {
	if e, ok := errors.AsType[*CredentialsError](err); ok {
		return e
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return explainCode(err, api.ErrorCode(), queue, where)
	}
	if sent, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok {
		return &UnreachableError{Where: where, Err: sent.Err}
	}
	if garbled, ok := errors.AsType[*smithy.DeserializationError](err); ok {
		return &UnreachableError{Where: where, Err: fmt.Errorf("its answer cannot be read: %w", garbled.Err)}
	}
	return err
}

func explainCode(err error, code, queue, where string) error {
	if _, ok := errors.AsType[*types.QueueDoesNotExist](err); ok {
		return &MissingQueueError{Queue: queue, Where: where}
	}
	switch code {
	case "AWS.SimpleQueueService.NonExistentQueue":
		return &MissingQueueError{Queue: queue, Where: where}
	case "AccessDenied", "AccessDeniedException":
		return &CredentialsError{Err: err, hint: hintDenied}
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "UnrecognizedClientException",
		"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSignatureException", "InvalidSecurity",
		"IncompleteSignature", "MissingAuthenticationToken", "MissingAuthenticationTokenException", "InvalidToken":
		return &CredentialsError{Err: err, hint: hintRenew}
	}
	return err
}
