package cmd_test

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"rehook/cmd"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rehook": run})
}

// run is main.go's main.
func run() {
	signal.Ignore(syscall.SIGPIPE)
	ended, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(ended, os.Interrupt)
	context.AfterFunc(ctx, stop)
	code := cmd.Execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if ctx.Err() != nil && ended.Err() == nil {
		code = cmd.Interrupted
	}
	os.Exit(code)
}

// TestScripts runs the transcripts of testdata/script: one behaviour each. No script sees the AWS or Genesys
// configuration of whoever runs it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"occupy": occupy,
			"sqs":    sqs,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			return nil
		},
	})
}
