package localsqs_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// wire is a client that costs next to nothing: one connection, prepared requests, answers hardly looked at.
type wire struct {
	net.Conn
	in   *bufio.Reader
	body []byte // of the last answer
}

func dialWire(ctx context.Context, address string) (*wire, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &wire{Conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// wireRequest is a request about benchQueue, as it goes over the wire.
func wireRequest(operation, parameters string) []byte {
	body := `{"QueueUrl":"` + benchQueue + `",` + parameters + `}`
	return fmt.Appendf(nil, "POST / HTTP/1.1\r\nHost: queues\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.%s\r\nContent-Length: %d\r\n\r\n%s", operation, len(body), body)
}

// batchOf is the parameter of that name, of a batch.
func batchOf(each []string) string {
	var b strings.Builder
	for i, entry := range each {
		fmt.Fprintf(&b, `,{"Id":"%d",%s}`, i, entry)
	}
	return `"Entries":[` + b.String()[1:] + `]`
}

// ask sends a request and reads its answer, which is an error if it says so.
func (w *wire) ask(request []byte) error {
	if _, err := w.Write(request); err != nil {
		return err
	}
	return w.read()
}

var contentLength = []byte("Content-Length: ")

func (w *wire) read() error {
	status := ""
	length := 0
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimSpace(line)
		if status == "" {
			status = string(line)
			continue
		}
		if digits, ok := bytes.CutPrefix(line, contentLength); ok {
			if length, err = strconv.Atoi(string(digits)); err != nil {
				return err
			}
		}
		if len(line) == 0 {
			break
		}
	}
	w.body = append(w.body[:0], make([]byte, length)...)
	if _, err := io.ReadFull(w.in, w.body); err != nil {
		return err
	}
	if status != "HTTP/1.1 200 OK" || bytes.Contains(w.body, []byte(`"Failed"`)) {
		return fmt.Errorf("%s: %s", status, w.body)
	}
	return nil
}

// receiveDelete receives so many messages and deletes them.
func (w *wire) receiveDelete(limit int) error {
	if err := w.ask(wireRequest("ReceiveMessage", `"MaxNumberOfMessages":`+strconv.Itoa(limit))); err != nil {
		return err
	}
	var handles []string
	rest := w.body
	for {
		const key = `"ReceiptHandle":"`
		_, after, found := bytes.Cut(rest, []byte(key))
		if !found {
			break
		}
		handle, _, _ := bytes.Cut(after, []byte(`"`))
		handles, rest = append(handles, key+string(handle)+`"`), after
	}
	switch {
	case len(handles) != limit:
		return errors.New("received " + strconv.Itoa(len(handles)) + " messages")
	case limit == 1:
		return w.ask(wireRequest("DeleteMessage", handles[0]))
	default:
		return w.ask(wireRequest("DeleteMessageBatch", batchOf(handles)))
	}
}
