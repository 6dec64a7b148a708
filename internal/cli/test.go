package cli

import (
	"context"
	"errors"
	"io"
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

// testSuffix ends the name of a file of tests next to a job file.
const testSuffix = ".test.yaml"

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
		if o.watch {
			return a.watchTests(cmd.Context(), flags, args, &o)
		}
		return a.runTests(cmd.Context(), flags, args, &o)
	}
	return cmd
}

// A testFile is a file with tests, and the job that they are about.
type testFile struct {
	path  string
	job   *job.Job
	tests []*job.Test
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

// testFiles loads the tests in files and directories.
func (a *app) testFiles(args []string) ([]testFile, error) {
	var paths []string
	for _, arg := range args {
		found, err := jobFilesIn(arg)
		if err != nil {
			return nil, err
		}
		paths = append(paths, found...)
	}
	var files []testFile
	for _, path := range paths {
		found, err := a.testsOf(path, !slices.Contains(args, path))
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return files, nil
}

// jobFilesIn returns the YAML files of a directory and those below it, in order, without files of tests; a file is returned as it is, and a file of
// tests as the job file next to it.
func jobFilesIn(arg string) (list []string, err error) {
	if base, ok := strings.CutSuffix(arg, testSuffix); ok {
		return []string{base + ".yaml"}, nil
	}
	if st, err := os.Stat(arg); err != nil || !st.IsDir() {
		return []string{arg}, nil //nolint:nilerr // loading it tells what is wrong
	}
	err = filepath.WalkDir(arg, func(path string, d os.DirEntry, err error) error {
		ext := filepath.Ext(path)
		if err == nil && !d.IsDir() && (ext == ".yaml" || ext == ".yml") && !strings.HasSuffix(path, testSuffix) {
			list = append(list, path)
		}
		return err
	})
	return list, err
}

// testsOf loads the tests of a job file. In a directory, files that are not jobs are skipped.
func (a *app) testsOf(path string, inDirectory bool) (files []testFile, err error) {
	if inDirectory && !mentionsTests(path) {
		return nil, nil
	}
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
	if side := strings.TrimSuffix(path, filepath.Ext(path)) + testSuffix; exists(side) {
		tests, err := job.LoadTests(side)
		if err != nil {
			return nil, err
		}
		files = append(files, testFile{side, j, tests})
	}
	return files, nil
}

// mentionsTests reports whether a file has a line tests:, or a file of tests next to it.
func mentionsTests(path string) bool {
	text, err := os.ReadFile(path)
	return err == nil && strings.Contains("\n"+string(text), "\ntests:") || exists(strings.TrimSuffix(path, filepath.Ext(path))+testSuffix)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
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
	return &jobtest.OnSpark{Run: (&spark.Verification{
		Process: &spark.Process{Installation: installation, Submission: submission, Err: a.Err, LogLevel: a.sparkLogLevel()},
		Program: pyspark.Program,
	}).Replay}, nil
}

// watchTests runs the tests again whenever a file changes, until the context ends.
func (a *app) watchTests(ctx context.Context, flags *sparkFlags, args []string, o *testOptions) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return refused(sparkerr.Plain("changes of files cannot be watched: %s", sparkerr.Reason(err)))
	}
	defer w.Close()
	for _, arg := range args {
		dir := arg
		if st, err := os.Stat(arg); err == nil && !st.IsDir() {
			dir = filepath.Dir(arg)
		}
		if err := w.Add(dir); err != nil {
			return refused(sparkerr.Plain("%s cannot be watched: %s", dir, sparkerr.Reason(err)))
		}
	}
	ctx, done := a.stopOnSignal(ctx)
	defer done()
	for {
		if err := a.runTests(ctx, flags, args, o); err != nil && ctx.Err() == nil {
			a.errorPrinter().print(err)
		}
		a.say("waiting for changes")
		if !waitForChange(ctx, w) {
			sig, _ := signalOf(ctx)
			return &exitError{sig.code(), errQuiet}
		}
	}
}

// waitForChange waits for a change, and until no further one comes for a moment. It returns false when the context ends.
func waitForChange(ctx context.Context, w *fsnotify.Watcher) bool {
	select {
	case <-ctx.Done():
		return false
	case <-w.Events:
	}
	for {
		select {
		case <-ctx.Done():
			return false
		case <-w.Events:
		case <-time.After(100 * time.Millisecond):
			return true
		}
	}
}
