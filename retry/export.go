package retry

import (
	"context"
	"io"

	"rehook/retry/deadletter"
)

// Exporter writes whole letters as NDJSON, one a line, as they can be imported again: with all their headers, and their
// payload byte for byte, also where that is kept outside of the queue. What it writes is a secret.
type Exporter struct {
	To io.Writer
	// Payload reads what a letter refers to.
	Payload func(ctx context.Context, l *deadletter.Letter) ([]byte, error)
	// Light are the reasons why letters were written without their payload, one each.
	Light []error
}

// Write writes a letter. One whose payload cannot be had is written with what says where that is.
func (e *Exporter) Write(ctx context.Context, l *deadletter.Letter) error {
	if l.PayloadElsewhere() {
		l = e.whole(ctx, l)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	_, err := e.To.Write(append(l.Line(), '\n'))
	return err
}

func (e *Exporter) whole(ctx context.Context, l *deadletter.Letter) *deadletter.Letter {
	payload, err := e.Payload(ctx, l)
	if err != nil {
		e.Light = append(e.Light, err)
		return l
	}
	l = l.Clone()
	l.Payload, l.PayloadRef = payload, nil
	return l
}
