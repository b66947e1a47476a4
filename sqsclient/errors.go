package sqsclient

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"rehook/retry/deadletter"
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

// UnreachableError says that no answer came from SQS, or none that can be read, or that SQS itself failed. What was
// asked may have been done or not.
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

// BusyError says that SQS answers, but does nothing of this kind for now. It was asked too often, or lends too much.
type BusyError struct {
	Where string // as [Client.Where] gives it
	Err   error
	hint  string
}

func (e *BusyError) Error() string { return fmt.Sprintf("SQS (%s) is busy: %v", e.Where, e.Err) }

// Unwrap gives what SQS said.
func (e *BusyError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *BusyError) Hint() string { return e.hint }

const (
	hintConfigure = `set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (a local server takes any); --local uses the embedded queue`
	hintRenew     = `renew them, with "aws sso login" or new keys in ~/.aws, and check the clock and AWS_PROFILE; those that come from variables need a restart`
	hintDenied    = "allow this identity the action on this queue in its IAM policy (docs/permissions.md has all that rehook needs), or use another AWS_PROFILE"
	hintKey       = "the queue is encrypted: allow this identity kms:Decrypt and kms:GenerateDataKey on its key"
	hintThrottled = "nothing is lost, and it is asked again by itself; if this lasts, see what else uses the account's quota"
	hintOverLimit = "120,000 messages of the queue are in flight, the most that SQS lends: end consumers that receive and do not delete, or wait until their leases end"
)

var errLendsAll = errors.New("too many messages are in flight")

// explain gives an error of the SDK the type that says what to do about it. What SQS refuses for its contents is a
// *refusal.
func (l *link) explain(err error, queue string) error {
	if e, ok := errors.AsType[*CredentialsError](err); ok {
		return e
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return l.explainCode(err, api, queue)
	}
	if sent, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok {
		return &UnreachableError{Where: l.where, Err: sent.Err}
	}
	if garbled, ok := errors.AsType[*smithy.DeserializationError](err); ok {
		return &UnreachableError{Where: l.where, Err: fmt.Errorf("its answer cannot be read: %w", garbled.Err)}
	}
	return err
}

func (l *link) explainCode(err error, api smithy.APIError, queue string) error {
	if _, ok := errors.AsType[*types.QueueDoesNotExist](err); ok {
		return &MissingQueueError{Queue: queue, Where: l.where}
	}
	said := &said{api, err}
	code, status := api.ErrorCode(), said.status()
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	switch code {
	case "AWS.SimpleQueueService.NonExistentQueue":
		return &MissingQueueError{Queue: queue, Where: l.where}
	case "AccessDenied", "AccessDeniedException", "NotAuthorized", "OptInRequired":
		return &CredentialsError{Err: said, hint: hintDenied}
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeTooSkewed", "InvalidClientTokenId",
		"UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSignatureException",
		"InvalidSecurity", "IncompleteSignature", "MissingAuthenticationToken", "MissingAuthenticationTokenException", "InvalidToken":
		l.refusedCredentials()
		return &CredentialsError{Err: said, hint: hintRenew}
	case "OverLimit":
		return &BusyError{Where: l.where, Err: said, hint: hintOverLimit}
	}
	switch {
	case strings.HasPrefix(code, "Kms") || strings.HasPrefix(code, "KMS."):
		return &CredentialsError{Err: said, hint: hintKey}
	case throttled || status == http.StatusTooManyRequests:
		return &BusyError{Where: l.where, Err: said, hint: hintThrottled}
	case status >= 500 || status == http.StatusRequestTimeout:
		return &UnreachableError{Where: l.where, Err: said}
	case code == noCode || status < 400:
		return &UnreachableError{Where: l.where, Err: fmt.Errorf("something else answers in its place, with %d %s", status, http.StatusText(status))}
	}
	return newRefusal(code, api.ErrorMessage(), true)
}

// noCode is what the SDK makes of an error whose body names none, as of a proxy or of a network's sign-in page.
const noCode = "UnknownError"

// said is an error that SQS answered with, in its own words alone.
type said struct {
	api smithy.APIError
	err error
}

func (e *said) Error() string {
	return strings.TrimSuffix(e.api.ErrorCode()+": "+e.api.ErrorMessage(), ": ")
}

func (e *said) Unwrap() error { return e.err }

// status is of HTTP.
func (e *said) status() int {
	if r, ok := errors.AsType[*smithyhttp.ResponseError](e.err); ok {
		return r.HTTPStatusCode()
	}
	return 0
}

// refusal is what SQS said of one entry, or of a request for what is in it.
type refusal struct {
	code    string
	message string
	final   bool  // it would say the same again
	means   error // what it comes to for the letter, nil if nothing that is known
}

func (e *refusal) Error() string {
	if e.means != nil {
		return fmt.Sprintf("%v (%s)", e.means, e.code)
	}
	return fmt.Sprintf("SQS refused it: %s: %s", e.code, e.message)
}

func (e *refusal) Unwrap() error { return e.means }

func newRefusal(code, message string, final bool) *refusal {
	r := &refusal{code: code, message: message, final: final}
	switch {
	case strings.HasSuffix(code, "ReceiptHandleIsInvalid"), strings.HasSuffix(code, "MessageNotInflight"):
		r.means = deadletter.ErrLeaseLost
	case strings.HasSuffix(code, "BatchRequestTooLong"):
		r.means = deadletter.ErrTooLarge
	case code != "InvalidParameterValue":
	case strings.Contains(message, "not available for visibility timeout change"):
		r.means = deadletter.ErrLeaseLost
	case strings.Contains(message, "must be shorter than"):
		r.means = deadletter.ErrTooLarge
	}
	return r
}
