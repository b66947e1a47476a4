package cmd

import (
	"context"
	"errors"
	"io"

	"rehook/retry"
)

// events prints what an engine says, one JSON object a line.
type events struct {
	feed retry.Feed
	to   io.Writer
}

// print goes on until ctx ends or the engine has stopped; it can be called again, to go on.
func (e *events) print(ctx context.Context) error {
	var lines []byte
	for {
		u, err := e.feed.Next(ctx)
		switch {
		case ctx.Err() != nil, errors.Is(err, retry.ErrStopped):
			return nil
		case err != nil:
			return err
		}
		lines = retry.AppendUpdate(lines[:0], u)
		if _, err := e.to.Write(lines); err != nil {
			return printed(err)
		}
	}
}
