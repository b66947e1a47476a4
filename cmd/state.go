package cmd

import (
	"errors"
	"fmt"
	"os"

	"rehook/cmd/config"
)

// makeState makes the state directory where it is not there. Other users have no access to it.
func makeState(cfg *config.Config) error {
	if cfg.StateDir == "" {
		return &failure{
			err:  errors.New("there is no state directory: HOME and XDG_STATE_HOME are not set"),
			hint: "give one with --state-dir or REHOOK_STATE_DIR",
			code: Configuration,
		}
	}
	if err := os.MkdirAll(cfg.StateDir, 0o700); err != nil {
		return unusableState(err)
	}
	return nil
}

func unusableState(err error) error {
	return &failure{
		err:  fmt.Errorf("the state directory cannot be used: %w", err),
		hint: "give another one with --state-dir, or make this one writable",
		code: Configuration,
	}
}

// lockEngine makes this process the one that runs the engine of the state directory.
func lockEngine(cfg *config.Config) (*lock, error) {
	if err := makeState(cfg); err != nil {
		return nil, err
	}
	state, err := os.OpenRoot(cfg.StateDir)
	if err != nil {
		return nil, unusableState(err)
	}
	defer func() { _ = state.Close() }() // the lock has a descriptor of its own
	l, err := takeLock(state, "engine.lock")
	if is[*heldError](err) {
		return nil, &failure{
			err:  fmt.Errorf("an engine already runs on %q: %w", cfg.StateDir, err),
			hint: "stop that one, or give this one another --state-dir",
			code: Configuration,
		}
	}
	if err != nil {
		return nil, unusableState(err)
	}
	return l, nil
}
