package filter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/itchyny/gojq"
)

// Bounds on what a jq expression may cost, so that one without end does not hang the list.
const (
	jqTime     = 50 * time.Millisecond // for one letter
	jqPatience = 10                    // letters that may take longer, before no more are tried
)

// compileJQ compiles a jq expression. It sees the payload and nothing else: no environment, no files, no input. Time
// is bounded, memory is not: gojq lets one step make up to 512 MiB, so the language is for operators alone.
func compileJQ(w *word) (predicate, *Error) {
	if w.op != ":" && w.op != "=" {
		return nil, w.wrong("it is an expression and cannot be compared", `jq:.type=="Text"`)
	}
	query, err := gojq.Parse(w.value)
	if err != nil {
		return nil, w.wrong("jq does not understand it: "+atOffset(err), `an expression such as jq:.type=="Text"`)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, w.wrong("jq does not understand it: "+err.Error(), `an expression such as jq:.type=="Text"`)
	}
	return func(s *subject) bool { return s.isTrue(code) }, nil
}

func atOffset(err error) string {
	if pe, ok := errors.AsType[*gojq.ParseError](err); ok {
		return fmt.Sprintf("%v, after %d bytes of it", pe, pe.Offset)
	}
	return err.Error()
}

// isTrue says whether any result of the expression is neither false nor null, as jq's select does. An expression
// that fails on a payload, or a payload that is not JSON, is not true.
func (s *subject) isTrue(code *gojq.Code) bool {
	payload, ok := decode(s.Payload)
	if !ok {
		return false
	}
	if s.filter.gaveUp.Load() >= jqPatience {
		s.giveUp()
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), jqTime)
	defer cancel()
	results := code.RunWithContext(ctx, payload)
	for {
		v, more := results.Next()
		if err, failed := v.(error); failed {
			if errors.Is(err, context.DeadlineExceeded) {
				s.giveUp()
			}
			return false
		}
		if !more {
			return false
		}
		if v != nil && v != false {
			return true
		}
	}
}

func (s *subject) giveUp() {
	s.gaveUp = true
	s.filter.gaveUp.Add(1)
}

// decode reads a payload that is JSON and nothing more, its numbers exactly.
func decode(payload []byte) (v any, ok bool) {
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return v, errors.Is(err, io.EOF)
}
