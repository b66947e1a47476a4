package cmd

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/retry/deadletter"
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

func (s setting) cells() []string { return []string{s.Key, cmp.Or(s.Value, "-"), s.From} }

func (a *app) showConfig(_ context.Context, cfg *config.Config, _ []string) error {
	var settings []setting
	for _, v := range cfg.Values() {
		switch {
		case v.Key == "routes":
			v.Value = maskedRoutes(cfg.Routes)
		case v.URL:
			v.Value = deadletter.MaskURL(v.Value)
		}
		settings = append(settings, setting{Key: v.Key, Value: v.Value, From: v.Origin.String()})
	}
	return show(a.stdout, cfg.Output, []string{"KEY", "VALUE", "FROM"}, settings)
}

// maskedRoutes are several URLs in one value, each to be masked by itself.
func maskedRoutes(routes map[string]string) string {
	var all []string
	for _, source := range slices.Sorted(maps.Keys(routes)) {
		all = append(all, source+"="+deadletter.MaskURL(routes[source]))
	}
	return strings.Join(all, ",")
}
