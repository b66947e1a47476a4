package simulator

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"
)

// The streams of random numbers. Each has its own, so that what one draws does not change another's.
const (
	streamSender uint64 = iota + 1
	streamAPI
	streamIntegrations
	streamEndpoint // and those after it: one for each endpoint
)

func newRand(seed, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream)) //nolint:gosec // repeatable on purpose; guards nothing real
}

// newID is a UUID of version 7 (RFC 9562): the moment in milliseconds, then random bits.
func newID(rng *rand.Rand, now time.Time) string {
	ms := uint64(now.UnixMilli()) & (1<<48 - 1)
	return fmt.Sprintf("%08x-%04x-7%03x-%04x-%012x",
		ms>>16, ms&0xffff, rng.Uint64N(1<<12), 1<<15|rng.Uint64N(1<<14), rng.Uint64N(1<<48))
}

// newSecret is 32 characters that look like a secret.
func newSecret(rng *rand.Rand) string {
	var b [24]byte
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], rng.Uint64())
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// span is a range of time.
type span struct{ least, most time.Duration }

// pick is a duration within the span, both ends included.
func (s span) pick(rng *rand.Rand) time.Duration {
	return s.least + time.Duration(rng.Int64N(int64(s.most-s.least)+1))
}
