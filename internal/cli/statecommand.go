package cli

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
)

const stateLong = `Prints the keys and values that a stateful step keeps, one row each. The columns of the value are those of Spark's aggregation
buffers. It does not lock or change the checkpoint, so the query may be running.

Version N is the state before batch N, so the state after batch N is version N+1. By default, the newest committed version is
printed. --diff A..B prints the keys that were added, changed or removed between two versions.`

const stateExample = `  streamctl checkpoint state ckpt
  streamctl checkpoint state ckpt --where "status = 404" -o json
  streamctl checkpoint state ckpt --diff 3..4`

// stateFlags are the flags of checkpoint state.
type stateFlags struct {
	operator             int
	store, where, output string
	version              int64
	diff                 string
	versionGiven         bool
}

func (a *app) stateCommand() *cobra.Command {
	var f stateFlags
	cmd := &cobra.Command{
		Use: "state DIR", Short: "print the keys and values of a query's state", Long: stateLong, Example: stateExample, Args: oneDirectory,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.versionGiven = cmd.Flags().Changed("version")
			return a.printState(cmd.Context(), args[0], &f)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().IntVar(&f.operator, "operator", 0, "number of the stateful step; 0 is the one nearest to the sink")
	cmd.Flags().StringVar(&f.store, "store", "", "store of the step; default: its first one")
	cmd.Flags().StringVar(&f.where, "where", "", "print only rows for which the expression is true")
	cmd.Flags().Int64Var(&f.version, "version", 0, "version to print; default: the newest committed one")
	cmd.Flags().StringVar(&f.diff, "diff", "", "print the differences between two versions, as `A..B`")
	cmd.Flags().StringVarP(&f.output, "output", "o", "csv", "`FORMAT`: "+job.Choices(stateFormats(), "csv"))
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(stateFormats(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// stateFormats returns the formats of standard output that take any columns.
func stateFormats() []string {
	return formats.Sinks.Names(func(f *job.Format) bool { return job.OnStdout(f) && f.Name != "text" })
}

// oneDirectory checks that a command has one argument.
func oneDirectory(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return refused(sparkerr.Plain("%s takes one directory, got %d arguments", cmd.CommandPath(), len(args)))
	}
	return nil
}

// printState prints a version of a store, or a difference between two.
func (a *app) printState(ctx context.Context, dir string, f *stateFlags) error {
	if err := a.loadSettings(); err != nil {
		return refused(err)
	}
	archive, newest, err := openState(dir)
	if err != nil {
		return refused(err)
	}
	layout, err := layoutOf(archive, f.operator, f.store)
	if err != nil {
		return refused(err)
	}
	oldest, readable, err := archive.Versions()
	if err != nil {
		return err
	}
	newest = min(newest, readable)
	if f.diff != "" {
		from, to, err := f.versions(oldest, readable)
		if err != nil {
			return refused(err)
		}
		return a.writeRows(ctx, f, diffColumns(layout), func(do state.BatchFunc) error {
			return archive.Diff(ctx, f.operator, layout.Name, from, to, do)
		})
	}
	if f.versionGiven {
		newest = f.version
	}
	if err := checkVersion(newest, oldest, readable, "--version"); err != nil {
		return refused(err)
	}
	return a.writeRows(ctx, f, stateColumns(layout), func(do state.BatchFunc) error {
		return archive.Each(ctx, f.operator, layout.Name, newest, do)
	})
}

// openState opens the state of a checkpoint. newest is the version of the last committed batch.
func openState(dir string) (archive *state.Archive, newest int64, err error) {
	r, err := checkpoint.Inspect(storage.OS, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, noCheckpoint(dir)
	}
	if err != nil {
		return nil, 0, err
	}
	archive, err = state.OpenArchive(storage.OS, filepath.Join(dir, stateDir))
	if err == nil && len(archive.Operators) == 0 {
		err = sparkerr.Plain("the checkpoint %s has no state", dir).
			WithHint("its query has no stateful step such as groupBy, or has not committed a batch; streamctl checkpoint show %s", dir)
	}
	return archive, r.Commits.Last + 1, err
}

// stateDir is the directory of the state in a checkpoint.
const stateDir = "state"

// layoutOf returns the layout of a store, the first one if it is not named.
func layoutOf(archive *state.Archive, operator int, store string) (*state.Layout, error) {
	if operator < 0 || operator >= len(archive.Operators) {
		return nil, sparkerr.Plain("there is no operator %d", operator).
			WithHint("the checkpoint has %s, numbered from 0; streamctl checkpoint show lists them", count(int64(len(archive.Operators)), "operator", "operators"))
	}
	var names []string
	for i, l := range archive.Operators[operator].Stores {
		if l.Name == store || store == "" {
			return &archive.Operators[operator].Stores[i], nil
		}
		names = append(names, l.Name)
	}
	return nil, sparkerr.Plain("operator %d has no store %q", operator, store).WithHint("%s", job.DidYouMean(store, names))
}

// versions parses --diff.
func (f *stateFlags) versions(oldest, newest int64) (from, to int64, err error) {
	before, after, ok := strings.Cut(f.diff, "..")
	from, errFrom := strconv.ParseInt(before, 10, 64)
	to, errTo := strconv.ParseInt(after, 10, 64)
	switch {
	case !ok || errFrom != nil || errTo != nil:
		return 0, 0, sparkerr.Plain("--diff takes two versions, not %q", f.diff).WithHint("--diff %d..%d", max(newest-1, 0), newest)
	case f.versionGiven:
		return 0, 0, sparkerr.Plain("--diff and --version are mutually exclusive")
	}
	if err := checkVersion(from, oldest, newest, "--diff"); err != nil {
		return 0, 0, err
	}
	return from, to, checkVersion(to, oldest, newest, "--diff")
}

// checkVersion refuses a version whose files are not there. Version 0 is empty and has none.
func checkVersion(version, oldest, newest int64, flag string) error {
	if version == 0 || version >= oldest && version <= newest {
		return nil
	}
	return sparkerr.Plain("%s: the checkpoint does not have version %d", flag, version).
		WithHint("it has versions %d to %d; spark.sql.streaming.minBatchesToRetain decides how many are kept", oldest, newest)
}
