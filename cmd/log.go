package cmd

import (
	"log/slog"

	"rehook/cmd/config"
)

// logger writes structured lines to standard error; with -v, what happens to every letter too.
func (a *app) logger(cfg *config.Config) *slog.Logger {
	level := slog.LevelInfo
	if cfg.Verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level}))
}
