package retry

import (
	"strconv"
	"strings"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// Advice says what an operator can do about the cause, in words that name the keys of the screen.
func (c Cause) Advice() string {
	switch c.Reason {
	case "401", "403", string(deadletter.Unauthorized):
		return "the endpoint does not accept the credentials: renew them there or in Genesys Cloud, then redrive"
	case "404", "405", "410":
		return "the address may be wrong or gone: correct it in Genesys Cloud, and redrive these to the right one with R"
	case "408", string(delivery.Timeout):
		return "the endpoint does not answer in time: look at its load; the engine tries again by itself"
	case "429":
		return "the endpoint takes no more a second: the engine has learned how many, and goes on by itself"
	case string(delivery.Refused), string(delivery.Reset), string(delivery.Unreachable), string(delivery.CutOff):
		return "nothing answers there: is it running, is a firewall between? The engine tries again by itself"
	case string(delivery.DNS):
		return "the name is not known: look for a typing mistake, or for the DNS of this machine"
	case string(delivery.TLS):
		return "the certificate is not accepted: is it out of date, or for another name?"
	case string(delivery.NotAllowed):
		return "our own guard keeps private addresses from being called: allow this one with --allow"
	case string(delivery.BadURL), string(deadletter.Unreadable), "no endpoint":
		return "nothing can be sent for these as they are: read one, then redrive to an endpoint with R, or delete"
	}
	status, err := strconv.Atoi(strings.TrimSpace(c.Reason))
	switch {
	case err == nil && status >= 500:
		return "the endpoint fails: its log says why; the engine tries again by itself, r tries now"
	case err == nil && status >= 400:
		return "the endpoint does not take these as they are: read one; they can be edited, or parked"
	case err == nil && status >= 300:
		return "the endpoint has moved: correct the address in Genesys Cloud, and redrive these to the new one with R"
	}
	return "read one letter: enter shows them"
}
