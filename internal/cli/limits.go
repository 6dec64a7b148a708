package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/status"
	"github.com/streamctl/streamctl/internal/system"
)

// foundLimits returns the resource limits that apply to the process, as attributes of a log line.
func foundLimits() []any {
	var out []any
	limits := system.Current()
	if l := limits.AddressSpace; l.OK {
		out = append(out, "ulimit -v", status.Bytes(l.Value))
		if left, ok := addressSpaceLeft(); ok {
			out = append(out, "left of it", status.Bytes(left))
		}
	}
	if l := limits.Files; l.OK {
		out = append(out, "ulimit -n", l.Value)
	}
	if text := cgroupMemory("/proc/self/cgroup", "/sys/fs/cgroup"); text != "" {
		out = append(out, "cgroup memory", text+" bytes")
	}
	if text := os.Getenv("GOMEMLIMIT"); text != "" {
		out = append(out, "GOMEMLIMIT", text)
	}
	return out
}

// spaceUse is how much address space the heap takes for a byte of memory: freed memory stays reserved, in pieces that may not fit what comes
// next.
const spaceUse = 3

// limitMemory limits the memory of the process to what the user asks for, 0 for no limit, or to what ulimit -v leaves, if that is less. The Go
// runtime aborts a process that runs out of address space, with its stacks and without an error of ours.
func limitMemory(asked int64) error {
	left, ok := addressSpaceLeft()
	if ok && left < heapArena {
		return sparkerr.Plain("ulimit -v leaves %s of address space for data, which the Go runtime takes in pieces of %s", status.Bytes(left), status.Bytes(heapArena)).
			WithHint("raise it by some hundred MB; --memory or a control group are better limits of memory")
	}
	if ok && (asked == 0 || left/spaceUse < asked) {
		asked = left / spaceUse
		memory.SetBy("ulimit -v")
	}
	engine.LimitMemory(asked)
	return nil
}

// heapArena is the address space that Go's heap takes at a time.
const heapArena = 64 << 20

// addressSpaceLeft returns what ulimit -v leaves in addition to what the process has reserved at its start and mostly does not use. ok is
// false if there is no limit, or if the system does not report it.
func addressSpaceLeft() (bytes int64, ok bool) {
	limit := system.Current().AddressSpace
	if !limit.OK {
		return 0, false
	}
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	var pages int64
	if _, err := fmt.Sscan(string(text), &pages); err != nil {
		return 0, false
	}
	return max(limit.Value-pages*int64(os.Getpagesize()), 0), true
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
