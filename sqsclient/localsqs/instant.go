package localsqs

import (
	"strconv"
	"time"
)

// instant is a moment in nanoseconds of Unix time: eight bytes in an index of millions, where time.Time takes 24.
// Zero is "never". It is the wall clock's, so that a lease also runs out while the machine is suspended.
type instant int64

func now() instant { return instant(time.Now().UnixNano()) }

func (i instant) add(d time.Duration) instant         { return i + instant(d) }
func (i instant) since(earlier instant) time.Duration { return time.Duration(i - earlier) }

func (i instant) unixMilli() int64 { return int64(i) / int64(time.Millisecond) }

// millis and seconds are how SQS writes moments: as decimal strings.
func (i instant) millis() string  { return strconv.FormatInt(i.unixMilli(), 10) }
func (i instant) seconds() string { return strconv.FormatInt(int64(i)/int64(time.Second), 10) }
