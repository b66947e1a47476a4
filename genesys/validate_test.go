package genesys_test

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"rehook/genesys"
)

// sound is a configuration with which nothing is wrong.
func sound(name, endpoint string) genesys.Observed {
	return genesys.Observed{
		Webhook:      genesys.Webhook{Name: name, Endpoint: endpoint},
		CreateStatus: "Completed", SecretLength: 32,
	}
}

func TestEndpointsAreJudged(t *testing.T) {
	for endpoint, want := range map[string]string{ // severity and a word of the message; "": nothing is wrong
		"https://hooks.example.com/crm":        "",
		"https://hooks.example.com:443":        "",
		"https://hooks.example.com./crm?x=1":   "",
		"https://xn--bcher-kva.example/in":     "",
		"":                                     "failure no endpoint",
		"hooks.example.com/crm":                "failure not the URL",
		"https://":                             "failure not the URL",
		"https:///crm":                         "failure not the URL",
		"https://:443/":                        "failure not the URL",
		"https:hooks.example.com":              "failure not the URL",
		"https://a b/":                         "failure not the URL",
		"\x00":                                 "failure not the URL",
		"http://erp.example.com/in":            "failure no TLS",
		"HTTP://erp.example.com/in":            "failure no TLS",
		"ftp://erp.example.com/in":             "failure scheme",
		"https://kiosk.example.com:8443/g":     "failure port 8443",
		"https://10.20.0.12/hook":              "failure not a public address",
		"https://127.0.0.1/hook":               "failure not a public address",
		"https://169.254.169.254/latest":       "failure not a public address",
		"https://100.64.1.1/":                  "failure not a public address",
		"https://0.0.0.0/":                     "failure not a public address",
		"https://203.0.113.9/":                 "failure not a public address",
		"https://[::1]/":                       "failure not a public address",
		"https://[fe80::1%25eth0]/":            "failure not a public address",
		"https://[fd00::7]/":                   "failure not a public address",
		"https://[::ffff:192.168.1.1]/":        "failure not a public address",
		"https://8.8.8.8/":                     "warning address",
		"https://[2606:4700::1111]/":           "warning address",
		"https://2130706433/":                  "failure notation",
		"https://0x7f.1/":                      "failure notation",
		"https://127.1/":                       "failure notation",
		"https://localhost/":                   "failure private network",
		"https://crm/":                         "failure private network",
		"https://crm.corp/":                    "failure private network",
		"https://CRM.Internal/":                "failure private network",
		"https://hооks.example.com/":           "failure not a host name in ASCII", // Cyrillic о
		"https://hooks\u200b.example.com/":     "failure not a host name in ASCII",
		"https://hooks..example.com/":          "failure not a host name in ASCII",
		"https://abc.ngrok.io/":                "warning tunnel",
		"https://webhook.site/1234":            "warning tunnel",
		"https://notngrok.io/":                 "",
		"https://user:hunter2@hooks.acme.com/": "warning user name",
		"https://hooks.acme.com/#part":         "warning fragment",
	} {
		findings := genesys.Validate([]genesys.Observed{sound("crm", endpoint)})[0].Findings
		severity, word, _ := strings.Cut(want, " ")
		switch {
		case want == "" && len(findings) > 0:
			t.Errorf("%q: %v, want no findings", endpoint, findings)
		case want != "" && !slices.ContainsFunc(findings, func(f genesys.Finding) bool {
			return string(f.Severity) == severity && strings.Contains(f.Message, word)
		}):
			t.Errorf("%q: %v, want %s", endpoint, findings, want)
		}
		checkWords(t, endpoint, findings)
	}
}

// checkWords holds every finding to saying about what it is, what is wrong and what to do.
func checkWords(t *testing.T, endpoint string, findings []genesys.Finding) {
	t.Helper()
	for _, f := range findings {
		if f.Subject != "crm" || f.Message == "" || f.Hint == "" {
			t.Errorf("%q: unfinished finding %+v", endpoint, f)
		}
		if strings.Contains(f.Message+f.Hint, "hunter2") {
			t.Errorf("%q: the finding repeats a password: %+v", endpoint, f)
		}
	}
}

func TestSecretsAndCreationAreJudged(t *testing.T) {
	for name, c := range map[string]struct {
		change    func(*genesys.Observed)
		severity  genesys.Severity
		word      string
		secretSet bool
	}{
		"no secret":        {func(o *genesys.Observed) { o.SecretLength = 0 }, genesys.Warning, "no signature secret", false},
		"15 characters":    {func(o *genesys.Observed) { o.SecretLength = 15 }, genesys.Failure, "15 characters", false},
		"16 characters":    {func(o *genesys.Observed) { o.SecretLength = 16 }, "", "", true},
		"being created":    {func(o *genesys.Observed) { o.CreateStatus = "Initiated" }, genesys.Warning, "Initiated", true},
		"unknown status":   {func(o *genesys.Observed) { o.CreateStatus = "" }, "", "", true},
		"not created":      {func(o *genesys.Observed) { o.CreateStatus = "Error" }, genesys.Failure, "could not create", true},
		"said to be wrong": {func(o *genesys.Observed) { o.Problem = "no recipient" }, genesys.Failure, "no recipient", true},
	} {
		t.Run(name, func(t *testing.T) {
			o := sound("crm", "https://hooks.example.com/crm")
			c.change(&o)
			row := genesys.Validate([]genesys.Observed{o})[0]
			if row.SecretSet != c.secretSet {
				t.Errorf("SecretSet is %v", row.SecretSet)
			}
			if c.severity == "" {
				if len(row.Findings) > 0 {
					t.Errorf("%v, want no findings", row.Findings)
				}
				return
			}
			if len(row.Findings) != 1 || row.Findings[0].Severity != c.severity || !strings.Contains(row.Findings[0].Message, c.word) {
				t.Errorf("%v, want one %s with %q", row.Findings, c.severity, c.word)
			}
			checkWords(t, o.Endpoint, row.Findings)
		})
	}
}

func TestSharedEndpointsNameTheOthers(t *testing.T) {
	rows := genesys.Validate([]genesys.Observed{
		sound("a", "https://hooks.example.com"), sound("b", "https://HOOKS.example.com:443/"), sound("c", "https://hooks.example.com/c"),
		sound("b", "https://hooks.example.com/"), sound("none", ""), sound("nothing", ""),
	})
	for i, want := range []string{`as "b", "b"`, `as "a", "b"`, "", `as "a", "b"`, "", ""} {
		shared := ""
		for _, f := range rows[i].Findings {
			if strings.Contains(f.Message, "same endpoint") {
				shared = f.Message
			}
		}
		if !strings.HasSuffix(shared, want) || (want == "") != (shared == "") {
			t.Errorf("row %d (%s): %q, want %q", i, rows[i].Name, shared, want)
		}
	}
}

func TestWhatMayBeSecretInAURLIsMasked(t *testing.T) {
	for raw, want := range map[string]string{
		"":                                       "",
		"https://hooks.example.com/crm":          "https://hooks.example.com/crm",
		"https://u:hunter2@h.example.com/":       "https://xxxxx@h.example.com/",
		"https://hunter2@h.example.com/":         "https://xxxxx@h.example.com/",
		"https://f.example.com/a?code=hunter2&x": "https://f.example.com/a?code=xxxxx&xxxxx",
		"https://f.example.com/a?hunter2":        "https://f.example.com/a?xxxxx",
		"mailto:hunter2":                         "xxxxx",
		"https://hunter2@[::1":                   "xxxxx",
	} {
		if got := genesys.MaskURL(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
		if row := genesys.Validate([]genesys.Observed{sound("a", raw)})[0]; row.Endpoint != want {
			t.Errorf("%q: the row shows %q", raw, row.Endpoint)
		}
	}
}

func FuzzEndpoint(f *testing.F) {
	for _, s := range []string{
		"https://hooks.example.com/crm", "http://10.0.0.1:80", "https://u:p@[::1]:8443/?a=b#c", "https://2130706433", "::", "https://h%00/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		row := genesys.Validate([]genesys.Observed{sound("crm", raw)})[0]
		checkWords(t, "", row.Findings)
		u, err := url.Parse(raw)
		if err == nil && u.User != nil {
			if p, _ := u.User.Password(); len(p) > 6 && strings.Contains(row.Endpoint, p) && !strings.Contains(u.Host+u.Path+u.Fragment, p) {
				t.Errorf("%q is shown as %q", raw, row.Endpoint)
			}
		}
		if slices.ContainsFunc(row.Findings, func(f genesys.Finding) bool { return f.Severity == genesys.Failure }) {
			return
		}
		if err != nil || u.Scheme != "https" || u.Hostname() == "" || (u.Port() != "" && u.Port() != "443") {
			t.Fatalf("%q has no failure", raw)
		}
		if addr, err := netip.ParseAddr(u.Hostname()); err == nil && (addr.Unmap().IsPrivate() || addr.Unmap().IsLoopback()) {
			t.Errorf("%q is private and has no failure", raw)
		}
	})
}
