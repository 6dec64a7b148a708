package checkpoint

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// The files by which runs keep each other off a checkpoint and an output. The dot hides them from Spark. That of an output
// lies beside the data, not in _spark_metadata: a directory of plain files that has one reads as an empty output in Spark, and a
// run that is refused must not make one.
const (
	lockName       = ".lock"
	outputLockName = ".streamctl.lock"
)

// lockPoll is how often a lock that another run holds is tried again.
const lockPoll = 20 * time.Millisecond

// A holder is what the lock file says of the run that has the lock.
type holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Started time.Time `json:"started"`
}

// Lock makes the directory of a checkpoint and keeps all other runs off it until the result is closed or the process ends.
// When another run has it, Lock waits as long as told and then says which one.
func Lock(ctx context.Context, fsys atomicfile.FS, dir string, wait time.Duration) (io.Closer, error) {
	return lock(ctx, fsys, filepath.Join(dir, lockName), wait, "checkpoint "+dir, "Another run of this query is active on the checkpoint "+dir)
}

// LockOutput is Lock for the directory that a file sink writes to: no two queries write there at a time, whatever their
// checkpoints are.
func LockOutput(ctx context.Context, fsys atomicfile.FS, dir string, wait time.Duration) (io.Closer, error) {
	return lock(ctx, fsys, filepath.Join(dir, outputLockName), wait, "output "+dir, "Another query writes to the output "+dir)
}

// lock takes the lock of the file path, and makes its directory. what names that in errors, and inUse says that
// another run has it.
func lock(ctx context.Context, fsys atomicfile.FS, path string, wait time.Duration, what, inUse string) (io.Closer, error) {
	if err := atomicfile.MkdirAll(fsys, filepath.Dir(path), true); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	host, _ := os.Hostname()
	me, err := json.Marshal(holder{os.Getpid(), host, time.Now().Truncate(time.Second)})
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(wait); ; {
		lock, err := fsys.Lock(path, me)
		switch {
		case err == nil:
			return lock, nil
		case !errors.Is(err, atomicfile.ErrLocked):
			return nil, fmt.Errorf("%s: %w", what, err)
		case !time.Now().Before(end):
			return nil, held(fsys, path, inUse)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

// held is the error that names the run which has the directory.
func held(fsys atomicfile.FS, path, inUse string) error {
	e := sparkerr.New("CONCURRENT_QUERY").WithHint("wait for it to end, or let this run wait: --wait-lock 30s")
	e.Text = fmt.Sprintf("%s: %s.", inUse, heldBy(fsys, path))
	return e
}

// heldBy names the run that holds the lock of a file.
func heldBy(fsys atomicfile.FS, path string) string {
	h, ok := readHolder(fsys, path)
	if !ok {
		return "another run"
	}
	return fmt.Sprintf("process %d on %s, started %s", h.PID, cmp.Or(h.Host, "this machine"), h.Started.Local().Format(time.DateTime))
}

func readHolder(fsys atomicfile.FS, path string) (h holder, ok bool) {
	data, err := atomicfile.Read(fsys, path)
	return h, err == nil && json.Unmarshal(data, &h) == nil && h.PID > 0
}
