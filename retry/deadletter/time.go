package deadletter

import (
	"math"
	"strconv"
	"time"
)

// timeLayouts are the forms in which tools write a moment. One without a zone is taken as UTC, which is
// what Python's utcnow().isoformat() means by it.
func timeLayouts() []string {
	return []string{
		time.RFC3339Nano,
		"2006-01-02T15:04:05.999999999",
		"2006-01-02 15:04:05.999999999Z07:00",
		"2006-01-02 15:04:05.999999999",
		"2006-01-02T15:04:05.999999999Z0700",
		"2006-01-02T15:04Z07:00",
		"2006-01-02",
	}
}

func readTime(v []byte) (time.Time, error) {
	if len(v) == 0 {
		return time.Time{}, errKeep
	}
	if v[0] != '"' {
		return readEpoch(string(v))
	}
	s, err := unquote(v)
	if err != nil {
		return time.Time{}, err
	}
	for _, layout := range timeLayouts() {
		if t, err := time.Parse(layout, s); err == nil {
			return inRange(t.UTC())
		}
	}
	return time.Time{}, errKeep
}

// readEpoch reads seconds since 1970, or milliseconds where seconds would lie past the year 5000.
func readEpoch(s string) (time.Time, error) {
	const milliseconds = 1e11
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) > 1e15 {
		return time.Time{}, errKeep
	}
	if math.Abs(f) < milliseconds {
		f *= 1000
	}
	return inRange(time.UnixMilli(int64(f)).UTC())
}

// inRange refuses moments that RFC 3339 cannot write.
func inRange(t time.Time) (time.Time, error) {
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, errKeep
	}
	return t, nil
}
