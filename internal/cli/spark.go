package cli

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/pyspark"
	"github.com/streamctl/streamctl/internal/spark"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Titles of flag groups in the help, modeled on spark-submit's.
const (
	groupSpark      = "APACHE SPARK"
	groupStandalone = "SPARK STANDALONE ONLY"
	groupExecutors  = "SPARK STANDALONE, YARN AND KUBERNETES ONLY"
	groupYarnAndK8s = "SPARK ON YARN AND KUBERNETES ONLY"
	groupYarn       = "SPARK ON YARN ONLY"
	groupAnnotation = "group"
)

// submitFlags lists the flags that are passed on to spark-submit. They need --master.
var submitFlags = []struct{ name, typ, usage, group string }{
	{"deploy-mode", "MODE", "where the driver runs: client (here, the default) or cluster", groupSpark},
	{"packages", "COORDS", "Maven coordinates of jars, separated by commas", groupSpark},
	{"exclude-packages", "COORDS", "artifacts that --packages must not include, as group:artifact", groupSpark},
	{"repositories", "URLS", "additional repositories for --packages", groupSpark},
	{"jars", "FILES", "jars for driver and executors, separated by commas", groupSpark},
	{"py-files", "FILES", "files for PYTHONPATH, separated by commas", groupSpark},
	{"files", "FILES", "files for the working directories of the executors", groupSpark},
	{"archives", "FILES", "archives for executors to unpack", groupSpark},
	{"driver-memory", "MEM", "memory of the driver, such as 1000M or 2G (default 1024M)", groupSpark},
	{"driver-java-options", "OPTS", "JVM options of the driver", groupSpark},
	{"driver-class-path", "PATH", "additional class path entries of the driver", groupSpark},
	{"driver-library-path", "PATH", "additional library path entries of the driver", groupSpark},
	{"driver-cores", "N", "cores of the driver in cluster mode (default 1)", groupSpark},
	{"executor-memory", "MEM", "memory per executor (default 1G)", groupSpark},
	{"proxy-user", "NAME", "user to impersonate", groupSpark},
	{"total-executor-cores", "N", "total cores of all executors", groupStandalone},
	{"executor-cores", "N", "cores per executor", groupExecutors},
	{"num-executors", "N", "number of executors (default 2)", groupYarnAndK8s},
	{"principal", "NAME", "Kerberos principal", groupYarnAndK8s},
	{"keytab", "FILE", "keytab file of the principal", groupYarnAndK8s},
	{"queue", "NAME", "queue to submit to", groupYarn},
}

// embeddedOnly lists flags of file, socket and multi that Spark has no equivalent of.
var embeddedOnly = []string{"listen", "reconnect", "max-line-bytes", "max-width", "output", "rejects", "max-bad-rows", "keep-going", "until", "accept-changes"}

// sparkFlags holds the flags for running on Apache Spark.
type sparkFlags struct {
	set    *pflag.FlagSet
	master string
	conf   map[string]string // settings in addition to those of the job
}

// masters are the beginnings of the values of --master.
var masters = []string{"local[*]", "local[2]", "local[4]", "spark://", "yarn", "k8s://"}

func newSparkFlags(cmd *cobra.Command) *sparkFlags {
	fs := cmd.Flags()
	f := &sparkFlags{set: fs}
	fs.StringVar(&f.master, "master", "", "run on Apache Spark: `URL` is local[*], local[4], spark://HOST:PORT, yarn or k8s://URL")
	group(fs, groupSpark, "master")
	_ = cmd.RegisterFlagCompletionFunc("master", cobra.FixedCompletions(masters, cobra.ShellCompDirectiveNoSpace|cobra.ShellCompDirectiveNoFileComp))
	for _, s := range submitFlags {
		fs.String(s.name, "", s.usage)
		fs.Lookup(s.name).Value = named{fs.Lookup(s.name).Value, s.typ}
		group(fs, s.group, s.name)
	}
	return f
}

// named overrides the placeholder for a flag's value in the help.
type named struct {
	pflag.Value
	typ string
}

func (n named) Type() string { return n.typ }

// group assigns flags to a group of the help.
func group(fs *pflag.FlagSet, title string, names ...string) {
	for _, name := range names {
		if fs.Lookup(name) != nil {
			_ = fs.SetAnnotation(name, groupAnnotation, []string{title})
		}
	}
}

// check refuses flags that need --master if it is not set.
func (f *sparkFlags) check() error {
	if f.master != "" {
		return nil
	}
	for _, s := range submitFlags {
		if f.set.Changed(s.name) {
			return refused(sparkerr.Plain("--%s needs Apache Spark", s.name).
				WithHint("add --master URL, or leave the flag out to run the job on the embedded engine"))
		}
	}
	return nil
}

// submission returns the arguments for spark-submit.
func (f *sparkFlags) submission(j *job.Job, verbose bool) (spark.Submission, error) {
	s := spark.Submission{Master: f.master, Name: j.Name, Conf: maps.Clone(j.Conf)}
	if s.Conf == nil {
		s.Conf = map[string]string{}
	}
	maps.Copy(s.Conf, f.conf)
	for _, name := range append([]string{"properties-file"}, submitNames()...) {
		flag := f.set.Lookup(name)
		switch {
		case flag == nil || !flag.Changed:
		case name == "deploy-mode":
			s.DeployMode = flag.Value.String()
		default:
			s.Flags = append(s.Flags, spark.Flag{Name: name, Value: flag.Value.String()})
		}
	}
	if verbose {
		s.Flags = append(s.Flags, spark.Flag{Name: "verbose"})
	}
	return s, s.Check()
}

func submitNames() []string {
	var names []string
	for _, s := range submitFlags {
		names = append(names, s.name)
	}
	return names
}

// startOn runs a job on the engine that the flags select.
func (a *app) startOn(ctx context.Context, f *sparkFlags, j *job.Job, options runOptions) error {
	if f.master != "" {
		return a.startOnSpark(ctx, j, f, options)
	}
	return a.start(ctx, j, options)
}

// startOnSpark runs a job on Apache Spark until it ends.
func (a *app) startOnSpark(ctx context.Context, j *job.Job, f *sparkFlags, options runOptions) error {
	if err := a.loadSettings(); err != nil {
		return refused(err)
	}
	if options.keepGoing || options.untilAny {
		return refused(sparkerr.Plain("--keep-going and --until any need the embedded engine").
			WithHint("with --master, the streams run until all of them have ended or one fails"))
	}
	if options.acceptChanges {
		return refused(sparkerr.Plain("--accept-changes needs the embedded engine").WithHint("remove it: Spark goes on with any state of the same types"))
	}
	if a.settings.flags.Changed("state-memory") {
		return refused(sparkerr.Plain("--state-memory needs the embedded engine").WithHint("--executor-memory limits the memory of Spark's executors"))
	}
	if a.settings.flags.Changed("status") {
		return refused(sparkerr.Plain("--status needs the embedded engine").WithHint("Spark has its own page, whose address is in the log of the driver, usually with port 4040"))
	}
	if err := a.checkDescriptors(j, a.env().Out); err != nil {
		return refused(err)
	}
	submission, err := f.submission(j, a.settings.verbose > 1)
	if err != nil {
		return refused(err)
	}
	installation, err := a.findSpark(ctx)
	if err != nil {
		return refused(err)
	}
	program, err := a.sparkProgram(j, submission.Local())
	if err != nil {
		return refused(err)
	}
	unlock, err := engine.Lock(ctx, j, a.env())
	if err != nil {
		return &exitError{failure(err), err}
	}
	defer unlock()
	return a.submit(ctx, j, &spark.Process{
		Installation: installation, Submission: submission, Program: program, Timeout: j.Timeout, Endless: endless(j),
		Out: a.inherited(), Err: a.Err, LogLevel: a.sparkLogLevel(),
	})
}

// endless reports whether a stream of the job runs until it is stopped.
func endless(j *job.Job) bool {
	return slices.ContainsFunc(j.Streams, func(s *job.Stream) bool {
		return s.Sink.Trigger.Kind != job.Once && s.Sink.Trigger.Kind != job.AvailableNow
	})
}

// submit runs a prepared process and reports its end.
func (a *app) submit(ctx context.Context, j *job.Job, p *spark.Process) error {
	progress, err := newProgress(a, j, nil)
	if err != nil {
		return refused(err)
	}
	p.OnProgress = progress.report
	kill := p.Kill
	a.atOnce.Store(&kill)
	ctx, done := a.stopOnSignal(a.stopOnHangup(ctx, j))
	defer done()
	log := a.logger()
	log.Info("program started", "version", buildVersion, "job", j.Name, "streams", len(j.Streams), "master", p.Master, "spark", p.Version)
	summary, err := p.Run(ctx, func() syscall.Signal {
		if s, ok := signalOf(ctx); ok && s.signal == os.Interrupt {
			return syscall.SIGINT
		}
		return syscall.SIGTERM
	})
	if err != nil && engine.PhaseOf(err) == engine.PhaseRun && len(j.Streams) > 0 {
		progress.terminated(sparkFailure(j, err))
	}
	progress.end()
	log.Info("program ended", "batches", summary.Total().Batches, "wall", summary.Wall.Round(time.Millisecond).String())
	return a.finish(ctx, summary, progress.model.Sum(), err)
}

// sparkFailure returns the event for a run on Spark that has failed. Spark's own one does not leave its process.
func sparkFailure(j *job.Job, err error) *engine.Terminated {
	t := &engine.Terminated{}
	t.Fail(err)
	name := j.Streams[0].Name
	if failed, ok := errors.AsType[*engine.Error](err); ok && failed.Stream != "" {
		name = failed.Stream
	}
	if name != "" {
		t.Name = &name
	}
	for _, s := range j.Streams {
		if s.Name == name {
			t.Checkpoint = s.Sink.Checkpoint
		}
	}
	return t
}

// findSpark locates Spark and warns if it is not the version that streamctl is tested against.
func (a *app) findSpark(ctx context.Context) (spark.Installation, error) {
	installation, err := spark.Find(ctx, a.settings.text("spark-home"))
	if err == nil && installation.Version != "" && installation.Version != spark.Version {
		a.logger().Warn("Spark "+installation.Version+" is used; the embedded engine behaves like "+spark.Version, "spark-submit", installation.Submit)
	}
	return installation, err
}

// sparkLogLevel returns Spark's log level: warnings only with -v.
func (a *app) sparkLogLevel() string {
	if level := a.settings.text("log-level"); level != "" {
		return level
	}
	return []string{"error", "warn", "info"}[min(a.settings.verbose, 2)]
}

// sparkProgram checks a job for Spark and translates it. A master that is not local has files that this machine lacks.
func (a *app) sparkProgram(j *job.Job, local bool) (string, error) {
	missing := &notes{}
	if local {
		missing = nil
	}
	if _, err := a.checkForSpark(j, missing); err != nil {
		return "", err
	}
	if err := missing.print(a.Err); err != nil {
		return "", err
	}
	return pyspark.Program(j)
}
