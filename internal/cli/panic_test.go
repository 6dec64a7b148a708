package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A brokenOutput panics when it is written to.
type brokenOutput struct{}

func (brokenOutput) Write([]byte) (int, error) { panic("printing is broken") }

// TestAPanicOfACommandIsAMessageAndItsStackGoesToAFile covers commands other than running a query.
func TestAPanicOfACommandIsAMessageAndItsStackGoesToAFile(t *testing.T) {
	in := t.TempDir()
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	job := filepath.Join(t.TempDir(), "job.yaml")
	text := "streams:\n  - source: {format: text, path: " + in + "}\n    sink: {format: console}\n"
	if err := os.WriteFile(job, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"validate", job}, {"explain", job}, {"functions"}, {"version"}, {"help", "exit-codes"}, {"config"}, {"--help"}, {"completion", "bash"},
	} {
		var messages strings.Builder
		a := &app{streams: &streams{In: strings.NewReader(""), Out: brokenOutput{}, Err: &messages}}
		if code := a.run(context.Background(), args); code != exitFailed {
			t.Errorf("%v: exit code %d", args, code)
		}
		want := "streamctl: error: [INTERNAL_ERROR] internal error, please report it: printing is broken. SQLSTATE: XX000\n" +
			"  hint: -vv writes to a file where in the program it happened; add that to the report\n"
		if messages.String() != want {
			t.Errorf("%v: %s", args, messages.String())
		}
	}
	var messages strings.Builder
	a := &app{streams: &streams{In: strings.NewReader(""), Out: brokenOutput{}, Err: &messages}}
	a.run(context.Background(), []string{"version", "-vv"})
	_, name, _ := strings.Cut(strings.TrimSpace(messages.String()), "the stack of the internal error is in ")
	stack, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(stack), "panic_test.go") {
		t.Errorf("%s%v\n%s", messages.String(), err, stack)
	}
}
