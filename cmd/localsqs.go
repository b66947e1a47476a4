package cmd

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/sqsclient/localsqs"
)

func (a *app) localsqs() *cobra.Command {
	c := a.command("localsqs", "Serve the embedded queue on TCP, for other tools", cobra.NoArgs, a.serveLocalSQS)
	c.Long = c.Short + `.

It prints the variables that tools of AWS need to find it. Credentials are not checked, so it listens on a
loopback address alone, and web pages are refused. With --require-signature it answers only requests that are
signed with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where it is set, AWS_SESSION_TOKEN, and other
machines may reach it: what they send is signed, not encrypted. "rehook ls" and the others work beside it.`
	return c
}

// serveLocalSQS serves the queues of the state directory until it is interrupted.
func (a *app) serveLocalSQS(ctx context.Context, cfg *config.Config, _ []string) (err error) {
	if err := mayServe(cfg); err != nil {
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
	if _, err := fmt.Fprint(a.stdout, exports(listener.Addr(), cfg.RequireSignature)); err != nil {
		return errors.Join(printed(err), listener.Close())
	}
	if !cfg.RequireSignature {
		return server.Serve(ctx, listener)
	}
	return server.ServeSigned(ctx, listener, localsqs.Credentials{
		AccessKeyID: cfg.AWS.AccessKeyID, SecretAccessKey: cfg.AWS.SecretAccessKey, SessionToken: cfg.AWS.SessionToken,
	})
}

// mayServe refuses what would let strangers at the queues.
func mayServe(cfg *config.Config) error {
	host, _, err := net.SplitHostPort(cfg.LocalSQSListen)
	if err != nil {
		return &failure{
			err:  fmt.Errorf("listen on %q: an address has a host and a port", cfg.LocalSQSListen),
			hint: `give one like "--listen 127.0.0.1:9324"`, code: Usage,
		}
	}
	if !cfg.RequireSignature && !isLoopback(host) {
		return &failure{
			err:  fmt.Errorf("listen on %q: the embedded queue checks no credentials, so other machines must not reach it", cfg.LocalSQSListen),
			hint: `listen on a loopback address, like "--listen 127.0.0.1:9324", or add --require-signature`, code: Usage,
		}
	}
	if cfg.RequireSignature && (cfg.AWS.AccessKeyID == "" || cfg.AWS.SecretAccessKey == "") {
		return &failure{
			err:  errors.New("--require-signature: there are no credentials to check signatures against"),
			hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; any that you make up will do, as long as the other tools have the same",
			code: Configuration,
		}
	}
	return nil
}

// isLoopback reports whether only this machine reaches what listens there.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// exports is what a shell needs so that tools of AWS find the server: some read the one name of the region, some
// the other. The SDKs insist on credentials: any, or those that are required, which are not printed.
func exports(at net.Addr, signed bool) string {
	host, port, _ := net.SplitHostPort(at.String()) // it is one of ours
	address, comment := at.String(), ""
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		address = net.JoinHostPort("localhost", port)
		comment = "# (on another machine, with the name of this one in place of localhost)\n"
	}
	keys := `export AWS_ACCESS_KEY_ID=local
export AWS_SECRET_ACCESS_KEY=local
`
	if signed {
		keys = "# Signatures are required: use the same credentials there as here.\n"
	}
	return fmt.Sprintf(`# The embedded queue listens. Paste this into the shell of the other tool:
%[2]s# (one that does not read AWS_ENDPOINT_URL_SQS: aws --endpoint-url http://%[1]s sqs list-queues)
export AWS_ENDPOINT_URL_SQS=http://%[1]s
export AWS_REGION=us-east-1
export AWS_DEFAULT_REGION=us-east-1
%[3]s`, address, comment, keys)
}
