package sqsclient_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry/deadletter"
	"rehook/sqsclient"
)

// answered answers in place of SQS with something that is not of it.
func answered(status int, contentType, body string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Location", "https://login.example.com/")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// endless does nothing, and has an answer without an end.
func endless(w http.ResponseWriter, r *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_, _ = io.WriteString(w, `{"a":"`)
	for chunk := strings.Repeat("x", 64<<10); r.Context().Err() == nil; {
		if _, err := io.WriteString(w, chunk); err != nil {
			return
		}
	}
}

// trickling does nothing, and has an answer that comes byte by byte.
func trickling(w http.ResponseWriter, r *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	for r.Context().Err() == nil {
		_, _ = io.WriteString(w, " ")
		_ = http.NewResponseController(w).Flush()
		time.Sleep(time.Second)
	}
}

// outcome is what a fault comes to: the table in doc.go.
type outcome struct {
	fault    fault
	kind     func(error) bool
	repeated bool // by the SDK
	done     bool // what was asked is done all the same
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func outcomesOfFaults() map[string]outcome {
	unreachable, busy, credentials := isA[*sqsclient.UnreachableError], isA[*sqsclient.BusyError], isA[*sqsclient.CredentialsError]
	return map[string]outcome{
		"throttled":               {fault: refused(400, "RequestThrottled"), kind: busy, repeated: true},
		"throttled with 503":      {fault: refused(503, "ThrottlingException"), kind: busy, repeated: true},
		"throttled with 429":      {fault: refused(429, "TooManyRequestsException"), kind: busy, repeated: true},
		"over the limit":          {fault: refused(403, "OverLimit"), kind: busy},
		"internal failure":        {fault: refused(500, "InternalFailure"), kind: unreachable, repeated: true},
		"unavailable":             {fault: answered(503, "text/html", "<html>"), kind: unreachable, repeated: true},
		"bad gateway":             {fault: answered(502, "text/html", "<html>"), kind: unreachable, repeated: true},
		"reset before":            {fault: resetBefore, kind: unreachable, repeated: true},
		"reset after":             {fault: resetAfter, kind: unreachable, repeated: true, done: true},
		"half an answer":          {fault: halfAnswer, kind: unreachable, done: true},
		"silence":                 {fault: silent, kind: unreachable, repeated: true, done: true},
		"trickle":                 {fault: trickling, kind: unreachable, repeated: true},
		"endless answer":          {fault: endless, kind: unreachable},
		"truncated":               {fault: answered(200, "application/x-amz-json-1.0", `{"Successful":[{"Id":"0"`), kind: unreachable},
		"sign-in page":            {fault: answered(200, "text/html", "<html>Welcome</html>"), kind: unreachable},
		"redirect":                {fault: answered(302, "text/html", "<html>Moved</html>"), kind: unreachable},
		"proxy that refuses":      {fault: answered(407, "text/html", "<html>Who?</html>"), kind: unreachable},
		"plain text":              {fault: answered(429, "text/plain", "slow down"), kind: unreachable, repeated: true},
		"expired token":           {fault: refused(403, "ExpiredToken"), kind: credentials},
		"clock skew":              {fault: refused(403, "RequestTimeTooSkewed"), kind: credentials},
		"signature expired":       {fault: refused(403, "InvalidSignatureException"), kind: credentials},
		"denied":                  {fault: refused(403, "AccessDeniedException"), kind: credentials},
		"key of the queue denied": {fault: refused(400, "KmsAccessDenied"), kind: credentials},
	}
}

func TestEachFaultHasAnOutcomeAndEndsWithTheFault(t *testing.T) {
	for name, want := range outcomesOfFaults() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ensure(t)
				c := w.open(t)
				send(t, c, letter("a"))
				l := receive(t, c, 1)[0]
				calls := []struct {
					op   string
					call func() error
				}{
					{"SendMessageBatch", func() error { return c.Send(t.Context(), letter("b")) }},
					{"ChangeMessageVisibilityBatch", func() error { return c.Extend(t.Context(), time.Hour, l)[0] }},
					{"ReceiveMessage", func() error { _, err := c.Glance(t.Context()); return err }},
					{"GetQueueAttributes", func() error { _, err := c.Depth(t.Context()); return err }},
					{"DeleteMessageBatch", func() error { return c.Delete(t.Context(), l) }},
				}
				w.forget()
				for _, each := range calls {
					w.keepMeeting(each.op, want.fault)
					began := time.Now()
					err := each.call()
					if hint, ok := errors.AsType[hinted](err); !want.kind(err) || !ok || hint.Hint() == "" {
						t.Errorf("%s: %v", each.op, err)
					}
					if n, took := w.requests(each.op), time.Since(began); n > 3 || n > 1 != want.repeated || took > 2*time.Minute {
						t.Errorf("%s: %d requests in %v", each.op, n, took)
					}
					w.keepMeeting(each.op, nil)
				}
				time.Sleep(time.Hour) // all leases end
				d := depth(t, c)
				if !want.done && d.Visible != 1 || want.done && d.Visible < 1 {
					t.Errorf("left: %+v", d)
				}
				for _, l := range receive(t, c, d.Visible) {
					if err := errors.Join(c.Extend(t.Context(), time.Minute, l)[0], c.Delete(t.Context(), l)); err != nil {
						t.Errorf("once all is well: %v", err)
					}
				}
				send(t, c, letter("c"))
				if d := depth(t, c); d.Total() != 1 {
					t.Errorf("in the end: %+v", d)
				}
			})
		})
	}
}

func TestEndlessAnswerIsCutOff(t *testing.T) {
	for name, writer := range map[string]func(http.ResponseWriter) io.Writer{
		"plain": func(w http.ResponseWriter) io.Writer { return w },
		"zipped": func(w http.ResponseWriter) io.Writer {
			w.Header().Set("Content-Encoding", "gzip")
			return gzip.NewWriter(w)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ensure(t)
				c := w.open(t)
				var taken int
				w.keepMeeting("GetQueueAttributes", func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) {
					out := writer(rw)
					for chunk := []byte(strings.Repeat(" ", 64<<10)); ; taken += len(chunk) {
						if _, err := out.Write(chunk); err != nil {
							return
						}
					}
				})
				if _, err := c.Depth(t.Context()); !isA[*sqsclient.UnreachableError](err) || !strings.Contains(err.Error(), "longer than any of SQS") {
					t.Errorf("got %v", err)
				}
				if synctest.Wait(); name == "plain" && taken > 5<<20 {
					t.Errorf("%d bytes were taken in", taken)
				}
			})
		})
	}
}

func TestLeaseCountsFromWhenItsAnswerWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		var sent time.Time
		w.meet("ReceiveMessage", func(rw http.ResponseWriter, r *http.Request, server http.Handler) {
			answer := httptest.NewRecorder()
			server.ServeHTTP(answer, r)
			sent = time.Now()
			rw.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()))
			_ = http.NewResponseController(rw).Flush()
			for b := range slices.Chunk(answer.Body.Bytes(), 1+answer.Body.Len()/25) {
				time.Sleep(time.Second)
				_, _ = rw.Write(b)
				_ = http.NewResponseController(rw).Flush()
			}
		})
		l := receive(t, c, 1)[0]
		if left := l.Until.Sub(sent); left != 30*time.Second {
			t.Errorf("a lease of 30 s is said to last for %v, of an answer that was %v on its way", left, time.Since(sent))
		}
	})
}

func TestServerThatDoesNotWaitIsNotAskedWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		w.keepMeeting("ReceiveMessage", answered(200, "application/x-amz-json-1.0", "{}"))
		for began := time.Now(); time.Since(began) < time.Minute; {
			receiveAny(t, c)
		}
		if n := w.requests("ReceiveMessage"); n > 60 {
			t.Errorf("%d requests a minute", n)
		}
	})
}

// entries are what became of a batch of ten by the answer of a server that changes what it says.
func entries(t *testing.T, change func(answer map[string]any)) []error {
	t.Helper()
	var errs []error
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		w.meet("SendMessageBatch", rewritten(change))
		errs = atOnce(10, func(i int) error { return c.Send(t.Context(), letter(fmt.Sprint(i))) })
	})
	return errs
}

func failures(errs []error) int {
	n := 0
	for _, err := range errs {
		if err != nil {
			n++
		}
	}
	return n
}

func TestEveryEntryOfABatchHasAnOutcomeOfItsOwn(t *testing.T) {
	failed := func(id, code, message string, fault bool) map[string]any {
		return map[string]any{"Id": id, "Code": code, "Message": message, "SenderFault": fault}
	}
	errs := entries(t, func(answer map[string]any) {
		ok := answer["Successful"].([]any)
		answer["Successful"] = append(ok[:4:4], ok[0], map[string]any{"Id": "17", "MessageId": "x"}) // 4 to 9 are missing
		answer["Failed"] = []any{
			failed("3", "InternalError", "said to be done too", false), failed("4", "InternalError", "", false),
			failed("5", "InvalidMessageContents", "", true), failed("6", "InvalidParameterValue", "Message must be shorter than 1 bytes.", true),
			failed("6", "InternalError", "named twice", false), failed("7", "RequestThrottled", "", false), failed("99", "InternalError", "", false),
		}
	})
	tooLarge := 0
	for _, err := range errs {
		if errors.Is(err, deadletter.ErrTooLarge) {
			tooLarge++
		}
	}
	if n := failures(errs); n != 7 || tooLarge != 1 {
		t.Errorf("%d of 10 failed, %d of them as too large: %v", n, tooLarge, errors.Join(errs...))
	}
}

func TestAnswerThatNamesNoEntryHasSentNone(t *testing.T) {
	if n := failures(entries(t, func(answer map[string]any) { clear(answer) })); n != 10 {
		t.Errorf("%d of 10 failed", n)
	}
}

func TestEntryThatSpoilsItsBatchCostsTheOthersNothing(t *testing.T) {
	for _, code := range []string{"InvalidMessageContents", "AWS.SimpleQueueService.BatchRequestTooLong"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.ensure(t)
			c := w.open(t)
			w.keepMeeting("SendMessageBatch", func(rw http.ResponseWriter, r *http.Request, server http.Handler) {
				body, _ := io.ReadAll(r.Body)
				if strings.Contains(string(body), "poison") {
					refused(400, code)(rw, r, server)
					return
				}
				r.Body = io.NopCloser(strings.NewReader(string(body)))
				server.ServeHTTP(rw, r)
			})
			all := letters(10)
			all[3].ID = "poison"
			errs := atOnce(10, func(i int) error { return c.Send(t.Context(), all[i]) })
			if n := failures(errs); n != 1 || errs[3] == nil || strings.HasSuffix(code, "TooLong") != errors.Is(errs[3], deadletter.ErrTooLarge) {
				t.Errorf("%d failed: %v", n, errors.Join(errs...))
			}
			if n := w.requests("SendMessageBatch"); n > 9 {
				t.Errorf("%d requests", n)
			}
			if d := depth(t, c); d.Visible != 9 {
				t.Errorf("the queue has %+v", d)
			}
		})
	}
}
