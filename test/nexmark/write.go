package nexmark

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A Data says which events to write.
type Data struct {
	Seed     uint64
	Events   int // of all three kinds
	Rate     int // events per second of event time; 0: Rate
	Files    int // per stream. File i of each stream has the same span of the events
	Disorder time.Duration
	Late     float64 // share of events that arrive LateBy events later
	LateBy   int
}

// Write writes DIR/person/00000.csv and so on, with headers and rising modification times, and DIR/side_input.csv, the table of query 13.
func (d Data) Write(dir string) error {
	if d.Rate == 0 {
		d.Rate = Rate
	}
	g := NewGenerator(d.Seed, d.Rate)
	var line []byte
	next, stop := iter.Pull(d.order())
	defer stop()
	for i := range d.Files {
		f, err := createPart(dir, i)
		if err != nil {
			return err
		}
		for range d.Events*(i+1)/d.Files - d.Events*i/d.Files {
			n, _ := next()
			line = g.Append(line[:0], n)
			f.add(KindOf(n), line)
		}
		if err := f.close(); err != nil {
			return err
		}
	}
	return writeSide(filepath.Join(dir, "side_input.csv"))
}

// order yields the numbers of the events as they arrive: shuffled within Disorder, and some of them late.
func (d Data) order() iter.Seq[int] {
	random := rand.New(rand.NewPCG(d.Seed+1, 0))
	span := max(1, int(d.Disorder.Seconds()*float64(d.Rate)))
	return func(yield func(int) bool) {
		var held []int // late events, in the order in which they come
		for start := 0; start < d.Events; start += span {
			numbers := make([]int, min(span, d.Events-start))
			for i := range numbers {
				numbers[i] = start + i
			}
			random.Shuffle(len(numbers), func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
			for _, n := range numbers {
				for len(held) > 0 && held[0]+d.LateBy <= n {
					if !yield(held[0]) {
						return
					}
					held = held[1:]
				}
				if d.Late > 0 && random.Float64() < d.Late {
					at, _ := slices.BinarySearchFunc(held, n, cmp.Compare[int])
					held = slices.Insert(held, at, n)
				} else if !yield(n) {
					return
				}
			}
		}
		for _, n := range held {
			if !yield(n) {
				return
			}
		}
	}
}

// A part is a file of each stream.
type part struct {
	files   [3]*os.File
	writers [3]*bufio.Writer
	at      time.Time // modification time, by which the file source orders files
}

func createPart(dir string, i int) (p part, err error) {
	p.at = base.Add(time.Duration(i) * time.Second)
	for k := Person; k <= Bid; k++ {
		sub := filepath.Join(dir, k.String())
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return p, err
		}
		if p.files[k], err = os.Create(filepath.Join(sub, fmt.Sprintf("%05d.csv", i))); err != nil {
			return p, err
		}
		p.writers[k] = bufio.NewWriterSize(p.files[k], 1<<18)
		fmt.Fprintln(p.writers[k], k.Header())
	}
	return p, nil
}

// add ignores errors, which close reports.
func (p part) add(k Kind, line []byte) { _, _ = p.writers[k].Write(line) }

func (p part) close() (err error) {
	for k, f := range p.files {
		err = errors.Join(err, p.writers[k].Flush(), f.Close(), os.Chtimes(f.Name(), p.at, p.at))
	}
	return err
}

func writeSide(path string) error {
	text := []byte("key,value\n")
	for key := range 10_000 {
		text = fmt.Appendf(text, "%d,side-%d\n", key, key*7919%10_000)
	}
	return os.WriteFile(path, text, 0o644)
}
