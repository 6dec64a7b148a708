package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/pyspark"
	"github.com/streamctl/streamctl/internal/spark"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

const verifyLong = `Runs the job on the embedded engine and on Apache Spark over the same files, step by step, and compares the columns, the rows of
each batch, and the errors. The job's own directories, checkpoints and sinks are not touched.

--data holds the input. If there are several inputs, it holds one subdirectory per source or stream, with its name; tables of the job may
have one, too. Each file is
one step, in name order. If there are subdirectories with numbers as names (00, 01, …), each is one step with all its files.
Socket lines are read from files.`

func (a *app) verifyCommand() *cobra.Command {
	var data, output string
	var only []string
	var conf map[string]string
	cmd := &cobra.Command{
		Use: "verify JOB.yaml --data DIR", Short: "run a job on both engines and compare the results", Long: verifyLong,
		Example: `  streamctl verify configs/file-stream.yaml --data configs/data/people
  streamctl verify configs/two-streams.yaml --data samples --master 'local[*]' --output json`,
		Args: oneJobFile, ValidArgsFunction: completeJobFile,
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&data, "data", "", "`DIR` with the input files")
	onlyFlag(cmd, &only, "only the streams with these `NAMES`")
	outputFlag(cmd, &output)
	cmd.Flags().StringToStringVarP(&conf, "conf", "c", nil, "Spark setting `NAME=VALUE` for the comparison (repeatable)")
	flags := newSparkFlags(cmd)
	flags.master = "local[*]"
	cmd.Flags().Lookup("master").DefValue = flags.master
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkOutput(output); err != nil {
			return err
		}
		if data == "" {
			return refused(sparkerr.Plain("verify needs input").WithHint("pass --data DIR, a directory of input files in the format of the source"))
		}
		j, err := a.loadJob(args[0], only)
		if err != nil {
			return refused(err)
		}
		flags.conf = conf
		return a.verify(cmd.Context(), j, flags, data, output)
	}
	return cmd
}

// verify compares the engines. A difference is exit code 1.
func (a *app) verify(ctx context.Context, j *job.Job, f *sparkFlags, data, output string) error {
	v, err := a.verification(ctx, j, f, data)
	if err != nil {
		return refused(err)
	}
	kill := v.Process.Kill
	a.atOnce.Store(&kill)
	ctx, done := a.stopOnSignal(ctx)
	defer done()
	report, err := v.Run(ctx)
	if sig, ok := signalOf(ctx); ok {
		return &exitError{sig.code(), errQuiet}
	}
	if err != nil {
		return refused(err)
	}
	if err := a.reportVerification(report, output); err != nil {
		return err
	}
	if !report.Equal {
		return &exitError{exitFailed, errQuiet}
	}
	return nil
}

// verification checks the job and prepares both engines.
func (a *app) verification(ctx context.Context, j *job.Job, f *sparkFlags, data string) (*spark.Verification, error) {
	if err := a.loadSettings(); err != nil {
		return nil, err
	}
	if err := j.Validate(formats.Sources, formats.Sinks); err != nil {
		return nil, err
	}
	submission, err := f.submission(j, a.settings.verbose > 1)
	if err != nil {
		return nil, err
	}
	if submission.Cluster() {
		return nil, sparkerr.Plain("verify collects rows in the driver, which must run on this machine").WithHint("remove --deploy-mode")
	}
	installation, err := a.findSpark(ctx)
	if err != nil {
		return nil, err
	}
	return &spark.Verification{
		Job: j, Data: data, Env: a.env(),
		Process: &spark.Process{Installation: installation, Submission: submission, Err: a.Err, LogLevel: a.sparkLogLevel()},
		Program: pyspark.Program,
	}, nil
}

// reportVerification prints which streams are equal, and the differences side by side.
func (a *app) reportVerification(r *spark.Report, output string) error {
	if output == "json" {
		return a.writeJSON(r)
	}
	for _, s := range r.Streams {
		if s.Equal {
			line := fmt.Sprintf("%s: equal: %s, %s", s.Stream, count(int64(s.Batches), "batch", "batches"), count(int64(s.Rows), "row", "rows"))
			if s.Condition != "" {
				line += ", then both failed with " + s.Condition
			}
			if _, err := fmt.Fprintln(a.text(), line); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Fprintf(a.text(), "%s: different\n", s.Stream); err != nil {
			return err
		}
		var rows [][]string
		for _, d := range s.Differences {
			what := d.What
			if d.Batch != nil && d.What != "batch" {
				what = fmt.Sprintf("batch %d, %s", *d.Batch, d.What)
			} else if d.Batch != nil {
				what = fmt.Sprintf("batch %d", *d.Batch)
			}
			rows = append(rows, []string{what, orNothing(d.Embedded), orNothing(d.Spark)})
		}
		if err := a.table(a.text(), []string{"", "embedded engine", "Apache Spark"}, rows); err != nil {
			return err
		}
	}
	return nil
}

func orNothing(text string) string {
	if text == "" {
		return "(nothing)"
	}
	return text
}
