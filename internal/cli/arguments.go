package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/suggest"
)

// unknownCommand returns the error for a word that is not a subcommand of parent.
func unknownCommand(parent *cobra.Command, word string) error {
	e := sparkerr.Plain("unknown command %q", word)
	if parent.HasParent() {
		e = sparkerr.Plain("%s has no command %q", parent.CommandPath(), word)
	}
	e.Hint = commandHint(parent, word)
	return refused(e)
}

// commandHint suggests what the user may have meant by a word that is not a command.
func commandHint(parent *cobra.Command, word string) string {
	names := commandNames(parent)
	if close := suggest.Closest(word, names, 3); len(close) > 0 {
		return "did you mean " + strings.Join(close, " or ") + "?"
	}
	if parent.HasParent() {
		return job.DidYouMean(word, names)
	}
	if hint := foreignHint(foreignCommands, strings.ToLower(word)); hint != "" {
		return hint
	}
	lower := strings.ToLower(word)
	if strings.HasSuffix(lower, ".yaml") || strings.HasSuffix(lower, ".yml") {
		return fmt.Sprintf("streamctl multi %s runs the streams of a job file", word)
	}
	if _, err := os.Stat(word); err == nil || word == "-" || strings.ContainsAny(word, "/*?[.") {
		return fmt.Sprintf("streamctl file %s reads files", word)
	}
	return "streamctl --help lists the commands"
}

func commandNames(parent *cobra.Command) []string {
	var names []string
	for _, c := range parent.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// subcommand checks the positional arguments of a command that only groups subcommands.
func subcommand(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return unknownCommand(cmd, args[0])
	}
	return nil
}

// firstWord returns the first argument of cmd that is neither a flag nor the value of a flag.
func firstWord(cmd *cobra.Command, args []string) (string, bool) {
	for i := 0; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "--":
			return strings.Join(args[i+1:min(i+2, len(args))], ""), i+1 < len(args)
		case len(arg) < 2 || arg[0] != '-':
			return arg, true
		case takesValue(cmd, arg):
			i++
		}
	}
	return "", false
}

// takesValue reports whether the argument after a flag is its value. It returns true for an unknown flag, which
// may take one.
func takesValue(cmd *cobra.Command, arg string) bool {
	if strings.Contains(arg, "=") {
		return false
	}
	f := flagNamed(cmd, arg)
	return f == nil || f.NoOptDefVal == ""
}

// flagError converts an error of the flag parser. An unknown command is reported first, because its flags
// cannot be judged.
func (a *app) flagError(cmd *cobra.Command, err error) error {
	if cmd.HasSubCommands() {
		if _, rest, findErr := cmd.Root().Find(a.args); findErr == nil {
			if word, ok := firstWord(cmd, rest); ok {
				return unknownCommand(cmd, word)
			}
		}
	}
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return refused(unknownFlag(cmd, e.GetSpecifiedName()))
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return refused(badValue(e.GetFlag(), e.GetValue(), e.Unwrap()))
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return refused(sparkerr.Plain("--%s needs a value", e.GetFlag().Name).WithHint("--%s %s", e.GetFlag().Name, valueName(e.GetFlag())))
	}
	if e, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return refused(sparkerr.Plain("%q is not a flag", e.GetSpecifiedFlag()).WithHint("a flag is --name or --name=value"))
	}
	return refused(sparkerr.Plain("%s", sparkerr.Reason(err)).WithHint("%s --help-all lists the flags", cmd.CommandPath()))
}

// valueName returns a placeholder for the value of a flag.
func valueName(f *pflag.Flag) string {
	switch name, _ := pflag.UnquoteUsage(f); name {
	case "string":
		return "VALUE"
	case "int", "count":
		return "N"
	default:
		return name
	}
}

// badValue returns the error for a value that a flag does not accept.
func badValue(f *pflag.Flag, value string, cause error) *sparkerr.Error {
	e := sparkerr.Plain("%s", sparkerr.Reason(cause))
	switch f.Value.Type() {
	case "int", "int64", "count":
		e = sparkerr.Plain("--%s takes a whole number, not %q", f.Name, value).WithHint("--%s 10", f.Name)
	case "bool":
		e = sparkerr.Plain("--%s is true or false, not %q", f.Name, value).WithHint("--%s, or --%s=false", f.Name, f.Name)
	case "stringToString":
		e = sparkerr.Plain("--%s takes NAME=VALUE, not %q", f.Name, value)
	}
	e.Place = &sparkerr.Place{Flag: "--" + f.Name, Col: 1, LineText: value, Exact: true}
	return e
}

// rejectedFlags lists flags of spark-submit that make no sense for a job file.
var rejectedFlags = []string{"class", "remote", "supervise", "kill", "status", "load-spark-defaults"}

// unknownFlag returns the error for a flag that a command does not have.
func unknownFlag(cmd *cobra.Command, name string) *sparkerr.Error {
	if slices.Contains(rejectedFlags, name) {
		return sparkerr.Plain("spark-submit's flag --%s is not supported", name).
			WithHint("streamctl export JOB.yaml writes the program; submit it with spark-submit --%s", name)
	}
	e := sparkerr.Plain("unknown flag --%s", name)
	if len(name) == 1 {
		e = sparkerr.Plain("unknown flag -%s", name)
	}
	e.Hint = flagHint(cmd, name)
	return e
}

// flagHint suggests what the user may have meant by a flag that a command does not have.
func flagHint(cmd *cobra.Command, name string) string {
	if same := sameFlag(cmd, name); same != "" {
		return "did you mean --" + same + "?"
	}
	if len(name) > 1 && strings.Trim(name, "v") == "" {
		return "did you mean -" + name + "?"
	}
	if slices.Contains([]job.Command{job.FileCommand, job.SocketCommand, job.KafkaCommand}, job.Command(cmd.Name())) {
		if hint := streamFlagHint(name); hint != "" {
			return hint
		}
	}
	if owners := flagOwners(cmd.Root(), dashed(name)); len(owners) > 0 {
		return fmt.Sprintf("--%s is a flag of %s", dashed(name), enumerated(owners))
	}
	var known []string
	visit := func(f *pflag.Flag) { known = append(known, f.Name) }
	cmd.Flags().VisitAll(visit)
	cmd.InheritedFlags().VisitAll(visit)
	if close := suggest.Closest(dashed(name), known, 3); len(close) > 0 && len(name) > 1 {
		return "did you mean --" + strings.Join(close, " or --") + "?"
	}
	return cmd.CommandPath() + " --help-all lists the flags"
}

// enumerated lists words as in a sentence: "a, b and c".
func enumerated(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// sameFlag returns the flag of a command whose name differs in case and word separators only, or "".
func sameFlag(cmd *cobra.Command, name string) (same string) {
	visit := func(f *pflag.Flag) {
		if squeezed(f.Name) == squeezed(name) {
			same = f.Name
		}
	}
	cmd.Flags().VisitAll(visit)
	cmd.InheritedFlags().VisitAll(visit)
	return same
}

// streamFlagHint covers flags of other programs, and options of formats.
func streamFlagHint(name string) string {
	if hint := foreignHint(foreignFlags, name); hint != "" {
		return hint
	}
	if hint := foreignHint(foreignFlags, dashed(name)); hint != "" {
		return hint
	}
	return optionHint(name)
}

// flagOwners returns up to three commands that have the flag.
func flagOwners(root *cobra.Command, name string) []string {
	var owners []string
	if len(name) < 2 {
		return nil
	}
	if root.Flags().Lookup(name) != nil {
		owners = append(owners, root.CommandPath())
	}
	for _, c := range root.Commands() {
		if c.Flags().Lookup(name) != nil && c.IsAvailableCommand() {
			owners = append(owners, c.CommandPath())
		}
	}
	return owners[:min(len(owners), 3)]
}

// checked wraps the positional checks of cmd and its subcommands with the checks that all commands share.
func (a *app) checked(cmd *cobra.Command) {
	check := cmd.Args
	if cmd.HasSubCommands() {
		check = subcommand
	}
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := swallowed(cmd.Flags()); err != nil {
			return refused(err)
		}
		if err := emptyFlag(cmd.Flags()); err != nil {
			return refused(err)
		}
		if err := looseSwitch(cmd, a.args); err != nil {
			return refused(err)
		}
		if check == nil {
			return nil
		}
		return check(cmd, args)
	}
	for _, c := range cmd.Commands() {
		a.checked(c)
	}
}

// swallowed detects a flag that took the next flag as its value: --dir --schema FILE.
func swallowed(flags *pflag.FlagSet) error {
	var err error
	flags.Visit(func(f *pflag.Flag) {
		name, dashes := strings.CutPrefix(f.Value.String(), "--")
		name, _, _ = strings.Cut(name, "=")
		if dashes && err == nil && flags.Lookup(name) != nil {
			err = sparkerr.Plain("--%s has no value: --%s comes next", f.Name, name).
				WithHint("write --%s=%s if you mean that", f.Name, f.Value.String())
		}
	})
	return err
}

// emptyFlag detects a flag whose value is empty, which a variable of the shell that is not set makes of --checkpoint "$CK". Flags of steps
// report that themselves.
func emptyFlag(flags *pflag.FlagSet) error {
	var err error
	flags.Visit(func(f *pflag.Flag) {
		if _, step := f.Value.(interface{ IsBoolFlag() bool }); step || err != nil || strings.TrimSpace(f.Value.String()) != "" {
			return
		}
		err = sparkerr.At(sparkerr.Plain("--%s is empty", f.Name).WithHint("%s", job.EmptyFlag),
			&sparkerr.Place{Flag: "--" + f.Name, Col: 1, LineText: f.Value.String(), Exact: true})
	})
	return err
}

// looseSwitch detects the value of a boolean flag after a space instead of an equals sign: --truncate false.
func looseSwitch(cmd *cobra.Command, args []string) error {
	for i := 0; i+1 < len(args) && args[i] != "--"; i++ {
		value := strings.ToLower(args[i+1])
		on := slices.Contains([]string{"true", "yes", "on", "1"}, value)
		if !on && !slices.Contains([]string{"false", "no", "off", "0"}, value) {
			continue
		}
		if f := flagNamed(cmd, args[i]); f != nil && f.Value.Type() == "bool" {
			return sparkerr.Plain("--%s %s: the value of a boolean flag needs an =", f.Name, args[i+1]).
				WithHint("--%s=%t", f.Name, on)
		}
	}
	return nil
}

// flagNamed returns the flag that an argument names, as --name or -n. It returns nil if the argument is not a
// flag or includes its value.
func flagNamed(cmd *cobra.Command, arg string) *pflag.Flag {
	if name, long := strings.CutPrefix(arg, "--"); long {
		return cmd.Flag(name)
	}
	if len(arg) < 2 || arg[0] != '-' {
		return nil
	}
	short := arg[len(arg)-1:]
	if f := cmd.Flags().ShorthandLookup(short); f != nil {
		return f
	}
	return cmd.InheritedFlags().ShorthandLookup(short)
}
