package deadletter

import "errors"

// What a queue can say of a letter, for whoever must decide what to do next. Queues wrap these.
var (
	// ErrLeaseLost says that the receipt is no longer valid: another engine may hold the letter.
	ErrLeaseLost = errors.New("the lease on the letter has ended")
	// ErrNotDeleted says that the letter was accepted by the other queue (or replaced), but its old message is still there.
	ErrNotDeleted = errors.New("the old message could not be deleted")
	// ErrNoPayload says that the payload which a letter refers to cannot be had: it is missing, it is another than
	// the letter says, or it may not be read.
	ErrNoPayload = errors.New("the letter has no payload")
	// ErrBodyAway says that a message was received whose body lies in a store that cannot be asked for now.
	ErrBodyAway = errors.New("the body of a message lies elsewhere, and cannot be read for now")
	// ErrTooLarge says that the queue does not take a message of this size.
	ErrTooLarge = errors.New("the letter is too large for the queue")
)
