package crashtest

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestTwoRunsOnOneOutput starts two queries at once that write to one directory. One of them wins; the other one is refused, also
// when it is repeated, and its rows are still to be read.
func TestTwoRunsOnOneOutput(t *testing.T) {
	for range count("RUNS", 6) {
		dir := t.TempDir()
		a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
		input(t, a, 5)
		input(t, b, 5)
		out := filepath.Join(dir, "out")
		first, second := program(argsTo(a, out)...), program(argsTo(b, out)...)
		var said strings.Builder
		second.Stderr = &said
		if err := second.Start(); err != nil {
			t.Fatal(err)
		}
		codeA, textA := ends(t, first)
		_ = second.Wait()
		codeB := second.ProcessState.ExitCode()
		loser := b
		if codeA != 0 {
			loser = a
		}
		if (codeA == 0) == (codeB == 0) || codeA+codeB != 75 && codeA+codeB != 2 {
			t.Fatalf("exit codes %d and %d:\n%s\n%s", codeA, codeB, textA, &said)
		}
		for range 2 {
			if code, text := ends(t, program(argsTo(loser, out)...)); code != 2 || !strings.Contains(text, "of another query") {
				t.Fatalf("repeated: exit code %d\n%s", code, text)
			}
		}
		if lost, twice := compare(t, out, 5); lost > 0 || twice > 0 {
			t.Errorf("%d lost, %d duplicates", lost, twice)
		}
		if code, text := ends(t, program(args(loser, true)...)); code != 0 {
			t.Fatalf("on an output of its own: exit code %d\n%s", code, text)
		}
		if lost, twice := compare(t, filepath.Join(loser, "out"), 5); lost > 0 || twice > 0 {
			t.Errorf("the refused query: %d lost, %d duplicates", lost, twice)
		}
	}
}

// argsTo are args with another output.
func argsTo(dir, out string) []string {
	a := args(dir, true)
	for i := range a {
		if a[i] == "--path" {
			a[i+1] = out
		}
	}
	return a
}
