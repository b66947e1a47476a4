package genesys_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"rehook/genesys"
)

func TestRegionsAreReadAsPeopleNameThem(t *testing.T) {
	for name, domain := range map[string]string{
		"eu-west-1":                              "mypurecloud.ie",
		"eu_west_1":                              "mypurecloud.ie",
		" EU-West-1\n":                           "mypurecloud.ie",
		"mypurecloud.ie":                         "mypurecloud.ie",
		"api.mypurecloud.ie":                     "mypurecloud.ie",
		"login.usw2.pure.cloud":                  "usw2.pure.cloud",
		"https://apps.mypurecloud.de/directory/": "mypurecloud.de",
		"https://login.mypurecloud.com:443":      "mypurecloud.com",
		"us-east-2":                              "use2.us-gov-pure.cloud",
	} {
		r, err := genesys.ParseRegion(name)
		if err != nil || r.Domain != domain {
			t.Errorf("%q: %v, %v; want %s", name, r, err, domain)
		}
	}
}

func TestSecretsGoToNoOtherHosts(t *testing.T) {
	for _, name := range []string{
		"", "mars-north-1", "evil.com", "mypurecloud.ie.evil.com", "https://evil.com/mypurecloud.ie", "https://mypurecloud.ie@evil.com",
		"http://login.mypurecloud.ie", "acme.mypurecloud.com", "https://", "api.", "https://[::1", "https://%zz", "localhost:8080",
	} {
		r, err := genesys.ParseRegion(name)
		unknown, ok := errors.AsType[*genesys.UnknownRegionError](err)
		if !ok || r != (genesys.Region{}) {
			t.Errorf("%q: %v, %v; want an UnknownRegionError", name, r, err)
			continue
		}
		if !strings.Contains(unknown.Hint(), "mypurecloud.ie") {
			t.Errorf("hint does not name the regions: %s", unknown.Hint())
		}
	}
}

func TestEachRegionHasItsOwnHosts(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range genesys.Regions() {
		if seen[r.AWS] || seen[r.Domain] {
			t.Errorf("%v comes twice", r)
		}
		seen[r.AWS], seen[r.Domain] = true, true
		if r.LoginURL() != "https://login."+r.Domain || r.APIURL() != "https://api."+r.Domain {
			t.Errorf("%v: %s, %s", r, r.LoginURL(), r.APIURL())
		}
		for _, name := range []string{r.AWS, r.Domain, r.APIURL(), r.LoginURL()} {
			if got, err := genesys.ParseRegion(name); err != nil || got != r {
				t.Errorf("%q is read as %v, %v", name, got, err)
			}
		}
	}
}

func FuzzParseRegion(f *testing.F) {
	for _, s := range []string{"eu-west-1", "https://apps.mypurecloud.ie", "https://a@b", "://", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := genesys.ParseRegion(s)
		if known := slices.Contains(genesys.Regions(), r); known != (err == nil) {
			t.Errorf("%q: %v, %v", s, r, err)
		}
	})
}
