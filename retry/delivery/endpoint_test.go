package delivery_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"

	"rehook/retry/delivery"
)

func TestEndpointIsSchemeHostAndPort(t *testing.T) {
	for url, want := range map[string]string{
		"https://crm.example.com/hook?a=1#b": "https://crm.example.com",
		"HTTPS://CRM.Example.Com.:443":       "https://crm.example.com",
		"https://crm.example.com:":           "https://crm.example.com",
		"https://crm.example.com:80/":        "https://crm.example.com:80",
		"http://crm.example.com:80/":         "http://crm.example.com",
		"http://127.0.0.1:9324/a":            "http://127.0.0.1:9324",
		"http://[::1]:8080/":                 "http://[::1]:8080",
		"http://[2A00::1]/":                  "http://[2a00::1]",
	} {
		if got, err := delivery.EndpointOf(url); err != nil || got != want {
			t.Errorf("EndpointOf(%q) = %q, %v; want %q", url, got, err, want)
		}
	}
}

// badURLs are URLs that nothing is sent to, and a word that the reason has in it.
var badURLs = map[string]string{
	"":                            "scheme",
	"crm.example.com/hook":        "scheme",
	"ftp://crm.example.com":       "scheme",
	"file:///etc/passwd":          "scheme",
	"http://":                     "no host",
	"http:///hook":                "no host",
	"http://.:80/":                "no host",
	"http:hook":                   "no host",
	"http://user:hunter2@host/":   "user name or password",
	"http://user@host/":           "user name or password",
	"http://host:0/":              "port",
	"http://host:65536/":          "port",
	"http://host:99999999999999/": "port",
	"http://host:http/":           "port",
	"http://host\x00/":            "cannot be read",
	"http://ho st/":               "cannot be read",
	"http://host/\r\nX-Injected:": "cannot be read",
	"http://[::1/":                "cannot be read",
	"http://u:hunter2@h:x/":       "port",
}

func TestBadURLIsRejectedWithoutAConnection(t *testing.T) {
	c := client(t, delivery.Config{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			t.Error("dialled")
			return nil, errDialled
		},
		Lookup: func(context.Context, string) ([]netip.Addr, error) {
			t.Error("looked up")
			return nil, nil
		},
	})
	for url, word := range badURLs {
		res := c.Attempt(t.Context(), delivery.Request{URL: url})
		if res.Outcome != delivery.Rejected || !strings.Contains(res.Error, word) || strings.Contains(res.Error, "hunter2") {
			t.Errorf("%q came to %v, %q", url, res.Outcome, res.Error)
		}
		if got, err := delivery.EndpointOf(url); err == nil {
			t.Errorf("EndpointOf(%q) = %q", url, got)
		}
	}
}

func FuzzEndpointOf(f *testing.F) {
	for url := range badURLs {
		f.Add(url)
	}
	f.Add("https://crm.example.com:8443/hook?a=1")
	f.Fuzz(func(t *testing.T, url string) {
		lane, err := delivery.EndpointOf(url)
		if err != nil {
			return
		}
		if again, err := delivery.EndpointOf(lane); err != nil || again != lane {
			t.Errorf("%q has the lane %q, which has the lane %q, %v", url, lane, again, err)
		}
	})
}
