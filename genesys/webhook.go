// Package genesys is what rehook knows of the webhook configurations in a Genesys Cloud organization: rows
// to show, and findings about them. It has no SDK in it; package cloud reads the rows from Genesys.
package genesys

import "time"

// Webhook is one configuration through which Genesys Cloud calls somebody's endpoint.
type Webhook struct {
	ID         string
	Name       string
	Kind       string   // "Open Messaging"
	Direction  string   // "outbound": Genesys calls the endpoint
	Endpoint   string   // URL; "" where the kind has none
	Events     []string // what it delivers; empty: not applicable
	Status     string   // Genesys' own word, free text
	Problem    string   // what Genesys says is wrong with it, "" if nothing
	SecretSet  bool     // Genesys shows a signature secret, and it is longer than 15 characters
	ModifiedAt time.Time
	Findings   []Finding
}

// Finding is something about a configuration, or about the way to it, that an operator should know.
type Finding struct {
	Severity Severity
	Subject  string // what it is about: a webhook's name, a setting
	Message  string // what is wrong
	Hint     string // what to do
}

// Severity of a finding.
type Severity string

// The severities.
const (
	OK      Severity = "ok"
	Warning Severity = "warning"
	Failure Severity = "failure" // it will not work
)

// Listing is all that could be read from an organization at a moment.
type Listing struct {
	Org      string // name of the organization, or its id
	Region   string // domain: "mypurecloud.ie"
	At       time.Time
	Webhooks []Webhook
}
