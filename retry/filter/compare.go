package filter

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"
)

// compared gives the comparison with a bound.
func compared[T cmp.Ordered](op string, bound T) func(T) bool {
	switch op {
	case ">=":
		return func(v T) bool { return v >= bound }
	case "<=":
		return func(v T) bool { return v <= bound }
	case ">":
		return func(v T) bool { return v > bound }
	case "<":
		return func(v T) bool { return v < bound }
	}
	return func(v T) bool { return v == bound }
}

func unit(letter byte) (time.Duration, bool) {
	switch letter {
	case 's', 'S':
		return time.Second, true
	case 'm', 'M':
		return time.Minute, true
	case 'h', 'H':
		return time.Hour, true
	case 'd', 'D':
		return 24 * time.Hour, true
	case 'w', 'W':
		return 7 * 24 * time.Hour, true
	}
	return 0, false
}

// parseDuration reads numbers with units, as in 1d12h. [time.ParseDuration] knows no days.
func parseDuration(s string) (time.Duration, bool) {
	var total float64
	for s != "" {
		n := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if n <= 0 {
			return 0, false
		}
		count, err := strconv.ParseFloat(s[:n], 64)
		per, ok := unit(s[n])
		if err != nil || !ok {
			return 0, false
		}
		total += count * float64(per)
		s = s[n+1:]
	}
	return time.Duration(total), total < math.MaxInt64
}
