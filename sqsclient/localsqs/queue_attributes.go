package localsqs

import (
	"cmp"
	"context"
	"maps"
	"strconv"
)

type getQueueAttributesInput struct {
	QueueUrl       string
	AttributeNames []string
}

type getQueueAttributesOutput struct {
	Attributes map[string]string `json:",omitempty"`
}

// getQueueAttributes returns the attributes that are asked for. The counts are exact.
func (s *Server) getQueueAttributes(_ context.Context, _ *call, in getQueueAttributesInput) (getQueueAttributesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(in.QueueUrl)
	if err != nil {
		return getQueueAttributesOutput{}, err
	}
	s.settle(q, now())
	all := s.attributesOf(q)
	chosen := map[string]string{}
	for _, name := range in.AttributeNames {
		if name == "All" {
			return getQueueAttributesOutput{all}, nil
		}
		if value, has := all[name]; has {
			chosen[name] = value
		} else if _, settable := settingNamed(name); !settable {
			return getQueueAttributesOutput{}, plain("InvalidAttributeName", "Unknown Attribute %.100s.", name)
		}
	}
	return getQueueAttributesOutput{chosen}, nil
}

// attributesOf returns all attributes that q has; s.mu is held.
func (s *Server) attributesOf(q *queue) map[string]string {
	all := map[string]string{
		"ApproximateNumberOfMessages":           strconv.Itoa(q.counts[ready]),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(q.counts[delayed]),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(q.counts[inFlight]),
		"CreatedTimestamp":                      q.Created.seconds(),
		"LastModifiedTimestamp":                 q.Modified.seconds(),
		"QueueArn":                              s.arn(q.Name),
	}
	for _, setting := range settings {
		if value := q.setting(setting.name); value != "" {
			all[setting.name] = value
		}
	}
	return all
}

type setQueueAttributesInput struct {
	QueueUrl   string
	Attributes map[string]string
}

// setQueueAttributes takes effect at once; a shorter retention expires messages that are there.
func (s *Server) setQueueAttributes(_ context.Context, _ *call, in setQueueAttributesInput) (nothing, error) {
	if len(in.Attributes) == 0 {
		return nothing{}, missingParameter("Attributes")
	}
	s.defining.Lock()
	defer s.defining.Unlock()
	s.mu.Lock()
	q, err := s.queueAt(in.QueueUrl)
	if err != nil {
		s.mu.Unlock()
		return nothing{}, err
	}
	d := q.definition
	s.mu.Unlock()

	if err := d.change(in.Attributes, now()); err != nil {
		return nothing{}, err
	}
	if err := s.checkRedrive(d.Name, in.Attributes); err != nil {
		return nothing{}, err
	}
	return nothing{}, s.store(q, d, func() {
		s.redefine(q, d.Modified)
		s.settle(q, d.Modified)
	})
}

// change gives d other attributes, if it can have them.
func (d *definition) change(attributes map[string]string, t instant) error {
	if kind, set := attributes["FifoQueue"]; set && (kind == "true") != isFIFO(d.Name) {
		return plain("InvalidAttributeValue", "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.")
	}
	if err := checkSettings(d.Name, attributes); err != nil {
		return err
	}
	d.Modified = t
	d.Attributes = merged(d.Attributes, attributes)
	return checkThroughput(d.Attributes)
}

// merged returns a copy of old with changes made; an empty value takes an attribute away. Of the two kinds of encryption
// the one that is asked for ends the other.
func merged(old, changes map[string]string) map[string]string {
	attributes := map[string]string{}
	maps.Copy(attributes, old)
	if changes["KmsMasterKeyId"] != "" {
		attributes["SqsManagedSseEnabled"] = "false"
		attributes["KmsDataKeyReusePeriodSeconds"] = cmp.Or(attributes["KmsDataKeyReusePeriodSeconds"], "300")
	}
	if changes["SqsManagedSseEnabled"] == "true" {
		delete(attributes, "KmsMasterKeyId")
	}
	for name, value := range changes {
		if value == "" {
			delete(attributes, name)
		} else {
			attributes[name] = value
		}
	}
	return attributes
}
