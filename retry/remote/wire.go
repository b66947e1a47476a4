package remote

import (
	"encoding/json"
	"errors"
	"fmt"

	"rehook/retry"
	"rehook/retry/deadletter"
)

// version is of the conversation. Both sides must be of the same.
const version = 2

// request is a client's first line.
type request struct {
	Version int             `json:"version"`
	Want    string          `json:"want"`           // subscribe, follow, results, or a command's name
	Plan    bool            `json:"plan,omitempty"` // only say what the command would do
	Command json.RawMessage `json:"command,omitempty"`
	Job     string          `json:"job,omitempty"` // whose results
}

// What a client can want besides a command.
const (
	wantSubscribe = "subscribe"
	wantFollow    = "follow"
	wantResults   = "results"
)

// reply is one line of an answer.
type reply struct {
	Error   string         `json:"error,omitempty"`
	Stopped bool           `json:"stopped,omitempty"` // the engine has ended
	Refused bool           `json:"refused,omitempty"` // the command was not begun
	Update  *update        `json:"update,omitempty"`
	Results []retry.Result `json:"results,omitempty"`
	Plan    *retry.Plan    `json:"plan,omitempty"`
}

// update is a [retry.Update]: letters as a queue's bodies, events as they are printed.
type update struct {
	Reset   bool              `json:"reset,omitempty"`
	Letters []entry           `json:"letters,omitempty"`
	Gone    []string          `json:"gone,omitempty"`
	Status  retry.Status      `json:"status"`
	Stream  []json.RawMessage `json:"stream,omitempty"`
	Missed  int               `json:"missed,omitempty"`
}

type entry struct {
	retry.Entry
	Letter json.RawMessage // hides that of the entry
}

func fromUpdate(u retry.Update) *update {
	w := &update{Reset: u.Reset, Gone: u.Gone, Status: u.Status, Missed: u.Missed}
	for _, e := range u.Letters {
		w.Letters = append(w.Letters, entry{e, e.Letter.Encode()})
	}
	for _, ev := range u.Stream {
		w.Stream = append(w.Stream, retry.AppendEvent(nil, ev))
	}
	return w
}

func (w *update) toUpdate() (retry.Update, error) {
	u := retry.Update{Reset: w.Reset, Gone: w.Gone, Status: w.Status, Missed: w.Missed}
	for _, e := range w.Letters {
		l, err := deadletter.Decode(e.Letter)
		if err != nil {
			return u, err
		}
		e.Entry.Letter = l
		u.Letters = append(u.Letters, e.Entry)
	}
	for _, text := range w.Stream {
		ev, err := retry.ReadEvent(text)
		if err != nil {
			return u, err
		}
		u.Stream = append(u.Stream, ev)
	}
	return u, nil
}

// nameOf is how a command is called on the wire.
func nameOf(c retry.Command) string {
	switch c.(type) {
	case retry.Redrive:
		return "redrive"
	case retry.Park:
		return "park"
	case retry.Release:
		return "release"
	case retry.Hold:
		return "hold"
	case retry.Delete:
		return "delete"
	case retry.Edit:
		return "edit"
	case retry.Cancel:
		return "cancel"
	case retry.Limit:
		return "limit"
	case retry.Pause:
		return "pause"
	case retry.Resume:
		return "resume"
	default:
		panic(fmt.Sprintf("bug: a command of type %T", c))
	}
}

func readCommand(name string, text json.RawMessage) (retry.Command, error) {
	switch name {
	case "redrive":
		return into(new(retry.Redrive), text)
	case "park":
		return into(new(retry.Park), text)
	case "release":
		return into(new(retry.Release), text)
	case "hold":
		return into(new(retry.Hold), text)
	case "delete":
		return into(new(retry.Delete), text)
	case "edit":
		return into(new(retry.Edit), text)
	case "cancel":
		return into(new(retry.Cancel), text)
	case "limit":
		return into(new(retry.Limit), text)
	case "pause":
		return into(new(retry.Pause), text)
	case "resume":
		return into(new(retry.Resume), text)
	default:
		return nil, fmt.Errorf("this engine knows no command %q", name)
	}
}

func into[C retry.Command](c *C, text json.RawMessage) (retry.Command, error) {
	err := json.Unmarshal(text, c)
	return *c, err
}

// err is what a reply says went wrong.
func (r *reply) err() error {
	switch {
	case r.Stopped:
		return retry.ErrStopped
	case r.Refused:
		return refused(r.Error)
	case r.Error != "":
		return errors.New(r.Error)
	default:
		return nil
	}
}

// refused is the engine's own word that a command was not begun.
type refused string

func (r refused) Error() string { return string(r) }

// Is has it be [retry.ErrRefused].
func (refused) Is(target error) bool { return target == retry.ErrRefused }
