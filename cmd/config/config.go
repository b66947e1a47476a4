// Package config is every setting of rehook: one table (settings.go) that flags, environment, file,
// "rehook config" and the documentation read.
//
//	flag  beats  environment  beats  file  beats  default
//
// [AddFlags] puts the table's flags on a command, [Load] finds and checks every value, and a [Config] is
// the result: typed fields for who uses a setting, and [Config.Values] for who asks where it came from.
// A value that cannot be used is an [*Error] that names the flag, the variable, or the line of the file.
package config

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
)

// Config is the value of every setting, checked.
type Config struct {
	Queue  string // name or URL of the dead letter queue
	Parked string // name or URL of the queue for letters that wait for a person

	Claims     string   // s3://BUCKET/PREFIX for payloads too large for the queue; "": the usual place, if there is one
	ClaimsFrom []string // further places that such payloads are read from

	MaxRetries  int               // attempts from the queue before a letter is parked
	BackoffBase time.Duration     // bound of the first wait
	BackoffCap  time.Duration     // bound of the longest wait
	Timeout     time.Duration     // for one attempt, whole
	Concurrency int               // attempts at once
	PerEndpoint int               // attempts at once to one endpoint
	Inventory   int               // letters held in memory
	Routes      map[string]string // URLs of letters that name no endpoint, by where those came from; "*": from anywhere
	Allow       []string          // hosts, host:port pairs and networks that may be called though private

	PerEndpointRate float64 // attempts a second to one endpoint; 0: as many as there are slots for

	File       string // the settings file; "" if there is none
	StateDir   string // absolute; "" if neither a setting nor the home directory names one
	Local      bool   // the embedded queue, whatever AWS configuration there is
	ReadOnly   bool   // no command that changes anything
	Production bool   // the queue is one that must not be mistaken for another
	Verbose    bool
	Output     string // table, json or ndjson

	Mask  []string // fields of payloads that are not shown
	ASCII bool     // the screen draws nothing but ASCII

	Paused           bool // the engine attempts nothing until it is told to
	NoBell           bool // alerts make no noise
	Listen           string
	ForwardTo        string
	WebhookSecret    string // what received webhooks are signed with; "": signatures are passed on unchecked
	LocalSQSListen   string
	RequireSignature bool          // of requests to localsqs, with the credentials in AWS
	Headless         bool          // events on stdout in place of the screen
	For              time.Duration // 0: until it is interrupted
	Seed             uint64        // 0: another one each time
	Rate             float64       // webhooks a second

	AWS     AWS
	Genesys Genesys

	origins map[string]Origin
}

// AWS is what the environment says of AWS. The SDK reads these variables by itself; they are here to tell
// whether AWS is configured at all, and to be shown.
type AWS struct {
	Profile, Region, Endpoint                  string
	AccessKeyID, SecretAccessKey, SessionToken string
	RoleARN, ContainerCredentials              string
	ConfigFile, CredentialsFile                string
}

// Genesys is how to reach Genesys Cloud, as its own tools name it. All of it may be empty.
type Genesys struct {
	ClientID, ClientSecret string
	Region                 string // domain or AWS name of the region
	OrgID                  string // the org's short name
	URL                    string // a stand-in for the whole API, in place of a region
}

// Value is one setting as "rehook config" shows it.
type Value struct {
	Key    string
	Value  string // masked if it is a secret
	URL    bool   // it may hold a password or a token
	Origin Origin
}

// Load finds the value of every setting: in flags that were parsed, through lookup (as [os.LookupEnv]), in
// the file that --config or REHOOK_CONFIG names, or in the table. The error is an [*Error].
func Load(flags *pflag.FlagSet, lookup func(string) (string, bool)) (*Config, error) {
	given, err := gather(flags, lookup)
	if err != nil {
		return nil, err
	}
	c := &Config{origins: map[string]Origin{}}
	for _, s := range Settings() {
		g := given[s.Key]
		c.origins[s.Key] = g.origin
		if len(g.raw) == 0 {
			continue
		}
		if err := s.kind.set(c, g.raw); err != nil {
			return nil, g.refused(s, err)
		}
	}
	return c, c.complete(lookup)
}

// complete fills what follows from other settings, and checks what only makes sense together.
func (c *Config) complete(lookup func(string) (string, bool)) error {
	if err := c.completeQueues(); err != nil {
		return err
	}
	if err := c.checkWaits(); err != nil {
		return err
	}
	if c.StateDir == "" {
		c.StateDir = stateDir(lookup)
	}
	if c.StateDir == "" {
		return nil
	}
	abs, err := filepath.Abs(c.StateDir)
	if err != nil {
		return &Error{Origin: c.origins["state-dir"], Message: "no absolute path: " + err.Error(), Advice: "give an absolute --state-dir", Err: err}
	}
	c.StateDir = abs
	return nil
}

func (c *Config) checkWaits() error {
	if c.BackoffCap >= c.BackoffBase {
		return nil
	}
	base, longest := showDuration(c.BackoffBase), showDuration(c.BackoffCap)
	e := &Error{Origin: c.stronger("backoff-cap", "backoff-base"), Advice: "raise backoff-cap or lower backoff-base"}
	e.Message = fmt.Sprintf("the longest wait, %s, is shorter than backoff-base, %s", longest, base)
	if e.Origin == c.origins["backoff-base"] {
		e.Message = fmt.Sprintf("the first wait, %s, is longer than backoff-cap, %s", base, longest)
	}
	return e
}

// stronger gives the origin, of two settings that contradict each other, of the one whose source beats the other's:
// that is the one whose giver can change it. Of equals it is the first.
func (c *Config) stronger(one, other string) Origin {
	if c.origins[other].Source.strength() > c.origins[one].Source.strength() {
		return c.origins[other]
	}
	return c.origins[one]
}

// stateDir is where state belongs by the XDG base directory specification, "" if nothing says where the
// user's files are: state must not land in a directory that happens to be the current one.
func stateDir(lookup func(string) (string, bool)) string {
	if dir, _ := lookup("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "rehook")
	}
	if home, _ := lookup("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "rehook")
	}
	return ""
}

// Given says whether a setting has a value that somebody gave it.
func (c *Config) Given(key string) bool { return c.origins[key].Source != Default }

// Values gives every setting in the order of the table, with secrets masked, but for those that are
// a part of a URL.
func (c *Config) Values() []Value {
	var values []Value
	for _, s := range Settings() {
		v := Value{Key: s.Key, Value: s.kind.get(c), URL: s.URL, Origin: c.origins[s.Key]}
		if s.Secret && v.Value != "" {
			v.Value = "********"
		}
		values = append(values, v)
	}
	return values
}
