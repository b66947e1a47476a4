package cmd_test

import (
	"testing"

	"github.com/spf13/pflag"

	"rehook/cmd/config"
	"rehook/retry/delivery"
)

// TestSettingsAllowWhatDeliveryDoes holds two readers of the same entries to each other: the settings know nothing
// of deliveries.
func TestSettingsAllowWhatDeliveryDoes(t *testing.T) {
	for _, entry := range []string{
		"10.0.0.5", "10.0.0.5:8080", "10.0.0.0/8", "10.99.3.4/8", "::1", "[::1]:80", "[::1]", "fe80::/10", "fe80::1%eth0", "crm.internal",
		"CRM.internal.", "crm.internal:8080", "crm_1", "::ffff:10.0.0.1", "[10.0.0.5]:80",
		"http://crm.example", "10.0.0.0/99", "10.0.0.0/", "/", "crm.example:99999", "crm.example:0", "a b", "a:b:c", "crm.example:http",
		"*.example", "::ffff:10.0.0.0/104", ":80", ".", "[::1", "bücher.example", "crm:",
	} {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		config.AddFlags(flags, "")
		if err := flags.Set("allow", entry); err != nil {
			t.Fatal(err)
		}
		_, refused := config.Load(flags, func(string) (string, bool) { return "", false })
		_, want := delivery.New(delivery.Config{Allow: []string{entry}})
		if (refused == nil) != (want == nil) {
			t.Errorf("--allow %s: the settings say %v, delivery %v", entry, refused, want)
		}
	}
}
