package checkpoint

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/storage"
)

func TestALockIsHeldOnceAndNamesItsHolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "checkpoint")
	first, err := Lock(context.Background(), storage.OS, dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Lock(context.Background(), storage.OS, dir, 0)
	if err == nil || !strings.Contains(err.Error(), "CONCURRENT_QUERY") || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("second lock: %v", err)
	}
	time.AfterFunc(50*time.Millisecond, func() { _ = first.Close() })
	second, err := Lock(context.Background(), storage.OS, dir, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	if _, err := Lock(ctx, storage.OS, dir, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting does not end with the context: %v", err)
	}
}

func TestADeadProcessReleasesItsLock(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, lockName), []byte(`{"pid":1,"host":"elsewhere","started":"2020-01-01T00:00:00Z"} and more`), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Lock(context.Background(), storage.OS, dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if h, ok := readHolder(storage.OS, filepath.Join(dir, lockName)); !ok || h.PID != os.Getpid() {
		t.Errorf("the holder is %+v, %v", h, ok)
	}
}
