package jobtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/replay"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// newReplay returns the replay of a test, each batch of which is a step.
func newReplay(j *job.Job, s *job.Stream, t *job.Test) (*replay.Replay, error) {
	inputs := replay.Inputs(j, s)
	var given []string
	for i := range t.Batches {
		for k := range t.Batches[i].Input {
			in := &t.Batches[i].Input[k]
			known, err := find(inputs, in, &t.Batches[i])
			if err != nil {
				return nil, err
			}
			if !slices.Contains(given, known.Name) {
				given = append(given, known.Name)
			}
		}
	}
	for _, in := range inputs { // a source without rows in the test has none
		if !in.Static && !slices.Contains(given, in.Name) {
			given = append(given, in.Name)
		}
	}
	r, err := replay.New(j, s, given)
	if err != nil {
		return nil, err
	}
	w := &writer{base: j.BaseDir, replay: r, inputs: inputs, asRows: map[string]bool{}}
	for i := range t.Batches {
		step, err := w.step(i, &t.Batches[i])
		if err != nil {
			return nil, err
		}
		r.Add(step)
	}
	return r, nil
}

// find returns the source or table that an input of a test names.
func find(inputs []replay.Input, in *job.TestInput, b *job.TestBatch) (*replay.Input, error) {
	var names []string
	var streams []*replay.Input
	for i := range inputs {
		if inputs[i].Name != "" && strings.EqualFold(inputs[i].Name, in.Name.Text) {
			return &inputs[i], nil
		}
		names = append(names, inputs[i].Name)
		if !inputs[i].Static {
			streams = append(streams, &inputs[i])
		}
	}
	switch {
	case in.Name.Text != "":
		err := sparkerr.Plain("the stream does not read a source or table called %s", in.Name.Text)
		return nil, sparkerr.At(err.WithHint("%s", job.DidYouMean(in.Name.Text, names)), in.Name.Place)
	case len(streams) != 1:
		return nil, sparkerr.At(sparkerr.Plain("the stream has %d sources, and the batch does not say which of them receives the rows", len(streams)).
			WithHint("rows: {%s: [...]}", strings.Join(names, ": [...], ")), b.Place)
	}
	return streams[0], nil
}

// A writer turns the input of a test into files.
type writer struct {
	base   string
	replay *replay.Replay
	inputs []replay.Input
	asRows map[string]bool // by name of an input: it gets rows rather than records in its own format
}

func (w *writer) step(i int, b *job.TestBatch) (replay.Step, error) {
	step := replay.Step{}
	for k := range b.Input {
		in := &b.Input[k]
		known, err := find(w.inputs, in, b)
		if err != nil {
			return nil, err
		}
		if was, ok := w.asRows[known.Name]; ok && was != (in.Rows != nil) {
			return nil, sparkerr.At(sparkerr.Plain("an input receives either rows, or records in its own format as text and files, not both in one test").
				WithHint("write two tests"), b.Place)
		}
		first := !slices.Contains(keys(w.asRows), known.Name)
		w.asRows[known.Name] = in.Rows != nil
		source := w.replay.Read[known.Name]
		if in.Rows != nil {
			data, err := w.rows(source, known, in.Rows, first)
			if err != nil {
				return nil, err
			}
			if len(data) > 0 {
				step[known.Name] = append(step[known.Name], replay.File{Name: fmt.Sprintf("batch-%d-rows.json", i+1), Data: data})
			}
			continue
		}
		source.Path, source.Options = "", without(source.Options, "pathGlobFilter")
		if in.Text != nil {
			step[known.Name] = append(step[known.Name], replay.File{Name: fmt.Sprintf("batch-%d.%s", i+1, strings.ToLower(source.Format)), Data: []byte(in.Text.Text)})
		}
		for _, f := range in.Files {
			data, err := os.ReadFile(resolve(w.base, f.Text))
			if err != nil {
				return nil, sparkerr.At(sparkerr.Plain("the file %s cannot be read: %s", f.Text, sparkerr.Reason(err)).
					WithHint("paths are relative to the job file"), f.Place)
			}
			step[known.Name] = append(step[known.Name], replay.File{Name: fmt.Sprintf("batch-%d-%s", i+1, filepath.Base(f.Text)), Data: data})
		}
	}
	return step, nil
}

func resolve(base, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(base, path)
}

// DataFiles returns the paths of the files that a test gives its stream.
func DataFiles(j *job.Job, t *job.Test) (paths []string) {
	for i := range t.Batches {
		for _, in := range t.Batches[i].Input {
			for _, f := range in.Files {
				paths = append(paths, resolve(j.BaseDir, f.Text))
			}
		}
	}
	return paths
}

func keys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

func without(options job.Options, name string) job.Options {
	return slices.DeleteFunc(slices.Clone(options), func(o job.Option) bool { return strings.EqualFold(o.Name, name) })
}

// rows encodes rows as lines of JSON, and has the source read these; the rows of a source of lines are lines.
func (w *writer) rows(source *job.Source, in *replay.Input, rows *job.TestRows, first bool) ([]byte, error) {
	if strings.EqualFold(source.Format, "text") {
		return lines(rows)
	}
	schema, err := source.Schema.Types()
	if err != nil {
		return nil, err
	}
	if first {
		source.Format, source.Path = "json", ""
		source.Options = job.Options{{Name: "mode", Value: "FAILFAST"}}
	}
	var out bytes.Buffer
	for _, row := range rows.Rows {
		names := row.Names
		if names == nil && schema == nil {
			return nil, sparkerr.At(sparkerr.Plain("%s has no schema, so that the values of a row need names", in.Name).WithHint("{a: 1, b: x}"), row.Place)
		}
		if names == nil {
			names = fieldNames(schema.Fields)
		} else if schema != nil {
			if err := checkNames(names, fieldNames(schema.Fields), row.Place); err != nil {
				return nil, err
			}
		}
		if len(row.Values) > len(names) {
			return nil, sparkerr.At(sparkerr.Plain("the row has %d values for %d columns", len(row.Values), len(names)), row.Place)
		}
		writeObject(&out, names, row.Values)
	}
	return out.Bytes(), nil
}

// lines returns the rows of a source with the one column value.
func lines(rows *job.TestRows) ([]byte, error) {
	var out bytes.Buffer
	for _, row := range rows.Rows {
		if len(row.Values) != 1 || row.Names != nil && !strings.EqualFold(row.Names[0], "value") {
			return nil, sparkerr.At(sparkerr.Plain("a row of this source is one line, in the column value").WithHint("rows: [a line, another line]"), row.Place)
		}
		var text string
		if json.Unmarshal(row.Values[0], &text) != nil {
			text = string(row.Values[0])
		}
		if strings.ContainsAny(text, "\n") {
			return nil, sparkerr.At(sparkerr.Plain("a row of this source is one line, and this one has a line break"), row.Place)
		}
		out.WriteString(text + "\n")
	}
	return out.Bytes(), nil
}

func fieldNames(fields []types.Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

func checkNames(names, known []string, at *sparkerr.Place) error {
	for _, n := range names {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, n) }) {
			return sparkerr.At(sparkerr.Plain("there is no column %s", n).WithHint("%s", job.DidYouMean(n, known)), at)
		}
	}
	return nil
}

func writeObject(out *bytes.Buffer, names []string, values []json.RawMessage) {
	out.WriteByte('{')
	for i, v := range values {
		if i > 0 {
			out.WriteByte(',')
		}
		name, _ := json.Marshal(names[i])
		out.Write(name)
		out.WriteByte(':')
		out.Write(v)
	}
	out.WriteString("}\n")
}
