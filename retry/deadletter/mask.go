package deadletter

import (
	"net/url"
	"strings"
)

// Masked stands where a secret was.
const Masked = "••••••"

// MaskHeader gives the value of a header as it may be shown: masked if the name says that it is a secret.
func MaskHeader(name, value string) string {
	if secretName(name) {
		return Masked
	}
	return value
}

// MaskURL gives a URL as it may be shown: without a user's password, and with the secrets in its query
// masked. What cannot be parsed is cut at its query.
func MaskURL(raw string) string {
	if !strings.ContainsAny(raw, "?@#") {
		return raw // the common case, without an allocation
	}
	u, err := url.Parse(raw)
	if err != nil {
		before, _, _ := strings.Cut(raw, "?")
		return before[strings.LastIndexByte(before, '@')+1:]
	}
	u.User, u.Fragment = nil, ""
	if u.RawQuery != "" {
		parts := strings.Split(u.RawQuery, "&")
		for i, p := range parts {
			if name, _, ok := strings.Cut(p, "="); ok && secretName(name) {
				parts[i] = name + "=" + Masked
			}
		}
		u.RawQuery = strings.Join(parts, "&")
	}
	return u.String()
}

// secretName reports whether a header or a parameter of this name carries a secret.
func secretName(name string) bool {
	name = strings.ToLower(name)
	for _, s := range []string{"auth", "token", "secret", "signature", "password", "passwd", "cookie", "credential", "session", "api-key", "apikey", "api_key", "x-amz-security"} {
		if strings.Contains(name, s) {
			return true
		}
	}
	return name == "sig" || name == "key" || name == "code"
}
