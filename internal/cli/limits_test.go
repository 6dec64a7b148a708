package cli

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheLimitOfTheControlGroupIsFound(t *testing.T) {
	for name, c := range map[string]struct{ self, file, text, want string }{
		"version 2":           {"0::/a/b\n", "a/b/memory.max", "1048576\n", "1048576"},
		"version 2, no limit": {"0::/a/b\n", "a/b/memory.max", "max\n", ""},
		"in a container":      {"0::/elsewhere\n", "memory.max", "1048576\n", "1048576"},
		"version 1":           {"5:cpu:/x\n4:memory:/a\n", "memory/a/memory.limit_in_bytes", "2097152\n", "2097152"},
		"version 1, no limit": {"4:memory:/a\n", "memory/a/memory.limit_in_bytes", "9223372036854771712\n", ""},
		"none":                {"", "x", "", ""},
	} {
		root := t.TempDir()
		self := filepath.Join(root, "self")
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, c.file)), 0o755); err != nil {
			t.Fatal(err)
		}
		for path, text := range map[string]string{self: c.self, filepath.Join(root, c.file): c.text} {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := cgroupMemory(self, root); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
