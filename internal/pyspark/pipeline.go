package pyspark

import (
	"fmt"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A File is a file of a project, with its path relative to the project's directory.
type File struct{ Path, Text string }

// Parts of a Spark Declarative Pipelines project, at the paths where spark-pipelines expects them.
const (
	pipelineSpec    = "spark-pipeline.yml"
	transformations = "transformations"
	pipelineStorage = "pipeline-storage"
)

// Pipeline returns the files of a Spark Declarative Pipelines project in dir that runs a validated job.
// Anything that a pipeline does not support is an error with its place. notes describe what a pipeline does
// differently.
func Pipeline(j *job.Job, dir string) (files []File, notes []string, err error) {
	refused, _ := j.Portability(formats.Sources, formats.Sinks)
	if refused = append(refused, pipelineRefusals(j)...); len(refused) > 0 {
		return nil, nil, refused
	}
	spec, err := specification(j, dir)
	if err != nil {
		return nil, nil, err
	}
	files = append(files, File{pipelineSpec, spec})
	w := &writer{job: j, named: map[*job.Relation]string{}}
	for i, s := range j.Streams {
		w.body.Reset()
		w.functions, w.environ = false, false
		clear(w.named)
		name := strings.TrimSuffix(w.variable(s, i), "_rows")
		w.queries = append(w.queries, name+"_rows")
		text, err := w.flow(s, name)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, File{filepath.Join(transformations, name+".py"), text})
		if s.Sink.Checkpoint != "" {
			notes = append(notes, fmt.Sprintf("the checkpoint %s is not used: the pipeline starts from the beginning with its own checkpoint in %s", s.Sink.Checkpoint, pipelineStorage))
		}
	}
	if j.Timeout > 0 {
		notes = append(notes, "the timeout is not used: a pipeline run ends when all available input has been processed")
	}
	return files, notes, nil
}

// specification returns the text of spark-pipeline.yml.
func specification(j *job.Job, dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	type glob struct {
		Include string `yaml:"include"`
	}
	type library struct {
		Glob glob `yaml:"glob"`
	}
	name := j.Name
	if name == "" {
		name = filepath.Base(abs)
	}
	text, err := yaml.Marshal(struct {
		Name          string            `yaml:"name"`
		Storage       string            `yaml:"storage"`
		Configuration map[string]string `yaml:"configuration,omitempty"`
		Libraries     []library         `yaml:"libraries"`
	}{name, "file://" + filepath.Join(abs, pipelineStorage), j.Conf, []library{{glob{transformations + "/**"}}}})
	return string(text), err
}

// flow returns the text of a stream's file: its sink, and the flow into it.
func (w *writer) flow(s *job.Stream, name string) (string, error) {
	if err := w.rows(s, name+"_rows"); err != nil {
		return "", err
	}
	rows := w.body.String()
	var options []string
	for _, o := range s.Sink.Options {
		if !strings.EqualFold(o.Name, "path") && !strings.EqualFold(o.Name, "checkpointLocation") {
			options = append(options, quote(o.Name)+": "+w.value(o))
		}
	}
	if s.Sink.Path != "" {
		options = append(options, `"path": `+quote(w.path(s.Sink.Path)))
	}
	var b strings.Builder
	if w.environ {
		b.WriteString("import os\n\n")
	}
	b.WriteString("from pyspark import pipelines as dp\n")
	if w.functions {
		b.WriteString("from pyspark.sql import functions as F\n")
	}
	fmt.Fprintf(&b, "\ndp.create_sink(%s, format=%s, options={%s})\n", quote(name), quote(s.Sink.Format), strings.Join(options, ", "))
	fmt.Fprintf(&b, "\n\n@dp.append_flow(target=%s)\ndef %s_flow():\n", quote(name), name)
	for line := range strings.Lines(rows) {
		b.WriteString("    " + line)
	}
	fmt.Fprintf(&b, "    return %s_rows\n", name)
	return b.String(), nil
}

// pipelineRefusals returns an error for everything in a job that a pipeline does not support. A pipeline
// appends the available input to its sinks and ends.
func pipelineRefusals(j *job.Job) job.Errors {
	var out job.Errors
	refuse := func(at *sparkerr.Place, text, hint string) {
		out = append(out, &sparkerr.Error{Text: text, Place: at, Hint: hint})
	}
	for _, s := range j.Streams {
		if f, ok := formats.Sources.Find(s.Source.Format); ok && f.Endless {
			refuse(s.Source.FormatPlace, "a pipeline processes the available input and ends, so it does not support the source "+f.Name, "read files")
		}
		if mode := s.Sink.OutputMode; mode != "" && !strings.EqualFold(mode, "append") {
			refuse(s.Sink.ModePlace, "a pipeline appends to its sinks and does not support the output mode "+mode, "outputMode: append, with withWatermark before a groupBy")
		}
		if s.Sink.Trigger.Kind == job.Once || s.Sink.Trigger.Kind == job.ProcessingTime {
			refuse(s.Sink.Trigger.Place, "a pipeline processes the available input and ends, so it does not support other triggers", "trigger: {availableNow: true}")
		}
		if len(s.Sink.PartitionBy) > 0 {
			refuse(s.Sink.Place, "pipelines do not support partitionBy", "remove it, or export the job as a program")
		}
		for _, step := range s.Steps {
			if _, ok := step.(job.SQL); ok {
				refuse(step.At(), "pipelines do not support the step sql, which needs a view", "use the steps select, filter and groupBy instead")
			}
		}
	}
	return out
}
