package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
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
			line, _, _ = strings.Cut(line, " > ") // of the shell
			fresh, _, _ := testApp()
			cmd, rest, err := fresh.rootCommand().Find(words(line))
			if err == nil {
				err = cmd.ParseFlags(rest)
			}
			if err == nil {
				err = cmd.ValidateArgs(cmd.Flags().Args())
			}
			if err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
		if c.GroupID != "" && c.Name() != "help" && c.Name() != "completion" && c.Example == "" {
			t.Errorf("%s has no example", c.Name())
		}
	}
}

func TestEveryCommandHasHelpOnStandardOutput(t *testing.T) {
	for _, name := range []string{"", "file", "socket", "multi", "validate", "explain", "config", "version"} {
		a, out, errText := testApp()
		args := []string{"--help"}
		if name != "" {
			args = []string{name, "--help"}
		}
		if code := a.run(t.Context(), args); code != 0 || errText.Len() > 0 {
			t.Errorf("%s: %d %s", name, code, errText)
		}
		for _, part := range []string{"USAGE", "EXAMPLES", "FLAGS", "ENVIRONMENT"} {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%s --help has no %s:\n%s", name, part, out)
			}
		}
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
