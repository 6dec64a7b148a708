package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/suggest"
)

// A functionReport is an entry of the function table in JSON.
type functionReport struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"`
	Group   string   `json:"group"`
	Usage   string   `json:"usage"`
	Doc     string   `json:"doc"`
	Example string   `json:"example,omitempty"`
	Result  string   `json:"result,omitempty"`
}

func (a *app) functionsCommand() *cobra.Command {
	var group, search, output string
	cmd := &cobra.Command{
		Use: "functions [NAME]", Short: "list the functions for expressions, or describe one",
		Example: "  streamctl functions --group string_funcs\n  streamctl functions substring_index\n  streamctl functions --search json\n  streamctl functions --output json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return refused(sparkerr.Plain("streamctl functions describes one function, not %d", len(args)).WithHint("streamctl functions %s", args[0]))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return functionNames(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.Flags().StringVar(&group, "group", "", "only the functions of this `GROUP`, such as string_funcs")
	cmd.Flags().StringVar(&search, "search", "", "only the functions with this `WORD` in their name or description")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text, json or markdown")
	_ = cmd.RegisterFlagCompletionFunc("group", cobra.FixedCompletions(functionGroups(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		list := documented()
		if group != "" {
			if !slices.Contains(functionGroups(), group) {
				return refused(sparkerr.Plain("there is no function group %q", group).WithHint("%s", groupHint(group)))
			}
			list = slices.DeleteFunc(list, func(f *expr.Function) bool { return f.Group != group })
		}
		if len(args) == 1 {
			return a.oneFunction(args[0], output)
		}
		if list = slices.DeleteFunc(list, func(f *expr.Function) bool { return !mentions(f, search) }); len(list) == 0 {
			return refused(noneFound(search, group))
		}
		return a.listFunctions(list, output)
	}
	return cmd
}

// mentions reports whether a word is in the name or description of a function, ignoring case.
func mentions(f *expr.Function, word string) bool {
	text := strings.Join(append([]string{f.Name, f.Usage, f.Doc}, f.Aliases...), "\n")
	return strings.Contains(strings.ToLower(text), strings.ToLower(word))
}

// noneFound is the error for a search without results.
func noneFound(word, group string) *sparkerr.Error {
	e := sparkerr.Plain("no function mentions %q", word)
	if group != "" {
		return sparkerr.Plain("no function of the group %s mentions %q", group, word).WithHint("leave out --group to search all functions")
	}
	if near := suggest.Closest(word, functionNames(), 3); len(near) > 0 {
		return e.WithHint("did you mean %s?", strings.Join(near, ", "))
	}
	return e.WithHint("streamctl functions lists all functions")
}

// groupHint suggests the closest groups, or lists some if none is close.
func groupHint(word string) string {
	if close := suggest.Closest(word, functionGroups(), 3); len(close) > 0 {
		return "did you mean " + strings.Join(close, " or ") + "?"
	}
	if with := strings.TrimSuffix(word, "s") + "_funcs"; slices.Contains(functionGroups(), with) {
		return "did you mean " + with + "?"
	}
	return "the groups are " + sparkerr.Names(functionGroups()) + "; streamctl functions lists them"
}

// documented lists the functions that users can call by name, including operators but not internal forms.
func documented() []*expr.Function {
	var list []*expr.Function
	for _, f := range function.All() {
		if _, ok := function.KnownToSpark(f.Name); ok {
			list = append(list, f)
		}
	}
	return list
}

func functionNames() []string {
	var names []string
	for _, f := range documented() {
		names = append(append(names, f.Name), f.Aliases...)
	}
	slices.Sort(names)
	return names
}

func functionGroups() []string {
	var groups []string
	for _, f := range documented() {
		groups = append(groups, f.Group)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

func reportOf(f *expr.Function) functionReport {
	return functionReport{f.Name, f.Aliases, f.Group, f.Usage, f.Doc, f.Example, f.Result}
}

// oneFunction describes one function.
func (a *app) oneFunction(name, output string) error {
	f, ok := function.Lookup(name)
	if !ok {
		return refused(unknownFunction(name))
	}
	switch output {
	case "json":
		return a.writeJSON(reportOf(f))
	case "markdown":
		return a.listFunctions([]*expr.Function{f}, output)
	}
	fmt.Fprintf(a.text(), "%s\n  %s\n  group %s\n", f.Usage, f.Doc, f.Group)
	if len(f.Aliases) > 0 {
		fmt.Fprintf(a.text(), "  also %s\n", strings.Join(f.Aliases, ", "))
	}
	if f.Example != "" {
		fmt.Fprintf(a.text(), "\n  %s\n  = %s\n", f.Example, f.Result)
	}
	return nil
}

func unknownFunction(name string) *sparkerr.Error {
	if _, ok := function.KnownToSpark(name); ok {
		return sparkerr.Plain("the embedded engine does not implement Spark's function %s yet", name)
	}
	e := sparkerr.Plain("there is no function %q", name)
	if near := suggest.Closest(name, functionNames(), 3); len(near) > 0 {
		e = e.WithHint("did you mean %s?", strings.Join(near, ", "))
	}
	return e
}

// listFunctions prints functions as a table, as JSON, or as the page docs/functions.md.
func (a *app) listFunctions(list []*expr.Function, output string) error {
	switch output {
	case "json":
		reports := make([]functionReport, len(list))
		for i, f := range list {
			reports[i] = reportOf(f)
		}
		return a.writeJSON(map[string]any{"functions": reports})
	case "markdown":
		return a.functionsPage(list)
	case "text":
	default:
		return refused(sparkerr.Plain("--output is text, json or markdown here, not %q", output))
	}
	rows := make([][]string, len(list))
	for i, f := range list {
		rows[i] = []string{f.Name, f.Group, f.Usage}
	}
	return a.table(a.text(), []string{"name", "group", "usage"}, rows)
}

// functionsPage writes docs/functions.md: one Markdown table per group. A test compares it with the file.
func (a *app) functionsPage(list []*expr.Function) error {
	var b strings.Builder
	b.WriteString("# Functions\n\nGenerated by `streamctl functions --output markdown`. A test runs every example.\n")
	for _, group := range functionGroups() {
		members := slices.DeleteFunc(slices.Clone(list), func(f *expr.Function) bool { return f.Group != group })
		if len(members) == 0 {
			continue
		}
		slices.SortFunc(members, func(x, y *expr.Function) int { return strings.Compare(x.Name, y.Name) })
		fmt.Fprintf(&b, "\n## %s\n\n", group)
		if group == "agg_funcs" {
			b.WriteString("These are for the step `groupBy` (`--group-by` with `--agg`), and for GROUP BY in SQL text.\n\n")
		}
		b.WriteString("| function | description | example | result |\n|---|---|---|---|\n")
		for _, f := range members {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", code(f.Usage), f.Doc, code(f.Example), code(f.Result))
		}
	}
	_, err := a.text().Write([]byte(b.String()))
	return err
}

// code formats s as code in a cell of a Markdown table.
func code(s string) string {
	if s == "" {
		return ""
	}
	s = strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}
