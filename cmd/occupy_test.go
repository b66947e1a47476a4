package cmd_test

import (
	"net"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// occupy listens on a loopback port for the rest of a script, and puts its number into a variable: occupy PORT.
func occupy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: occupy VARIABLE")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a script has no context
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close() })
	ts.Setenv(args[0], strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
}
