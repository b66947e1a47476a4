package cmd

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
)

func (a *app) localsqs() *cobra.Command {
	c := a.command("localsqs", "Serve the embedded queue on TCP, for other tools", cobra.NoArgs, a.serveLocalSQS)
	c.Long = c.Short + `.

It prints the variables that tools of AWS need to find it. Credentials are not checked, so it listens on a
loopback address alone. "rehook ls" and the others work beside it.`
	return c
}

// serveLocalSQS serves the queues of the state directory until it is interrupted.
func (a *app) serveLocalSQS(ctx context.Context, cfg *config.Config, _ []string) (err error) {
	if err := loopback(cfg.LocalSQSListen); err != nil {
		return err
	}
	if err := makeState(cfg); err != nil {
		return err
	}
	queues := newEmbedded(cfg.StateDir, a.logger(cfg))
	defer func() { err = errors.Join(err, queues.close()) }()
	server, err := queues.serve()
	if err != nil {
		return servedElsewhere(err)
	}
	listener, err := listen(ctx, "localsqs", cfg.LocalSQSListen)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(a.stdout, exports(listener.Addr())); err != nil {
		return errors.Join(printed(err), listener.Close())
	}
	return server.Serve(ctx, listener)
}

// loopback refuses addresses that other machines can reach.
func loopback(address string) error {
	refused := func(format string, args ...any) error {
		return &failure{err: fmt.Errorf(format, args...), hint: `listen on a loopback address, like "--listen 127.0.0.1:9324"`, code: Usage}
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return refused("listen on %q: an address has a host and a port", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return refused("listen on %q: the embedded queue checks no credentials, so other machines must not reach it", address)
	}
	return nil
}

// exports is what a shell needs so that tools of AWS find the server: some read the one name of the region, some
// the other. The credentials are made up: the SDKs insist on some.
func exports(at net.Addr) string {
	return fmt.Sprintf(`# The embedded queue listens. Paste this into the shell of the other tool:
# (one that does not read AWS_ENDPOINT_URL_SQS: aws --endpoint-url http://%[1]s sqs list-queues)
export AWS_ENDPOINT_URL_SQS=http://%[1]s
export AWS_REGION=us-east-1
export AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=local
export AWS_SECRET_ACCESS_KEY=local
`, at)
}
