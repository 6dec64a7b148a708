// Package cli is the command line: flags in, a job out, and everything that is printed besides rows. Rows go to standard
// output, all else to standard error.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Main runs the command and gives the exit code.
func Main(args []string) int {
	signal.Ignore(syscall.SIGPIPE) // a write to a closed pipe is an error, not the end by a signal
	a := &app{streams: processStreams()}
	return a.run(context.Background(), args)
}

// An app is one invocation: its streams and settings.
type app struct {
	*streams
	settings settings
	atOnce   atomic.Pointer[func()] // ends what runs outside the process, before a second signal ends it
}

// run executes the command and reports its error.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	errorPrinter{a.Err, colour(a.colourMode(), a.ErrTerminal)}.print(err)
	return exitCode(err)
}

// colourMode is the setting color, or that of the flag when settings were not loaded.
func (a *app) colourMode() string {
	if a.settings.v != nil {
		return a.settings.text("color")
	}
	return "auto"
}

const rootLong = `streamctl runs Spark Structured Streaming jobs from the shell, without a JVM.`

const rootExample = `  streamctl file --dir in --schema schema.yaml --with-column "result=concat(fname,'-',age)" --num-rows 3
  streamctl socket --listen :9999 --with-column "n=length(value)"`

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "streamctl", Short: "Spark Structured Streaming jobs from the shell", Long: rootLong, Example: rootExample,
		SilenceErrors: true, SilenceUsage: true,
		Args: func(_ *cobra.Command, args []string) error { return unknownCommand(args) },
		RunE: func(cmd *cobra.Command, _ []string) error { return a.shortHelp(cmd) },
	}
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.AddGroup(&cobra.Group{ID: "run", Title: "RUN"}, &cobra.Group{ID: "check", Title: "CHECK"},
		&cobra.Group{ID: "more", Title: "MORE"})
	root.AddCommand(grouped("run", a.fileCommand(), a.socketCommand(), a.multiCommand())...)
	root.AddCommand(grouped("check", a.validateCommand(), a.explainCommand(), a.schemaCommand(), a.functionsCommand(), a.verifyCommand())...)
	root.AddCommand(grouped("more", a.exportCommand(), a.checkpointCommand(), a.configCommand(), a.versionCommand())...)
	root.AddCommand(topicCommands()...)
	root.SetCompletionCommandGroupID("more")
	root.SetHelpCommandGroupID("more")
	a.settings.register(root.PersistentFlags())
	root.SetFlagErrorFunc(flagError)
	cobra.AddTemplateFunc("groupedUsages", groupedUsages)
	root.SetUsageTemplate(usageTemplate)
	root.SetHelpTemplate(helpTemplate)
	root.Version = buildVersion
	root.SetVersionTemplate("streamctl {{.Version}}\n")
	return root
}

func grouped(id string, commands ...*cobra.Command) []*cobra.Command {
	for _, c := range commands {
		c.GroupID = id
	}
	return commands
}

// shortHelp is what the bare command prints: what it is and two examples.
func (a *app) shortHelp(cmd *cobra.Command) error {
	_, err := fmt.Fprintf(a.Out, "%s\n\nEXAMPLES\n%s\n\nstreamctl --help lists the commands, streamctl COMMAND --help their flags.\n",
		rootLong, cmd.Example)
	return err
}

func unknownCommand(args []string) error {
	if len(args) == 0 {
		return nil
	}
	e := sparkerr.Plain("unknown command %q", args[0])
	if strings.HasSuffix(args[0], ".yaml") || strings.HasSuffix(args[0], ".yml") {
		return refused(e.WithHint("streamctl multi %s runs the streams of a job file", args[0]))
	}
	if hint := job.DidYouMean(args[0], []string{"file", "socket", "multi", "validate", "explain", "verify", "export", "schema", "checkpoint", "config", "version", "completion", "help"}); hint != "" {
		e.Hint = hint
	}
	return refused(e)
}

// notTaken are flags of spark-submit that make no sense for a job file.
var notTaken = []string{"class", "remote", "supervise", "kill", "status", "load-spark-defaults"}

// flagError turns pflag's errors into ours, with the closest flags.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return refused(sparkerr.Plain("%v", err).WithHint("%s --help lists the flags", cmd.CommandPath()))
	}
	name := unknown.GetSpecifiedName()
	e := sparkerr.Plain("unknown flag --%s", name)
	if len(name) == 1 {
		e = sparkerr.Plain("unknown flag -%s", name)
	}
	if slices.Contains(notTaken, name) {
		return refused(sparkerr.Plain("--%s of spark-submit is not taken", name).
			WithHint("streamctl export JOB.yaml writes the program; submit it with spark-submit --%s", name))
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	if e.Hint = job.DidYouMean("--"+name, known); e.Hint == "" {
		e.Hint = cmd.CommandPath() + " --help lists the flags"
	}
	return refused(e)
}

const helpTemplate = `{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}

{{end}}{{if or .Runnable .HasSubCommands}}{{.UsageString}}{{end}}`

const usageTemplate = `USAGE{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}{{if .HasExample}}

EXAMPLES
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}{{$cmds := .Commands}}{{range $group := .Groups}}

{{.Title}}{{range $cmds}}{{if (and (eq .GroupID $group.ID) .IsAvailableCommand)}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

{{groupedUsages .LocalFlags}}{{end}}{{if .HasAvailableInheritedFlags}}

PROCESS FLAGS
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasHelpSubCommands}}

HELP TOPICS{{range .Commands}}{{if .IsAdditionalHelpTopicCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}

ENVIRONMENT
  STREAMCTL_LOG_LEVEL and the like set the process flags; streamctl help environment has them all.
`
