package cli

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// foundLimits returns the resource limits that apply to the process, as attributes of a log line.
func foundLimits() []any {
	var out []any
	for _, l := range []struct {
		name     string
		resource int
	}{{"ulimit -v", unix.RLIMIT_AS}, {"ulimit -n", unix.RLIMIT_NOFILE}} {
		var r unix.Rlimit
		if unix.Getrlimit(l.resource, &r) != nil || r.Cur == unix.RLIM_INFINITY {
			continue
		}
		if l.resource == unix.RLIMIT_AS {
			out = append(out, l.name, bytesText(int64(r.Cur)))
		} else {
			out = append(out, l.name, r.Cur)
		}
	}
	if text := cgroupMemory("/proc/self/cgroup", "/sys/fs/cgroup"); text != "" {
		out = append(out, "cgroup memory", text+" bytes")
	}
	if text := os.Getenv("GOMEMLIMIT"); text != "" {
		out = append(out, "GOMEMLIMIT", text)
	}
	return out
}

// cgroupMemory returns the memory limit of the process's control group (version 1 or 2), or "" if there is
// none.
func cgroupMemory(self, root string) string {
	text, err := os.ReadFile(self)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		switch {
		case parts[0] == "0":
			text = firstFile(filepath.Join(root, parts[2], "memory.max"), filepath.Join(root, "memory.max"))
		case strings.Contains(parts[1], "memory"):
			const name = "memory.limit_in_bytes"
			text = firstFile(filepath.Join(root, "memory", parts[2], name), filepath.Join(root, "memory", name))
		default:
			continue
		}
		limit := strings.TrimSpace(string(text))
		if limit != "" && limit != "max" && len(limit) < len("9223372036854771712") { // cgroup v1's value for no limit
			return limit
		}
	}
	return ""
}

func firstFile(names ...string) []byte {
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil {
			return text
		}
	}
	return nil
}
