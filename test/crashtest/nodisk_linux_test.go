package crashtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// printing returns the arguments of a run on the directory in that prints rows and has no checkpoint.
func printing(dir string) []string {
	return []string{"file", "--dir", filepath.Join(dir, "in"), "--schema", "id INT", "--available-now", "-o", "csv"}
}

// TestNoCheckpointNoDisk runs on a machine with a read-only file system.
func TestNoCheckpointNoDisk(t *testing.T) {
	if out, err := exec.Command("unshare", "-rm", "mount", "-o", "remount,bind,ro", "/").CombinedOutput(); err != nil {
		t.Skipf("the root cannot be made read-only here: %v %s", err, out)
	}
	dir := t.TempDir()
	input(t, dir, 2)
	a := program(printing(dir)...)
	script := `mount -o remount,bind,ro / && ! touch /probe 2>/dev/null && exec "$0" "$@"`
	cmd := exec.Command("unshare", append([]string{"-rm", "sh", "-c", script, a.Path}, a.Args[1:]...)...)
	cmd.Env = append(a.Env, "TMPDIR=/nonexistent")
	if code, text := ends(t, cmd); code != 0 || !strings.Contains(text, "id\n0\n1\n") {
		t.Errorf("exit code %d: %s", code, text)
	}
}

// TestTheHomeOfAnotherUser runs with a HOME that is not accessible, as with sudo and su.
func TestTheHomeOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may do everything to a HOME, and then run as another user")
	}
	dir := t.TempDir()
	input(t, dir, 1)
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Dir(dir), filepath.Join(dir, "in", "000000000.csv")} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := program(printing(dir)...)
	cmd.Env = append(cmd.Env, "XDG_CONFIG_HOME=", "HOME="+home)
	cmd.Path = reachable(t, dir, cmd.Path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	code, text := ends(t, cmd)
	if code != 0 || !strings.Contains(text, "id\n0\n") || !strings.Contains(text, home+"/.config/streamctl/config.yaml reason=\"permission denied\"") {
		t.Errorf("exit code %d: %s", code, text)
	}
}
