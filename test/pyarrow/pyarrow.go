// Package pyarrow finds a Python interpreter with pyarrow, for tests that read the program's output with
// another implementation.
package pyarrow

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Python returns an interpreter that has pyarrow: STREAMCTL_PYTHON, the one in build/venv, or the system's.
// Without one, the test is skipped, unless STREAMCTL_REQUIRE requires it.
func Python(t testing.TB) string {
	t.Helper()
	for _, python := range []string{os.Getenv("STREAMCTL_PYTHON"), filepath.Join(root(t), "build/venv/bin/python"), "python3"} {
		if python != "" && exec.Command(python, "-c", "import pyarrow").Run() == nil {
			return python
		}
	}
	const remedy = "there is no Python with pyarrow: python3 -m venv build/venv && build/venv/bin/pip install pyarrow"
	if slices.Contains(strings.Fields(os.Getenv("STREAMCTL_REQUIRE")), "pyarrow") {
		t.Fatal("STREAMCTL_REQUIRE asks for it: " + remedy)
	}
	t.Skip(remedy)
	return ""
}

// Run runs a script and returns its output.
func Run(t testing.TB, script string, stdin []byte, args ...string) string {
	t.Helper()
	cmd := exec.Command(Python(t), append([]string{"-c", script}, args...)...)
	cmd.Stdin = strings.NewReader(string(stdin))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// root returns the directory of the module.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("the test runs outside of the module")
		}
		dir = filepath.Dir(dir)
	}
}
