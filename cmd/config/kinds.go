package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// kind is how a setting's text becomes a field of [Config], and a field text again.
type kind struct {
	name   string // for the flag's help
	many   bool   // takes any number of values
	toggle bool   // a flag without a value means true
	set    func(c *Config, raw []string) error
	get    func(c *Config) string
}

// invalid is what is wrong with a text, and how it would be right.
type invalid struct{ message, hint string }

func (i *invalid) Error() string { return i.message }

// one makes a kind that takes one value. A zero value reads as "", since it means that none was given.
func one[T comparable](name string, field func(*Config) *T, parse func(string) (T, error), show func(T) string) kind {
	return kind{
		name: name,
		set: func(c *Config, raw []string) error {
			v, err := parse(raw[len(raw)-1])
			if err == nil {
				*field(c) = v
			}
			return err
		},
		get: func(c *Config) string {
			var zero T
			if v := *field(c); v != zero {
				return show(v)
			}
			return ""
		},
	}
}

func text(field func(*Config) *string) kind {
	return one("text", field, func(s string) (string, error) {
		if s == "" {
			return "", &invalid{"the value is empty", "give it one, or leave it out"}
		}
		return s, nil
	}, func(s string) string { return s })
}

func choice(field func(*Config) *string, words ...string) kind {
	k := text(field)
	k.name = strings.Join(words, "|")
	k.set = func(c *Config, raw []string) error {
		word := raw[len(raw)-1]
		if !slices.Contains(words, word) {
			return &invalid{fmt.Sprintf("%q is none of %s", word, strings.Join(words, ", ")), "choose one of them"}
		}
		*field(c) = word
		return nil
	}
	return k
}

func toggle(field func(*Config) *bool) kind {
	k := one("", field, parseBool, strconv.FormatBool)
	k.toggle = true
	k.get = func(c *Config) string { return strconv.FormatBool(*field(c)) }
	return k
}

func parseBool(s string) (bool, error) {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, &invalid{fmt.Sprintf("%q is neither true nor false", s), "write true or false"}
	}
	return b, nil
}

// duration takes lengths of time above zero.
func duration(field func(*Config) *time.Duration) kind {
	return one("duration", field, parseDuration, showDuration)
}

func parseDuration(s string) (time.Duration, error) {
	const hint = `write it like "500ms", "10s" or "15m"`
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return 0, &invalid{fmt.Sprintf("%q is not a length of time", s), hint}
	case d <= 0:
		return 0, &invalid{fmt.Sprintf("%q is not longer than zero", s), hint}
	}
	return d, nil
}

// showDuration writes 15m where [time.Duration.String] writes 15m0s.
func showDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// count takes whole numbers from low to high.
func count(low, high int, field func(*Config) *int) kind {
	return one("number", field, func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		switch {
		case err != nil:
			return 0, &invalid{fmt.Sprintf("%q is not a whole number", s), fmt.Sprintf("write a number from %d to %d", low, high)}
		case n < low || n > high:
			return 0, &invalid{fmt.Sprintf("%d is out of range", n), fmt.Sprintf("write a number from %d to %d", low, high)}
		}
		return n, nil
	}, strconv.Itoa)
}

// limit takes numbers up to high, and zero for none.
func limit(high float64, field func(*Config) *float64) kind {
	return one("number", field, func(s string) (float64, error) {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || !(f >= 0 && f <= high) { // written so that NaN is refused
			return 0, &invalid{fmt.Sprintf("%q is not a number from 0 to %s", s, showNumber(high)), `write it like "20" or "0.5", or "0" for no limit`}
		}
		return f, nil
	}, showNumber)
}

// rate takes numbers above zero and up to high.
func rate(high float64, field func(*Config) *float64) kind {
	return one("number", field, func(s string) (float64, error) {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || !(f > 0 && f <= high) { // written so that NaN is refused
			return 0, &invalid{fmt.Sprintf("%q is not a number above 0 and up to %s", s, showNumber(high)), `write it like "5" or "0.5"`}
		}
		return f, nil
	}, showNumber)
}

func showNumber(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func seed(field func(*Config) *uint64) kind {
	return one("number", field, func(s string) (uint64, error) {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil || n == 0 {
			return 0, &invalid{fmt.Sprintf("%q is not a seed", s), "write a whole number above zero"}
		}
		return n, nil
	}, func(n uint64) string { return strconv.FormatUint(n, 10) })
}

// list takes any number of values, each of them perhaps several with commas between.
func list(field func(*Config) *[]string) kind {
	return kind{
		name: "text",
		many: true,
		set: func(c *Config, raw []string) error {
			*field(c) = parts(raw)
			return nil
		},
		get: func(c *Config) string { return strings.Join(*field(c), ",") },
	}
}

func parts(raw []string) []string {
	var all []string
	for _, r := range raw {
		for part := range strings.SplitSeq(r, ",") {
			if part = strings.TrimSpace(part); part != "" {
				all = append(all, part)
			}
		}
	}
	return all
}
