package sqsclient

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkBatcher is what gathering comes to: entries that arrive by chance at a rate, as what the engine settles
// does, and requests that take as long as they do on this machine or in a region of AWS.
func BenchmarkBatcher(b *testing.B) {
	for _, latency := range []time.Duration{0, 10 * time.Millisecond} {
		for _, perSecond := range []int{100, 1000, 5000} {
			b.Run(fmt.Sprintf("latency=%v/rate=%d", latency, perSecond), func(b *testing.B) {
				gather := newGathering(latency)
				b.ReportAllocs()
				var callers sync.WaitGroup
				next, rng := time.Now(), rand.New(rand.NewPCG(1, 2))
				for range b.N {
					callers.Go(func() { gather.entry(b) })
					next = next.Add(time.Duration(rng.ExpFloat64() * float64(time.Second) / float64(perSecond)))
					<-time.After(time.Until(next))
				}
				callers.Wait()
				gather.report(b)
			})
		}
		// 64 callers that come again as soon as they have their outcome.
		b.Run(fmt.Sprintf("latency=%v/rate=most", latency), func(b *testing.B) {
			gather := newGathering(latency)
			b.ReportAllocs()
			b.SetParallelism(64)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					gather.entry(b)
				}
			})
			gather.report(b)
		})
	}
}

type gathering struct {
	*batcher[string]
	requests, waited atomic.Int64
}

func newGathering(latency time.Duration) *gathering {
	g := &gathering{}
	g.batcher = newBatcher(defaultLinger, lingersMost*defaultLinger, func(string) int { return 0 }, func(batch []string) []error {
		g.requests.Add(1)
		if latency > 0 {
			<-time.After(latency)
		}
		return make([]error, len(batch))
	})
	return g
}

func (g *gathering) entry(b *testing.B) {
	b.Helper()
	began := time.Now()
	if err := g.do(context.Background(), "receipt"); err != nil {
		b.Error(err)
	}
	g.waited.Add(int64(time.Since(began)))
}

func (g *gathering) report(b *testing.B) {
	b.Helper()
	g.close()
	b.ReportMetric(float64(b.N)/float64(g.requests.Load()), "entries/request")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(g.waited.Load())/float64(b.N)/1e6, "ms/entry")
}
