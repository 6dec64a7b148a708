package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sources/file"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

func (a *app) checkpointCommand() *cobra.Command {
	parent := &cobra.Command{
		Use: "checkpoint", Short: "inspect a checkpoint",
		Example: "  streamctl checkpoint show /var/lib/people\n  streamctl checkpoint state /var/lib/people",
	}
	var output string
	show := &cobra.Command{
		Use: "show DIR", Short: "show how far a query has got and what its next run will do",
		Long: `Shows a checkpoint written by streamctl or Spark. It does not change the checkpoint and can be used during a run. The exit code
is 1 if the checkpoint is damaged.`,
		Example: "  streamctl checkpoint show /var/lib/people\n  streamctl checkpoint show /var/lib/people --output json",
		Args:    oneDirectory,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			return a.showCheckpoint(cmd.Context(), args[0], output == "json")
		},
	}
	outputFlag(show, &output)
	parent.AddCommand(show, a.stateCommand())
	return parent
}

// noCheckpoint says that a directory has no checkpoint.
func noCheckpoint(dir string) *sparkerr.Error {
	return sparkerr.Plain("there is no checkpoint in %s", dir).WithHint("pass the directory that a run got with --checkpoint, or checkpointLocation of its job file")
}

func (a *app) showCheckpoint(ctx context.Context, dir string, asJSON bool) error {
	r, err := checkpoint.Inspect(storage.OS, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return refused(noCheckpoint(dir))
	}
	if err != nil {
		return err
	}
	states, err := stateReports(ctx, r)
	if err != nil {
		r.Problems = append(r.Problems, sparkerr.ReasonWithPath(err))
	}
	if asJSON {
		err = a.writeJSON(checkpointReport{r, states})
	} else {
		_, err = a.text().Write([]byte(checkpointText(r, states)))
	}
	if err == nil && len(r.Problems) > 0 {
		return &exitError{exitFailed, errQuiet}
	}
	return err
}

// A checkpointReport is a checkpoint in JSON.
type checkpointReport struct {
	*checkpoint.Report
	State []stateReport `json:"state,omitempty"`
}

// checkpointText formats the report for people.
func checkpointText(r *checkpoint.Report, states []stateReport) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("checkpoint", "%s", r.Dir)
	line("query id", "%s", r.ID)
	if r.Query != nil {
		line("reads", "%s", r.Query.Source)
		line("writes to", "%s", r.Query.Sink)
	}
	if r.HeldBy != "" {
		line("in use by", "%s", r.HeldBy)
	}
	line("offsets", "%s", batches(r.Offsets))
	line("commits", "%s", batches(r.Commits))
	if n := r.Newest; n != nil {
		offsets, followed := offsetsText(n.Offsets)
		line("newest", "batch %d of %s, up to %s", n.ID, n.Time.Format(time.RFC3339), strings.Join(offsets, ", "))
		for _, text := range followed {
			line("followed", "%s", text)
		}
	}
	if r.Again {
		line("next", "batch %d runs again: it was started but not finished", r.Next)
	} else {
		line("next", "batch %d", r.Next)
	}
	for _, s := range r.Sources {
		line(fmt.Sprintf("source %d", s.Source), "%s in %s, the newest %s", count(int64(s.Files), "file", "files"),
			count(s.Entries, "entry", "entries"), s.Newest)
	}
	watermark := time.UnixMilli(r.Watermark).UTC()
	if r.Watermark != 0 {
		line("watermark", "%s", instant(watermark))
	}
	if h := r.HeldBack; h != nil {
		line("held back", "%s when the last run ended; the others have come to %s", h.Text(), h.Others)
	}
	for i := range states {
		name := fmt.Sprintf("state %d", states[i].Operator)
		for _, text := range states[i].text(watermark) {
			line(name, "%s", text)
			name = ""
		}
	}
	if r.Temporary > 0 {
		line("unfinished", "%s of a run that was killed; the next run removes them", count(int64(r.Temporary), "file", "files"))
	}
	for _, p := range r.Problems {
		line("problem", "%s", p)
	}
	return b.String()
}

// offsetsText returns offsets for people, and what they say of each file that is followed.
func offsetsText(list []string) (offsets, followed []string) {
	const most = 50
	for _, o := range list {
		files, ok := file.Followed(sources.Offset(o))
		if ok {
			o = "positions in " + count(int64(len(files)), "file", "files")
		}
		offsets, followed = append(offsets, o), append(followed, files...)
	}
	if more := len(followed) - most; more > 0 {
		followed = append(followed[:most], fmt.Sprintf("%d more, see --output json", more))
	}
	return offsets, followed
}

func batches(r checkpoint.LogReport) string {
	if r.Last < 0 {
		return "none"
	}
	return fmt.Sprintf("batches %d to %d (%d kept)", r.First, r.Last, r.Batches)
}
