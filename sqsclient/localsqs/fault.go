package localsqs

import (
	"fmt"
	"net/http"
	"strings"
)

// fault is an error as SQS answers it. Clients match on the two codes; people read the message.
type fault struct {
	code    string // the JSON protocol's __type, without its namespace
	query   string // the Query protocol's code, which the JSON protocol sends in a header
	status  int
	message string
}

func (f *fault) Error() string { return f.code + ": " + f.message }

// sender reports whether the client is to blame.
func (f *fault) sender() bool { return f.status < http.StatusInternalServerError }

// whose is who is to blame, as answers say it.
func (f *fault) whose() string {
	if f.sender() {
		return "Sender"
	}
	return "Receiver"
}

// queryMessage is the message in the Query protocol, where SQS still speaks of the WSDL in one of them.
func (f *fault) queryMessage() string {
	if f.code == "QueueDoesNotExist" {
		return strings.TrimSuffix(f.message, ".") + " for this wsdl version."
	}
	return f.message
}

// legacyCode is the prefix that most of the queue's own codes have in the Query protocol.
const legacyCode = "AWS.SimpleQueueService."

func invalidParameter(format string, args ...any) *fault {
	return &fault{"InvalidParameterValueException", "InvalidParameterValue", http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func missingParameter(name string) *fault {
	return &fault{
		"MissingRequiredParameterException", "MissingParameter", http.StatusBadRequest,
		fmt.Sprintf("The request must contain the parameter %s.", name),
	}
}

// plain is a fault whose two codes are the same.
func plain(code, format string, args ...any) *fault {
	return &fault{code, code, http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// prefixed is a fault whose Query code is the JSON one with the service's prefix.
func prefixed(code, format string, args ...any) *fault {
	return &fault{code, legacyCode + code, http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func queueDoesNotExist() *fault {
	return &fault{"QueueDoesNotExist", legacyCode + "NonExistentQueue", http.StatusBadRequest, "The specified queue does not exist."}
}

func queueNameExists(attribute string) *fault {
	return &fault{
		"QueueNameExists", "QueueAlreadyExists", http.StatusBadRequest,
		"A queue already exists with the same name and a different value for attribute " + attribute,
	}
}

func purgeInProgress(queue string) *fault {
	f := prefixed("PurgeQueueInProgress", "Only one PurgeQueue operation on %s is allowed every 60 seconds.", queue)
	f.status = http.StatusForbidden
	return f
}

func overLimit() *fault {
	return over("The queue has %d messages in flight, which is as many as a queue may have.", maxInFlight)
}

// over is about a limit that is no parameter's.
func over(format string, args ...any) *fault {
	f := plain("OverLimit", format, args...)
	f.status = http.StatusForbidden
	return f
}

func receiptInvalid(handle string) *fault {
	return plain("ReceiptHandleIsInvalid", "The input receipt handle %.100q is not a valid receipt handle.", handle)
}

func wrongQueueType(parameter, value string) *fault {
	return invalidParameter("Value %s for parameter %s is invalid. Reason: The request include parameter that is not valid for this queue type.", value, parameter)
}

func receiptExpired(handle string) *fault {
	return invalidParameter("Value %.200s for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.", handle)
}

// storeFailed is what a client hears when the disk does not take a change: it may try again.
func storeFailed() *fault {
	f := plain("InternalError", "The change could not be written to disk. It was not made; try again.")
	f.status = http.StatusInternalServerError
	return f
}
