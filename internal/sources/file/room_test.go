package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/memory"
)

// manyFiles makes a directory with n files, in a directory below it.
func manyFiles(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "k=1"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := os.WriteFile(filepath.Join(dir, "k=1", fmt.Sprintf("f%06d", i)), []byte("a\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTheListOfFilesIsWithinTheLimitOfMemory(t *testing.T) {
	const n = countedAtOnce + 10
	dir := manyFiles(t, n)
	latest := func(limit int64) error {
		memory.Limit(limit)
		s := open(t, dir, nil)
		err := halt.Catch(func() error {
			_, err := s.LatestOffset(context.Background(), "", true)
			return err
		})
		_ = s.Close()
		if room := new(memory.Holding).Room(); room != limit {
			t.Errorf("after the source has closed the room is %d of %d", room, limit)
		}
		memory.Limit(0)
		return err
	}
	for _, limit := range []int64{countedAtOnce * listedBytes / 2, n * listedBytes} { // within the listing, and when the files were read
		var large *memory.Exceeded
		err := latest(limit)
		if !errors.As(err, &large) || !strings.Contains(err.Error(), "the list of the files in "+dir) {
			t.Errorf("%d bytes: %v", limit, err)
		}
	}
	if err := latest(n * (listedBytes + seenBytes)); err != nil {
		t.Errorf("with room for all: %v", err)
	}
}

func TestAListingStopsWithItsContext(t *testing.T) {
	s := open(t, manyFiles(t, 2*halt.Pace), nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := halt.Catch(func() error {
		_, err := s.LatestOffset(ctx, "", true)
		return err
	})
	if !errors.Is(err, context.Canceled) || s.position >= 0 {
		t.Errorf("a listing that was stopped took files: entry %d, %v", s.position, err)
	}
}
