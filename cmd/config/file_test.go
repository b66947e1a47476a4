package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rehook/cmd/config"
)

func TestFileIsRefusedAtItsLine(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown key", "queue: a\n\nretries: 3\n", `:3: unknown key "retries"`},
		{"twice", "queue: a\ntimeout: 1s\nqueue: b\n", ":3: queue is set a second time, after line 1"},
		{"badly typed", "queue: a\nmax-retries: [1, 2]\n", ":2: max-retries: one value is expected"},
		{"nested", "queue:\n  name: a\n", ":2: queue: one value is expected"},
		{"a list in a list", "allow:\n  - [a]\n", ":2: allow: one value is expected"},
		{"no unit", "# waits\nbackoff-cap: 15\n", `:2: backoff-cap: "15" is not a length of time`},
		{"out of range", "concurrency: 0\n", ":1: concurrency: 0 is out of range"},
		{"no value", "queue:\n", ":1: queue has no value"},
		{"broken", "queue: a\n  timeout: 1s\n", ":2: not YAML: "},
		{"unclosed", "queue: [a\n", ":1: not YAML: "},
		{"not settings", "- queue\n", ":1: settings are not written as keys and values"},
		{"a secret", "genesys-client-secret: hunter2\n", ":1: genesys-client-secret is read from the environment alone"},
		{"another file", "config: b.yaml\n", ":1: a settings file cannot name another"},
		{"a second document", "queue: a\n---\ntimeout: 1s\n", ":2: a second document begins"},
		{"an empty second document", "queue: a\n---\n", ":2: a second document begins"},
		{"a broken second document", "queue: a\n---\n{\n", ":3: not YAML: "},
		{"a field that is none", "mask:\n  - from.nickname\n  - from..id\n", `:1: mask: "from..id" names no field`},
		{"a host that is none", "allow:\n  - 10.0.0.1\n  - http://crm\n", `:1: allow: "http://crm" is no network`},
		{"a queue that is none", "queue: my queue\n", `:1: queue: "my queue" is not the name of a queue`},
		{"an alias", "queue: &q a\nparked: *q\n", ":2: parked: one value is expected"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, tt.text)
			_, err := load(t, "", []string{"--config", path}, nil)
			refused, ok := errors.AsType[*config.Error](err)
			if !ok {
				t.Fatalf("got %v, want a *config.Error", err)
			}
			if !strings.HasPrefix(err.Error(), path+tt.want) {
				t.Errorf("got %q, want %q", err, path+tt.want)
			}
			if refused.Origin.Source != config.File || refused.Hint() == "" {
				t.Errorf("source %q, hint %q", refused.Origin.Source, refused.Hint())
			}
			if strings.Contains(err.Error()+refused.Hint(), "hunter2") {
				t.Error("the error shows a secret")
			}
		})
	}
}

func TestEmptyFileSaysNothing(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing yet\n", "---\n", "---\n...\n"} {
		if _, err := load(t, "", []string{"--config", write(t, text)}, nil); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestFileThatCannotBeReadNamesWhoAskedForIt(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.yaml")
	_, err := load(t, "", nil, map[string]string{"REHOOK_CONFIG": missing})
	if !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "REHOOK_CONFIG: ") {
		t.Errorf("got %v", err)
	}
	_, err = load(t, "", []string{"--config", t.TempDir()}, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "--config: ") {
		t.Errorf("a directory: got %v", err)
	}
}

func TestHugeFileIsRefused(t *testing.T) {
	_, err := load(t, "", []string{"--config", write(t, strings.Repeat("# log\n", 1<<18))}, nil)
	if err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("got %v", err)
	}
}

// FuzzFile holds that no file makes Load panic, or end in anything but settings or an [*config.Error].
func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		"queue: a\ntimeout: 1s\nallow: [x, y]\n", "queue: &q a\nparked: *q\n", "<<: {queue: a}\n", "{", "\t", "? - a\n", "a: !!binary x\n",
		"--- a\n--- b\n", "queue: \"\\ud800\"\n", "&a [*a]\n", "backoff-cap: 1ns\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := load(t, "", []string{"--config", write(t, text)}, nil)
		if err != nil {
			if _, ok := errors.AsType[*config.Error](err); !ok {
				t.Fatalf("%v is no *config.Error", err)
			}
			return
		}
		if c.Timeout <= 0 || c.BackoffCap < c.BackoffBase || c.Queue == "" || c.Concurrency < 1 {
			t.Fatalf("accepted %q as %+v", text, c)
		}
	})
}
