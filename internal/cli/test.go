package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/jobtest"
	"github.com/streamctl/streamctl/internal/pyspark"
	"github.com/streamctl/streamctl/internal/spark"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

const testLong = `Runs the tests of job files: those under tests: in the file, and those in NAME.test.yaml next to NAME.yaml. A test gives a stream
input, batch by batch, and says what must come out. The job's own sources, sinks and checkpoints are not touched, and the clock is a
virtual one. streamctl help tests describes the tests.

The exit code is 0 if all tests pass, 1 if one fails, and 2 if a test cannot be run.`

// testOptions are the flags of streamctl test.
type testOptions struct {
	run, output, junit string
	update, watch      bool
}

func (a *app) testCommand() *cobra.Command {
	var o testOptions
	cmd := &cobra.Command{
		Use: "test [FILE|DIR]...", Short: "run the tests of job files", Long: testLong,
		Example: `  streamctl test configs/windows.yaml
  streamctl test configs --output tap
  streamctl test job.yaml --update
  streamctl test job.yaml --master 'local[2]'`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&o.run, "run", "", "only tests with this `TEXT` in their names")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "text, tap or junit")
	cmd.Flags().StringVar(&o.junit, "junit", "", "also write JUnit XML to this `FILE`")
	cmd.Flags().BoolVar(&o.update, "update", false, "write the rows that come out into the files, as what is expected")
	cmd.Flags().BoolVar(&o.watch, "watch", false, "run the tests again whenever a file changes")
	flags := newSparkFlags(cmd)
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "tap", "junit"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := flags.check(); err != nil {
			return err
		}
		if !slices.Contains([]string{"text", "tap", "junit"}, o.output) {
			return refused(sparkerr.Plain("--output is text, tap or junit, not %q", o.output))
		}
		if len(args) == 0 {
			args = []string{"."}
		}
		if err := a.loadSettings(); err != nil {
			return refused(err)
		}
		ctx, done := a.stopOnSignal(cmd.Context())
		defer done()
		err := error(nil)
		if o.watch {
			err = a.watchTests(ctx, flags, args, &o)
		} else {
			err = a.runTests(ctx, flags, args, &o)
		}
		if sig, ok := signalOf(ctx); ok {
			return &exitError{sig.code(), errQuiet}
		}
		return err
	}
	return cmd
}

// runTests runs the tests of all files once.
func (a *app) runTests(ctx context.Context, flags *sparkFlags, args []string, o *testOptions) error {
	files, err := a.testFiles(args)
	if err != nil {
		return refused(err)
	}
	var suites []jobtest.Suite
	var cases []jobtest.Case
	for _, f := range files {
		tests := slices.DeleteFunc(slices.Clone(f.tests), func(t *job.Test) bool { return !strings.Contains(t.Name, o.run) })
		for _, t := range tests {
			cases = append(cases, jobtest.Case{Job: f.job, Test: t})
		}
		if len(tests) > 0 {
			suites = append(suites, jobtest.Suite{File: f.path, Outcomes: make([]*jobtest.Outcome, len(tests))})
		}
	}
	if len(cases) == 0 {
		return refused(noTests(args, o.run))
	}
	engine, err := a.testEngine(ctx, flags, o)
	if err != nil {
		return refused(err)
	}
	outcomes, err := jobtest.Run(ctx, cases, engine)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if on, ok := engine.(*jobtest.OnSpark); ok && err == nil {
		if text := on.Unchecked(cases); text != "" {
			a.say("note: %s", text)
		}
	}
	if err != nil {
		return refused(err)
	}
	for _, s := range suites {
		outcomes = outcomes[copy(s.Outcomes, outcomes):]
		if o.update {
			if err := a.updateTests(s.File, s.Outcomes); err != nil {
				return refused(err)
			}
		}
	}
	if o.update {
		return nil
	}
	return a.reportTests(suites, o)
}

func noTests(args []string, run string) error {
	if run != "" {
		return sparkerr.Plain("no test has %q in its name", run)
	}
	return sparkerr.Plain("there are no tests in %s", strings.Join(args, ", ")).WithHint("write them under tests: in the job file; streamctl help tests shows an example")
}

func (a *app) reportTests(suites []jobtest.Suite, o *testOptions) error {
	write := map[string]func(io.Writer, []jobtest.Suite) error{"text": jobtest.WriteText, "tap": jobtest.WriteTAP, "junit": jobtest.WriteJUnit}[o.output]
	if err := write(a.text(), suites); err != nil {
		return err
	}
	if o.junit != "" {
		f, err := os.Create(o.junit)
		if err == nil {
			err = errors.Join(jobtest.WriteJUnit(f, suites), f.Close())
		}
		if err != nil {
			return refused(sparkerr.Plain("the report cannot be written: %s", sparkerr.ReasonWithPath(err)))
		}
	}
	if jobtest.Failed(suites) {
		return &exitError{exitFailed, errQuiet}
	}
	return nil
}

// updateTests writes what came out into a file of tests.
func (a *app) updateTests(path string, outcomes []*jobtest.Outcome) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	updated, err := jobtest.Update(old, outcomes)
	if err != nil || string(updated) == string(old) {
		return err
	}
	if err := os.WriteFile(path, updated, 0o644); err != nil {
		return sparkerr.Plain("%s cannot be written: %s", path, sparkerr.Reason(err))
	}
	a.say("updated %s", path)
	return nil
}

// testsOf loads the tests of a job file.
func (a *app) testsOf(path string) (files []testFile, err error) {
	j, err := job.Load(path)
	if err != nil {
		return nil, err
	}
	a.hide(j.Secrets)
	if err := j.ValidateAnywhere(formats.Sources, formats.Sinks, func(error) {}); err != nil {
		return nil, err
	}
	if len(j.Tests) > 0 {
		files = append(files, testFile{path, j, j.Tests})
	}
	if side := testFileOf(path); exists(side) {
		tests, err := job.LoadTests(side)
		if err != nil {
			return nil, err
		}
		files = append(files, testFile{side, j, tests})
	}
	return files, nil
}

// testEngine returns what runs the tests.
func (a *app) testEngine(ctx context.Context, flags *sparkFlags, o *testOptions) (jobtest.Engine, error) {
	if flags.master == "" {
		env := a.env()
		env.Out = nil
		e := &jobtest.Embedded{Env: env}
		if a.settings.verbose > 0 {
			e.Say = func(text string) { a.say("%s", text) }
		}
		return e, nil
	}
	if o.update {
		return nil, sparkerr.Plain("--update writes what the embedded engine puts out").WithHint("leave --master out")
	}
	submission, err := flags.submission(&job.Job{Name: "streamctl test"}, a.settings.verbose > 1)
	if err != nil {
		return nil, err
	}
	if submission.Cluster() {
		return nil, sparkerr.Plain("tests collect rows in the driver, which must run on this machine").WithHint("remove --deploy-mode")
	}
	installation, err := a.findSpark(ctx)
	if err != nil {
		return nil, err
	}
	process := &spark.Process{Installation: installation, Submission: submission, Err: a.Err, LogLevel: a.sparkLogLevel()}
	kill := process.Kill
	a.atOnce.Store(&kill)
	return &jobtest.OnSpark{Run: (&spark.Verification{Process: process, Program: pyspark.Program}).Replay}, nil
}

// watchTests runs the tests again whenever a file changes, until the context ends.
func (a *app) watchTests(ctx context.Context, flags *sparkFlags, args []string, o *testOptions) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return refused(sparkerr.Plain("changes of files cannot be watched: %s", sparkerr.Reason(err)))
	}
	defer w.Close()
	for {
		if err := a.watchFiles(w, args); err != nil { // before the run, so that no change is missed
			return refused(err)
		}
		if err := a.runTests(ctx, flags, args, o); err != nil && ctx.Err() == nil {
			a.errorPrinter().print(err)
		}
		if ctx.Err() == nil {
			a.say("waiting for changes")
		}
		if !waitForChange(ctx, w, o.junit) {
			return context.Cause(ctx)
		}
	}
}

// watchFiles has the directories watched in which a change may matter: those named, those below them, and those of the files that tests give their
// streams. Directories, because editors replace files.
func (a *app) watchFiles(w *fsnotify.Watcher, args []string) error {
	var dirs []string
	for _, arg := range args {
		if !isDirectory(arg) {
			dirs = append(dirs, filepath.Dir(arg))
			continue
		}
		err := filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				dirs = append(dirs, path)
			}
			return err
		})
		if err != nil {
			return sparkerr.Plain("%s cannot be watched: %s", arg, sparkerr.ReasonWithPath(err))
		}
	}
	files, _ := a.testFiles(args) // the run reports what is wrong with them
	for _, f := range files {
		for _, t := range f.tests {
			for _, path := range jobtest.DataFiles(f.job, t) {
				if dir := filepath.Dir(path); isDirectory(dir) {
					dirs = append(dirs, dir)
				}
			}
		}
	}
	for _, dir := range dirs {
		if err := w.Add(dir); err != nil {
			return sparkerr.Plain("%s cannot be watched: %s", dir, sparkerr.Reason(err))
		}
	}
	return nil
}

// waitForChange waits for a change of a file other than the report, and until no further one comes for a moment. It returns false when the context ends.
func waitForChange(ctx context.Context, w *fsnotify.Watcher, report string) bool {
	var quiet <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return false
		case e := <-w.Events:
			if e.Op != fsnotify.Chmod && (report == "" || filepath.Clean(e.Name) != filepath.Clean(report)) {
				quiet = time.After(100 * time.Millisecond)
			}
		case <-quiet:
			return true
		}
	}
}
