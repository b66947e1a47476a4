package localsqs

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
)

// This file keeps a queue's Policy by statement, each with its label as "Sid". The server asks nobody who they are, so
// a policy has no effect; tools that write one read it back.

// Limits of policies.
const (
	maxPolicyBytes  = 8192
	maxStatements   = 20
	maxActions      = 7 // of a statement
	onlyOwnerReason = "Only the queue owner is allowed to invoke this action."
)

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// grantable are the operations that others than a queue's owner may be allowed. The batches come with theirs.
var grantable = []string{
	"*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues",
	"PurgeQueue", "ReceiveMessage", "SendMessage",
}

type addPermissionInput struct {
	QueueUrl      string
	Label         string
	AWSAccountIds []string //nolint:revive // SQS's name
	Actions       []string
}

func (in addPermissionInput) check() error {
	switch {
	case in.Label == "":
		return missingParameter("Label")
	case len(in.Actions) == 0:
		return missingParameter("Actions")
	case len(in.AWSAccountIds) == 0:
		return missingParameter("AWSAccountIds")
	case !validName(in.Label):
		return invalidParameter("Value %.100q for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, or underscores. 1 to %d in length.", in.Label, maxNameLength)
	case len(in.Actions) > maxActions:
		return over("%d Actions were found, maximum allowed is %d.", len(in.Actions), maxActions)
	}
	for _, account := range in.AWSAccountIds {
		if !accountID.MatchString(account) {
			return invalidParameter("Value [%.100s] for parameter PrincipalId is invalid. Reason: Unable to verify.", account)
		}
	}
	for _, action := range in.Actions {
		if !slices.Contains(grantable, action) {
			return invalidParameter("Value SQS:%.100s for parameter ActionName is invalid. Reason: %s", action, onlyOwnerReason)
		}
	}
	return nil
}

// addPermission adds a statement to the queue's policy.
func (s *Server) addPermission(_ context.Context, _ *call, in addPermissionInput) (nothing, error) {
	if err := in.check(); err != nil {
		return nothing{}, err
	}
	return nothing{}, s.editPolicy(in.QueueUrl, func(arn string, statements []json.RawMessage) ([]json.RawMessage, error) {
		if slices.ContainsFunc(statements, labelled(in.Label)) {
			return nil, invalidParameter("Value %s for parameter Label is invalid. Reason: Already exists.", in.Label)
		}
		if len(statements) >= maxStatements {
			return nil, over("%d Statements were found, maximum allowed is %d.", len(statements)+1, maxStatements)
		}
		added, err := json.Marshal(in.statement(arn))
		return append(statements, added), err
	})
}

// statement is what AWS writes, a list of one as its element.
func (in addPermissionInput) statement(arn string) any {
	return struct {
		Sid, Effect string
		Principal   map[string]any
		Action      any
		Resource    string
	}{
		in.Label, "Allow",
		map[string]any{"AWS": each(in.AWSAccountIds, "arn:aws:iam::", ":root")},
		each(in.Actions, "SQS:", ""), arn,
	}
}

func each(values []string, before, after string) any {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = before + v + after
	}
	if len(all) == 1 {
		return all[0]
	}
	return all
}

type removePermissionInput struct {
	QueueUrl string
	Label    string
}

// removePermission takes a statement out of the queue's policy, and the policy away with the last.
func (s *Server) removePermission(_ context.Context, _ *call, in removePermissionInput) (nothing, error) {
	if in.Label == "" {
		return nothing{}, missingParameter("Label")
	}
	return nothing{}, s.editPolicy(in.QueueUrl, func(_ string, statements []json.RawMessage) ([]json.RawMessage, error) {
		left := slices.DeleteFunc(slices.Clone(statements), labelled(in.Label))
		if len(left) == len(statements) {
			return nil, invalidParameter("Value %.100s for parameter Label is invalid. Reason: can't find label.", in.Label)
		}
		return left, nil
	})
}

// labelled finds statements by their label.
func labelled(label string) func(json.RawMessage) bool {
	return func(statement json.RawMessage) bool {
		var s struct{ Sid string }
		return json.Unmarshal(statement, &s) == nil && s.Sid == label
	}
}

// editPolicy changes the statements of a queue's policy and leaves what else is in it.
func (s *Server) editPolicy(queueURL string, change func(arn string, statements []json.RawMessage) ([]json.RawMessage, error)) error {
	return s.edit(queueURL, func(d *definition) error {
		arn := s.arn(d.Name)
		policy, statements := parsePolicy(d.Attributes["Policy"])
		if policy == nil {
			policy = map[string]any{"Version": "2008-10-17", "Id": arn + "/SQSDefaultPolicy"}
		}
		statements, err := change(arn, statements)
		if err != nil {
			return err
		}
		written := ""
		if len(statements) > 0 {
			policy["Statement"] = statements
			text, err := json.Marshal(policy)
			if err != nil {
				return err
			}
			written = string(text)
		}
		if !validPolicy(written) {
			return over("The policy would have %d bytes, maximum allowed is %d.", len(written), maxPolicyBytes)
		}
		d.Modified = now()
		d.Attributes = merged(d.Attributes, map[string]string{"Policy": written})
		return nil
	})
}

// parsePolicy returns the members of a policy and its statements; a lone statement needs no list. The members are nil
// without a policy.
func parsePolicy(text string) (members map[string]any, statements []json.RawMessage) {
	var raw map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &raw) != nil {
		return nil, nil
	}
	if one := raw["Statement"]; len(one) > 0 && json.Unmarshal(one, &statements) != nil {
		statements = []json.RawMessage{one}
	}
	members = make(map[string]any, len(raw))
	for name, value := range maps.All(raw) {
		members[name] = value
	}
	return members, statements
}

// validPolicy reports whether the attribute Policy may be set to a text; "" takes it away.
func validPolicy(text string) bool {
	if text == "" {
		return true
	}
	var object map[string]json.RawMessage
	return len(text) <= maxPolicyBytes && json.Unmarshal([]byte(text), &object) == nil && object != nil
}
