package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/types"
)

func (a *app) validateCommand() *cobra.Command {
	portable := false
	cmd := a.checkCommand("validate JOB.yaml", "list every mistake of a job file",
		"  streamctl validate configs/two-streams.yaml\n  streamctl validate configs/two-streams.yaml --portable --output json",
		func(ctx context.Context, j *job.Job, output string) error {
			if portable {
				return a.validatePortable(j, output)
			}
			return a.validate(ctx, j, output)
		})
	cmd.Flags().BoolVar(&portable, "portable", false, "report what cannot run on Apache Spark, or needs something there")
	return cmd
}

func (a *app) explainCommand() *cobra.Command {
	return a.checkCommand("explain JOB.yaml", "show the plan of each stream before and after optimization, and its columns",
		"  streamctl explain configs/file-stream.yaml\n  streamctl explain configs/file-stream.yaml --output json", a.explain)
}

// checkCommand returns a command that reads a job file without running it.
func (a *app) checkCommand(use, short, example string, do func(ctx context.Context, j *job.Job, output string) error) *cobra.Command {
	var output string
	var only []string
	cmd := &cobra.Command{Use: use, Short: short, Example: example, Args: oneJobFile, ValidArgsFunction: completeJobFile}
	cmd.Flags().StringSliceVar(&only, "only", nil, "only the streams with these `NAMES`")
	outputFlag(cmd, &output)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkOutput(output); err != nil {
			return err
		}
		j, err := job.Load(args[0])
		if err == nil {
			a.hide(j.Secrets)
			err = j.Keep(only)
		}
		if err != nil {
			return a.mistakes(err, output)
		}
		return do(cmd.Context(), j, output)
	}
	return cmd
}

// check analyzes a job without reading data.
func (a *app) check(j *job.Job) ([]engine.StreamPlan, error) {
	if err := a.loadSettings(); err != nil {
		return nil, err
	}
	if err := validate(j, a.env()); err != nil {
		return nil, err
	}
	return engine.Check(j, a.env())
}

// A streamReport is a checked stream in JSON.
type streamReport struct {
	Name     string   `json:"name"`
	Schema   string   `json:"schema"`
	Plan     []string `json:"plan"`
	Analysed []string `json:"analysedPlan"`
}

// A jobReport is a checked job in JSON.
type jobReport struct {
	Streams  []streamReport `json:"streams"`
	NoEffect []string       `json:"noEffect,omitempty"`
}

func (a *app) report(j *job.Job, plans []engine.StreamPlan) error {
	r := jobReport{Streams: []streamReport{}, NoEffect: j.NoEffects(formats.Sources, formats.Sinks)}
	for _, p := range plans {
		r.Streams = append(r.Streams, streamReport{p.Name, columns(p.Output), p.Optimised, p.Analysed})
	}
	return a.writeJSON(r)
}

// validate reports all mistakes. If there are none, it lists the streams.
func (a *app) validate(_ context.Context, j *job.Job, output string) error {
	plans, err := a.check(j)
	for _, p := range plans {
		err = errors.Join(err, p.Err)
	}
	if err != nil {
		return a.mistakes(err, output)
	}
	if output == "json" {
		return a.report(j, plans)
	}
	var rows [][]string
	for i, p := range plans {
		s := j.Streams[i]
		rows = append(rows, []string{p.Name, place(s.Source.Format, s.Source.Path), place(s.Sink.Format, s.Sink.Path), columns(p.Output)})
	}
	if err := a.table(a.text(), []string{"stream", "source", "sink", "columns"}, rows); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.text(), "no mistakes")
	return err
}

// columns returns a schema as a user would type it: DDL with a blank after each comma.
func columns(s *types.Schema) string {
	parts := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		one := types.Schema{Fields: []types.Field{f}}
		parts[i] = one.DDL()
	}
	return strings.Join(parts, ", ")
}

func place(format, path string) string { return strings.TrimSpace(format + " " + path) }

// explain prints plans and columns.
func (a *app) explain(_ context.Context, j *job.Job, output string) error {
	plans, err := a.check(j)
	if err != nil {
		return a.mistakes(err, output)
	}
	if output == "json" {
		return a.report(j, plans)
	}
	for i, p := range plans {
		if i > 0 {
			fmt.Fprintln(a.text())
		}
		if err := a.explainStream(p); err != nil {
			return err
		}
	}
	if useless := j.NoEffects(formats.Sources, formats.Sinks); len(useless) > 0 {
		fmt.Fprintf(a.text(), "\nNo effect here: %s\n", strings.Join(useless, ", "))
	}
	for _, p := range plans {
		err = errors.Join(err, p.Err)
	}
	return a.mistakes(err, output)
}

func (a *app) explainStream(p engine.StreamPlan) error {
	if p.Name != "" {
		fmt.Fprintf(a.text(), "Stream %s\n\n", p.Name)
	}
	fmt.Fprintf(a.text(), "Plan as written\n%s\n", indented(p.Analysed))
	if p.Optimised != nil {
		fmt.Fprintf(a.text(), "Plan that runs\n%s\n", indented(p.Optimised))
	}
	var rows [][]string
	for _, f := range p.Output.Fields {
		rows = append(rows, []string{f.Name, f.Type.SQL(), nullability(f)})
	}
	return a.table(a.text(), []string{"column", "type", "null"}, rows)
}

func nullability(f types.Field) string {
	if f.Nullable {
		return "possible"
	}
	return "never"
}

func indented(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("  " + boundText(l) + "\n")
	}
	return b.String()
}
