package ui_test

import (
	"flag"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

var update = flag.Bool("update", false, "write golden files and docs/keys.md")

func TestMain(m *testing.M) {
	flag.Parse()
	must(os.Setenv("TZ", "UTC")) // clocks on golden screens
	must(os.Setenv("TERM", "xterm-256color"))
	must(os.Unsetenv("NO_COLOR"))
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // starts the runtime's signal loop outside every bubble
	os.Exit(m.Run())
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
