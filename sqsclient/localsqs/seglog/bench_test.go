package seglog_test

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"rehook/sqsclient/localsqs/seglog"
)

// BenchmarkAppend appends records of 1 KiB, each synced before the next of its goroutine.
func BenchmarkAppend(b *testing.B) {
	payload := bytes.Repeat([]byte("x"), 1024)
	for _, goroutines := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) {
			d := new(disk)
			log := open(b, b.TempDir(), seglog.Config{OpenFile: d.open})
			b.ResetTimer()
			var left atomic.Int64
			left.Store(int64(b.N))
			var all sync.WaitGroup
			for range goroutines {
				all.Go(func() {
					for left.Add(-1) >= 0 {
						if err := log.Append(payload).Wait(); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
			b.ReportMetric(float64(d.syncs)/float64(b.N), "syncs/append")
		})
	}
}
