package sqsclient_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
	"rehook/retry/record"
	"rehook/sqsclient"
)

// bodies keeps what an endpoint took, by letter.
type bodies struct {
	mu    sync.Mutex // guards taken
	taken map[string][]byte
}

func (b *bodies) Attempt(_ context.Context, r delivery.Request) delivery.Result {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken[r.ID] = bytes.Clone(r.Body)
	return delivery.Result{At: time.Now(), Outcome: delivery.Delivered, Status: 200}
}

// TestOperatorsDeleteAndEditOnRealParts has letters of both sizes, waiting and parked, deleted and edited: none without its
// bytes being kept, in the trash or where the trash says.
func TestOperatorsDeleteAndEditOnRealParts(t *testing.T) {
	state, claims := t.TempDir(), t.TempDir()
	large := func(c byte) []byte { return bytes.Repeat([]byte{'"', c, '"', ' '}, 400<<10) } // 1.6 MiB
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Claims = claims
		w.ensure(t)
		c := w.open(t)
		originals := map[string][]byte{}
		for id, payload := range map[string][]byte{
			"delete small": []byte(`{"n":1.0}`), "delete large": large('a'), "edit small": []byte(`{"n":2.0}`), "edit large": large('b'),
			"park and delete": large('c'), "park and edit": large('d'),
		} {
			l := letter(id)
			l.Payload, originals[id] = payload, payload
			l.NextAttemptAt = time.Now().Add(time.Hour).UTC()
			send(t, c, l)
		}
		stop, e, endpoint := operated(t, c, state)
		do := func(want retry.Did, command retry.Command) {
			t.Helper()
			got, err := e.Do(t.Context(), command)
			if err != nil || len(got) != 1 || got[0].Did != want {
				t.Errorf("%T: %+v, %v", command, got, err)
			}
		}
		time.Sleep(time.Second)
		for _, id := range []string{"park and delete", "park and edit"} {
			do(retry.DidPark, retry.Park{IDs: []string{id}, By: "ann"})
		}
		better := large('z')
		do(retry.DidDelete, retry.Delete{IDs: []string{"delete small"}, By: "ann"})
		do(retry.DidDelete, retry.Delete{IDs: []string{"delete large"}, By: "ann"})
		do(retry.DidDelete, retry.Delete{IDs: []string{"park and delete"}, By: "ann"})
		do(retry.DidDeliver, retry.Edit{ID: "edit small", Payload: better, Redrive: true, By: "ann"})
		do(retry.DidDeliver, retry.Edit{ID: "edit large", Payload: []byte(`{"n":"better"}`), Redrive: true, By: "ann"})
		do(retry.DidEdit, retry.Edit{ID: "park and edit", Endpoint: "https://crm2.example.com/", Redrive: true, By: "ann"})
		time.Sleep(2 * time.Hour)
		stop()
		if d := depth(t, c); d != (deadletter.Depth{}) {
			t.Errorf("the queues hold %+v", d)
		}
		for id, want := range map[string][]byte{"edit small": better, "edit large": []byte(`{"n":"better"}`), "park and edit": large('d')} {
			if !bytes.Equal(endpoint.taken[id], want) {
				t.Errorf("%s: the endpoint took %d bytes", id, len(endpoint.taken[id]))
			}
		}
		assertKept(t, c, state, originals)
	})
}

// operated is an engine with a trash and an audit log.
func operated(t *testing.T, c *sqsclient.Client, state string) (stop func(), e *retry.Engine, b *bodies) {
	t.Helper()
	trash, err := record.OpenTrash(state)
	if err != nil {
		t.Fatal(err)
	}
	audit, err := record.OpenAudit(state)
	if err != nil {
		t.Fatal(err)
	}
	b = &bodies{taken: map[string][]byte{}}
	e, err = retry.New(retry.Config{Queue: c, Payloads: c, Deliver: b, Trash: trash, Audit: audit})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	return func() {
		cancel()
		for _, err := range []error{<-ended, trash.Close(), audit.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	}, e, b
}

// assertKept reads the trash, and what it refers to.
func assertKept(t *testing.T, c *sqsclient.Client, state string, originals map[string][]byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(state, "trash*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			l, err := deadletter.Decode(bytes.TrimSpace(line))
			if err != nil {
				t.Fatal(err)
			}
			payload := l.Payload
			if l.PayloadElsewhere() {
				if payload, err = c.Payload(t.Context(), l); err != nil {
					t.Errorf("%s: %v", l.ID, err)
				}
			}
			found[l.ID] = bytes.Equal(payload, originals[l.ID])
		}
	}
	for id := range originals {
		if !found[id] {
			t.Errorf("%s is not in the trash as it was", id)
		}
	}
}
