package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"rehook/cmd/config"
	"rehook/retry/deadletter"
	"rehook/retry/record"
	"rehook/sqsclient"
)

func (a *app) importCommand() *cobra.Command {
	var why string
	c := a.command("import", "Bring letters into the queue that were exported or deleted", cobra.MaximumNArgs(1),
		func(ctx context.Context, cfg *config.Config, files []string) error {
			return a.runImport(ctx, cfg, files, why)
		})
	c.Use = "import [FILE]"
	c.Long = c.Short + `.

FILE has one letter a line, as "rehook export" writes them and the trash in the state directory keeps them; without it,
or with -, they are read from standard input. All of it is checked before anything is sent. Letters keep their id, and
those that say they are parked go to the parked queue.`
	c.Example = "rehook import waiting.ndjson\ngrep 7f3a9c1e ~/.local/state/rehook/trash.ndjson | rehook import"
	addWhy(c, &why)
	return c
}

// addWhy adds the flag for the reason that the audit log keeps.
func addWhy(c *cobra.Command, why *string) {
	c.Flags().StringVar(why, "why", "", "the reason, for the audit log")
}

func (a *app) runImport(ctx context.Context, cfg *config.Config, files []string, why string) (err error) {
	if err := refuseReadOnly(cfg, "import sends letters"); err != nil {
		return err
	}
	letters, err := a.readImport(files)
	if err != nil {
		return err
	}
	if len(letters) == 0 {
		_, _ = fmt.Fprintln(a.stderr, "there are no letters to import")
		return nil
	}
	b, err := findBackend(cfg, a.logger(cfg))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	client, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	for _, l := range letters {
		if err := client.Fits(l.Letter); err != nil {
			return unimportable(l.line, err)
		}
	}
	done, err := a.importAudited(ctx, cfg, client, letters, why)
	if err != nil {
		return err
	}
	return a.printOutcomes(ctx, cfg.Output, didImport, done)
}

// refuseReadOnly refuses what a command does if nothing is to be changed.
func refuseReadOnly(cfg *config.Config, does string) error {
	if !cfg.ReadOnly {
		return nil
	}
	return &failure{err: fmt.Errorf("%s, and --read-only is set", does), hint: "leave --read-only out", code: Usage}
}

// readImport reads all of the file.
func (a *app) readImport(files []string) ([]lettered, error) {
	if len(files) == 0 || files[0] == "-" {
		if isTerminal(a.stdin) && len(files) == 0 {
			return nil, &failure{
				err:  errors.New("import reads letters from a file or from standard input"),
				hint: `name a file, or "-" to type them`, code: Usage,
			}
		}
		return readLetters(a.stdin)
	}
	file, err := os.Open(files[0])
	if err != nil {
		return nil, fmt.Errorf("read letters: %w", err)
	}
	letters, err := readLetters(file)
	return letters, errors.Join(err, file.Close())
}

// importAudited sends the letters, with a line in the audit log before and after. Without the first, nothing is sent.
func (a *app) importAudited(ctx context.Context, cfg *config.Config, client *sqsclient.Client, letters []lettered, why string) (done []outcome, err error) {
	if err := makeState(cfg); err != nil {
		return nil, err
	}
	audit, err := record.OpenAudit(cfg.StateDir)
	if err != nil {
		return nil, unusableState(err)
	}
	defer func() { err = errors.Join(err, audit.Close()) }()
	act := record.Act{By: operator(), Verb: "import", Why: why, Phase: record.Begun, Job: "import-" + strconv.Itoa(os.Getpid())}
	for _, l := range letters {
		act.IDs = append(act.IDs, l.ID)
	}
	if err := audit.Add(act); err != nil {
		return nil, unusableState(err)
	}
	done = a.importAll(ctx, client, letters)
	act.Phase, act.IDs = record.Ended, nil
	for _, o := range done {
		switch o.Did {
		case didImport:
			act.Done++
		case didNotImport:
			act.Failed++
		default:
			act.Skipped++
		}
	}
	if err := audit.Add(act); err != nil {
		_, _ = fmt.Fprintln(a.stderr, "the end of the import is not in the audit log: "+err.Error())
	}
	return done, nil
}

const importsAtOnce = 40 // four batches of ten

// importAll says of every letter what became of it, in their order. When ctx ends, those under way are seen to their end.
func (a *app) importAll(ctx context.Context, client *sqsclient.Client, letters []lettered) []outcome {
	p := a.progress()
	defer p.end()
	done := make([]outcome, len(letters))
	var group errgroup.Group
	group.SetLimit(importsAtOnce)
	for i, l := range letters {
		if ctx.Err() != nil {
			done[i] = outcome{ID: l.ID, Did: didSkip, Note: "interrupted before it was sent"}
			continue
		}
		p.say("%d of %d letters sent", i, len(letters))
		group.Go(func() error {
			done[i] = importOne(context.WithoutCancel(ctx), client, l.Letter)
			return nil
		})
	}
	_ = group.Wait() // what failed is in done
	return done
}

func importOne(ctx context.Context, client *sqsclient.Client, l *deadletter.Letter) outcome {
	o := outcome{ID: l.ID, Did: didImport}
	send := client.Send
	if l.Parked != nil {
		o.Note = "parked"
		send = client.SendParked
	}
	if err := send(ctx, l); err != nil {
		o.Did, o.Note = didNotImport, err.Error()
	}
	return o
}

// unimportable says which line of a file is no letter that can be sent.
func unimportable(line int, err error) error {
	return &failure{err: fmt.Errorf("line %d: %w", line, err), hint: "nothing was sent: correct the line, or leave it out", code: Partly}
}
