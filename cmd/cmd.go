// Package cmd is the command line of rehook: one file a command, each of which builds the parts that it
// needs, wires them, and prints what comes of it.
//
//	main ─▶ Execute ─▶ cobra finds the command ─▶ config.Load ─▶ the command's action ─▶ report ─▶ exit code
//
// Which queue is used, the embedded one or AWS, is decided in backend.go alone. An error leaves as a sentence
// and a hint on standard error, or as JSON with -o json; a stack trace never does.
package cmd

import (
	"context"
	"fmt"
	"io"
	"os"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"

	"rehook/cmd/config"
)

// The exit codes. Interrupted is what shells make of SIGINT: 128 + 2.
const (
	OK            = 0
	Partly        = 1 // some of it failed; what, is on standard error
	Usage         = 2
	Configuration = 3 // or credentials
	Unreachable   = 4 // a queue or service could not be reached
	Interrupted   = 130
)

// app is one run of the program.
type app struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	lookup func(string) (string, bool) // of the environment
	err    error                       // what the command's action came to
}

// Execute runs the command that args name, until it is done or ctx ends, and returns the exit code. It reads
// the process's environment.
func Execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr, lookup: os.LookupEnv}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := fang.Execute(ctx, root, fang.WithVersion(version()), fang.WithoutManpage(), fang.WithErrorHandler(silent))
	if err == nil {
		err = a.err
	}
	return a.report(ctx, err, wantsJSON(args, a.lookup))
}

// silent leaves errors to [app.report].
func silent(io.Writer, fang.Styles, error) {}

// root is the whole tree of commands.
func (a *app) root() *cobra.Command {
	root := a.command("rehook", "Keep, redeliver and triage the webhooks of Genesys Cloud that failed", knownCommand, a.screen)
	root.SuggestionsMinimumDistance = 2 // letters that may be wrong
	root.Long = root.Short + ".\n\nWithout a command: the screen, with the engine running."
	config.AddFlags(root.PersistentFlags(), "")
	root.SetFlagErrorFunc(misused)
	root.AddCommand(
		a.demo(),
		a.serve(),
		a.events(),
		a.ls(),
		a.showCommand(),
		a.redrive(),
		a.park(),
		a.release(),
		a.deleteCommand(),
		a.pause(),
		a.resume(),
		a.limit(),
		a.export(),
		a.importCommand(),
		a.queue(),
		a.localsqs(),
		a.config(),
	)
	return root
}

// knownCommand refuses words after the program's name that are no command.
func knownCommand(root *cobra.Command, given []string) error {
	if len(given) == 0 {
		return nil
	}
	if like := root.SuggestionsFor(given[0]); len(like) > 0 {
		return fmt.Errorf("unknown command %q: did you mean %q?", given[0], like[0])
	}
	return fmt.Errorf("unknown command %q", given[0])
}

// action is what a command does, with every setting found and checked.
type action func(ctx context.Context, cfg *config.Config, args []string) error

// command makes a command of an action. What the action returns is kept for [Execute] and not given to fang:
// before fang prints an error it asks the terminal for its background, and a terminal that never answers would
// hold the error back for seconds.
func (a *app) command(name, short string, args cobra.PositionalArgs, act action) *cobra.Command {
	c := &cobra.Command{Use: name, Short: short, Args: sayingWhatHelps(args)}
	c.RunE = func(c *cobra.Command, given []string) error {
		cfg, err := config.Load(c.Flags(), a.lookup)
		if err == nil {
			err = act(c.Context(), cfg, given)
		}
		a.err = err
		return nil
	}
	config.AddFlags(c.Flags(), c.Name())
	return c
}

// group makes a command that only has commands below it.
func group(name, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: name, Short: short, Args: sayingWhatHelps(cobra.NoArgs)}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	c.AddCommand(commands...)
	return c
}

func sayingWhatHelps(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		if err := check(c, given); err != nil {
			return misused(c, err)
		}
		return nil
	}
}
