package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/status"
)

// start runs a job on the embedded engine until it ends.
func (a *app) start(ctx context.Context, j *job.Job, options runOptions) error {
	if err := a.loadSettings(); err != nil {
		return refused(err)
	}
	env := a.env()
	if err := validate(j, env); err != nil {
		return refused(err)
	}
	if err := a.checkDescriptors(j, env.Out); err != nil {
		return refused(err)
	}
	progress, err := newProgress(a, j, env.Out)
	if err != nil {
		return refused(err)
	}
	progress.attach(&env)
	defer progress.end()
	closeStatus, err := a.serveStatus(progress.model, &env)
	if err != nil {
		return refused(err)
	}
	defer closeStatus()
	env.KeepGoing, env.UntilAny, env.AcceptChanges = options.keepGoing, options.untilAny, options.acceptChanges
	ctx, done := a.stopOnSignal(a.stopOnHangup(ctx, j))
	defer done()
	a.terminalInput(j)
	env.Log.Info("program started", "version", buildVersion, "job", j.Name, "streams", len(j.Streams))
	if a.settings.verbose > 0 {
		env.Log.Info("limits found", foundLimits()...)
	}
	summary, err := engine.Run(ctx, j, env)
	progress.end()
	env.Log.Info("program ended", "batches", summary.Total().Batches, "wall", summary.Wall.Round(time.Millisecond).String())
	return a.finish(ctx, summary, progress.model.Sum(), err)
}

// env returns the engine's view of the process.
func (a *app) env() engine.Env {
	return engine.Env{
		Stdin: a.In, Out: sinks.NewOutput(a.Out, a.OutTerminal), Log: a.logger(), Workers: a.settings.workers(),
		Notify:   a.notify,
		WaitLock: a.settings.waitLock(), StateMemory: a.settings.stateMemory(),
	}
}

// validate finds all mistakes: those that need no analysis, and those in expressions of streams that have no
// other mistake.
func validate(j *job.Job, env engine.Env) error {
	var err error
	if env.Missing != nil {
		err = j.ValidateAnywhere(formats.Sources, formats.Sinks, env.Missing)
	} else {
		err = j.Validate(formats.Sources, formats.Sinks)
	}
	if err == nil {
		return nil
	}
	if sound := j.Sound(); len(sound.Streams) > 0 {
		_, more := engine.Check(sound, env)
		err = errors.Join(err, more)
	}
	return err
}

// finish reports the end of a run and returns the error that determines the exit code.
func (a *app) finish(ctx context.Context, s engine.Summary, sum status.Totals, err error) error {
	if errors.Is(err, syscall.EPIPE) || err == nil && errors.Is(context.Cause(ctx), syscall.EPIPE) {
		return syscall.EPIPE
	}
	if err != nil && engine.PhaseOf(err) == engine.PhaseStart {
		return refused(err)
	}
	a.summary(s, &sum)
	if err != nil {
		return &exitError{failure(err), err}
	}
	if sig, ok := signalOf(ctx); ok && s.Reason == engine.Interrupted {
		return &exitError{sig.code(), errQuiet}
	}
	return nil
}

// errQuiet ends the program with an exit code and no message.
var errQuiet = errors.New("")

// failure returns the exit code for a failed query.
func failure(err error) int {
	var e *sparkerr.Error
	if errors.As(err, &e) && e.Condition == "CONCURRENT_QUERY" {
		return exitHeld
	}
	return exitFailed
}

// summary prints the final line: what was read and written, what is in the state, and why the run ended.
func (a *app) summary(s engine.Summary, sum *status.Totals) {
	if a.settings.quiet {
		return
	}
	t := s.Total()
	if a.logsJSON() {
		slog.New(slog.NewJSONHandler(a.Err, nil)).Info("finished", "reason", reasonText(s.Reason), "batches", t.Batches,
			"rowsIn", t.RowsIn, "rowsOut", t.RowsOut, "rowsMalformed", t.RowsMalformed, "rowsDropped", t.RowsDropped, "files", t.Files, "filesChanged", t.LeftOut.ChangedFiles, "unreadBytes", t.LeftOut.UnreadBytes,
			"filesTooOld", t.LeftOut.OldFiles, "filesOfKnownName", t.LeftOut.SameNames, "filesReadTwice", t.LeftOut.TwiceFiles,
			"filesNotPutAway", t.LeftOut.KeptFiles, "stateRows", sum.StateRows, "stateBytes", sum.StateBytes, "rowsLate", sum.Late, "heldBack", heldBack(&s), "wall", s.Wall.Seconds())
		return
	}
	line := fmt.Sprintf("%s: %s, %s in", reasonText(s.Reason), count(t.Batches, "batch", "batches"), count(t.RowsIn, "row", "rows"))
	if t.RowsOut >= 0 { // Spark's file sink does not count rows
		line += fmt.Sprintf(", %s out", count(t.RowsOut, "row", "rows"))
	}
	line += malformed(t)
	if t.Files > 0 {
		line += ", " + count(t.Files, "file", "files")
	}
	line += leftOut(&t.LeftOut)
	if text := stateLine(sum); text != "" {
		line += ", " + text
	}
	a.say("%s, %s", line, wall(s.Wall))
	for _, text := range heldBack(&s) {
		a.say("%s", text)
	}
	if a.settings.verbose > 0 && len(s.Streams) > 1 {
		a.streamTable(s)
	}
}

// heldBack says which streams wait for one of their inputs.
func heldBack(s *engine.Summary) []string {
	texts := []string{}
	for i := range s.Streams {
		h := s.Streams[i].HeldBack
		switch {
		case h == nil:
		case len(s.Streams) > 1:
			texts = append(texts, "stream "+s.Streams[i].Name+": "+h.Text())
		default:
			texts = append(texts, h.Text())
		}
	}
	return texts
}

// malformed formats the counts of malformed records for the summary: those kept as NULL, and those dropped.
func malformed(t engine.StreamSummary) string {
	text := ""
	if kept := t.RowsMalformed - t.RowsDropped; kept > 0 {
		text = fmt.Sprintf(", %d malformed (kept as NULL)", kept)
	}
	if t.RowsDropped > 0 {
		text += fmt.Sprintf(", %d malformed (dropped)", t.RowsDropped)
	}
	return text
}

// leftOut formats the counts of files that were not read, read twice, or not cleaned up.
func leftOut(l *engine.LeftOut) string {
	text := ""
	say := func(n int64, what string) {
		if n > 0 {
			text += ", " + count(n, "file", "files") + " " + what
		}
	}
	changed := "changed after reading"
	if l.UnreadBytes > 0 {
		changed += fmt.Sprintf(" (%d bytes unread)", l.UnreadBytes)
	}
	say(l.ChangedFiles, changed)
	say(l.OldFiles, "too old (maxFileAge)")
	say(l.SameNames, "of a known name (fileNameOnly)")
	say(l.TwiceFiles, "read twice")
	say(l.KeptFiles, "not put away (cleanSource)")
	return text
}

// streamTable prints the totals of each stream.
func (a *app) streamTable(s engine.Summary) {
	var rows [][]string
	for _, x := range s.Streams {
		rows = append(rows, []string{x.Name, fmt.Sprint(x.Batches), fmt.Sprint(x.RowsIn), fmt.Sprint(x.RowsOut),
			fmt.Sprint(x.RowsMalformed), fmt.Sprint(x.Files)})
	}
	_ = a.table(a.Err, []string{"stream", "batches", "rows in", "rows out", "malformed", "files"}, rows)
}

func reasonText(r engine.Reason) string {
	switch r {
	case engine.TimedOut:
		return "timeout reached"
	case engine.Interrupted:
		return "stopped"
	case engine.Failed:
		return "failed"
	case engine.FirstEnded:
		return "first stream ended"
	}
	return "done"
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func wall(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}
