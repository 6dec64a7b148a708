// Package cli implements the command line of streamctl: it turns flags and job files into a job, runs the job,
// and prints messages and reports. Rows go to standard output, everything else to standard error.
package cli

import (
	"context"
	"fmt"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Main runs the command in args and returns the exit code.
func Main(args []string) int {
	signal.Ignore(syscall.SIGPIPE) // report a write to a closed pipe as an error instead of dying from the signal
	a := &app{streams: processStreams()}
	a.quitOnSignal()
	return a.run(context.Background(), args)
}

// An app is one invocation of the command, with its streams and settings.
type app struct {
	*streams
	args     []string
	settings settings
	loaded   bool                   // the settings have been read
	helpAll  bool                   // --help-all
	atOnce   atomic.Pointer[func()] // ends work outside the process, before a second signal ends the process
}

// run executes the command and prints its error.
func (a *app) run(ctx context.Context, args []string) int {
	a.args = args
	root := a.rootCommand()
	root.SetArgs(args)
	err := sparkerr.Caught(func() error { return root.ExecuteContext(ctx) })
	if err != nil {
		a.errorPrinter().print(err)
		a.keepStacks(err)
	}
	return exitCode(err)
}

// errorPrinter returns a printer that follows the process settings as far as they can be read.
func (a *app) errorPrinter() errorPrinter {
	if a.settings.v == nil {
		_ = a.settings.load() // an error here is not the one to report now
	}
	return errorPrinter{
		w: a.painted(), colour: colour(a.settings.text("color"), a.ErrTerminal), whole: a.settings.verbose > 0,
		json: a.logsJSON() || wantsJSON(a.args),
	}
}

// wantsJSON looks for --log-format json after the flag that stopped the flag parser.
func wantsJSON(args []string) bool {
	for i, arg := range args {
		if arg == "--log-format=json" || arg == "--log-format" && i+1 < len(args) && args[i+1] == "json" {
			return true
		}
	}
	return false
}

const rootLong = `streamctl runs Spark Structured Streaming jobs from the shell, without a JVM.`

const rootExample = `  streamctl file --dir in --schema schema.yaml --with-column "result=concat(fname,'-',age)" --num-rows 3
  streamctl socket --listen :9999 --with-column "n=length(value)"`

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "streamctl", Short: "run Spark Structured Streaming jobs from the shell", Long: rootLong, Example: rootExample,
		SilenceErrors: true, SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.shortHelp(cmd) },
	}
	root.SetIn(a.In)
	root.SetOut(untilClosed{a.text()})
	root.SetErr(a.Err)
	root.AddGroup(&cobra.Group{ID: "run", Title: "RUN"}, &cobra.Group{ID: "check", Title: "CHECK"},
		&cobra.Group{ID: "more", Title: "MORE"})
	root.AddCommand(grouped("run", a.fileCommand(), a.socketCommand(), a.kafkaCommand(), a.multiCommand(), a.topCommand())...)
	root.AddCommand(grouped("check", a.initCommand(), a.validateCommand(), a.explainCommand(), a.schemaCommand(), a.functionsCommand(), a.testCommand(), a.verifyCommand())...)
	root.AddCommand(grouped("more", a.exportCommand(), a.checkpointCommand(), a.configCommand(), a.versionCommand(), a.manCommand(), a.referenceCommand())...)
	root.AddCommand(topicCommands()...)
	root.SetCompletionCommandGroupID("more")
	root.SetHelpCommandGroupID("more")
	root.SetHelpCommand(a.helpCommand())
	a.settings.register(root.PersistentFlags())
	root.SetFlagErrorFunc(a.flagError)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { _ = a.commandHelp(cmd, cmd.OutOrStdout()) })
	root.Version = buildVersion
	root.SetVersionTemplate("streamctl {{.Version}}\n")
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	completeInQuotes(root)
	a.checked(root)
	a.addHelpAll(root)
	return root
}

func grouped(id string, commands ...*cobra.Command) []*cobra.Command {
	for _, c := range commands {
		c.GroupID = id
	}
	return commands
}

// shortHelp is the output of the command without arguments: a summary and two examples.
func (a *app) shortHelp(cmd *cobra.Command) error {
	_, err := fmt.Fprintf(a.text(), "%s\n\nEXAMPLES\n%s\n\nstreamctl --help lists the commands, streamctl COMMAND --help their flags.\n",
		rootLong, cmd.Example)
	return err
}
