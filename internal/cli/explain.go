package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

func (a *app) explainCommand() *cobra.Command {
	var output string
	var only []string
	cmd := &cobra.Command{
		Use: "explain JOB.yaml", Short: "show the plans of each stream, and its columns",
		Example: "  streamctl explain configs/file-stream.yaml\n  streamctl explain configs/file-stream.yaml --output json",
		Args:    oneJobFile, ValidArgsFunction: completeJobFile,
	}
	onlyFlag(cmd, &only, "only the streams with these `NAMES`")
	outputFlag(cmd, &output)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkOutput(output); err != nil {
			return err
		}
		j, err := a.loadJob(args[0], only)
		if err != nil {
			return a.mistakes(err, output)
		}
		return a.explain(cmd.Context(), j, output)
	}
	return cmd
}

// check analyzes a job without reading data. missing collects notes about data that is not here; nil: these are errors.
func (a *app) check(j *job.Job, missing *notes) ([]engine.StreamPlan, error) {
	if err := a.loadSettings(); err != nil {
		return nil, err
	}
	env := missing.env(a)
	if err := validate(j, env); err != nil {
		return nil, err
	}
	return engine.Check(j, env)
}

// notes are facts about a job that are not mistakes.
type notes struct{ list []error }

// env returns the engine's view of the process, in which missing data is noted; if n is nil, it is an error.
func (n *notes) env(a *app) engine.Env {
	env := a.env()
	if n != nil {
		env.Missing = func(note error) { n.list = append(n.list, note) }
	}
	return env
}

// unique returns the notes without duplicates.
func (n *notes) unique() []error {
	if n == nil {
		return nil
	}
	return flatten(errors.Join(n.list...))
}

// print writes the notes to w.
func (n *notes) print(w io.Writer) error {
	for _, note := range n.unique() {
		m := mistakeOf(note)
		at, _ := errors.AsType[*sparkerr.Error](note)
		if _, err := fmt.Fprintf(w, "%snote: %s\n  %s\n", position(at.Place), m.Message, m.Hint); err != nil {
			return err
		}
	}
	return nil
}

// mistakes converts the notes to their JSON form; nil if there are none.
func (n *notes) mistakes() []mistake {
	if len(n.unique()) == 0 {
		return nil
	}
	return mistakeList(errors.Join(n.list...))
}

// A streamReport is a checked stream in JSON.
type streamReport struct {
	Name     string   `json:"name"`
	Schema   string   `json:"schema"`
	Plan     []string `json:"plan"`
	Analysed []string `json:"analysedPlan"`
	// Watermark says how those of several inputs make that of the query.
	Watermark string `json:"watermark,omitempty"`
}

// A jobReport is a checked job in JSON.
type jobReport struct {
	Streams  []streamReport `json:"streams"`
	NoEffect []string       `json:"noEffect,omitempty"`
	Notes    []mistake      `json:"notes,omitempty"`
	File     string         `json:"file,omitempty"` // the job file
}

func (a *app) report(j *job.Job, plans []engine.StreamPlan, missing *notes) error {
	r := jobReport{File: j.File, Streams: []streamReport{}, NoEffect: j.NoEffects(formats.Sources, formats.Sinks), Notes: missing.mistakes()}
	for _, p := range plans {
		r.Streams = append(r.Streams, streamReport{p.Name, columns(p.Output), p.Optimised, p.Analysed, p.Watermark})
	}
	return a.writeJSON(r)
}

// validate reports all mistakes. If there are none, it lists the streams.
func (a *app) validate(_ context.Context, j *job.Job, format string, strict bool) error {
	missing := &notes{}
	if strict {
		missing = nil
	}
	plans, err := a.check(j, missing)
	for _, p := range plans {
		err = errors.Join(err, p.Err)
	}
	if err != nil {
		return a.mistakes(err, format)
	}
	if format == "json" {
		return a.report(j, plans, missing)
	}
	if err := missing.print(a.text()); err != nil {
		return err
	}
	output := map[string]string{}
	for _, p := range plans {
		output[p.Name] = columns(p.Output)
	}
	var rows [][]string
	for _, s := range j.Streams {
		rows = append(rows, []string{s.Name, place(s.Source.Format, s.Source.Path), place(s.Sink.Format, s.Sink.Path), cmp.Or(output[s.Name], "not known here")})
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
	missing := &notes{}
	plans, err := a.check(j, missing)
	if err != nil {
		return a.mistakes(err, output)
	}
	if output == "json" {
		return a.report(j, plans, missing)
	}
	if err := missing.print(a.Err); err != nil {
		return err
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
	if p.Watermark != "" {
		fmt.Fprintf(a.text(), "Watermark\n%s\n", indented([]string{p.Watermark}))
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
