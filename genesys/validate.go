package genesys

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// leastSecret is the shortest signature secret that Genesys takes, in characters (SDK v157,
// openintegrationrequest.go: "must be longer than 15 characters").
const leastSecret = 16

// Observed is a webhook configuration as it was read, with what is needed to judge it but must not be kept.
type Observed struct {
	Webhook             // with the endpoint as it is, secrets included
	CreateStatus string // Initiated, Completed or Error; "" if it was not said
	SecretLength int    // characters of the signature secret; 0 if none was shown
}

// Validate judges webhook configurations by what Genesys demands of them and by each other, and gives
// them in the same order with their findings. Their endpoints come with secrets masked, see [MaskURL].
func Validate(all []Observed) []Webhook {
	users := map[string][]string{} // names by endpoint
	for _, o := range all {
		place := sameEndpoint(o.Endpoint)
		users[place] = append(users[place], o.Name)
	}
	rows := make([]Webhook, len(all))
	for i, o := range all {
		w := o.Webhook
		w.SecretSet = o.SecretLength >= leastSecret
		w.Findings = slices.Concat(checkCreation(o), checkEndpoint(o.Endpoint), checkSecret(o), checkShared(o, users[sameEndpoint(o.Endpoint)]))
		for j := range w.Findings {
			w.Findings[j].Subject = o.Name
		}
		w.Endpoint = MaskURL(o.Endpoint)
		rows[i] = w
	}
	return rows
}

func checkCreation(o Observed) []Finding {
	switch {
	case o.Problem != "":
		return failure(fmt.Sprintf("Genesys could not create it: %q", o.Problem), "delete the integration and create it again, or ask Genesys Cloud support")
	case o.CreateStatus == "Error":
		return failure("Genesys could not create it", "delete the integration and create it again")
	case o.CreateStatus != "" && o.CreateStatus != "Completed":
		return warning(fmt.Sprintf("Genesys has not finished creating it: %q", o.CreateStatus), "look again in a few minutes")
	}
	return nil
}

// checkSecret is careful with its words: that the API shows a secret to everyone who may list integrations is
// not documented.
func checkSecret(o Observed) []Finding {
	const hint = "set an outbound notification signature secret of 16 characters or more, and verify it in the listener"
	switch {
	case o.SecretLength == 0:
		return warning("Genesys shows no signature secret: deliveries may be unsigned", hint)
	case o.SecretLength < leastSecret:
		return failure(fmt.Sprintf("the signature secret has %d characters: too short", o.SecretLength), hint)
	}
	return nil
}

// checkShared takes the names of all configurations with this endpoint, this one's among them.
func checkShared(o Observed, users []string) []Finding {
	if o.Endpoint == "" || len(users) < 2 {
		return nil
	}
	own := slices.Index(users, o.Name)
	var others []string
	for i, name := range users {
		if i != own {
			others = append(others, strconv.Quote(name))
		}
	}
	return warning("it has the same endpoint as "+strings.Join(others, ", "),
		"if that is not meant, give each integration an endpoint of its own, or delete the copy")
}

func failure(message, hint string) []Finding {
	return []Finding{{Severity: Failure, Message: message, Hint: hint}}
}

func warning(message, hint string) []Finding {
	return []Finding{{Severity: Warning, Message: message, Hint: hint}}
}
