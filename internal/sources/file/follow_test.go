package file

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
)

// A tailing is a test of a Follower of the files app.log* in a directory, or of what path names.
type tailing struct {
	*testing.T
	dir, path string
	options   job.Options
	log       *checkpoint.Checkpoint
	f         *Follower
	at        sources.Offset
	later     time.Duration // what the clock is ahead
	told      []string
}

func startTailing(t *testing.T) *tailing {
	t.Helper()
	dir := t.TempDir()
	log, err := checkpoint.Open(testEnv(nil).FS, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &tailing{T: t, dir: dir, path: filepath.Join(dir, "app.log*"), log: log}
}

// start starts the source at the last position, which is that of the batch logged last; again reads that batch once more.
func (t *tailing) start(before sources.Offset, again bool) {
	t.Helper()
	if t.f != nil {
		_ = t.f.Close()
	}
	env := testEnv(t.log)
	env.Now = func() time.Time { return time.Now().Add(t.later) }
	env.OnLoss = func(l *codec.Loss) { t.told = append(t.told, strings.ReplaceAll(l.Text, t.dir+"/", "")) }
	var err error
	if t.f, err = NewFollower(t.path, t.options, lineDecoder(t.T), env); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = t.f.Close() })
	if t.at != "" {
		if err := t.f.Recover(context.Background(), sources.Logged{Before: before, Last: t.at, Again: again}); err != nil {
			t.Fatal(err)
		}
	}
}

// next takes and reads a batch.
func (t *tailing) next() string {
	t.Helper()
	if t.f == nil {
		t.start("", false)
	}
	from := t.at
	to, err := t.f.LatestOffset(context.Background(), from, false)
	if err != nil {
		t.Fatal(err)
	}
	t.at = to
	if from == to {
		return ""
	}
	return t.read(from, to)
}

// read reads a batch until nothing changes meanwhile.
func (t *tailing) read(from, to sources.Offset) string {
	t.Helper()
	scan := &sources.Scan{Scan: codec.Scan{Fields: textSchema.Fields, Schema: textSchema}}
	for {
		parts, err := t.f.Plan(context.Background(), from, to, scan)
		if err != nil {
			t.Fatal(err)
		}
		rows := readAll(t.T, parts)
		if _, err = t.f.Recheck(context.Background()); err == nil {
			return strings.Join(rows, " ")
		} else if !errors.Is(err, sources.ErrChanged) {
			t.Fatal(err)
		}
	}
}

func (t *tailing) want(rows string) {
	t.Helper()
	if got := t.next(); got != rows {
		t.Errorf("the batch has %q, want %q", got, rows)
	}
}

func (t *tailing) wantTold(texts ...string) {
	t.Helper()
	if fmt.Sprint(t.told) != fmt.Sprint(texts) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(t.told, "\n"), strings.Join(texts, "\n"))
	}
}

func (t *tailing) do(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (t *tailing) file(name string) string { return filepath.Join(t.dir, name) }

// add appends words as lines; one that ends in ~ has no line end.
func (t *tailing) add(name, words string) {
	t.Helper()
	f, err := os.OpenFile(t.file(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	t.do(err)
	for _, w := range strings.Fields(words) {
		if text, open := strings.CutSuffix(w, "~"); open {
			_, err = f.WriteString(text)
		} else {
			_, err = f.WriteString(w + "\n")
		}
		t.do(err)
	}
	t.do(f.Close())
}

func (t *tailing) rename(from, to string)   { t.Helper(); t.do(os.Rename(t.file(from), t.file(to))) }
func (t *tailing) remove(name string)       { t.Helper(); t.do(os.Remove(t.file(name))) }
func (t *tailing) truncate(name string)     { t.Helper(); t.do(os.Truncate(t.file(name), 0)) }
func (t *tailing) wait(d time.Duration)     { t.later += d }
func (t *tailing) restart()                 { t.Helper(); t.start("", false) }
func (t *tailing) copyFile(from, to string) { t.Helper(); t.do(copyOf(t.file(from), t.file(to))) }
func (t *tailing) pack(name string)         { t.Helper(); t.packInto(name, name+".gz", -1); t.remove(name) }
func (t *tailing) sameTime(names ...string) {
	t.Helper()
	for _, name := range names {
		t.do(os.Chtimes(t.file(name), time.Time{}, time.Unix(1_800_000_000, 0)))
	}
}
func (t *tailing) packPart(name string, n int) { t.Helper(); t.packInto(name, name+".gz", n) }

func copyOf(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

// packInto compresses a file, and keeps the first n bytes of the result; all if n is -1.
func (t *tailing) packInto(from, to string, n int) {
	t.Helper()
	data, err := os.ReadFile(t.file(from))
	t.do(err)
	var packed strings.Builder
	w := gzip.NewWriter(&packed)
	_, err = w.Write(data)
	t.do(err)
	t.do(w.Close())
	text := packed.String()
	if n >= 0 {
		text = text[:n]
	}
	t.do(os.WriteFile(t.file(to), []byte(text), 0o644))
}

// long is more than a mark covers.
var long = strings.Repeat("0123456789abcdef ", 100)

// TestFollow has a case for each thing that happens to files that are followed.
func TestFollow(t *testing.T) {
	for name, test := range map[string]func(t *tailing){
		"grows": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.add("app.log", "c")
			t.want("c")
			t.want("")
		},
		"a restart goes on in the middle": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.add("app.log", "c")
			t.restart()
			t.want("c")
		},
		"renamed, and written to": func(t *tailing) {
			t.add("app.log", "a")
			t.want("a")
			t.rename("app.log", "app.log.1")
			t.add("app.log.1", "b")
			t.add("app.log", "c")
			t.want("b c")
		},
		"renamed twice while nothing follows": func(t *tailing) {
			t.add("app.log", "a")
			t.want("a")
			t.add("app.log", "b")
			t.rename("app.log", "app.log.2")
			t.add("app.log.1", "c")
			time.Sleep(20 * time.Millisecond) // files are ordered by time
			t.add("app.log", "d")
			t.restart()
			t.want("b c d")
		},
		"renamed to what the path does not name": func(t *tailing) {
			t.path = t.file("app.log")
			t.add("app.log", "a")
			t.want("a")
			t.add("app.log", "b")
			t.rename("app.log", "app.log.1")
			t.add("app.log", "c")
			t.restart()
			t.want("b c")
			t.add("app.log.1", "late")
			t.want("late")
		},
		"copied and truncated": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.add("app.log", "c")
			t.copyFile("app.log", "app.log.1")
			t.truncate("app.log")
			t.add("app.log", "d")
			t.want("c d")
			t.want("")
		},
		"truncated and longer than before": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.copyFile("app.log", "app.log.1")
			t.truncate("app.log")
			t.add("app.log", "c d e f g")
			t.want("c d e f g")
			t.wantTold()
		},
		"a look between copy and truncation": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.copyFile("app.log", "app.log.1")
			t.want("")
			t.add("app.log", "lost-in-the-copy")
			t.want("lost-in-the-copy")
			t.truncate("app.log")
			t.add("app.log", "c")
			t.want("c")
			t.want("")
		},
		"a restart between copy and truncation": func(t *tailing) {
			t.add("app.log", long)
			t.next()
			t.copyFile("app.log", "app.log.1")
			t.add("app.log", "more")
			t.want("more")
			t.truncate("app.log")
			t.restart()
			t.add("app.log", "c")
			t.want("c")
			t.restart()
			t.want("")
		},
		"a new file with the same lines": func(t *tailing) {
			t.add("app.log", "a")
			t.want("a")
			t.add("app.log.b", "a")
			t.want("")
			t.wait(copyTime)
			t.want("a")
			t.wantTold()
		},
		"two new files with the same lines": func(t *tailing) {
			t.add("app.log", "a")
			t.add("app.log.b", "a")
			t.want("a")
			t.wait(copyTime)
			t.want("a")
		},
		"compressed after it was read": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.rename("app.log", "app.log.1")
			t.packPart("app.log.1", 12)
			t.add("app.log", "c")
			t.want("c")
			t.pack("app.log.1")
			t.want("")
			t.restart()
			t.want("")
			t.wantTold()
		},
		"compressed before it was read to its end": func(t *tailing) {
			t.add("app.log", "a")
			t.want("a")
			t.add("app.log", "b c")
			t.rename("app.log", "app.log.1")
			t.pack("app.log.1")
			t.add("app.log", "d")
			t.restart()
			t.want("b c d")
		},
		"copied and truncated, at one time": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.add("app.log", "c")
			time.Sleep(20 * time.Millisecond) // the copy is younger
			t.copyFile("app.log", "app.log.1")
			t.truncate("app.log")
			t.add("app.log", "d")
			t.sameTime("app.log.1", "app.log")
			t.want("c d")
		},
		"two new files of one time": func(t *tailing) {
			t.add("app.log.1", "a")
			time.Sleep(20 * time.Millisecond) // the birth of a file is as coarse as its time
			t.add("app.log", "b")
			t.sameTime("app.log.1", "app.log")
			t.want("a b")
		},
		"scanned while it is being compressed": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.add("app.log", "c d")
			t.rename("app.log", "app.log.1")
			t.packInto("app.log.1", "whole", -1)
			t.do(os.WriteFile(t.file("app.log.1.gz"), nil, 0o644))
			t.remove("app.log.1")
			t.do(t.f.Close())
			t.start("", false)
			open := t.f.scans.open
			t.f.scans.open = func(path string, id storage.Identity) (storage.Object, error) {
				t.f.scans.open = open
				t.do(copyOf(t.file("whole"), path))
				return open(path, id)
			}
			t.want("")
			t.want("c d")
			t.wantTold()
		},
		"renamed while it is compared": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.add("app.log", "c")
			t.packInto("app.log", "app.log.1.gz", -1)
			t.truncate("app.log")
			t.restart()
			open, opened := t.f.scans.open, 0
			t.f.scans.open = func(path string, id storage.Identity) (storage.Object, error) {
				if opened++; opened == 2 {
					t.rename("app.log.1.gz", "app.log.2.gz")
				}
				return open(path, id)
			}
			t.want("")
			t.want("c")
			t.wantTold()
		},
		"compressed, and never seen": func(t *tailing) {
			t.add("app.log.1", "a b~")
			t.pack("app.log.1")
			t.want("a b")
		},
		"a compressed copy of a file that is still there": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.packInto("app.log", "app.log.gz", -1)
			t.wait(time.Hour)
			t.want("")
		},
		"half a line waits": func(t *tailing) {
			t.add("app.log", "a b~")
			t.want("a")
			t.add("app.log", "c")
			t.want("bc")
			t.wantTold()
		},
		"half a line, and nothing more": func(t *tailing) {
			t.add("app.log", "a b~")
			t.want("a")
			t.wait(31 * time.Second)
			t.want("b")
			t.wantTold("app.log: its last line has no line end and nothing was added for 30s; it was taken as a line (1 byte)")
			t.add("app.log", "c d")
			t.want("c d")
		},
		"half a line at the end": func(t *tailing) {
			t.add("app.log", "a b~")
			t.want("a")
			t.do(t.f.Close())
			t.wantTold("app.log: its last line has no line end yet and was not read (1 byte)")
		},
		"removed before it was read to its end": func(t *tailing) {
			t.add("app.log", "a")
			t.want("a")
			t.add("app.log", "b")
			t.remove("app.log")
			t.want("b")
			t.wait(time.Minute)
			t.want("")
			t.add("app.log", "c")
			t.want("c")
			t.wantTold()
		},
		"removed while nothing follows": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.do(t.f.Close())
			t.remove("app.log")
			t.add("app.log", "c")
			t.restart()
			t.want("c")
			t.wait(copyTime)
			t.want("")
			t.wantTold("app.log: the file that was read up to byte 4 was removed while nothing followed it, and no copy of it was found: lines that were added to it since then are lost")
		},
		"truncated before it was read to its end": func(t *tailing) {
			t.options = given("maxBytesPerTrigger", "2")
			t.add("app.log", "a b c")
			t.want("a")
			t.truncate("app.log")
			t.add("app.log", "d")
			t.want("d")
			t.wait(copyTime)
			t.want("")
			t.wantTold("app.log: 4 bytes are lost: the file was truncated or overwritten before they were read, and no copy of it was found")
			if n := t.f.env.Stats.UnreadBytes.Load(); n != 4 {
				t.Errorf("%d bytes are counted", n)
			}
		},
		"overwritten": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.do(os.WriteFile(t.file("app.log"), []byte("c\nd\ne\n"), 0o644))
			t.want("c d e")
		},
		"replaced by a longer version": func(t *tailing) {
			t.add("app.log", "a b")
			t.want("a b")
			t.add("tmp", "a b c")
			t.rename("tmp", "app.log")
			t.want("c")
		},
		"a limit within a file": func(t *tailing) {
			t.options = given("maxBytesPerTrigger", "5")
			t.add("app.log", "a b c dddddddd e")
			t.want("a b")
			t.want("c")
			t.want("dddddddd")
			t.want("e")
		},
		"a batch is read again after a rotation": func(t *tailing) {
			t.add("app.log", "a")
			t.want("a")
			before := t.at
			t.add("app.log", "b c")
			t.want("b c")
			t.add("app.log", "d")
			t.rename("app.log", "app.log.1")
			t.pack("app.log.1")
			t.add("app.log", "e")
			t.start(before, true)
			if got := t.read(before, t.at); got != "b c" {
				t.Errorf("again: %q", got)
			}
			t.want("d e")
		},
		"a batch whose file is gone": func(t *tailing) {
			t.add("app.log", "a")
			t.want("a")
			before := t.at
			t.add("app.log", "b c")
			t.want("b c")
			t.do(t.f.Close())
			t.remove("app.log")
			t.start(before, true)
			t.f.tries = 1
			if got := t.read(before, t.at); got != "" {
				t.Errorf("again: %q", got)
			}
			t.wantTold("app.log: 4 bytes are lost: they were to be read again, but the file is not there any more, under any name")
		},
		"from the end": func(t *tailing) {
			t.options = given("startingPosition", "latest")
			t.add("app.log", "a b half~")
			t.want("")
			t.add("app.log", "-line c")
			t.add("app.log.2", "new")
			t.restart()
			t.want("half-line c new")
			t.restart()
			t.want("")
		},
		"several links to a file": func(t *tailing) {
			t.add("data", "a")
			t.do(os.Symlink("data", t.file("app.log.current")))
			t.do(os.Symlink("data", t.file("app.log.today")))
			t.want("a")
			t.add("data", "b")
			t.want("b")
		},
	} {
		t.Run(name, func(t *testing.T) { test(startTailing(t)) })
	}
}

// TestFollowTruncatedWhileRead truncates a file between the plan of a batch and its reading.
func TestFollowTruncatedWhileRead(t *testing.T) {
	s := startTailing(t)
	s.add("app.log", "a b")
	s.start("", false)
	to, err := s.f.LatestOffset(context.Background(), "", false)
	s.do(err)
	s.copyFile("app.log", "app.log.1")
	s.truncate("app.log")
	s.add("app.log", "c d e")
	if got := s.read("", to); got != "a b" {
		t.Errorf("read %q", got)
	}
	s.at = to
	s.want("c d e")
}

// TestFollowCompressedWhileRead replaces a compressed file between the plan of a batch and its reading.
func TestFollowCompressedWhileRead(t *testing.T) {
	for name, replace := range map[string]func(s *tailing){
		"cut off":  func(s *tailing) { s.do(os.Truncate(s.file("app.log.1.gz"), 12)) },
		"empty":    func(s *tailing) { s.truncate("app.log.1.gz") },
		"shorter":  func(s *tailing) { s.add("other", "a"); s.packInto("other", "app.log.1.gz", -1) },
		"as long":  func(s *tailing) { s.add("other", "x y"); s.packInto("other", "app.log.1.gz", -1) },
		"not gzip": func(s *tailing) { s.do(os.WriteFile(s.file("app.log.1.gz"), []byte(long), 0o644)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := startTailing(t)
			s.add("app.log.1", "a b")
			s.pack("app.log.1")
			s.start("", false)
			s.f.tries = 1
			to, err := s.f.LatestOffset(context.Background(), "", false)
			s.do(err)
			scan := &sources.Scan{Scan: codec.Scan{Fields: textSchema.Fields, Schema: textSchema}}
			parts, err := s.f.Plan(context.Background(), "", to, scan)
			s.do(err)
			time.Sleep(20 * time.Millisecond) // so that its time changes
			replace(s)
			if err := firstError(parts); !errors.Is(err, sources.ErrChanged) {
				t.Fatalf("reading returns %v", err)
			}
			if got := s.read("", to); got != "" {
				t.Errorf("read %q", got)
			}
			s.wantTold("app.log.1.gz: 4 bytes are lost: they were to be read again, but the file is not there any more, under any name")
		})
	}
}

// firstError reads partitions until there is an error other than their ends.
func firstError(parts []sources.Partition) error {
	for _, p := range parts {
		r, err := p.Open(context.Background())
		if err != nil {
			return err
		}
		for err == nil {
			_, err = r.Next(context.Background())
		}
		if err := errors.Join(err, r.Close()); !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}

// TestFollowFreezes takes what was there when the end was fixed.
func TestFollowFreezes(t *testing.T) {
	s := startTailing(t)
	s.add("app.log", "a b")
	s.start("", false)
	s.do(s.f.FreezeEnd(context.Background()))
	s.add("app.log", "c")
	s.add("app.log.2", "d")
	s.want("a b")
	s.want("")
}

// TestFollowManyFiles follows more files than are kept open.
func TestFollowManyFiles(t *testing.T) {
	s := startTailing(t)
	var want []string
	for i := range 2*mostOpen + 10 {
		word := fmt.Sprintf("line%d", i)
		s.add(fmt.Sprintf("app.log.%05d", i), word)
		want = append(want, word)
	}
	s.want(strings.Join(want, " "))
	for i := range 2*mostOpen + 10 {
		s.add(fmt.Sprintf("app.log.%05d", i), want[i])
	}
	s.want(strings.Join(want, " "))
}
