package cmd_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"rehook/cmd/config"
	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// idle is a queue and a deliverer of an engine that does not run.
type idle struct{ retry.Queue }

func (idle) Attempt(context.Context, delivery.Request) delivery.Result { return delivery.Result{} }

// TestSettingsTakeTheRoutesThatTheEngineDoes holds two readers of the same routes to each other: the settings know
// nothing of letters.
func TestSettingsTakeTheRoutesThatTheEngineDoes(t *testing.T) {
	urls := []string{
		"https://crm.example/hook", "http://10.0.0.5:8080", "HTTPS://crm.example.", "http://[::1]:80/?a=b", "https://crm.example:443/a%2Cb",
		"", "crm.example", "ftp://crm.example", "https://", "https://:80", "https://.", "https://a:b@crm.example", "https://crm.example:0",
		"https://crm.example:99999", "https://crm.example:http", "https://crm .example", "https://[::1", "/hook", "%zz",
	}
	sources := append(deadletter.Sources(), retry.AnySource, deadletter.SourceUnreadable, "", "kafka")
	for _, source := range sources {
		for _, to := range urls {
			flags := pflag.NewFlagSet("", pflag.ContinueOnError)
			config.AddFlags(flags, "")
			if err := flags.Set("route", source+"="+to); err != nil {
				t.Fatal(err)
			}
			cfg, refused := config.Load(flags, func(string) (string, bool) { return "", false })
			routes := map[string]string{source: to}
			_, want := retry.New(retry.Config{Queue: idle{}, Deliver: idle{}, Routes: routes})
			if (refused == nil) != (want == nil) {
				t.Errorf("--route %s=%s: the settings say %v, the engine %v", source, to, refused, want)
			}
			if refused == nil && !maps.Equal(cfg.Routes, routes) {
				t.Errorf("--route %s=%s is read as %v", source, to, cfg.Routes)
			}
			if refused != nil && strings.Contains(refused.Error(), "a:b@") {
				t.Errorf("%v shows a password", refused)
			}
		}
	}
}
