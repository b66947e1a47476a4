package record

import (
	"fmt"
	"time"

	"rehook/retry/deadletter"
)

// trashKeptFor is longer than any queue keeps a message.
const trashKeptFor = 30 * 24 * time.Hour

// Trash keeps the letters that were deleted or overwritten by hand: trash.ndjson in the state directory, and the
// files it was turned into, which "rehook import" reads. A file goes when it has not been written to for 30 days, so
// no letter is kept for less. Its methods may be called from many goroutines.
type Trash struct{ journal *journal }

// OpenTrash opens the trash of a state directory, and makes it where it is missing.
func OpenTrash(dir string) (*Trash, error) {
	j, err := openJournal(dir, &journal{name: "trash", keptFor: trashKeptFor})
	if err != nil {
		return nil, fmt.Errorf("open the trash: %w", err)
	}
	return &Trash{j}, nil
}

// Keep writes a letter down. When it returns nil, the letter is on the disk; those that are kept at the same time
// share the wait for that. Where it fails, as on a full disk, the file is as it was.
func (t *Trash) Keep(l *deadletter.Letter) error {
	if err := t.journal.add(l.Line()); err != nil {
		return fmt.Errorf("keep letter %q in the trash: %w", l.ID, err)
	}
	return nil
}

// Close ends the writing. Closing twice is fine.
func (t *Trash) Close() error { return t.journal.close() }
