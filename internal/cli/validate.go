package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// validation holds the flags of validate.
type validation struct {
	portable, strict bool
	only             []string
	output           string
}

func (a *app) validateCommand() *cobra.Command {
	var v validation
	cmd := &cobra.Command{
		Use: "validate JOB.yaml…", Short: "list every mistake of job files",
		Long: `Checks job files without reading data. A directory means the job files in it and below: YAML files whose top level is a mapping. A file
of tests, NAME.test.yaml, means the job file next to it. With "-", the job file is read from standard input; its relative paths are those of the current directory.`,
		Example: "  streamctl validate configs/two-streams.yaml\n  streamctl validate configs\n  streamctl validate configs/two-streams.yaml --portable --output json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return refused(sparkerr.Plain("%s needs a job file or a directory", cmd.CommandPath()).WithHint("%s JOB.yaml", cmd.CommandPath()))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	onlyFlag(cmd, &v.only, "only the streams with these `NAMES`")
	outputFlag(cmd, &v.output)
	cmd.Flags().BoolVar(&v.portable, "portable", false, "report what cannot run on Apache Spark, or needs something there")
	cmd.Flags().BoolVar(&v.strict, "strict", false, "data that is not on this machine is a mistake, as it is for a run")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkOutput(v.output); err != nil {
			return err
		}
		files, several, err := jobFiles(args, func(path string) { a.say("note: %s is not a job file: its top level is not a mapping", path) })
		switch {
		case err != nil:
			return a.mistakes(err, v.output)
		case !several:
			return a.validateFile(cmd.Context(), files[0], v)
		case len(v.only) > 0:
			return refused(sparkerr.Plain("--only belongs to one job file, not to %d", len(files)).WithHint("name one job file"))
		}
		return a.validateFiles(cmd.Context(), files, v)
	}
	return cmd
}

// validateFile reports the mistakes of one job file.
func (a *app) validateFile(ctx context.Context, file string, v validation) error {
	j, err := a.loadJob(file, v.only)
	switch {
	case err != nil:
		return a.mistakes(err, v.output)
	case v.portable:
		return a.validatePortable(j, v.output, v.strict)
	}
	return a.validate(ctx, j, v.output, v.strict)
}

// validateFiles reports the mistakes of several job files, under the name of each.
func (a *app) validateFiles(ctx context.Context, files []string, v validation) error {
	wrong := 0
	for i, file := range files {
		if v.output == "text" {
			if i > 0 {
				fmt.Fprintln(a.text())
			}
			fmt.Fprintln(a.text(), file)
		}
		err := a.validateFile(ctx, file, v)
		if err == nil {
			continue
		}
		wrong++
		if !errors.Is(err, errQuiet) {
			a.errorPrinter().print(err)
		}
	}
	if wrong == 0 {
		return nil
	}
	a.say("%d of %s have mistakes", wrong, count(int64(len(files)), "job file", "job files"))
	return &exitError{exitRefused, errQuiet}
}

// readJob reads a job file, or standard input if its name is "-".
func (a *app) readJob(file string) (*job.Job, error) {
	if file != "-" {
		return job.Load(file)
	}
	if a.InTerminal {
		a.say("reading a job file from standard input; end it with Ctrl-D")
	}
	data, err := io.ReadAll(io.LimitReader(a.In, job.MaxFileBytes+1))
	if err != nil {
		return nil, sparkerr.Plain("standard input cannot be read: %s", sparkerr.Reason(err))
	}
	j, err := job.Parse(data, file)
	if err == nil && slices.ContainsFunc(j.Streams, func(s *job.Stream) bool { return j.StandardInputs(s) > 0 }) {
		return nil, sparkerr.Plain("standard input is both the job file and the source of a stream").WithHint("write the job file to a file")
	}
	return j, err
}

// onlyFlag adds the flag that selects streams of a job file, whose names it completes.
func onlyFlag(cmd *cobra.Command, only *[]string, usage string) {
	cmd.Flags().StringSliceVar(only, "only", nil, usage)
	_ = cmd.RegisterFlagCompletionFunc("only", func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, file := range args {
			if j, err := job.Load(file); err == nil {
				for _, s := range j.Streams {
					names = append(names, s.Name)
				}
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
}
