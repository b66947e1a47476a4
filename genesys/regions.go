package genesys

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Region is where an organization lives. Its API and its login are hosts of the region's domain; there is
// no host for an organization.
type Region struct {
	AWS    string // "eu-west-1"
	Domain string // "mypurecloud.ie"
}

// LoginURL is the base of the URL that gives tokens: "https://login.mypurecloud.ie".
func (r Region) LoginURL() string { return "https://login." + r.Domain }

// APIURL is the base of the URLs of the API: "https://api.mypurecloud.ie".
func (r Region) APIURL() string { return "https://api." + r.Domain }

// String is the domain, by which people know their region.
func (r Region) String() string { return r.Domain }

// Regions are all that are known. Sources: Genesys' Terraform provider v1.84.1 (getRegionMap), and the
// constants of its Go SDK v157, which are not exported and lack some.
func Regions() []Region {
	return []Region{
		{"us-east-1", "mypurecloud.com"},
		{"us-east-2", "use2.us-gov-pure.cloud"}, // FedRAMP
		{"us-west-2", "usw2.pure.cloud"},
		{"ca-central-1", "cac1.pure.cloud"},
		{"mx-central-1", "mxc1.pure.cloud"},
		{"sa-east-1", "sae1.pure.cloud"},
		{"eu-west-1", "mypurecloud.ie"},
		{"eu-west-2", "euw2.pure.cloud"},
		{"eu-central-1", "mypurecloud.de"},
		{"eu-central-2", "euc2.pure.cloud"},
		{"eusc-de-east-1", "edee1.eusc-pure.cloud"}, // EU sovereign cloud
		{"me-central-1", "mec1.pure.cloud"},
		{"ap-south-1", "aps1.pure.cloud"},
		{"ap-southeast-1", "apse1.pure.cloud"},
		{"ap-southeast-2", "mypurecloud.com.au"},
		{"ap-northeast-1", "mypurecloud.jp"},
		{"ap-northeast-2", "apne2.pure.cloud"},
		{"ap-northeast-3", "apne3.pure.cloud"},
	}
}

// ParseRegion reads a region as people and Genesys' tools name it: "eu-west-1", "eu_west_1",
// "mypurecloud.ie", or a host or URL of it such as "https://apps.mypurecloud.ie/directory". Only known regions
// are taken, as the client's secret is sent there; others give an [*UnknownRegionError].
func ParseRegion(s string) (Region, error) {
	name := strings.ToLower(strings.TrimSpace(s))
	if strings.Contains(name, "://") {
		u, err := url.Parse(name)
		if err != nil || u.Scheme != "https" {
			return Region{}, &UnknownRegionError{Name: s}
		}
		name = u.Hostname()
	}
	for _, prefix := range []string{"api.", "login.", "apps."} {
		name = strings.TrimPrefix(name, prefix)
	}
	aws := strings.ReplaceAll(name, "_", "-")
	for _, r := range Regions() {
		if name == r.Domain || aws == r.AWS {
			return r, nil
		}
	}
	return Region{}, &UnknownRegionError{Name: s}
}

// UnknownRegionError says that there is no such region.
type UnknownRegionError struct{ Name string }

func (e *UnknownRegionError) Error() string {
	return fmt.Sprintf("%q is no Genesys Cloud region that is known", e.Name)
}

// Hint says which there are.
func (e *UnknownRegionError) Hint() string {
	var domains []string
	for _, r := range Regions() {
		domains = append(domains, r.Domain)
	}
	slices.Sort(domains)
	return "set GENESYSCLOUD_REGION to an AWS region such as eu-west-1, or to one of " + strings.Join(domains, ", ")
}
