package spark

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// A Verification runs a job on both engines over the same input and compares the results.
type Verification struct {
	Job     *job.Job
	Data    string                         // directory with the input
	Process *Process                       // how to start Spark; its program is ignored
	Program func(*job.Job) (string, error) // translates a job to PySpark
	Env     engine.Env                     // of the embedded engine
}

// Run compares the streams of the job.
func (v *Verification) Run(ctx context.Context) (*Report, error) {
	dir, err := os.MkdirTemp("", "streamctl-verify-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var sides []*side
	for i, s := range v.Job.Streams {
		one, err := v.newSide(dir, i, s)
		if err != nil {
			return nil, err
		}
		if err := v.embedded(ctx, one); err != nil {
			return nil, err
		}
		sides = append(sides, one)
	}
	if err := v.onSpark(ctx, dir, sides); err != nil {
		return nil, err
	}
	report := &Report{Equal: true}
	for _, s := range sides {
		report.add(compare(s))
	}
	return report, nil
}

// A side is a stream of the comparison, with the results of both engines.
type side struct {
	name        string
	whole       *job.Job // the job that the stream belongs to
	dir         string
	stream      *job.Stream
	source      *job.Source // of files
	steps       [][]inputFile
	glob        string // the part of the source's path after its directory
	here, there result
}

func (v *Verification) newSide(dir string, i int, s *job.Stream) (*side, error) {
	name := s.Name
	if name == "" {
		name = fmt.Sprintf("stream-%d", i)
	}
	data := v.Data
	if len(v.Job.Streams) > 1 {
		data = filepath.Join(data, name)
	}
	source, err := stored(&s.Source)
	if err != nil {
		return nil, err
	}
	steps, err := inputSteps(data, limited(s))
	if err != nil {
		return nil, err
	}
	one := &side{name: name, whole: v.Job, dir: filepath.Join(dir, fmt.Sprint(i)), stream: s, source: source, steps: steps, glob: globPart(s.Source.Path)}
	one.here.batches, one.there.batches = map[int64][]row{}, map[int64][]row{}
	return one, nil
}

// stored returns a source that reads the input of s from files. It refuses sources whose input cannot be read from files.
func stored(s *job.Source) (*job.Source, error) {
	f, ok := formats.Sources.Find(s.Format)
	if !ok || f.Stored == nil {
		return nil, &sparkerr.Error{Text: "verify needs a source that reads files or lines, not " + strings.ToLower(s.Format), Place: s.FormatPlace, Hint: "compare the transform over a file source"}
	}
	files, err := f.Stored(s)
	if err != nil {
		return nil, sparkerr.At(err, s.Place)
	}
	return files, nil
}

// limited reports whether a source limits its batches itself.
func limited(s *job.Stream) bool {
	_, files := s.Source.Options.Get("maxFilesPerTrigger")
	_, bytes := s.Source.Options.Get("maxBytesPerTrigger")
	return files || bytes
}

// globPart returns the part of a path from the first pattern on.
func globPart(path string) string {
	parts := strings.Split(path, "/")
	i := slices.IndexFunc(parts, func(p string) bool { return strings.ContainsAny(p, "*?[{") })
	if i < 0 {
		return ""
	}
	return strings.Join(parts[i:], "/")
}

// job returns a job with only this stream, reading from dir. A discretized stream is compared as a structured
// one, and socket lines as lines of files: their batches depend on the clock, but their rows do not.
func (s *side) job(dir string) *job.Job {
	c, stream := *s.whole, *s.stream
	c.Streams, c.Timeout, c.Mode, c.BatchInterval = []*job.Stream{&stream}, 0, job.Structured, 0
	stream.Source = *s.source
	stream.Source.Path = filepath.Join(dir, "in", s.glob)
	stream.Sink.Trigger, stream.Sink.Checkpoint = job.Trigger{Kind: job.AvailableNow}, filepath.Join(dir, "checkpoint")
	if stream.Sink.Path == "-" {
		stream.Sink.Format, stream.Sink.Path, stream.Sink.Options = job.DefaultSink, "", nil
	}
	return &c
}

// embedded runs the steps on the embedded engine.
func (v *Verification) embedded(ctx context.Context, s *side) error {
	dir := filepath.Join(s.dir, "embedded")
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o755); err != nil {
		return err
	}
	env := v.Env
	env.NewSink = s.here.newCapture
	for _, files := range s.steps {
		for _, f := range files {
			if err := f.put(filepath.Join(dir, "in")); err != nil {
				return err
			}
		}
		_, err := engine.Run(ctx, s.job(dir), env)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			s.here.failure, err = failureHere(err)
			return err
		}
	}
	return nil
}

// failureHere converts an error of the embedded engine. An error about something that only this engine lacks
// ends the comparison.
func failureHere(err error) (*Failure, error) {
	e := sparkerr.Root(err)
	if e == nil || e.Condition == "" {
		return nil, err
	}
	phase := "run"
	if engine.PhaseOf(err) == engine.PhaseStart {
		phase = "start"
	}
	return &Failure{Condition: e.Condition, SQLState: e.SQLState(), Message: e.Error(), Phase: phase}, nil
}

// A plan is the input of verify.py.
type plan struct {
	Results string       `json:"results"`
	Streams []planStream `json:"streams"`
}

type planStream struct {
	Name       string       `json:"name"`
	Program    string       `json:"program"`
	OutputMode string       `json:"outputMode"`
	Checkpoint string       `json:"checkpoint"`
	Steps      [][]planFile `json:"steps"`
}

type planFile struct {
	From string `json:"from"`
	To   string `json:"to"`
	Time int64  `json:"time"`
}

// onSpark runs the steps of all streams in one Spark application.
func (v *Verification) onSpark(ctx context.Context, dir string, sides []*side) error {
	p := plan{Results: filepath.Join(dir, "results")}
	for _, s := range sides {
		stream, err := v.planStream(s)
		if err != nil {
			return err
		}
		p.Streams = append(p.Streams, stream)
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "plan.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	cmd, err := v.Process.command(dir, []string{filepath.Join(dir, "verify.py"), file})
	if err != nil {
		return err
	}
	var output strings.Builder
	cmd.Stdout = &output // output of Python and Java, shown on failure
	runErr := v.Process.wait(ctx, cmd, func() { v.Process.signal(syscall.SIGTERM) })
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if runErr != nil {
		_, _ = io.WriteString(v.Process.Err, output.String())
		return sparkerr.Plain("Spark failed: %v", runErr).WithHint("see its messages above; -v shows more")
	}
	return readResults(p.Results, sides)
}

func (v *Verification) planStream(s *side) (planStream, error) {
	dir := filepath.Join(s.dir, "spark")
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o755); err != nil {
		return planStream{}, err
	}
	program, err := v.Program(s.job(dir))
	if err != nil {
		return planStream{}, err
	}
	p := planStream{Name: s.name, Program: filepath.Join(dir, "job.py"), OutputMode: s.stream.Sink.OutputMode, Checkpoint: filepath.Join(dir, "checkpoint")}
	if p.OutputMode == "" {
		p.OutputMode = "append"
	}
	for _, files := range s.steps {
		step := []planFile{}
		for _, f := range files {
			step = append(step, planFile{From: f.from, To: filepath.Join(dir, "in", f.name), Time: f.time.Unix()})
		}
		p.Steps = append(p.Steps, step)
	}
	return p, os.WriteFile(p.Program, []byte(program), 0o600)
}

// A resultLine is a line written by verify.py.
type resultLine struct {
	Stream  string           `json:"stream"`
	Schema  [][2]string      `json:"schema"`
	Batch   *int64           `json:"batch"`
	Rows    []map[string]any `json:"rows"`
	Failure *Failure         `json:"failure"`
}

// readResults reads Spark's results into the sides.
func readResults(file string, sides []*side) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	for {
		text, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		var line resultLine
		if err == nil {
			err = json.Unmarshal(text, &line)
		}
		i := slices.IndexFunc(sides, func(s *side) bool { return s.name == line.Stream })
		if err == nil && i >= 0 {
			err = sides[i].there.take(&line)
		}
		if err != nil {
			return fmt.Errorf("result of Spark: %w", err)
		}
	}
}

func (r *result) take(line *resultLine) error {
	switch {
	case line.Failure != nil:
		r.failure = line.Failure
	case line.Schema != nil:
		r.schema = &types.Schema{}
		for _, c := range line.Schema {
			t, err := types.ParseType(c[1])
			if err != nil {
				return err
			}
			r.schema.Fields = append(r.schema.Fields, types.Field{Name: c[0], Type: t, Nullable: true})
		}
	case line.Batch != nil:
		rows := []row{}
		for _, values := range line.Rows {
			one := make(row, len(r.schema.Fields))
			for i, f := range r.schema.Fields {
				var err error
				if one[i], err = fromSpark(f.Type, values[fmt.Sprint(i)]); err != nil {
					return err
				}
			}
			rows = append(rows, one)
		}
		r.batches[*line.Batch] = rows
	}
	return nil
}
