package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func testApp() (*app, *bytes.Buffer, *bytes.Buffer) {
	var out, errText bytes.Buffer
	return &app{streams: &streams{In: strings.NewReader(""), Out: &out, Err: &errText}}, &out, &errText
}

// words splits a command line at blanks outside quotes.
func words(line string) []string {
	var out []string
	var quote rune
	word, open := "", false
	for _, c := range line {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote, open = c, true
		case c == quote:
			quote = 0
		case c == ' ' && quote == 0:
			if open || word != "" {
				out = append(out, word)
			}
			word, open = "", false
		default:
			word += string(c)
		}
	}
	if open || word != "" {
		out = append(out, word)
	}
	return out
}

// parseCommand parses a command line, from the word after streamctl to the end or the next word of the shell.
func parseCommand(line string) error {
	args := words(strings.TrimSpace(line))
	if i := slices.IndexFunc(args, func(word string) bool { return slices.Contains([]string{">", "|", "#", "||", "&&", "&"}, word) }); i >= 0 {
		args = args[:i]
	}
	a, _, _ := testApp()
	cmd, rest, err := a.rootCommand().Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

func TestTheExamplesOfTheHelpParse(t *testing.T) {
	a, _, _ := testApp()
	root := a.rootCommand()
	commands := append([]*cobra.Command{root}, root.Commands()...)
	for _, c := range commands {
		for line := range strings.Lines(c.Example) {
			_, line, found := strings.Cut(strings.TrimSpace(line), "streamctl ")
			if !found {
				t.Errorf("%s has an example without streamctl: %s", c.Name(), line)
				continue
			}
			if err := parseCommand(line); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
		if c.GroupID != "" && c.Name() != "help" && c.Name() != "completion" && c.Example == "" {
			t.Errorf("%s has no example", c.Name())
		}
	}
}

// everyCommand returns the words of each command, "" for streamctl itself.
func everyCommand() (all [][]string) {
	a, _, _ := testApp()
	var add func(c *cobra.Command, path []string)
	add = func(c *cobra.Command, path []string) {
		all = append(all, path)
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() && sub.Name() != "completion" {
				add(sub, append(path[:len(path):len(path)], sub.Name()))
			}
		}
	}
	add(a.rootCommand(), nil)
	return all
}

func helpOf(t *testing.T, args ...string) string {
	t.Helper()
	a, out, errText := testApp()
	if code := a.run(t.Context(), args); code != 0 || errText.Len() > 0 {
		t.Errorf("%s: %d %s", args, code, errText)
	}
	return out.String()
}

func TestTheHelpOfEveryCommandFitsTwoScreens(t *testing.T) {
	for _, command := range everyCommand() {
		text := helpOf(t, append(command, "--help")...)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) > 50 {
			t.Errorf("%s: %d lines", command, len(lines))
		}
		for _, line := range lines {
			if utf8.RuneCountInString(line) > helpWidth {
				t.Errorf("%s: %d columns: %s", command, utf8.RuneCountInString(line), line)
			}
		}
		for _, part := range []string{"USAGE", "EXAMPLES", "--help-all", "help process-flags"} {
			if !strings.Contains(text, part) && (part != "EXAMPLES" || len(command) < 2) {
				t.Errorf("%s --help has no %s:\n%s", command, part, text)
			}
		}
	}
}

func TestAllFlagsAreInTheWholeHelp(t *testing.T) {
	a, _, _ := testApp()
	root := a.rootCommand()
	topics := sparkFlagsText() + processFlagsText()
	for _, command := range everyCommand() {
		whole, brief := helpOf(t, append(command, "--help-all")...), helpOf(t, append(command, "--help")...)
		cmd := commandOf(root, command)
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Hidden {
				return
			}
			if !strings.Contains(whole, "--"+f.Name) {
				t.Errorf("%s --help-all has no --%s", command, f.Name)
			}
			if named := strings.Contains(brief+topics, "--"+f.Name); !named && !slices.Contains(rareFlags, f.Name) {
				t.Errorf("--%s is in neither the help of %s nor a topic", f.Name, command)
			}
		})
		if !strings.Contains(whole, "ENVIRONMENT") || !strings.Contains(whole, "PROCESS FLAGS") {
			t.Errorf("%s --help-all: %s", command, whole)
		}
	}
	// What else is on the command line does not matter.
	if text := helpOf(t, "file", "--help-all", "a", "b"); !strings.Contains(text, "--executor-memory") {
		t.Error(text)
	}
}

func TestTextsAreCutAtPunctuation(t *testing.T) {
	for text, want := range map[string]string{
		"short": "short", "sort by columns, each with ASC": "sort by columns", "all; or: more words": "all; or", "run every \"5; 6\" (default: now)": "run every \"5; 6\"",
		"take (a, b) and more of": "take", "nothing but words here": "nothing but words…", "count(a, b), sum of the others": "count(a, b)", "äöü äöü äöü äöü, äöü": "äöü äöü äöü äöü",
	} {
		if got := firstWords(text, 18); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestExamplesAreBrokenBetweenArguments(t *testing.T) {
	got := strings.Join(brokenCommand("streamctl file in --where \"a --b c\" -o json --limit 10000000", 30), "|")
	if want := "streamctl file in|--where \"a --b c\" -o json|--limit 10000000"; got != want {
		t.Error(got)
	}
}

func TestSettingsComeFromFlagEnvironmentFileAndDefaultInThisOrder(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("STREAMCTL_WORKERS", "3")
	a, out, _ := testApp()
	if code := a.run(t.Context(), []string{"config", "--show-origin", "--output", "json", "--color", "never"}); code != 0 {
		t.Fatal(code)
	}
	for _, want := range []string{
		`{"origin":"environment STREAMCTL_WORKERS","setting":"workers","value":"3"}`,
		`{"origin":"flag --color","setting":"color","value":"never"}`,
		`{"origin":"default","setting":"progress","value":"auto"}`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
}

func TestSizesAreReadWithUnits(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "100": 100, "1k": 1 << 10, "256MB": 256 << 20, "2 GiB": 2 << 30, "1t": 1 << 40} {
		if got, err := parseBytes(text); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"x", "-1", "1q", "1mm", "99999999999999t"} {
		if _, err := parseBytes(text); err == nil {
			t.Errorf("%q accepted", text)
		}
	}
}
