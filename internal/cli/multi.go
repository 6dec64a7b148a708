package cli

import (
	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// runOptions controls how the streams of a job run together.
type runOptions struct {
	keepGoing     bool // a failed stream does not stop the others
	untilAny      bool // the first stream to end stops the others
	acceptChanges bool // the state of a checkpoint counts for what the query computes now
}

// register adds the flags that file, socket and multi share.
func (o *runOptions) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.acceptChanges, "accept-changes", false, "go on with the state of a checkpoint although aggregates, keys or windows have changed")
}

func (a *app) multiCommand() *cobra.Command {
	var only []string
	var until string
	var options runOptions
	var dryRun bool
	cmd := &cobra.Command{
		Use: "multi JOB.yaml", Short: "run every stream of a job file in one process",
		Long: `Runs the streams of a job file until all of them have ended, the timeout expires, a signal arrives, or a stream fails. The
remaining streams then stop gracefully.`,
		Example: `  streamctl multi configs/two-streams.yaml --timeout 10s
  streamctl multi configs/two-streams.yaml --only upper --available-now`,
		Args: oneJobFile,
	}
	flags := job.NewMultiFlags(cmd.Flags())
	options.register(cmd)
	cmd.Flags().SortFlags = false
	onlyFlag(cmd, &only, "run only the streams with these `NAMES`")
	cmd.Flags().StringVar(&until, "until", "all", "end when all streams have ended, or when any has")
	cmd.Flags().BoolVar(&options.keepGoing, "keep-going", false, "keep the other streams running when one fails")
	cmd.Flags().BoolVarP(&dryRun, "dry-run", "n", false, "check the job and show its plans and schemas, without reading data")
	onSpark := newSparkFlags(cmd)
	groupStreamFlags(cmd.Flags())
	_ = cmd.RegisterFlagCompletionFunc("until", cobra.FixedCompletions([]string{"all", "any"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.ValidArgsFunction = completeJobFile
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := onSpark.check(); err != nil {
			return err
		}
		if until != "all" && until != "any" {
			return refused(sparkerr.Plain("--until is all or any, not %q", until))
		}
		options.untilAny = until == "any"
		j, err := a.loadJob(args[0], only)
		if err != nil {
			return refused(err)
		}
		if err := flags.Apply(j); err != nil {
			return refused(err)
		}
		if dryRun {
			return a.explain(cmd.Context(), j, "text")
		}
		return a.startOn(cmd.Context(), onSpark, j, options)
	}
	return cmd
}

// loadJob reads a job file and keeps the named streams, or all of them if only is empty.
func (a *app) loadJob(file string, only []string) (*job.Job, error) {
	j, err := a.readJob(file)
	if err != nil {
		return nil, err
	}
	a.hide(j.Secrets)
	if err := j.Keep(only); err != nil {
		return nil, err
	}
	return j, nil
}

func oneJobFile(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	return refused(sparkerr.Plain("%s takes one job file, got %d arguments", cmd.CommandPath(), len(args)).
		WithHint("%s JOB.yaml", cmd.CommandPath()))
}

func completeJobFile(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}
