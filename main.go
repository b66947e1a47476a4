// Rehook keeps, redelivers and shows the webhooks of Genesys Cloud that failed.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"rehook/cmd"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // a reader that has seen enough ends the program in order
	ended, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(ended, os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt does not wait for an orderly end
	code := cmd.Execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if ctx.Err() != nil && ended.Err() == nil {
		code = cmd.Interrupted
	}
	os.Exit(code)
}
