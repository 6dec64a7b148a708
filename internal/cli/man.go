package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// manCommand writes manual pages, from the texts of the help.
func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "write the manual pages to a directory", Hidden: true, Example: "  streamctl man build/man",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return refused(sparkerr.Plain("%s needs a directory", cmd.CommandPath()).WithHint("%s build/man", cmd.CommandPath()))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return written(err)
			}
			for name, text := range manPages(cmd.Root()) {
				if err := os.WriteFile(filepath.Join(args[0], name), []byte(text), 0o644); err != nil {
					return written(err)
				}
			}
			return nil
		},
	}
}

// manPages returns the pages of all commands (section 1) and topics (section 7) by the names of their files.
func manPages(root *cobra.Command) map[string]string {
	pages := map[string]string{}
	var add func(c *cobra.Command)
	add = func(c *cobra.Command) {
		pages[manName(c)+".1"] = commandPage(c)
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
				add(sub)
			}
		}
	}
	add(root)
	for _, t := range topics() {
		page := &roff{}
		page.head("streamctl-"+t.name, "7", t.short)
		page.section("DESCRIPTION")
		page.verbatim(t.text())
		pages["streamctl-"+t.name+".7"] = page.String()
	}
	return pages
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// commandPage returns the page of a command.
func commandPage(c *cobra.Command) string {
	page := &roff{}
	page.head(manName(c), "1", c.Short)
	page.section("SYNOPSIS")
	page.bold(c.UseLine())
	page.section("DESCRIPTION")
	page.paragraphs(c.Long, c.Short)
	var others []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
			others = append(others, manName(sub))
			page.item(sub.Name(), sub.Short)
		}
	}
	page.flags("OPTIONS", c.NonInheritedFlags())
	page.flags("PROCESS FLAGS", c.InheritedFlags())
	if c.Example != "" {
		page.section("EXAMPLES")
		page.verbatim(c.Example)
	}
	if !c.HasParent() {
		for _, t := range topics() {
			others = append(others, "streamctl-"+t.name)
		}
	} else {
		others = append(others, manName(c.Parent()), "streamctl-exit-codes")
	}
	page.seeAlso(others)
	return page.String()
}

// A roff builds a page in the man macros.
type roff struct{ strings.Builder }

func (r *roff) head(name, section, short string) {
	fmt.Fprintf(r, ".TH %s %s \"\" \"streamctl %s\"\n", strings.ToUpper(name), section, buildVersion)
	r.section("NAME")
	fmt.Fprintf(r, "%s \\- %s\n", roffText(name), roffText(short))
}

func (r *roff) section(title string) { fmt.Fprintf(r, ".SH %s\n", title) }

func (r *roff) bold(text string) { fmt.Fprintf(r, ".B %s\n", roffText(text)) }

// paragraphs writes a text, or another if it is empty.
func (r *roff) paragraphs(text, otherwise string) {
	if text == "" {
		text = otherwise
	}
	for i, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			r.WriteString(".PP\n")
		}
		r.WriteString(roffText(p) + "\n")
	}
}

// verbatim writes lines as they are.
func (r *roff) verbatim(text string) {
	fmt.Fprintf(r, ".nf\n%s\n.fi\n", roffText(strings.TrimRight(text, "\n")))
}

func (r *roff) item(name, text string) {
	fmt.Fprintf(r, ".TP\n.B %s\n%s\n", roffText(name), roffText(text))
}

func (r *roff) flags(title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	r.section(title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		r.item(strings.TrimSpace(name+" "+value), usage)
	})
}

// seeAlso refers to other pages: those of commands have dashes in place of blanks.
func (r *roff) seeAlso(names []string) {
	topic := map[string]bool{}
	for _, t := range topics() {
		topic["streamctl-"+t.name] = true
	}
	r.section("SEE ALSO")
	for i, name := range names {
		section, end := "1", ","
		if topic[name] {
			section = "7"
		}
		if i == len(names)-1 {
			end = ""
		}
		fmt.Fprintf(r, ".BR %s (%s)%s\n", roffText(name), section, end)
	}
}

// roffText escapes a text: backslashes, dashes and quotes that would be typeset, and dots and apostrophes at the beginning of lines.
func roffText(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
