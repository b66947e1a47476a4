package config

import (
	"slices"
	"strings"
	"time"
)

// Setting is one entry of the table.
type Setting struct {
	Key       string   // in the file, and in what "rehook config" prints
	Default   string   // "": no value
	Help      string   // what it does, for flags and documentation
	FlagName  string   // the flag, if it is not named like the key
	Short     string   // the flag's one letter
	Variables []string // the variables, if it is not the one made of the key; the first that is set counts
	Commands  []string // the commands that have the flag; none: every command
	Ambient   bool     // read from the environment alone: other tools' variables, and secrets
	Secret    bool     // never shown
	URL       bool     // may hold a password or a token, to be masked where it is shown
	kind      kind
}

// Flag is the name of the flag, "" for a setting that is none.
func (s Setting) Flag() string {
	switch {
	case s.Ambient:
		return ""
	case s.FlagName != "":
		return s.FlagName
	}
	return s.Key
}

// Env is the variables that are read, in order.
func (s Setting) Env() []string {
	if len(s.Variables) > 0 {
		return s.Variables
	}
	return []string{"REHOOK_" + strings.ToUpper(strings.ReplaceAll(s.Key, "-", "_"))}
}

// on says whether a command has the flag; "" asks for those that every command has.
func (s Setting) on(command string) bool {
	if s.Ambient {
		return false
	}
	if command == "" {
		return len(s.Commands) == 0
	}
	return slices.Contains(s.Commands, command)
}

// maxInFlight is how many messages SQS lends out of one standard queue at once.
const maxInFlight = 120_000

// Settings is the table. A new setting is one entry here and the field that it fills.
func Settings() []Setting {
	return slices.Concat(queueSettings(), engineSettings(), processSettings(), screenSettings(), commandSettings(), ambientSettings())
}

func queueSettings() []Setting {
	return []Setting{
		{Key: "queue", Default: "gen-webhook-dlq", Help: "the dead letter queue, by name or URL", kind: queue(func(c *Config) *string { return &c.Queue })},
		{Key: "parked", Help: "the queue for parked letters, by name or URL (default: the queue's name and -parked)", kind: queue(func(c *Config) *string { return &c.Parked })},
		{Key: "claims", Help: "where payloads too large for the queue go: s3://BUCKET/PREFIX (default: claims in the state directory for the embedded queue, none on AWS)", kind: bucket(func(c *Config) *string { return &c.Claims })},
		{Key: "claims-from", Help: "another s3://BUCKET/PREFIX that large payloads are read from, and never deleted (repeatable)", kind: buckets(func(c *Config) *[]string { return &c.ClaimsFrom })},
		{Key: "local", Help: "use the embedded queue, even where AWS is configured", kind: toggle(func(c *Config) *bool { return &c.Local })},
	}
}

func engineSettings() []Setting {
	return []Setting{
		{Key: "max-retries", Default: "5", Help: "attempts from the queue before a letter is parked", kind: count(1, 1000, func(c *Config) *int { return &c.MaxRetries })},
		{Key: "backoff-base", Default: "1s", Help: "bound of the first wait; it doubles with every attempt", kind: duration(func(c *Config) *time.Duration { return &c.BackoffBase })},
		{Key: "backoff-cap", Default: "15m", Help: "bound of the longest wait", kind: duration(func(c *Config) *time.Duration { return &c.BackoffCap })},
		{Key: "timeout", Default: "10s", Help: "time for one attempt, from dialling to the end of the answer", kind: duration(func(c *Config) *time.Duration { return &c.Timeout })},
		{Key: "concurrency", Default: "64", Help: "attempts at once, over all endpoints", kind: count(1, 10_000, func(c *Config) *int { return &c.Concurrency })},
		{Key: "per-endpoint", Default: "8", Help: "attempts at once to one endpoint", kind: count(1, 10_000, func(c *Config) *int { return &c.PerEndpoint })},
		{Key: "per-endpoint-rate", Help: "attempts a second to one endpoint, 0 for as many as it takes; an endpoint that answers 429 is slowed down by itself", kind: limit(1_000_000, func(c *Config) *float64 { return &c.PerEndpointRate })},
		{Key: "inventory", Default: "10000", Help: "letters held in memory; the others stay in the queue", kind: count(10, maxInFlight, func(c *Config) *int { return &c.Inventory })},
		{Key: "routes", FlagName: "route", URL: true, Help: "where letters go that name no endpoint, as SOURCE=URL; a source is eventbridge, sns, lambda, bare, or * (repeatable)", kind: routes(func(c *Config) *map[string]string { return &c.Routes })},
		{Key: "allow", Help: "a private host, host:port or network that may be called (repeatable)", kind: hosts(func(c *Config) *[]string { return &c.Allow })},
		{Key: "read-only", Help: "refuse every action that changes something; rehook by itself starts paused, serve is refused", kind: toggle(func(c *Config) *bool { return &c.ReadOnly })},
	}
}

func processSettings() []Setting {
	return []Setting{
		{Key: "production", Help: "the queue is a production one: screen and questions say so, unmistakably", kind: toggle(func(c *Config) *bool { return &c.Production })},
		{Key: "config", Help: "a YAML file of settings", kind: text(func(c *Config) *string { return &c.File })},
		{Key: "state-dir", Help: "directory for state (default: rehook in the XDG state directory)", kind: text(func(c *Config) *string { return &c.StateDir })},
		{Key: "verbose", Short: "v", Help: "say more", kind: toggle(func(c *Config) *bool { return &c.Verbose })},
		{Key: "output", Short: "o", Default: "table", Help: "table, json or ndjson", kind: choice(func(c *Config) *string { return &c.Output }, "table", "json", "ndjson")},
	}
}

// screenSettings are how the screen looks.
func screenSettings() []Setting {
	shown := []string{"rehook", "demo"}
	return []Setting{
		{Key: "mask", Commands: []string{"rehook", "demo", "show"}, Help: "a field of payloads that is not shown, like from.nickname or from.*, at any depth; m on the screen shows it (repeatable)", kind: fields(func(c *Config) *[]string { return &c.Mask })},
		{Key: "ascii", Commands: shown, Help: "draw the screen with ASCII alone, or, with =false, never (default: where the locale is not UTF-8)", kind: toggle(func(c *Config) *bool { return &c.ASCII })},
	}
}

func commandSettings() []Setting {
	return []Setting{
		{Key: "paused", Commands: []string{"rehook"}, Help: "attempt nothing until told to", kind: toggle(func(c *Config) *bool { return &c.Paused })},
		{Key: "no-bell", Commands: []string{"rehook", "demo"}, Help: "alerts neither ring the terminal's bell nor have it notify", kind: toggle(func(c *Config) *bool { return &c.NoBell })},
		{Key: "listen", Commands: []string{"serve"}, Help: "address on which webhooks are received, like 127.0.0.1:8080", kind: text(func(c *Config) *string { return &c.Listen })},
		{Key: "forward-to", URL: true, Commands: []string{"serve"}, Help: "where received webhooks go: the URL of an endpoint", kind: text(func(c *Config) *string { return &c.ForwardTo })},
		{Key: "localsqs-listen", FlagName: "listen", Commands: []string{"localsqs"}, Default: "127.0.0.1:9324", Help: "address on which the embedded queue is served; other than loopback only with require-signature", kind: text(func(c *Config) *string { return &c.LocalSQSListen })},
		{Key: "require-signature", Commands: []string{"localsqs"}, Help: "answer only requests signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", kind: toggle(func(c *Config) *bool { return &c.RequireSignature })},
		{Key: "headless", Commands: []string{"demo"}, Help: "print events as NDJSON in place of the screen", kind: toggle(func(c *Config) *bool { return &c.Headless })},
		{Key: "for", Commands: []string{"demo"}, Help: "end after this time, and print a summary", kind: duration(func(c *Config) *time.Duration { return &c.For })},
		{Key: "seed", Commands: []string{"demo"}, Help: "repeat the demo with this number", kind: seed(func(c *Config) *uint64 { return &c.Seed })},
		{Key: "rate", Commands: []string{"demo"}, Default: "5", Help: "webhooks a second", kind: rate(1000, func(c *Config) *float64 { return &c.Rate })},
	}
}

// ambientSettings are what Genesys' and Amazon's own tools read, under the names that those have for it.
func ambientSettings() []Setting {
	ambient := func(key string, field func(*Config) *string, variables ...string) Setting {
		return Setting{Key: key, Variables: variables, Ambient: true, kind: text(field)}
	}
	secret := func(s Setting) Setting { s.Secret = true; return s }
	url := func(s Setting) Setting { s.URL = true; return s }
	return []Setting{
		secret(ambient("genesys-client-id", func(c *Config) *string { return &c.Genesys.ClientID }, "GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYS_CLIENT_ID")),
		secret(ambient("genesys-client-secret", func(c *Config) *string { return &c.Genesys.ClientSecret }, "GENESYSCLOUD_OAUTHCLIENT_SECRET", "GENESYS_CLIENT_SECRET")),
		ambient("genesys-region", func(c *Config) *string { return &c.Genesys.Region }, "GENESYSCLOUD_REGION"),
		ambient("genesys-org", func(c *Config) *string { return &c.Genesys.OrgID }, "GENESYS_ORG_ID"),
		url(ambient("genesys-url", func(c *Config) *string { return &c.Genesys.URL }, "REHOOK_GENESYS_URL")),
		secret(ambient("webhook-secret", func(c *Config) *string { return &c.WebhookSecret }, "REHOOK_WEBHOOK_SECRET")),
		ambient("aws-profile", func(c *Config) *string { return &c.AWS.Profile }, "AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
		ambient("aws-region", func(c *Config) *string { return &c.AWS.Region }, "AWS_REGION", "AWS_DEFAULT_REGION"),
		url(ambient("aws-endpoint", func(c *Config) *string { return &c.AWS.Endpoint }, "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL")),
		secret(ambient("aws-access-key-id", func(c *Config) *string { return &c.AWS.AccessKeyID }, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY")),
		secret(ambient("aws-secret-access-key", func(c *Config) *string { return &c.AWS.SecretAccessKey }, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY")),
		secret(ambient("aws-session-token", func(c *Config) *string { return &c.AWS.SessionToken }, "AWS_SESSION_TOKEN")),
		ambient("aws-role-arn", func(c *Config) *string { return &c.AWS.RoleARN }, "AWS_ROLE_ARN"),
		url(ambient("aws-container-credentials", func(c *Config) *string { return &c.AWS.ContainerCredentials }, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")),
		ambient("aws-config-file", func(c *Config) *string { return &c.AWS.ConfigFile }, "AWS_CONFIG_FILE"),
		ambient("aws-credentials-file", func(c *Config) *string { return &c.AWS.CredentialsFile }, "AWS_SHARED_CREDENTIALS_FILE"),
	}
}
