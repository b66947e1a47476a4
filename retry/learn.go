package retry

import (
	"math"
	"time"
)

// An endpoint that answers 429 teaches its lane a rate. It falls at once and rises by CUBIC (RFC 9438, 4.2, with its
// β of 0.7), as the adaptive retries of AWS's SDKs have it (botocore/retries/throttling.py, CubicCalculator):
//
//	rate(t) = most + (most - low) · (t/K - 1)³
//
// from where it fell to, slowly towards the most that the endpoint has taken, along it, and ever faster beyond. Theirs
// rises by a fixed number a second, which is much for two attempts a second and little for a thousand: here K is a time,
// so that it rises by a share of itself. As in 5.8 of the RFC, time in which the rate held nothing up does not count.
// What the endpoint allows is not known yet after the first fall, nor after an outage: then the rate doubles every second
// until it falls again, as TCP starts (RFC 5681, 3.1).
const (
	learnBeta   = 0.7
	learnWeight = 1.0 / 20          // of an answer in the share of those that are 429
	learnShare  = 1.5 * learnWeight // from here on they repeat: two among some twelve answers
	learnLeast  = 0.1               // attempts a second: an endpoint that wants fewer has the breaker
	learnLetter = 30                // letters between two falls at least, so that few of them are refused
	learnSoon   = 10 * time.Second  // the least K
	learnLate   = 30 * time.Second  // the longest,
	learnQuiet  = 8                 // or so many times what the endpoint wants quiet for after a 429: each costs that much
	learnBelow  = 0.9               // of what it took is as far as the rate rises slowly then, so that it is refused less often
	learnLatest = 2 * time.Minute   // and never longer
	learnLifted = 9                 // times the most that it took: the endpoint has another limit, or none
	learnedFor  = 10 * time.Minute  // after the last refusal
)

// learned is the rate that an endpoint has taught its lane. Its zero value knows of none.
type learned struct {
	rate      float64 // a second; 0: it has taught none
	low, most float64 // what it fell to, and what the endpoint took
	starting  bool    // what it allows is not known: the rate doubles
	fellAt    time.Time
	quiet     time.Duration // that it wanted then
	grown     time.Duration // time since, in which letters have waited for the rate
	share     float64       // of 429s among the last answers
}

// at is the rate to keep to, 0 if there is none.
func (l *learned) at(now time.Time) float64 {
	if l.rate > 0 && now.Sub(l.fellAt) >= learnedFor {
		l.forget()
	}
	return l.rate
}

// took is told of every answer that is no 429.
func (l *learned) took() { l.share -= l.share * learnWeight }

// refused is told of a 429 for an attempt that began then. It reports whether the rate has fallen: one alone teaches
// none, and what was under way when it fell says nothing new. taken is how many a second were delivered of late, and quiet
// what the endpoint wants now.
func (l *learned) refused(now, began time.Time, taken float64, quiet time.Duration) bool {
	if !began.After(l.fellAt) {
		return false
	}
	from := l.at(now)
	if l.share += (1 - l.share) * learnWeight; from == 0 && l.share < learnShare {
		return false
	}
	switch {
	case from == 0:
		from, l.starting = max(taken, 1), true
	case taken < from/2: // the endpoint's limit is far lower
		from, l.starting = from/2, false
	default:
		l.starting = false
	}
	l.most, l.quiet = max(from, taken), quiet
	if quiet > 0 {
		l.most *= learnBelow
	}
	l.fall(now, from*learnBeta)
	return true
}

// restart is told that the endpoint is back from an outage.
func (l *learned) restart(now time.Time) {
	if l.at(now) > 0 {
		l.starting = true
		l.fall(now, max(l.rate, 1))
	}
}

func (l *learned) fall(now time.Time, to float64) {
	l.low = max(to, learnLeast)
	l.most = max(l.most, l.low)
	l.rate, l.fellAt, l.grown, l.share = l.low, now, 0, 0
}

// waited raises the rate for a time in which letters waited for it. It reports whether the limit is gone.
func (l *learned) waited(d time.Duration) (lifted bool) {
	l.grown += d
	if l.starting {
		l.rate = l.low * math.Exp2(l.grown.Seconds())
	} else {
		l.rate = l.most + (l.most-l.low)*math.Pow(l.grown.Seconds()/l.period().Seconds()-1, 3)
	}
	if l.rate < learnLifted*l.most {
		return false
	}
	l.forget()
	return true
}

// idle is told that the lane has as many attempts in flight as it may, and tokens left: the rate is not what holds it
// up. It reports whether the rate is forgotten for that: it is once it has come back to what the endpoint took.
func (l *learned) idle() bool {
	if l.rate < l.most {
		return false
	}
	l.forget()
	return true
}

// period is K.
func (l *learned) period() time.Duration {
	k := min(max(time.Duration(learnLetter/l.most*float64(time.Second)), learnSoon), learnLate)
	return max(k, min(learnQuiet*l.quiet, learnLatest))
}

func (l *learned) forget() { *l = learned{share: l.share} }
