package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// The help of a command fits two screens: it has the flags that most runs need, with the first words about each. --help-all has all of them, in full.

// helpWidth is the width of help that does not go to a terminal.
const helpWidth = 80

// Titles of the flags of commands that run streams. Flags of no group come last.
const (
	groupSource = "SOURCE"
	groupSteps  = "STEPS, IN THE ORDER TYPED"
	groupSink   = "SINK"
	groupWhen   = "WHEN"
	groupJob    = "JOB"
	groupOther  = "FLAGS"
)

// streamGroups are the groups of the flags of file, socket and multi, in the order of the help.
var streamGroups = []struct {
	title string
	flags []string
}{
	{groupSource, []string{"dir", "brokers", "topic", "from", "format", "schema", "infer-schema", "follow", "host", "port", "listen", "include-timestamp", "reconnect", "option", "table", "from-end", "max-line-bytes",
		"table-option"}},
	{groupSteps, []string{"with-column", "where", "filter", "sample", "select", "drop", "rename", "sql", "watermark", "group-by", "agg", "distinct", "drop-duplicates",
		"drop-duplicates-within-watermark", "order-by", "limit"}},
	{groupSink, []string{"output", "sink", "path", "partition-by", "output-mode", "num-rows", "truncate", "checkpoint", "rejects", "max-width", "sink-option", "max-bad-rows", "accept-changes"}},
	{groupWhen, []string{"trigger", "once", "available-now", "until-now", "timeout", "until", "keep-going", "dstream", "batch-interval"}},
	{groupJob, []string{"job", "only", "conf", "properties-file", "name", "dry-run", "master"}},
}

// rareFlags are left out of the help of a command unless all flags are asked for.
var rareFlags = []string{"partition-by", "truncate", "drop", "rename", "distinct", "include-timestamp", "from-end", "max-line-bytes", "table-option", "filter", "sample", "drop-duplicates-within-watermark", "max-width", "sink-option", "max-bad-rows", "accept-changes",
	"until-now", "dstream", "batch-interval", "properties-file", "name", "help", "help-all"}

// groupStreamFlags assigns the flags of a command that runs streams to their groups.
func groupStreamFlags(fs *pflag.FlagSet) {
	for _, g := range streamGroups {
		group(fs, g.title, g.flags...)
	}
	for _, name := range embeddedOnly {
		if f := fs.Lookup(name); f != nil {
			f.Usage += " (embedded engine only)"
		}
	}
}

// helpAll is the flag --help-all of a command, which asks for its help.
type helpAll struct {
	a   *app
	cmd *cobra.Command
}

func (h helpAll) String() string { return "false" }
func (h helpAll) Type() string   { return "bool" }

func (h helpAll) Set(string) error {
	h.a.helpAll = true
	return h.cmd.Flags().Set("help", "true")
}

// addHelpAll adds the flag to a command and those below it.
func (a *app) addHelpAll(cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag()
	cmd.Flags().Var(helpAll{a, cmd}, "help-all", "help with all flags")
	cmd.Flags().Lookup("help-all").NoOptDefVal = "true"
	for _, c := range cmd.Commands() {
		if !c.IsAdditionalHelpTopicCommand() {
			a.addHelpAll(c)
		}
	}
}

// commandHelp writes the help of a command.
func (a *app) commandHelp(cmd *cobra.Command, w io.Writer) error {
	h := &helpText{width: a.helpColumns(), all: a.helpAll}
	long := cmd.Long
	if long == "" {
		long = cmd.Short
	}
	h.paragraphs(long)
	h.title("USAGE")
	switch {
	case cmd.HasAvailableSubCommands():
		h.line("  " + cmd.CommandPath() + " COMMAND")
	default:
		h.line("  " + cmd.UseLine())
	}
	h.examples(cmd.Example)
	h.commands(cmd)
	h.flags(cmd)
	if !cmd.HasParent() {
		h.title("HELP TOPICS")
		for _, t := range topics() {
			if t.listed {
				h.entry(t.name, t.short)
			}
		}
	}
	h.more(cmd)
	_, err := io.WriteString(w, h.String())
	return err
}

// helpColumns returns the width of the help.
func (a *app) helpColumns() int {
	f, ok := a.Out.(*os.File)
	if !ok || !a.OutTerminal {
		return helpWidth
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return helpWidth
	}
	return max(width, helpWidth/2)
}

// A helpText is the help of a command.
type helpText struct {
	strings.Builder
	width int
	all   bool
}

func (h *helpText) line(text string) { h.WriteString(text + "\n") }

// title begins a part.
func (h *helpText) title(text string) {
	h.line("")
	h.line(text)
}

// paragraphs writes text in lines that fit.
func (h *helpText) paragraphs(text string) {
	for i, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			h.line("")
		}
		h.line(strings.Join(wrapped(p, h.width), "\n"))
	}
}

// wrapped breaks a paragraph into lines of a width, at blanks.
func wrapped(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// examples writes the first two examples, or all. Those that do not fit go on in the next line, as a shell reads them.
func (h *helpText) examples(text string) {
	if text == "" {
		return
	}
	h.title("EXAMPLES")
	list := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if !h.all {
		list = list[:min(2, len(list))]
	}
	for _, example := range list {
		indent := "  "
		for _, part := range brokenCommand(strings.TrimSpace(example), h.width-len("      \\")) {
			h.WriteString(indent + part)
			indent = " \\\n      "
		}
		h.line("")
	}
}

// brokenCommand breaks a command line before flags, so that the parts have a width if possible.
func brokenCommand(text string, width int) (parts []string) {
	quote, from, last := rune(0), 0, 0
	for i, c := range text {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		case quote == 0 && c == ' ' && strings.HasPrefix(text[i:], " -"):
			if i-from > width && last > from {
				parts = append(parts, text[from:last])
				from = last + 1
			}
			last = i
		}
	}
	if len(text)-from > width && last > from {
		parts = append(parts, text[from:last])
		from = last + 1
	}
	return append(parts, text[from:])
}

// entry writes a name and what it stands for.
func (h *helpText) entry(name, text string) {
	for i, line := range wrapped(text, h.width-16) {
		if i > 0 {
			name = ""
		}
		h.line(fmt.Sprintf("  %-13s %s", name, line))
	}
}

func (h *helpText) commands(cmd *cobra.Command) {
	for _, g := range append(cmd.Groups(), &cobra.Group{Title: "COMMANDS"}) {
		first := true
		for _, c := range cmd.Commands() {
			if c.GroupID != g.ID || !c.IsAvailableCommand() {
				continue
			}
			if first {
				h.title(g.Title)
			}
			first = false
			h.entry(c.Name(), c.Short)
		}
	}
}

// flags writes the flags in groups, in the order of streamGroups and then as they were registered.
func (h *helpText) flags(cmd *cobra.Command) {
	var titles []string
	parts := map[string]*pflag.FlagSet{}
	add := func(title string, f *pflag.Flag) {
		if parts[title] == nil {
			parts[title] = pflag.NewFlagSet(title, pflag.ContinueOnError)
			parts[title].SortFlags = false
			titles = append(titles, title)
		}
		parts[title].AddFlag(f)
	}
	local := cmd.LocalFlags()
	if !cmd.HasParent() {
		local = cmd.LocalNonPersistentFlags()
	}
	for _, g := range streamGroups {
		for _, name := range g.flags {
			if f := local.Lookup(name); f != nil && titleOf(f) == g.title && h.shows(f) {
				add(g.title, f)
			}
		}
	}
	local.VisitAll(func(f *pflag.Flag) {
		if title := titleOf(f); (parts[title] == nil || parts[title].Lookup(f.Name) == nil) && h.shows(f) {
			add(title, f)
		}
	})
	if h.all {
		process := cmd.InheritedFlags()
		if !cmd.HasParent() {
			process = cmd.PersistentFlags()
		}
		process.VisitAll(func(f *pflag.Flag) { add("PROCESS FLAGS", f) })
	}
	for i, title := range titles {
		if h.all {
			h.title(title)
			h.WriteString(parts[title].FlagUsagesWrapped(h.width))
			continue
		}
		if i == 0 {
			h.line("")
		}
		h.line(h.also(title, local))
		h.brief(parts[title])
	}
}

// also names flags of a group that are left out.
func (h *helpText) also(title string, local *pflag.FlagSet) string {
	var names []string
	local.VisitAll(func(f *pflag.Flag) {
		if titleOf(f) == title && !f.Hidden && !h.shows(f) && !strings.HasPrefix(f.Name, "help") {
			names = append(names, "--"+f.Name)
		}
	})
	text := title
	for i, name := range names {
		before := ", "
		if i == 0 {
			before = " (also "
		}
		if utf8.RuneCountInString(text+before+name+", …)") > h.width {
			return text + ", …)"
		}
		text += before + name
	}
	if len(names) > 0 {
		text += ")"
	}
	return text
}

func titleOf(f *pflag.Flag) string {
	if g := f.Annotations[groupAnnotation]; len(g) > 0 {
		return g[0]
	}
	return groupOther
}

// shows reports whether a flag is in the help.
func (h *helpText) shows(f *pflag.Flag) bool {
	return !f.Hidden && (h.all || !slices.Contains(rareFlags, f.Name) && (f.Name == "master" || !slices.Contains(submitNames(), f.Name)))
}

// brief writes a line for each flag.
func (h *helpText) brief(fs *pflag.FlagSet) {
	const most = 27 // columns of the names
	fs.VisitAll(func(f *pflag.Flag) {
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if value != "" {
			name += " " + value
		}
		h.line(fmt.Sprintf("  %-*s %s", most-2, name, firstWords(usage, h.width-max(most, len(name)+2)-1)))
	})
}

// firstWords returns a text, or its longest beginning up to a punctuation mark that has a width, or as many words.
func firstWords(text string, width int) string {
	text = strings.TrimSuffix(text, " (embedded engine only)")
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	strong, weak, words := 0, 0, 0 // where the text may end
	depth, quoted := 0, false
	for i, c := range text {
		if utf8.RuneCountInString(text[:i]) > width {
			break
		}
		inside := depth > 0 || quoted
		switch c {
		case '"':
			quoted = !quoted
		case '(':
			if depth++; !inside && strings.HasSuffix(text[:i], " ") {
				weak = i - 1
			}
		case ')':
			depth--
		case ';', ':':
			if !inside {
				strong = i
			}
		case ',':
			if !inside {
				weak = i
			}
		case ' ':
			if utf8.RuneCountInString(text[:i]) < width {
				words = i
			}
		}
	}
	switch {
	case strong > 0:
		return text[:strong]
	case weak > 0:
		return text[:weak]
	}
	return text[:words] + "…"
}

// more names the help that is elsewhere.
func (h *helpText) more(cmd *cobra.Command) {
	if h.all {
		h.title("ENVIRONMENT")
		h.paragraphs("STREAMCTL_LOG_LEVEL and similar variables set the process flags; see streamctl help environment.")
		return
	}
	names := "--help-all, streamctl help process-flags"
	if cmd.LocalFlags().Lookup("executor-memory") != nil {
		names += ", streamctl help spark-flags"
	}
	h.line("\nMore: " + names)
}

// flagsText describes flags as a topic.
func flagsText(title, about string, fs *pflag.FlagSet) string {
	h := &helpText{width: helpWidth, all: true}
	h.line(title)
	for _, line := range wrapped(about, helpWidth-2) {
		h.line("  " + line)
	}
	cmd := &cobra.Command{Use: "flags"}
	fs.SortFlags, cmd.Flags().SortFlags = false, false
	cmd.Flags().AddFlagSet(fs)
	h.flags(cmd)
	return h.String()
}

// sparkFlagsText describes the flags for Apache Spark.
func sparkFlagsText() string {
	cmd := &cobra.Command{Use: "flags"}
	newSparkFlags(cmd)
	return flagsText("SPARK FLAGS", "With --master, file, socket, kafka, multi, test and verify run on Apache Spark. The other flags are those of spark-submit, to which they are passed on.", cmd.Flags())
}

// processFlagsText describes the flags that all commands have.
func processFlagsText() string {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(settings).register(fs)
	return flagsText("PROCESS FLAGS", "All commands have these flags, before or after their own. STREAMCTL_LOG_LEVEL and similar variables set them, too, and so does the configuration file: "+
		"streamctl help environment.", fs)
}
