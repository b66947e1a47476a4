package config_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"rehook/cmd/config"
)

// load gives a command the flags of every command and its own, parses args, and reads env as its environment.
func load(t *testing.T, command string, args []string, env map[string]string) (*config.Config, error) {
	t.Helper()
	flags := pflag.NewFlagSet(command, pflag.ContinueOnError)
	config.AddFlags(flags, "")
	if command != "" {
		config.AddFlags(flags, command)
	}
	if err := flags.Parse(args); err != nil {
		t.Fatalf("parse %q: %v", args, err)
	}
	return config.Load(flags, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rehook.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func value(t *testing.T, c *config.Config, key string) config.Value {
	t.Helper()
	for _, v := range c.Values() {
		if v.Key == key {
			return v
		}
	}
	t.Fatalf("no setting %q", key)
	return config.Value{}
}

func TestFlagBeatsEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	file := write(t, "# ours\ntimeout: 3s\n")
	tests := []struct {
		name   string
		args   []string
		env    map[string]string
		want   time.Duration
		origin string
	}{
		{"default", nil, nil, 10 * time.Second, "default"},
		{"file", []string{"--config", file}, nil, 3 * time.Second, file + ":2"},
		{"file named by the environment", nil, map[string]string{"REHOOK_CONFIG": file}, 3 * time.Second, file + ":2"},
		{"environment", []string{"--config", file}, map[string]string{"REHOOK_TIMEOUT": "2s"}, 2 * time.Second, "REHOOK_TIMEOUT"},
		{"flag", []string{"--config", file, "--timeout", "1s"}, map[string]string{"REHOOK_TIMEOUT": "2s"}, time.Second, "--timeout"},
		{"an empty variable is none", []string{"--config", file}, map[string]string{"REHOOK_TIMEOUT": ""}, 3 * time.Second, file + ":2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load(t, "", tt.args, tt.env)
			if err != nil {
				t.Fatal(err)
			}
			if c.Timeout != tt.want {
				t.Errorf("timeout is %v, want %v", c.Timeout, tt.want)
			}
			if got := value(t, c, "timeout").Origin.String(); got != tt.origin {
				t.Errorf("timeout comes from %q, want %q", got, tt.origin)
			}
		})
	}
}

func TestDefaultsAreThoseOfTheManual(t *testing.T) {
	c, err := load(t, "demo", nil, map[string]string{"HOME": "/home/ops"})
	if err != nil {
		t.Fatal(err)
	}
	defaults := map[string]string{
		"queue": "gen-webhook-dlq", "parked": "gen-webhook-dlq-parked", "max-retries": "5", "backoff-base": "1s", "backoff-cap": "15m",
		"timeout": "10s", "concurrency": "64", "per-endpoint": "8", "per-endpoint-rate": "", "inventory": "10000", "allow": "", "config": "", "output": "table",
		"local": "false", "read-only": "false", "verbose": "false", "state-dir": "/home/ops/.local/state/rehook", "rate": "5", "for": "", "seed": "",
	}
	for key, want := range defaults {
		if got := value(t, c, key).Value; got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}

func TestParkedFollowsTheQueue(t *testing.T) {
	c, err := load(t, "", []string{"--queue", "orders"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Parked != "orders-parked" {
		t.Errorf("parked is %q", c.Parked)
	}
}

func TestAllowIsAListInEverySource(t *testing.T) {
	want := []string{"127.0.0.1", "10.0.0.0/8"}
	for name, given := range map[string]struct {
		args []string
		env  map[string]string
	}{
		"flags":         {args: []string{"--allow", want[0], "--allow", want[1]}},
		"flag, commas":  {args: []string{"--allow", "127.0.0.1, 10.0.0.0/8"}},
		"variable":      {env: map[string]string{"REHOOK_ALLOW": "127.0.0.1,10.0.0.0/8"}},
		"file, a list":  {args: []string{"--config", write(t, "allow:\n  - 127.0.0.1\n  - 10.0.0.0/8\n")}},
		"file, a value": {args: []string{"--config", write(t, "allow: 127.0.0.1,10.0.0.0/8\n")}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := load(t, "", given.args, given.env)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(c.Allow, want) {
				t.Errorf("allow is %q, want %q", c.Allow, want)
			}
		})
	}
}

func TestBadValueNamesItsSource(t *testing.T) {
	tests := []struct {
		name string
		args []string
		env  map[string]string
		want string
	}{
		{"flag", []string{"--timeout", "soon"}, nil, `--timeout: "soon" is not a length of time`},
		{"flag, no unit", []string{"--timeout", "10"}, nil, `--timeout: "10" is not a length of time`},
		{"flag, zero", []string{"--backoff-base", "0s"}, nil, `--backoff-base: "0s" is not longer than zero`},
		{"flag, out of range", []string{"--concurrency", "0"}, nil, "--concurrency: 0 is out of range"},
		{"flag, above what SQS lends", []string{"--inventory", "120001"}, nil, "--inventory: 120001 is out of range"},
		{"flag, empty", []string{"--queue", ""}, nil, "--queue: the value is empty"},
		{"flag, not a number", []string{"--rate", "NaN"}, nil, `--rate: "NaN" is not a number`},
		{"flag, not a rate", []string{"--per-endpoint-rate", "NaN"}, nil, `--per-endpoint-rate: "NaN" is not a number from 0 to 1e+06`},
		{"flag, a rate below zero", []string{"--per-endpoint-rate", "-1"}, nil, `--per-endpoint-rate: "-1" is not a number from 0`},
		{"flag, no choice", []string{"-o", "xml"}, nil, `--output: "xml" is none of table, json, ndjson`},
		{"flag, seed", []string{"--seed", "-1"}, nil, `--seed: "-1" is not a seed`},
		{"variable", nil, map[string]string{"REHOOK_MAX_RETRIES": "many"}, `REHOOK_MAX_RETRIES: "many" is not a whole number`},
		{"variable, switch", nil, map[string]string{"REHOOK_LOCAL": "perhaps"}, `REHOOK_LOCAL: "perhaps" is neither true nor false`},
		{"two that contradict", []string{"--backoff-cap", "1s", "--backoff-base", "2s"}, nil, "--backoff-cap: the longest wait, 1s, is shorter than backoff-base, 2s"},
		{"one that contradicts a default", []string{"--backoff-base", "20m"}, nil, "--backoff-base: the first wait, 20m, is longer than backoff-cap, 15m"},
		{"a flag that contradicts a variable", []string{"--backoff-base", "20m"}, map[string]string{"REHOOK_BACKOFF_CAP": "5m"}, "--backoff-base: the first wait, 20m, is longer than backoff-cap, 5m"},
		{"a variable that contradicts a flag", []string{"--backoff-cap", "5m"}, map[string]string{"REHOOK_BACKOFF_BASE": "20m"}, "--backoff-cap: the longest wait, 5m, is shorter than backoff-base, 20m"},
		{"parked is the queue", []string{"--parked", "gen-webhook-dlq"}, nil, "--parked: the parked queue is the dead letter queue itself"},
		{"the queue is parked", []string{"--queue", "a"}, map[string]string{"REHOOK_PARKED": "a"}, "--queue: the parked queue is the dead letter queue itself"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, "demo", tt.args, tt.env)
			refused, ok := errors.AsType[*config.Error](err)
			if !ok {
				t.Fatalf("got %v, want a *config.Error", err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want %q in it", err, tt.want)
			}
			if refused.Hint() == "" {
				t.Error("it does not say what to do")
			}
		})
	}
}

func TestRateOfNoneBeatsOneInTheFile(t *testing.T) {
	c, err := load(t, "", []string{"--config", write(t, "per-endpoint-rate: 20\n"), "--per-endpoint-rate", "0"}, nil)
	if err != nil || c.PerEndpointRate != 0 {
		t.Errorf("%v a second, %v", c.PerEndpointRate, err)
	}
}

func TestSecretsAreMaskedAndTheirSourceIsNamed(t *testing.T) {
	env := map[string]string{"GENESYSCLOUD_OAUTHCLIENT_SECRET": "hunter2", "AWS_SECRET_ACCESS_KEY": "hunter3", "AWS_SESSION_TOKEN": "hunter4"}
	c, err := load(t, "", nil, env)
	if err != nil {
		t.Fatal(err)
	}
	if c.Genesys.ClientSecret != "hunter2" {
		t.Errorf("client secret is %q", c.Genesys.ClientSecret)
	}
	for _, v := range c.Values() {
		if strings.Contains(v.Value, "hunter") {
			t.Errorf("%s is shown as %q", v.Key, v.Value)
		}
	}
	if got := value(t, c, "genesys-client-secret").Origin.String(); got != "GENESYSCLOUD_OAUTHCLIENT_SECRET" {
		t.Errorf("the secret comes from %q", got)
	}
}

func TestSecretsAreNeverFlags(t *testing.T) {
	for _, s := range config.Settings() {
		if s.Secret && s.Flag() != "" {
			t.Errorf("%s is a secret and has the flag --%s", s.Key, s.Flag())
		}
	}
}

func TestEverySettingIsDescribedOnce(t *testing.T) {
	keys, variables := map[string]bool{}, map[string]bool{}
	for _, s := range config.Settings() {
		if keys[s.Key] {
			t.Errorf("two settings have the key %q", s.Key)
		}
		keys[s.Key] = true
		for _, v := range s.Env() {
			if variables[v] {
				t.Errorf("two settings read %s", v)
			}
			variables[v] = true
		}
		if s.Flag() != "" && s.Help == "" {
			t.Errorf("--%s has no help", s.Flag())
		}
	}
}

func TestStateDirectory(t *testing.T) {
	here, err := filepath.Abs("state")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		env  map[string]string
		want string
	}{
		{"given", []string{"--state-dir", "/var/lib/rehook"}, map[string]string{"HOME": "/home/ops"}, "/var/lib/rehook"},
		{"given, relative", []string{"--state-dir", "state"}, nil, here},
		{"XDG", nil, map[string]string{"XDG_STATE_HOME": "/x", "HOME": "/home/ops"}, "/x/rehook"},
		{"XDG must be absolute", nil, map[string]string{"XDG_STATE_HOME": "x", "HOME": "/home/ops"}, "/home/ops/.local/state/rehook"},
		{"home", nil, map[string]string{"HOME": "/home/ops"}, "/home/ops/.local/state/rehook"},
		{"empty home", nil, map[string]string{"HOME": ""}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load(t, "", tt.args, tt.env)
			if err != nil {
				t.Fatal(err)
			}
			if c.StateDir != tt.want {
				t.Errorf("state directory is %q, want %q", c.StateDir, tt.want)
			}
		})
	}
}

func TestACommandHasItsOwnFlagsAndNoOthers(t *testing.T) {
	names := func(command string) []string {
		flags := pflag.NewFlagSet(command, pflag.ContinueOnError)
		config.AddFlags(flags, command)
		found := map[string]bool{}
		flags.VisitAll(func(f *pflag.Flag) { found[f.Name] = true })
		return slices.Sorted(maps.Keys(found))
	}
	for command, want := range map[string][]string{
		"demo":     {"ascii", "for", "headless", "mask", "no-bell", "rate", "seed"},
		"serve":    {"forward-to", "listen"},
		"localsqs": {"listen", "require-signature"},
		"rehook":   {"ascii", "mask", "no-bell", "paused"},
	} {
		if got := names(command); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", command, got, want)
		}
	}
}
