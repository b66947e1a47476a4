package delivery_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"rehook/retry/delivery"
)

var errDialled = errors.New("dialled")

// guarded makes one attempt in a world where names resolve as told, and gives what was dialled.
func guarded(t *testing.T, url string, allow []string, resolve ...string) (delivery.Result, []string) {
	t.Helper()
	var dialled []string
	c, err := delivery.New(delivery.Config{
		Allow: allow,
		DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
			dialled = append(dialled, addr)
			return nil, errDialled
		},
		Lookup: func(context.Context, string) ([]netip.Addr, error) {
			var addrs []netip.Addr
			for _, r := range resolve {
				addrs = append(addrs, netip.MustParseAddr(r))
			}
			return addrs, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.Attempt(t.Context(), delivery.Request{URL: url}), dialled
}

func TestGuardRefusesWhatIsNotOnTheInternet(t *testing.T) {
	for _, addr := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.9.9.9",
		"169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
		"192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1",
		"240.0.0.1", "255.255.255.255",
		"::", "::1", "::2", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "ff02::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
		"100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "4000::1", "5f00::1",
	} {
		url := "http://" + strings.ReplaceAll(host(addr), "%", "%25") + ":8080/in"
		for _, tc := range []struct{ what, url string }{{"as a literal", url}, {"behind a name", "http://crm.example/in"}} {
			res, dialled := guarded(t, tc.url, nil, addr)
			if len(dialled) != 0 || res.Outcome != delivery.Rejected || res.Status != 0 {
				t.Errorf("%s %s: dialled %v, outcome %v", addr, tc.what, dialled, res.Outcome)
			}
			if !strings.Contains(res.Error, "which is not delivered to: if it is meant, --allow ") {
				t.Errorf("%s %s: error %q", addr, tc.what, res.Error)
			}
		}
	}
}

func host(addr string) string {
	if strings.Contains(addr, ":") {
		return "[" + addr + "]"
	}
	return addr
}

func TestGuardLetsTheInternetThrough(t *testing.T) {
	for _, addr := range []string{
		"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "198.17.255.255", "223.255.255.255",
		"2606:4700::1111", "2a00::1", "2001:4860:4860::8888", "64:ff9b::808:808", "::ffff:8.8.8.8",
	} {
		res, dialled := guarded(t, "https://crm.example/in", nil, addr)
		if want := net.JoinHostPort(addr, "443"); len(dialled) != 1 || dialled[0] != want {
			t.Errorf("%s: dialled %v, want %s: %v", addr, dialled, want, res.Error)
		}
	}
}

func TestGuardDialsWhatItHasChecked(t *testing.T) {
	res, dialled := guarded(t, "https://crm.example/in", nil, "10.0.0.1", "8.8.8.8", "169.254.169.254", "2606:4700::1")
	if got := strings.Join(dialled, " "); got != "8.8.8.8:443 [2606:4700::1]:443" || res.Outcome != delivery.Retry {
		t.Errorf("dialled %s, outcome %v", got, res.Outcome)
	}
}

func TestNameThatMovesInsideIsRefusedOnTheNextConnection(t *testing.T) {
	lookups := 0
	var dialled []string
	c := client(t, delivery.Config{
		DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
			dialled = append(dialled, addr)
			return nil, errDialled
		},
		Lookup: func(context.Context, string) ([]netip.Addr, error) {
			if lookups++; lookups > 1 {
				return []netip.Addr{netip.MustParseAddr("169.254.169.254")}, nil
			}
			return []netip.Addr{netip.MustParseAddr("8.8.8.8")}, nil
		},
	})
	first := c.Attempt(t.Context(), delivery.Request{URL: "http://rebind.example"})
	second := c.Attempt(t.Context(), delivery.Request{URL: "http://rebind.example"})
	if first.Outcome != delivery.Retry || second.Outcome != delivery.Rejected || len(dialled) != 1 {
		t.Errorf("dialled %v; %v, then %v", dialled, first.Outcome, second.Outcome)
	}
}

func TestAllowOpensWhatItNamesAndNoMore(t *testing.T) {
	for _, tc := range []struct {
		allow, url, resolve string
		dialled             string // "": nothing
	}{
		{"10.0.0.5", "http://10.0.0.5/", "", "10.0.0.5:80"},
		{"10.0.0.5", "http://10.0.0.6/", "", ""},
		{"10.0.0.5", "http://crm.internal:9/", "10.0.0.5", "10.0.0.5:9"},
		{"10.0.0.5", "http://[::ffff:10.0.0.5]/", "", "[::ffff:10.0.0.5]:80"},
		{"10.0.0.5:8080", "http://10.0.0.5:8080/", "", "10.0.0.5:8080"},
		{"10.0.0.5:8080", "http://10.0.0.5:8081/", "", ""},
		{"10.0.0.0/8", "http://10.99.0.1/", "", "10.99.0.1:80"},
		{"10.99.3.4/8", "http://10.0.0.1/", "", "10.0.0.1:80"},
		{"10.0.0.0/8", "http://192.168.0.1/", "", ""},
		{"::1", "http://[::1]:80/", "", "[::1]:80"},
		{"[::1]:80", "http://[::1]:80/", "", "[::1]:80"},
		{"[::1]", "http://[::1]:81/", "", "[::1]:81"},
		{"fe80::/10", "http://[fe80::1%25eth0]/", "", "[fe80::1%eth0]:80"},
		{"crm.internal", "http://crm.internal/", "10.0.0.5", "crm.internal:80"},
		{"CRM.internal.", "https://crm.INTERNAL./", "10.0.0.5", "crm.INTERNAL.:443"},
		{"crm.internal:8080", "http://crm.internal:8080/", "10.0.0.5", "crm.internal:8080"},
		{"crm.internal:8080", "http://crm.internal/", "10.0.0.5", ""},
		{"crm.internal", "http://x.crm.internal/", "10.0.0.5", ""},
		{"crm.internal", "http://10.0.0.5/", "", ""},
	} {
		res, dialled := guarded(t, tc.url, []string{tc.allow}, strings.Fields(tc.resolve)...)
		if got := strings.Join(dialled, " "); got != tc.dialled {
			t.Errorf("--allow %s: %s dialled %q, want %q: %s", tc.allow, tc.url, got, tc.dialled, res.Error)
		}
	}
}

func TestBadAllowEntriesAreAllTold(t *testing.T) {
	bad := []string{"", "http://crm.example", "10.0.0.0/99", "crm.example:99999", "crm.example:0", "a b", "a:b:c", "crm.example:http", "*.example", "::ffff:10.0.0.0/104"}
	_, err := delivery.New(delivery.Config{Allow: append(bad, "crm.example"), Timeout: -1, PerHost: -1})
	if err == nil {
		t.Fatal("no error")
	}
	for _, entry := range append(bad, "timeout", "connections per host") {
		if !strings.Contains(err.Error(), entry) {
			t.Errorf("%q is not in the error: %v", entry, err)
		}
	}
	if strings.Contains(err.Error(), `"crm.example"`) {
		t.Errorf("a good entry is in the error: %v", err)
	}
}
