package pyspark

import (
	"fmt"

	"github.com/streamctl/streamctl/internal/job"
)

// input returns the variable of the DataFrame of a source of the job, or of a table if static is true, and writes the DataFrame before its
// first use.
func (w *writer) input(name string, static bool) (string, error) {
	r := w.job.Relation(name, static)
	variable := w.named[r]
	if variable != "" {
		return variable, nil
	}
	variable = identifier(r.Name, fmt.Sprintf("input_%d", len(w.named))) + "_input"
	for _, taken := range w.named {
		if taken == variable {
			variable = fmt.Sprintf("%s_%d", variable, len(w.named))
		}
	}
	if err := w.frame(variable, &r.Source, static, r.Steps); err != nil {
		return "", err
	}
	w.named[r] = variable
	return variable, nil
}

// frame writes the DataFrame of an input.
func (w *writer) frame(variable string, s *job.Source, static bool, steps []job.Step) error {
	start := "spark.readStream"
	if static {
		start = "spark.read"
	}
	reader, err := w.reader(start, s)
	if err != nil {
		return err
	}
	return (&chain{writer: w, name: variable, start: reader[0], calls: reader[1:]}).steps(steps)
}

// ref returns the variable of the DataFrame of the other input of a step, with the steps of the reference. The calls collected so far
// are written before it.
func (c *chain) ref(r *job.Ref) (string, error) {
	c.end()
	c.others++
	own := c.name + "_table"
	if c.others > 1 {
		own = fmt.Sprintf("%s_%d", own, c.others)
	}
	if r.Stream.Text == "" && r.Table.Text == "" {
		return own, c.frame(own, &r.Source, true, r.Steps)
	}
	name, static := r.Stream.Text, false
	if name == "" {
		name, static = r.Table.Text, true
	}
	frame, err := c.input(name, static)
	if err != nil || len(r.Steps) == 0 {
		return frame, err
	}
	return own, (&chain{writer: c.writer, name: own, start: frame}).steps(r.Steps)
}
