package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An answer is what a job printed, batch by batch, and how it failed.
type answer struct {
	Batches  []batch    `json:"batches"`
	Progress []progress `json:"progress"`
	Error    *failure   `json:"error"`
}

// A batch is its number and its table.
type batch struct {
	id    int
	table string
}

func (b *batch) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&b.id, &b.table})
}

// A failure is a refusal, or an error of a run.
type failure struct {
	Phase     string `json:"phase"`
	Condition string `json:"condition"`
	SQLState  string `json:"sqlState"`
	Message   string `json:"message"`
	Class     string `json:"class"`
}

// A progress is the part of a progress event that is compared.
type progress struct {
	ID        int `json:"batchId"`
	EventTime struct {
		Watermark string `json:"watermark"`
	} `json:"eventTime"`
	State []stateProgress `json:"stateOperators"`
}

type stateProgress struct {
	Name    string `json:"operatorName"`
	Total   int64  `json:"numRowsTotal"`
	Updated int64  `json:"numRowsUpdated"`
	Removed int64  `json:"numRowsRemoved"`
	Late    int64  `json:"numRowsDroppedByWatermark"`
}

// patience limits a run of a job.
const patience = time.Minute

// A bench runs jobs with the program, in directories below dir.
type bench struct{ program, dir string }

// answer runs a job. If a kill falls between the last batch and the batch without data that would have followed, or between the list of a source's
// files and the batch that reads them, Spark's uninterrupted run says nothing about what comes next, so the job starts again with an earlier kill: the
// next batch of either engine would have more files.
func (b *bench) answer(j *job) (*answer, error) {
	again := *j
	for {
		a, between, err := b.try(&again)
		if err != nil || !between {
			return a, err
		}
		again.Kills = slices.Clone(again.Kills)
		for i := range again.Kills {
			again.Kills[i] = again.Kills[i] * 2 / 3
			if again.Kills[i] < 1000 {
				again.Kills[i] = 0
			}
		}
	}
}

// try runs a job. between reports whether it was killed where the next batch is another one than without the kill.
func (b *bench) try(j *job) (a *answer, between bool, err error) {
	base, err := os.MkdirTemp(b.dir, "job-")
	if err != nil {
		return nil, false, err
	}
	defer os.RemoveAll(base)
	if err := j.write(base); err != nil {
		return nil, false, err
	}
	if err := j.table(base); err != nil {
		return nil, false, err
	}
	a, files := &answer{}, 0
	for i, run := range j.Runs {
		if err := j.drop(base, run, files); err != nil {
			return nil, false, err
		}
		files += len(run)
		if i < len(j.Kills) && j.Kills[i] > 0 {
			if err := b.start(base, a, time.Duration(j.Kills[i])*time.Microsecond); err != nil {
				return nil, false, err
			}
			if committed(base) && logged(base) == files || listedAhead(base) {
				return nil, true, nil
			}
			a.Error = nil
		}
		if err := b.start(base, a, 0); err != nil {
			return nil, false, err
		}
		if a.Error != nil {
			break
		}
	}
	return a, false, nil
}

// write writes the job file, with no files yet. JSON is YAML.
func (j *job) write(base string) error {
	text, err := json.MarshalIndent(j.file(), "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(os.Mkdir(filepath.Join(base, "in"), 0o755), os.Mkdir(filepath.Join(base, "other"), 0o755), os.WriteFile(filepath.Join(base, "job.yaml"), text, 0o644))
}

// table writes the files of the second input if that is a static table.
func (j *job) table(base string) error {
	if j.Other == nil || !j.Other.Static {
		return nil
	}
	n := 0
	for _, run := range j.Runs {
		for _, f := range run {
			_, other := f.split()
			if err := drop(base, "other", n, other); err != nil {
				return err
			}
			n++
		}
	}
	return nil
}

// drop adds files to the streams; first is the number of the first of them. A batch reads one of each stream.
func (j *job) drop(base string, files []file, first int) error {
	for i, f := range files {
		rows, other := f.split()
		if err := drop(base, "in", first+i, rows); err != nil {
			return err
		}
		if j.Other == nil || j.Other.Static {
			continue
		}
		if err := drop(base, "other", first+i, other); err != nil {
			return err
		}
	}
	return nil
}

// drop adds file number n to the input in a directory.
func drop(base, dir string, n int, text string) error {
	hidden, at := filepath.Join(base, ".file"), time.Unix(1704067200+60*int64(n), 0)
	return errors.Join(os.WriteFile(hidden, []byte(text), 0o644), os.Chtimes(hidden, at, at), os.Rename(hidden, filepath.Join(base, dir, fmt.Sprintf("f%02d.csv", n))))
}

// committed reports whether the newest batch of a checkpoint is committed.
func committed(base string) bool {
	return newest(filepath.Join(base, "checkpoint/offsets")) == newest(filepath.Join(base, "checkpoint/commits"))
}

// logged returns the number of files that are in batches.
func logged(base string) int {
	return newest(filepath.Join(base, "checkpoint/sources/0")) + 1
}

// listedAhead reports whether a source has listed files that are not in a batch yet.
func listedAhead(base string) bool {
	planned := offsets(base)
	for i := range 2 {
		at := -1
		if i < len(planned) {
			at = planned[i]
		}
		if newest(filepath.Join(base, "checkpoint/sources", strconv.Itoa(i))) > at {
			return true
		}
	}
	return false
}

// offsets returns where the newest batch ends in the list of each source, or -1.
func offsets(base string) (list []int) {
	dir := filepath.Join(base, "checkpoint/offsets")
	text, _ := os.ReadFile(filepath.Join(dir, strconv.Itoa(newest(dir))))
	for i, line := range strings.Split(string(text), "\n") {
		o := struct{ LogOffset int }{-1}
		if i < 2 { // the version, and the settings of the batch
			continue
		}
		_ = json.Unmarshal([]byte(line), &o)
		list = append(list, o.LogOffset)
	}
	return list
}

func newest(dir string) int {
	last := -1
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil {
			last = max(last, n)
		}
	}
	return last
}

// start runs the program once and adds what it printed. A positive delay kills it.
func (b *bench) start(base string, a *answer, delay time.Duration) error {
	limit := patience
	if delay > 0 {
		limit = delay
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.program, "multi", "job.yaml", "--progress", "json", "--log-format", "json", "--workers", "2")
	cmd.Dir = base
	cmd.Env = append(os.Environ(), "TZ=UTC", "NO_COLOR=1", "XDG_CONFIG_HOME="+base)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	killed := ctx.Err() != nil
	if killed && delay == 0 {
		return fmt.Errorf("the program did not end within %s", patience)
	}
	a.tables(out.String())
	a.events(&log)
	if err != nil && !killed && a.Error == nil {
		a.Error = &failure{Phase: "panic", Message: log.String()}
	}
	return nil
}

var heading = regexp.MustCompile(`(?m)^-{43}\nBatch: (\d+)\n-{43}\n`)

// tables adds what the console printed. A batch that is printed again replaces its first table.
func (a *answer) tables(out string) {
	found := heading.FindAllStringSubmatchIndex(out, -1)
	for i, at := range found {
		end := len(out)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		id, _ := strconv.Atoi(out[at[2]:at[3]])
		a.Batches = slices.DeleteFunc(a.Batches, func(b batch) bool { return b.id == id })
		a.Batches = append(a.Batches, batch{id, out[at[1]:end]})
	}
}

// events adds the progress events and the error of a log.
func (a *answer) events(log *bytes.Buffer) {
	s := bufio.NewScanner(log)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var p struct {
			progress
			DurationMs map[string]any `json:"durationMs"`
		}
		var e struct{ Level, Msg, Condition, SQLState string }
		switch line := s.Bytes(); {
		case bytes.HasPrefix(line, []byte(`{"id":`)) && json.Unmarshal(line, &p) == nil:
			if _, ran := p.DurationMs["addBatch"]; ran {
				a.Progress = slices.DeleteFunc(a.Progress, func(q progress) bool { return q.ID == p.ID })
				a.Progress = append(a.Progress, p.progress)
			}
		case json.Unmarshal(line, &e) == nil && e.Level == "ERROR" && a.Error == nil:
			a.Error = &failure{Condition: e.Condition, SQLState: e.SQLState, Message: e.Msg}
		}
	}
}

// show returns an answer for people.
func (a *answer) show() string {
	var b strings.Builder
	for _, t := range a.Batches {
		fmt.Fprintf(&b, "batch %d\n%s\n", t.id, strings.TrimRight(t.table, "\n"))
	}
	for _, p := range a.Progress {
		fmt.Fprintf(&b, "batch %d: watermark %s, state %v\n", p.ID, p.EventTime.Watermark, p.State)
	}
	if e := a.Error; e != nil {
		fmt.Fprintf(&b, "error [%s] %s %s\n", e.Condition, e.SQLState, firstLine(e.Message))
	}
	return b.String()
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line[:min(len(line), 300)]
}
