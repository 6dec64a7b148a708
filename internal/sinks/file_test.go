package sinks

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/vector"
)

// numbers is an encoder for one INT column.
type numbers struct{ codec.Guard }

func (numbers) Header(dst []byte) []byte                                     { return append(dst, "a\n"...) }
func (numbers) AppendRow(dst []byte, _ *vector.Batch, _ int) ([]byte, error) { return dst, nil }
func (numbers) AppendBatch(dst []byte, b *vector.Batch) ([]byte, error) {
	for _, n := range b.Cols[0].I32 {
		dst = append(strconv.AppendInt(dst, int64(n), 10), '\n')
	}
	return dst, nil
}

func numberSink(dir string, fsys storage.FS) *fileSink {
	e := &codec.Encoding{Suffix: ".csv", Compression: compress.None, Encoder: func() (codec.Encoder, error) { return &numbers{}, nil }}
	return &fileSink{encoding: e, layout: &layout{columns: []int{0}}, dir: dir, fsys: fsys}
}

// visible returns the content of the files visible to readers, ordered by name ignoring the random part.
func visible(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "[^._]*"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, filepath.Base(f)[:10]+"="+strings.ReplaceAll(string(text), "\n", ","))
	}
	return strings.Join(out, " ")
}

func TestEachTaskWritesOnePartFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	s := numberSink(dir, storage.OS)
	ctx := context.Background()
	b, err := s.Begin(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	var writers []PartitionWriter
	for i, task := range []int{0, 0, 1, 2} {
		w, err := b.Partition(i, task)
		if err != nil {
			t.Fatal(err)
		}
		writers = append(writers, w)
	}
	for _, i := range []int{2, 1, 0} {
		if err := errors.Join(writers[i].Write(ctx, ints(t, i)), writers[i].Close(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(writers[3].Close(ctx), b.Commit(ctx, 4)); err != nil {
		t.Fatal(err)
	}
	if got := visible(t, dir); got != "part-00000=a,0,1, part-00001=a,2," {
		t.Errorf("%s", got)
	}
	if _, err := s.Begin(ctx, 0); !errors.Is(err, ErrHave) {
		t.Errorf("the batch is not known: %v", err)
	}
	log, _ := checkpoint.OpenSinkLog(storage.OS, dir)
	if files, err := log.Files(); err != nil || len(files) != 2 || files[0].Size != 6 {
		t.Errorf("%v %v", files, err)
	}
}

func TestEmptyBatchHasOneFile(t *testing.T) {
	for _, tasks := range []int{0, 2} {
		dir := t.TempDir()
		s := numberSink(dir, storage.OS)
		ctx := context.Background()
		b, err := s.Begin(ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i := range tasks {
			w, err := b.Partition(i, i)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Close(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Commit(ctx, tasks); err != nil {
			t.Fatal(err)
		}
		if got := visible(t, dir); got != "part-00000=a," {
			t.Errorf("%d tasks: %s", tasks, got)
		}
	}
}

// dying is a file system on which every operation from number n on fails.
type dying struct {
	storage.FS
	left int
}

var errDead = errors.New("dead")

func (d *dying) step() error {
	if d.left--; d.left < 0 {
		return errDead
	}
	return nil
}

func (d *dying) Create(name string) (storage.File, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	return d.FS.Create(name)
}

func (d *dying) Rename(from, to string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.FS.Rename(from, to)
}

func (d *dying) Remove(name string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.FS.Remove(name)
}

func TestCrashAtAnyPointLeavesEachRowOnce(t *testing.T) {
	for n := range 30 {
		dir := t.TempDir()
		run := func(fsys storage.FS) error {
			s := numberSink(dir, fsys)
			ctx := context.Background()
			for id := range 2 {
				b, err := s.Begin(ctx, int64(id))
				if errors.Is(err, ErrHave) {
					continue
				}
				if err != nil {
					return err
				}
				w, err := b.Partition(0, 0)
				if err != nil {
					return err
				}
				if err := errors.Join(w.Write(ctx, ints(t, id)), w.Close(ctx)); err != nil {
					return err
				}
				if err := b.Commit(ctx, 1); err != nil {
					return err
				}
			}
			return nil
		}
		d := &dying{FS: storage.OS, left: n}
		died := run(d)
		if err := run(storage.OS); err != nil {
			t.Fatalf("after a crash at %d (%v): %v", n, died, err)
		}
		got := strings.Count(visible(t, dir), "part-")
		if text := visible(t, dir); got != 2 || !strings.Contains(text, "=a,0,") || !strings.Contains(text, "=a,1,") {
			t.Errorf("after a crash at operation %d (%v): %s", n, died, text)
		}
		if leftovers, _ := filepath.Glob(filepath.Join(dir, ".part*")); len(leftovers) > 0 {
			t.Errorf("after a crash at operation %d: %v", n, leftovers)
		}
	}
}

func TestAbortRemovesTheFiles(t *testing.T) {
	dir := t.TempDir()
	s := numberSink(dir, storage.OS)
	ctx := context.Background()
	b, err := s.Begin(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	w, _ := b.Partition(0, 0)
	if err := errors.Join(w.Write(ctx, ints(t, 1)), w.Close(ctx), b.Abort(ctx)); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 1 {
		t.Errorf("%v", entries)
	}
}
