package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds the settings file, in bytes: a few dozen lines are meant, not somebody's log.
const maxFile = 1 << 20

// readFile reads the settings file that a flag or a variable names.
func readFile(named given) (map[string]given, error) {
	path := named.raw[0]
	data, err := readBounded(path)
	if err != nil {
		return nil, &Error{Origin: named.origin, Message: err.Error(), Advice: "name a YAML file that can be read, or leave it out", Err: err}
	}
	f := file{path: path, seen: map[string]int{}, given: map[string]given{}}
	if err := f.parse(data); err != nil {
		return nil, err
	}
	return f.given, nil
}

func readBounded(path string) ([]byte, error) {
	in, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("the settings file cannot be opened: %w", err)
	}
	defer in.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("the settings file cannot be read: %w", err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%q is larger than 1 MiB", path)
	}
	return data, nil
}

// file is a settings file that is being read.
type file struct {
	path  string
	seen  map[string]int // key to its line
	given map[string]given
}

// at is a line of the file; 0 is the file as a whole.
func (f *file) at(line int) Origin {
	if line == 0 {
		return Origin{Source: File, Name: f.path}
	}
	return Origin{Source: File, Name: f.path + ":" + strconv.Itoa(line)}
}

func (f *file) parse(data []byte) error {
	root, err := f.only(data)
	if root == nil || err != nil {
		return err
	}
	if root.Tag == "!!null" {
		return nil // a document mark alone
	}
	if root.Kind != yaml.MappingNode {
		return &Error{Origin: f.at(root.Line), Message: "settings are not written as keys and values", Advice: `write lines like "queue: gen-webhook-dlq"`}
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if err := f.entry(root.Content[i], root.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// only gives the one document that a file may hold, nil if it is empty or has comments alone.
func (f *file) only(data []byte) (*yaml.Node, error) {
	documents := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	if err := documents.Decode(&first); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, f.broken(err)
	}
	switch err := documents.Decode(&second); {
	case errors.Is(err, io.EOF):
		return first.Content[0], nil
	case err != nil:
		return nil, f.broken(err)
	}
	return nil, &Error{Origin: f.at(second.Line), Message: "a second document begins", Advice: "remove the line ---: settings stand in one document"}
}

// broken turns "yaml: line 3: …" into an error at line 3.
func (f *file) broken(err error) error {
	message, line := strings.TrimPrefix(err.Error(), "yaml: "), 0
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		number, what, _ := strings.Cut(rest, ": ")
		if n, err := strconv.Atoi(number); err == nil {
			line, message = n, what
		}
	}
	return &Error{Origin: f.at(line), Message: "not YAML: " + message, Advice: `write lines like "queue: gen-webhook-dlq"`, Err: err}
}

func (f *file) entry(key, value *yaml.Node) error {
	s, err := f.known(key)
	if err != nil {
		return err
	}
	if line, twice := f.seen[s.Key]; twice {
		return &Error{Origin: f.at(key.Line), Message: fmt.Sprintf("%s is set a second time, after line %d", s.Key, line), Advice: "remove one of the two"}
	}
	f.seen[s.Key] = key.Line
	raw, err := f.values(s, value)
	if err != nil {
		return err
	}
	f.given[s.Key] = given{raw: raw, origin: f.at(key.Line)}
	return nil
}

// known finds the setting of a key that may stand in a file.
func (f *file) known(key *yaml.Node) (Setting, error) {
	for _, s := range Settings() {
		switch {
		case s.Key != key.Value:
			continue
		case s.Ambient:
			return s, &Error{Origin: f.at(key.Line), Message: fmt.Sprintf("%s is read from the environment alone", s.Key), Advice: "remove the line and set " + s.Env()[0]}
		case s.Key == "config":
			return s, &Error{Origin: f.at(key.Line), Message: "a settings file cannot name another", Advice: "remove the line"}
		}
		return s, nil
	}
	return Setting{}, &Error{Origin: f.at(key.Line), Message: fmt.Sprintf("unknown key %q", key.Value), Advice: `"rehook config" lists the keys`}
}

func (f *file) values(s Setting, value *yaml.Node) ([]string, error) {
	nodes := []*yaml.Node{value}
	if s.kind.many && value.Kind == yaml.SequenceNode {
		nodes = value.Content
	}
	var raw []string
	for _, n := range nodes {
		if n.Kind != yaml.ScalarNode {
			return nil, &Error{Origin: f.at(n.Line), Message: s.Key + ": one value is expected, not a list or a mapping", Advice: fmt.Sprintf(`write it like "%s: VALUE"`, s.Key)}
		}
		if n.Tag == "!!null" || n.Value == "" {
			return nil, &Error{Origin: f.at(n.Line), Message: s.Key + " has no value", Advice: "give it one, or remove the line"}
		}
		raw = append(raw, n.Value)
	}
	return raw, nil
}
