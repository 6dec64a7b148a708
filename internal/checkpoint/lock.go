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
	"github.com/streamctl/streamctl/internal/storage"
)

// The lock files of a checkpoint and an output. The dot hides them from Spark. The lock file of an output is
// next to the data, not in _spark_metadata: Spark would treat a directory of plain files with a _spark_metadata
// as an empty output, and a refused run must not create one.
const (
	lockName       = ".lock"
	outputLockName = ".streamctl.lock"
)

// lockPoll is the interval between attempts to take a lock.
const lockPoll = 20 * time.Millisecond

// A holder is the contents of a lock file: the run that holds the lock.
type holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Started time.Time `json:"started"`
}

// Lock creates the directory of a checkpoint and locks it until the result is closed or the process ends. If
// another run holds the lock, Lock waits up to the given time, and then returns an error that names that run.
func Lock(ctx context.Context, fsys storage.FS, dir string, wait time.Duration) (io.Closer, error) {
	return lock(ctx, fsys, filepath.Join(dir, lockName), wait, "checkpoint "+dir, "Another run of this query is active on the checkpoint "+dir)
}

// LockOutput is like Lock, for the output directory of a file sink. Only one query may write to it at a time,
// whatever its checkpoint.
func LockOutput(ctx context.Context, fsys storage.FS, dir string, wait time.Duration) (io.Closer, error) {
	return lock(ctx, fsys, filepath.Join(dir, outputLockName), wait, "output "+dir, "Another query writes to the output "+dir)
}

// lock creates the parent directory of path and locks the file. what names the directory in errors, and inUse
// is the message if another run holds the lock.
func lock(ctx context.Context, fsys storage.FS, path string, wait time.Duration, what, inUse string) (io.Closer, error) {
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
		case !errors.Is(err, storage.ErrLocked):
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

// held returns the error that names the run that holds the lock.
func held(fsys storage.FS, path, inUse string) error {
	e := sparkerr.New("CONCURRENT_QUERY").WithHint("wait for it to end, or let this run wait: --wait-lock 30s")
	e.Text = fmt.Sprintf("%s: %s.", inUse, heldBy(fsys, path))
	return e
}

// heldBy describes the run that holds the lock.
func heldBy(fsys storage.FS, path string) string {
	h, ok := readHolder(fsys, path)
	if !ok {
		return "another run"
	}
	return fmt.Sprintf("process %d on %s, started %s", h.PID, cmp.Or(h.Host, "this machine"), h.Started.Local().Format(time.DateTime))
}

func readHolder(fsys storage.FS, path string) (h holder, ok bool) {
	data, err := atomicfile.Read(fsys, path)
	return h, err == nil && json.Unmarshal(data, &h) == nil && h.PID > 0
}
