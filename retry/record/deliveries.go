// Package record is what the engine writes down beside the queue, in append-only files of the state directory:
//
//	delivered.ndjson   which letters were delivered      written with one call, not synced
//	audit.ndjson       what operators asked for          on the disk when it is acknowledged
//	trash.ndjson       what they deleted or overwrote    the same
//
// The first is a memory, not a source of truth: lose it, and no letter is lost or sent wrongly. What is not synced
// outlives the process, however that ends, and only a power cut can take it.
package record

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	kept    = 50_000             // deliveries in a file, of which there are two
	keptFor = 7 * 24 * time.Hour // older ones are not given any more
	longest = 512                // bytes of an id that is remembered; ours have 36

	deliveriesName = "delivered.ndjson"
	olderName      = "delivered.1.ndjson"
)

// Delivery is a letter that its endpoint took.
type Delivery struct {
	At  time.Time `json:"at"`
	ID  string    `json:"id"`
	Sum uint64    `json:"sum"` // of the payload, as the engine computes it

	// Edits are the sums of the payloads that an operator's edits have put this one in the place of, and EditedAt is when
	// the last of them did.
	Edits    []uint64  `json:"edits,omitempty"`
	EditedAt time.Time `json:"edited_at,omitzero"`
}

// Deliveries remembers which letters were delivered lately, so that a late copy of one is not delivered a second
// time by an engine that was started since. Its methods may be called from many goroutines.
type Deliveries struct {
	dir   *os.Root
	found []Delivery

	mu   sync.Mutex // guards all below
	file *os.File
	n    int // deliveries in file
}

// Open opens the files in a directory, and makes them where they are missing. What cannot be read in them is
// passed over.
func Open(dir string) (*Deliveries, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the record of deliveries: %w", err)
	}
	d := &Deliveries{dir: root}
	older, err := d.read(olderName)
	if err == nil {
		d.found, err = d.read(deliveriesName)
	}
	d.n = len(d.found)
	d.found = append(older, d.found...)
	if err == nil {
		err = d.open()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the record of deliveries: %w", err), root.Close())
	}
	return d, nil
}

// Found are the deliveries of the last seven days that Open has read, oldest first.
func (d *Deliveries) Found() []Delivery { return d.found }

// read gives the deliveries of a file; one that is not there has none.
func (d *Deliveries) read(name string) ([]Delivery, error) {
	file, err := d.dir.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := parse(file, time.Now().Add(-keptFor))
	return found, errors.Join(err, file.Close())
}

// parse reads lines, and passes over those that are none of ours: a torn one, say.
func parse(r io.Reader, since time.Time) ([]Delivery, error) {
	var found []Delivery
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadSlice('\n')
		var one Delivery
		if json.Unmarshal(line, &one) == nil && one.ID != "" && one.At.After(since) {
			found = append(found, one)
		}
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) { // a piece of a line that is too long is none of ours
			return nil, err
		}
	}
}

// open opens the file that is written to. It begins a new line, since the last one may be torn.
func (d *Deliveries) open() error {
	file, err := d.dir.OpenFile(deliveriesName, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.WriteString("\n"); err != nil {
		return errors.Join(err, file.Close())
	}
	d.file = file
	return nil
}

// Add remembers a delivery. When it returns nil, an engine that is started after this process was killed knows of
// it.
func (d *Deliveries) Add(one Delivery) error {
	if len(one.ID) > longest {
		return nil // no program writes such ids, and the file is read by lines
	}
	line, err := one.line()
	if err != nil {
		return fmt.Errorf("record the delivery of letter %q: %w", one.ID, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.file == nil {
		err = fs.ErrClosed
	} else if d.n >= kept {
		err = d.turn()
	}
	if err == nil {
		_, err = d.file.Write(line)
	}
	if err != nil {
		return fmt.Errorf("record the delivery of letter %q: %w", one.ID, err)
	}
	d.n++
	return nil
}

// line is the delivery as it is written. Ids are plain as a rule, and encoding/json would take longer than the writing.
func (d Delivery) line() ([]byte, error) {
	if len(d.Edits) > 0 || strings.ContainsFunc(d.ID, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		line, err := json.Marshal(d)
		return append(line, '\n'), err
	}
	line := make([]byte, 0, 128)
	line = d.At.AppendFormat(append(line, `{"at":"`...), time.RFC3339Nano)
	line = append(append(line, `","id":"`...), d.ID...)
	line = strconv.AppendUint(append(line, `","sum":`...), d.Sum, 10)
	return append(line, "}\n"...), nil
}

// turn begins a new file; the full one takes the place of the older one. Where that fails, the full one goes on.
func (d *Deliveries) turn() error {
	if err := d.dir.Rename(deliveriesName, olderName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	full := d.file
	if err := d.open(); err != nil {
		return err
	}
	d.n = 0
	return full.Close()
}

// Close ends the writing. Closing twice is fine.
func (d *Deliveries) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.file == nil {
		return nil
	}
	err := errors.Join(d.file.Close(), d.dir.Close())
	d.file = nil
	return err
}
