// Command streams finds differences between stateful jobs in streamctl and Apache Spark. It generates queries with their batches, restarts
// and kills, runs them with both, shrinks those that differ, and prints them as job files with their input.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

var (
	count   = flag.Int("count", 500, "jobs to compare")
	seed    = flag.Uint64("seed", 1, "seed of the jobs")
	program = flag.String("streamctl", "bin/streamctl", "the program")
	python  = flag.String("python", "python3", "a Python with pyspark")
	driver  = flag.String("driver", "scripts/difffuzz/streams.py", "the program that asks Spark")
	dir     = flag.String("dir", "", "directory for inputs and checkpoints; the system's for temporary files if empty")
	inputs  = flag.Int("inputs", 0, "inputs of the jobs: 1 or 2; 0: some have one, others two")
	answers = flag.String("answers", "", "file that keeps Spark's answers from run to run; empty: they are not kept")
	rounds  = flag.Int("rounds", 8, "rounds of making the differences smaller")
)

// batchSize is the number of jobs to send at a time.
const batchSize = 30

func main() {
	flag.Parse()
	found, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "streams:", err)
		os.Exit(2)
	}
	if found > 0 {
		os.Exit(1)
	}
}

// A finding is a job that the engines answer differently.
type finding struct {
	*job
	kind, where  string
	ours, theirs *answer
	done         bool // nothing smaller differs
}

// A fuzzer compares jobs.
type fuzzer struct {
	spark *spark
	bench *bench
	seen  map[string]int // jobs by outcome
	known map[string]int // known differences by reason
	found int            // other differences
}

// run compares the jobs, prints the differences as they are found, and returns the number of unknown ones.
func run() (int, error) {
	path, err := filepath.Abs(*program) // jobs run in other directories
	if err != nil {
		return 0, err
	}
	s, err := newSpark(*python, *driver, *answers)
	if err != nil {
		return 0, err
	}
	defer s.close()
	f := &fuzzer{spark: s, bench: &bench{path, *dir}, seen: map[string]int{}, known: map[string]int{}}
	random := rand.New(rand.NewPCG(*seed, 1))
	start := time.Now()
	for done := 0; done < *count; done += batchSize {
		jobs := make([]*job, min(batchSize, *count-done))
		for i := range jobs {
			jobs[i] = draw(random, *inputs)
		}
		if err := f.examine(jobs); err != nil {
			return 0, err
		}
		fmt.Fprintf(os.Stderr, "streams: %d of %d jobs, %d differences, %s\n", done+len(jobs), *count, f.found, time.Since(start).Round(time.Second))
	}
	f.summary(os.Stdout)
	return f.found, nil
}

// examine compares jobs, and makes those that differ smaller and prints them.
func (f *fuzzer) examine(jobs []*job) error {
	list, err := f.compare(jobs)
	if err != nil {
		return err
	}
	for i, a := range list {
		f.tally(a.theirs)
		if a.kind == "" {
			list[i] = nil
		}
	}
	list = f.unknown(slices.DeleteFunc(list, func(x *finding) bool { return x == nil }))
	for range *rounds {
		if more, err := f.shrink(list); err != nil || !more {
			break
		}
	}
	for _, x := range list {
		f.found++
		fmt.Printf("=== difference %d: %s %s\n%s\n", f.found, x.kind, x.where, x.show())
	}
	return nil
}

// compare runs jobs with both engines at the same time. The finding of a job that both answer alike has no kind.
func (f *fuzzer) compare(jobs []*job) ([]*finding, error) {
	questions := make([]question, len(jobs))
	for i, j := range jobs {
		questions[i] = j.question()
	}
	ours, failed := make([]*answer, len(jobs)), error(nil)
	var group sync.WaitGroup
	group.Go(func() {
		for i, j := range jobs {
			if ours[i], failed = f.bench.answer(j); failed != nil {
				return
			}
		}
	})
	theirs, err := f.spark.ask(questions)
	group.Wait()
	if err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, failed
	}
	found := make([]*finding, len(jobs))
	for i, j := range jobs {
		found[i] = &finding{job: j, ours: ours[i], theirs: theirs[i]}
		found[i].kind, found[i].where = difference(j, ours[i], theirs[i])
	}
	return found, nil
}

// tally counts what Spark did with a job.
func (f *fuzzer) tally(a *answer) {
	switch {
	case a.Error == nil:
		f.seen["ran"]++
	case len(a.Batches) == 0:
		f.seen["refused or failed in the first batch"]++
	default:
		f.seen["failed later"]++
	}
	f.seen["batches"] += len(a.Batches)
}
