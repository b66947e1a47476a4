package record

import (
	"errors"
	"fmt"
	"os"
)

// Lately gives the deliveries of the last seven days that the files in a directory tell of, oldest first. It writes
// nothing, so that it can be asked beside the engine that writes them.
func Lately(dir string) ([]Delivery, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the record of deliveries: %w", err)
	}
	d := &Deliveries{dir: root}
	older, err := d.read(olderName)
	newer, newerErr := d.read(deliveriesName)
	if err = errors.Join(err, newerErr, root.Close()); err != nil {
		return nil, fmt.Errorf("read the record of deliveries: %w", err)
	}
	return append(older, newer...), nil
}
