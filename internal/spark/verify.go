package spark

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/replay"
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
		one, err := v.newSide(i, s)
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
	replay      *replay.Replay
	here, there result
}

// A result is the output of an engine for the input of a stream.
type result struct {
	replay.Result
	failure *Failure
}

func (v *Verification) newSide(i int, s *job.Stream) (*side, error) {
	name := s.Name
	if name == "" {
		name = fmt.Sprintf("stream-%d", i)
	}
	inputs, err := v.inputs(s, name)
	if err != nil {
		return nil, err
	}
	r, err := replay.New(v.Job, s, slices.Collect(maps.Keys(inputs)))
	if err != nil {
		return nil, err
	}
	steps := 0
	for _, list := range inputs {
		steps = max(steps, len(list))
	}
	for i := range steps {
		step := replay.Step{}
		for input, list := range inputs {
			if i < len(list) {
				step[input] = list[i]
			}
		}
		r.Add(step)
	}
	return &side{name: name, replay: r}, nil
}

// inputs reads the steps of each input of a stream. A table without a directory is the one that the job names.
func (v *Verification) inputs(s *job.Stream, name string) (map[string][][]replay.File, error) {
	list := replay.Inputs(v.Job, s)
	streams := slices.DeleteFunc(slices.Clone(list), func(in replay.Input) bool { return in.Static })
	out := map[string][][]replay.File{}
	for _, in := range list {
		data := filepath.Join(v.Data, cmp.Or(in.Name, name))
		if _, err := os.Stat(data); err != nil && in.Static {
			continue
		}
		if len(v.Job.Streams) == 1 && len(streams) == 1 && !in.Static && !isDirectory(data) {
			data = v.Data
		}
		steps, err := replay.ReadSteps(data, limited(in.Source))
		if err != nil {
			return nil, err
		}
		out[in.Name] = steps
	}
	return out, nil
}

func isDirectory(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// limited reports whether a source limits its batches itself.
func limited(s *job.Source) bool {
	_, files := s.Options.Get("maxFilesPerTrigger")
	_, bytes := s.Options.Get("maxBytesPerTrigger")
	return files || bytes
}

// embedded runs the steps on the embedded engine.
func (v *Verification) embedded(ctx context.Context, s *side) error {
	disk, err := replay.NewDisk()
	if err != nil {
		return err
	}
	result, err := s.replay.Run(ctx, v.Env, disk, nil)
	if err != nil {
		return err
	}
	if s.here.Result = *result; result.Err != nil {
		s.here.failure, err = failureHere(result.Err)
	}
	return err
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

// removeWithin is how long Spark may take to remove its temporary files when a replay is interrupted.
const removeWithin = time.Second

// onSpark runs the steps of all streams in one Spark application.
func (v *Verification) onSpark(ctx context.Context, dir string, sides []*side) error {
	p := plan{Results: filepath.Join(dir, "results")}
	for i, s := range sides {
		stream, err := v.planStream(s, filepath.Join(dir, fmt.Sprint(i)))
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
	cmd.Stdout = &output                        // output of Python and Java, shown on failure
	runErr := v.Process.wait(ctx, cmd, func() { // its rows are of no use any more; it may only remove its files
		v.Process.signal(syscall.SIGTERM)
		time.AfterFunc(removeWithin, v.Process.Kill)
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if runErr != nil {
		_, _ = io.WriteString(v.Process.Err, output.String())
		return sparkerr.Plain("Spark failed: %v", runErr).WithHint("see its messages above; -v shows more")
	}
	return readResults(p.Results, sides)
}

func (v *Verification) planStream(s *side, dir string) (planStream, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return planStream{}, err
	}
	program, err := v.Program(s.replay.Job(dir))
	if err != nil {
		return planStream{}, err
	}
	p := planStream{
		Name: s.name, Program: filepath.Join(dir, "job.py"), Checkpoint: filepath.Join(dir, "checkpoint"),
		OutputMode: cmp.Or(s.replay.Stream.Sink.OutputMode, "append"),
	}
	for input := range s.replay.Read {
		if err := os.MkdirAll(s.replay.Dir(dir, input), 0o755); err != nil {
			return planStream{}, err
		}
	}
	for i, step := range s.replay.Steps {
		files := []planFile{}
		for input, list := range step {
			from := filepath.Join(dir, fmt.Sprintf("step%d", i), input)
			for _, f := range list {
				if err := f.Write(from); err != nil {
					return planStream{}, err
				}
				files = append(files, planFile{From: filepath.Join(from, f.Name), To: filepath.Join(s.replay.Dir(dir, input), f.Name), Time: f.Time.Unix()})
			}
		}
		p.Steps = append(p.Steps, files)
	}
	return p, os.WriteFile(p.Program, []byte(program), 0o600)
}

// Replay runs replays on Spark, in one application. An error that ended a replay is in its result.
func (v *Verification) Replay(ctx context.Context, replays []*replay.Replay) ([]*replay.Result, error) {
	dir, err := os.MkdirTemp("", "streamctl-replay-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	sides := make([]*side, len(replays))
	for i, r := range replays {
		sides[i] = &side{name: fmt.Sprint(i), replay: r}
	}
	if err := v.onSpark(ctx, dir, sides); err != nil {
		return nil, err
	}
	results := make([]*replay.Result, len(sides))
	for i, s := range sides {
		if results[i] = &s.there.Result; s.there.failure != nil {
			results[i].Err = s.there.failure.Error()
		}
	}
	return results, nil
}

// A resultLine is a line written by verify.py.
type resultLine struct {
	Stream  string           `json:"stream"`
	Schema  [][2]string      `json:"schema"`
	Batch   *int64           `json:"batch"`
	Rows    []map[string]any `json:"rows"`
	Failure *Failure         `json:"failure"`
	Step    *int             `json:"step"` // the step that has ended
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
	case line.Step != nil:
		r.EndStep()
	case line.Schema != nil:
		r.Schema = &types.Schema{}
		for _, c := range line.Schema {
			t, err := types.ParseType(c[1])
			if err != nil {
				return err
			}
			r.Schema.Fields = append(r.Schema.Fields, types.Field{Name: c[0], Type: t, Nullable: true})
		}
	case line.Batch != nil:
		rows := []replay.Row{}
		for _, values := range line.Rows {
			one := make(replay.Row, len(r.Schema.Fields))
			for i, f := range r.Schema.Fields {
				var err error
				if one[i], err = fromSpark(f.Type, values[fmt.Sprint(i)]); err != nil {
					return err
				}
			}
			rows = append(rows, one)
		}
		if r.Batches == nil {
			r.Batches = map[int64][]replay.Row{}
		}
		r.Batches[*line.Batch] = rows
	}
	return nil
}
