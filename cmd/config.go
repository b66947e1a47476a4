package cmd

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
)

func (a *app) config() *cobra.Command {
	return a.command("config", "Show every setting, its value, and where it came from", cobra.NoArgs, a.showConfig)
}

// setting is one value as it is printed.
type setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	From  string `json:"from"` // "default", a flag, a variable, or file and line
}

func (a *app) showConfig(_ context.Context, cfg *config.Config, _ []string) error {
	var settings []setting
	t := table{header: []string{"KEY", "VALUE", "FROM"}}
	for _, v := range cfg.Values() {
		s := setting{Key: v.Key, Value: v.Value, From: v.Origin.String()}
		settings = append(settings, s)
		t.add(s.Key, cmp.Or(s.Value, "-"), s.From)
	}
	return show(a.stdout, cfg.Output, t, settings)
}
