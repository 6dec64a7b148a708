package cli

import (
	"errors"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A mistake is an error in JSON.
type mistake struct {
	Condition string  `json:"condition,omitempty"`
	SQLState  string  `json:"sqlState,omitempty"`
	Message   string  `json:"message"`
	File      string  `json:"file,omitempty"`
	Line      int     `json:"line,omitempty"`
	Column    int     `json:"column,omitempty"`
	Path      string  `json:"path,omitempty"`
	Flag      string  `json:"flag,omitempty"`
	Hint      string  `json:"hint,omitempty"`
	Row       *record `json:"row,omitempty"`
}

// A record is the row that caused an error in JSON.
type record struct {
	Stream string `json:"stream,omitempty"`
	Batch  int64  `json:"batch"`
	File   string `json:"file,omitempty"`
	Line   int64  `json:"line,omitempty"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
}

// mistakeOf converts an error to its JSON form.
func mistakeOf(err error) mistake {
	var e *sparkerr.Error
	if !errors.As(err, &e) {
		return mistake{Message: boundText(message(err))}
	}
	m := mistake{Condition: e.Condition, SQLState: e.SQLState(), Message: boundText(e.Sentence()), Hint: boundText(remedy(e))}
	p := e.Place
	if p == nil && e.Fragment != nil {
		p = e.Fragment.Place
	}
	if p != nil {
		m.File, m.Line, m.Column, m.Path, m.Flag = p.File, p.Line, p.Col, p.Path, p.Flag
	}
	if e.Row != nil {
		r := record(*e.Row)
		r.Value, r.File, r.Column, r.Stream = boundText(r.Value), boundText(r.File), boundText(r.Column), boundText(r.Stream)
		m.Row = &r
	}
	return m
}

// mistakeList converts a list of errors to its JSON form.
func mistakeList(err error) []mistake {
	list := []mistake{}
	for _, err := range flatten(err) {
		list = append(list, mistakeOf(err))
	}
	return list
}

// attributes returns the parts of a mistake other than the message, as attributes of a log line.
func (m mistake) attributes() []any {
	var out []any
	add := func(name, value string) {
		if value != "" {
			out = append(out, name, value)
		}
	}
	add("condition", m.Condition)
	add("sqlState", m.SQLState)
	add("file", m.File)
	if m.Line > 0 {
		out = append(out, "line", m.Line, "column", m.Column)
	}
	add("path", m.Path)
	add("flag", m.Flag)
	if m.Row != nil {
		out = append(out, "row", m.Row)
	}
	add("hint", m.Hint)
	return out
}

// mistakes refuses a job. With --output json, it writes the mistakes to standard output: {"errors":[…]}.
func (a *app) mistakes(err error, output string) error {
	if err == nil || output != "json" {
		return refused(err)
	}
	if err := a.writeJSON(map[string]any{"errors": mistakeList(err)}); err != nil {
		return err
	}
	return &exitError{exitRefused, errQuiet}
}
