package cli

import (
	"errors"
	"io"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/suggest"
)

// helpCommand describes a command, topic, format, function or option.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND | TOPIC | FORMAT | FUNCTION | OPTION]", Short: "describe a command, topic, format, function or option",
		Example: "  streamctl help file\n  streamctl help exit-codes\n  streamctl help formats csv\n  streamctl help concat",
		Args:    cobra.ArbitraryArgs,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			switch {
			case len(args) == 1 && args[0] == "formats":
				return formatNames(), cobra.ShellCompDirectiveNoFileComp
			case len(args) == 1 && args[0] == "functions":
				return functionNames(), cobra.ShellCompDirectiveNoFileComp
			case len(args) > 0:
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return helpNames(cmd.Root()), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.help(cmd.Root(), args) },
	}
}

// help looks a name up among commands, topics, formats, functions and options, in this order and ignoring case.
func (a *app) help(root *cobra.Command, args []string) error {
	if cmd := commandOf(root, args); cmd != nil {
		return cmd.Help()
	}
	if len(args) > 1 && slices.Contains([]string{"formats", "functions"}, strings.ToLower(args[0])) {
		args = args[1:] // help formats csv is help csv
	}
	name := strings.ToLower(args[0])
	if len(args) == 1 {
		if t, ok := findTopic(name); ok {
			return a.print(t.text())
		}
		if _, ok := function.Lookup(name); ok {
			return a.oneFunction(name, "text")
		}
		var text strings.Builder
		if optionHelp(&text, name) {
			return a.print(text.String())
		}
	}
	e := sparkerr.Plain("there is no help on %q", strings.Join(args, " "))
	if close := suggest.Closest(name, append(helpNames(root), functionNames()...), 3); len(close) > 0 {
		return refused(e.WithHint("did you mean %s?", strings.Join(close, " or ")))
	}
	return refused(e.WithHint("streamctl help lists commands and topics, streamctl functions the functions"))
}

// commandOf returns the command that words name. It returns root for no words, and nil if there is no such
// command.
func commandOf(root *cobra.Command, words []string) *cobra.Command {
	cmd := root
	for _, word := range words {
		i := slices.IndexFunc(cmd.Commands(), func(c *cobra.Command) bool {
			return strings.EqualFold(c.Name(), word) && !c.IsAdditionalHelpTopicCommand()
		})
		if i < 0 {
			return nil
		}
		cmd = cmd.Commands()[i]
	}
	return cmd
}

// helpNames returns the names of commands and topics.
func helpNames(root *cobra.Command) []string {
	names := commandNames(root)
	for _, t := range topics() {
		names = append(names, t.name)
	}
	return names
}

func (a *app) print(text string) error {
	_, err := io.WriteString(a.text(), text)
	return err
}

// An untilClosed writer ignores EPIPE. Cobra would print an error when a reader closes the pipe early (| head).
type untilClosed struct{ w io.Writer }

func (u untilClosed) Write(p []byte) (int, error) {
	n, err := u.w.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		return len(p), nil
	}
	return n, err
}
