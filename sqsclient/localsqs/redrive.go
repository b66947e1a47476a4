package localsqs

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// redrivePolicy says where messages go that were received too often.
type redrivePolicy struct {
	target      string // its ARN
	maxReceives uint64
}

const (
	maxReceiveCount  = 1000
	maxAllowedQueues = 10
)

// parseRedrivePolicy reads a RedrivePolicy, or says what is wrong with it.
func parseRedrivePolicy(text string) (redrivePolicy, string) {
	var p struct {
		Target string          `json:"deadLetterTargetArn"`
		Count  json.RawMessage `json:"maxReceiveCount"`
	}
	if json.Unmarshal([]byte(text), &p) != nil {
		return redrivePolicy{}, "Redrive policy is not a valid JSON map."
	}
	if p.Target == "" || len(p.Count) == 0 {
		return redrivePolicy{}, "Redrive policy must contain deadLetterTargetArn and maxReceiveCount."
	}
	// Clients write the number with quotes or without.
	n, err := strconv.ParseUint(strings.Trim(string(p.Count), `"`), 10, 64)
	if err != nil || n < 1 || n > maxReceiveCount {
		return redrivePolicy{}, "Invalid value for maxReceiveCount: must be an integer between 1 and 1000."
	}
	return redrivePolicy{p.Target, n}, ""
}

// redriveOf is the policy that a queue's attributes have; nil if there is none.
func redriveOf(attributes map[string]string) *redrivePolicy {
	p, wrong := parseRedrivePolicy(attributes["RedrivePolicy"])
	if wrong != "" {
		return nil
	}
	return &p
}

// redriveAllowPolicy says which queues may name a queue as the target of their dead letters.
type redriveAllowPolicy struct {
	Permission string   `json:"redrivePermission"`
	Sources    []string `json:"sourceQueueArns"`
}

// parseRedriveAllowPolicy reads a RedriveAllowPolicy, or says what is wrong with it. None allows all.
func parseRedriveAllowPolicy(text string) (redriveAllowPolicy, string) {
	p := redriveAllowPolicy{Permission: "allowAll"}
	if text == "" {
		return p, ""
	}
	p.Permission = ""
	if json.Unmarshal([]byte(text), &p) != nil {
		return p, "Amazon SQS can't create the redrive allow policy, as it's not a valid JSON map."
	}
	switch {
	case !slices.Contains([]string{"allowAll", "denyAll", "byQueue"}, p.Permission):
		return p, "redrivePermission must be allowAll, denyAll or byQueue."
	case p.Permission != "byQueue" && p.Sources != nil:
		return p, "sourceQueueArns can only be given with the redrivePermission byQueue."
	case p.Permission == "byQueue" && (len(p.Sources) < 1 || len(p.Sources) > maxAllowedQueues):
		return p, "sourceQueueArns must have between 1 and 10 queues."
	}
	return p, ""
}

func (p redriveAllowPolicy) allows(source string) bool {
	return p.Permission == "allowAll" || p.Permission == "byQueue" && slices.Contains(p.Sources, source)
}

// checkRedrive says what is wrong with the dead letter attributes that a client wants to set for a queue. s.defining is
// held.
func (s *Server) checkRedrive(queueName string, attributes map[string]string) error {
	if text := attributes["RedriveAllowPolicy"]; text != "" {
		if _, wrong := parseRedriveAllowPolicy(text); wrong != "" {
			return invalidRedrive("RedriveAllowPolicy", text, wrong)
		}
	}
	text := attributes["RedrivePolicy"]
	if text == "" {
		return nil
	}
	p, wrong := parseRedrivePolicy(text)
	if wrong == "" {
		wrong = s.refusesTarget(queueName, p.target)
	}
	if wrong != "" {
		return invalidRedrive("RedrivePolicy", text, wrong)
	}
	return nil
}

func invalidRedrive(parameter, value, reason string) error {
	return invalidParameter("Value %.2048s for parameter %s is invalid. Reason: %s", value, parameter, reason)
}

// refusesTarget says why the dead letters of a queue cannot go to a target, "" if they can.
func (s *Server) refusesTarget(queueName, arn string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	target := s.queueByARN(arn)
	switch {
	case target == nil:
		return "Dead letter target does not exist."
	case target.Name == queueName:
		return "A queue cannot be its own dead letter queue."
	case isFIFO(target.Name) != isFIFO(queueName):
		return "Dead-letter queue must be same type of queue as the source."
	}
	if p, _ := parseRedriveAllowPolicy(target.Attributes["RedriveAllowPolicy"]); !p.allows(s.arn(queueName)) {
		return "The RedriveAllowPolicy of the dead letter queue does not allow this source queue."
	}
	return ""
}

// queueByARN finds a queue of this account and region, nil if there is none or not for long; s.mu is held.
func (s *Server) queueByARN(arn string) *queue {
	q := s.queues[arn[strings.LastIndexByte(arn, ':')+1:]]
	if q == nil || q.ending || s.arn(q.Name) != arn {
		return nil
	}
	return q
}

// deadLetterQueue is where q's messages go that were received too often, nil if there is no such queue; s.mu is held.
func (s *Server) deadLetterQueue(q *queue) *queue {
	if q.redrive == nil {
		return nil
	}
	if target := s.queueByARN(q.redrive.target); target != q {
		return target
	}
	return nil
}

// exhausted reports whether m has been received from q as often as its redrive policy lets it. Receives from queues that
// it came from do not count: else a dead letter queue that has a policy too would give nothing.
func (q *queue) exhausted(m *message) bool {
	return m.lease.receives-m.brought >= q.redrive.maxReceives
}
