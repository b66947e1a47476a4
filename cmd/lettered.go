package cmd

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"rehook/retry/deadletter"
)

// lettered is a letter of a file, and the line that it stands in.
type lettered struct {
	*deadletter.Letter
	line int
}

const (
	longestLine = 32 << 20 // a payload of 8 MiB takes 11 in base64
	mostRead    = 1 << 30  // bytes of letters that are held to be checked
)

// readLetters reads one letter a line, each with an id that no other one has. Empty lines are passed over, and so is
// the byte order mark that some editors write.
func readLetters(from io.Reader) ([]lettered, error) {
	var all []lettered
	lineOf := map[string]int{}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longestLine)
	n := 1
	for read := 0; lines.Scan(); n++ {
		text := lines.Bytes()
		if n == 1 {
			text = bytes.TrimPrefix(text, []byte("\uFEFF"))
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if read += len(text); read > mostRead {
			return nil, unimportable(n, fmt.Errorf("the letters have more than %d bytes: import them in parts", mostRead))
		}
		l, err := deadletter.Decode(bytes.Clone(text))
		switch {
		case err != nil:
		case l.ID == "":
			err = errors.New("the letter has no id")
		case lineOf[l.ID] > 0:
			err = fmt.Errorf("letter %q is in line %d already", l.ID, lineOf[l.ID])
		}
		if err != nil {
			return nil, unimportable(n, err)
		}
		lineOf[l.ID] = n
		all = append(all, lettered{l, n})
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, unimportable(n, fmt.Errorf("it has more than %d bytes", longestLine))
	} else if err != nil {
		return nil, fmt.Errorf("read letters: %w", err)
	}
	return all, nil
}
