package sqsclient

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkBatcher is what gathering costs a caller when requests cost nothing: 64 callers, as the engine has.
func BenchmarkBatcher(b *testing.B) {
	var batches atomic.Int64
	gather := newBatcher(10*time.Millisecond, func(string) int { return 0 }, func(batch []string) []error {
		batches.Add(1)
		return make([]error, len(batch))
	})
	b.ReportAllocs()
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := gather.do(context.Background(), "receipt"); err != nil {
				b.Error(err)
			}
		}
	})
	gather.close()
	b.ReportMetric(float64(b.N)/float64(batches.Load()), "entries/batch")
}
