package localsqs

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of tags.
const (
	maxTags     = 50
	maxTagKey   = 128 // characters
	maxTagValue = 256
	reservedTag = "aws:"
)

type tagQueueInput struct {
	QueueUrl string
	Tags     map[string]string
}

// tagQueue adds tags, in place of those that have the same keys.
func (s *Server) tagQueue(_ context.Context, _ *call, in tagQueueInput) (nothing, error) {
	if len(in.Tags) == 0 {
		return nothing{}, missingParameter("Tags")
	}
	return nothing{}, s.edit(in.QueueUrl, func(d *definition) error {
		tags := maps.Clone(in.Tags)
		for key, value := range d.Tags {
			if _, replaced := tags[key]; !replaced {
				tags[key] = value
			}
		}
		d.Tags = tags
		return checkTags(d.Name, tags)
	})
}

type untagQueueInput struct {
	QueueUrl string
	TagKeys  []string
}

// untagQueue takes tags away; those that are not there are no error.
func (s *Server) untagQueue(_ context.Context, _ *call, in untagQueueInput) (nothing, error) {
	if len(in.TagKeys) == 0 {
		return nothing{}, missingParameter("TagKeys")
	}
	return nothing{}, s.edit(in.QueueUrl, func(d *definition) error {
		d.Tags = maps.Clone(d.Tags)
		for _, key := range in.TagKeys {
			if err := checkTagKey(key); err != nil {
				return err
			}
			delete(d.Tags, key)
		}
		return nil
	})
}

type listQueueTagsOutput struct {
	Tags map[string]string `json:",omitempty"`
}

func (s *Server) listQueueTags(_ context.Context, _ *call, in queueInput) (listQueueTagsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(in.QueueUrl)
	if err != nil {
		return listQueueTagsOutput{}, err
	}
	return listQueueTagsOutput{q.Tags}, nil // never changed in place
}

// checkTags says what is wrong with all tags of a queue, the first by key.
func checkTags(queue string, tags map[string]string) error {
	if len(tags) > maxTags {
		return invalidParameter("Too many tags added for queue %s.", queue)
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if err := checkTagKey(key); err != nil {
			return err
		}
		if value := tags[key]; utf8.RuneCountInString(value) > maxTagValue || !validCharacters(value) {
			return invalidParameter("Tag values must be between 0 and %d characters in length.", maxTagValue)
		}
	}
	return nil
}

func checkTagKey(key string) error {
	if key == "" || utf8.RuneCountInString(key) > maxTagKey || !validCharacters(key) {
		return invalidParameter("Tag keys must be between 1 and %d characters in length.", maxTagKey)
	}
	if len(key) >= len(reservedTag) && strings.EqualFold(key[:len(reservedTag)], reservedTag) {
		return invalidParameter("Tag keys must not begin with %s, which is for AWS.", reservedTag)
	}
	return nil
}

// edit changes the definition of a queue on disk, and then in memory. What change is given must not be changed in
// place below its fields.
func (s *Server) edit(queueURL string, change func(d *definition) error) error {
	s.defining.Lock()
	defer s.defining.Unlock()
	s.mu.Lock()
	q, err := s.queueAt(queueURL)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	d := q.definition
	if err := change(&d); err != nil {
		return err
	}
	return s.store(q, d, func() {})
}
