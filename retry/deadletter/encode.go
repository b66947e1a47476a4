package deadletter

import "strings"

type rawField struct{ key, value []byte }

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
