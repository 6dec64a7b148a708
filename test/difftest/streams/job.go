package main

import (
	"encoding/json"
	"strings"
)

// A job is a query over files of CSV, and the files with the runs that read them.
type job struct {
	Fields []field // of the files
	Steps  []step
	Mode   string
	Conf   map[string]string
	Runs   [][]file // each run adds its files and reads one per batch
	Kills  []int    // microseconds after which each run of streamctl is killed and started again; 0: not killed
}

// A file is a list of rows of CSV.
type file []string

func (f file) text() string { return strings.Join(f, "") }

// A step is a step of a job file, in a form that can be made smaller.
type step struct {
	kind  string   // name in job files, or "query" for a SQL query with GROUP BY
	list  []string // keys, columns or expressions
	aggs  []string // of groupBy and query
	text  string   // condition, delay, number, or the form of GROUP BY: "", ROLLUP, CUBE, GROUPING SETS
	after string   // of a query: HAVING, ORDER BY and LIMIT
}

// value returns the step as it is written in a job file.
func (s *step) value() any {
	switch s.kind {
	case "withWatermark":
		return map[string]string{"eventTime": s.list[0], "delayThreshold": s.text}
	case "withColumn":
		return map[string]string{s.list[0]: s.text}
	case "groupBy":
		return map[string][]string{"keys": append([]string{}, s.list...), "agg": s.aggs}
	case "query":
		return s.sql()
	case "filter", "sql":
		return s.text
	case "limit":
		return json.Number(s.text)
	case "distinct":
		return true
	}
	return append([]string{}, s.list...)
}

func (s *step) name() string {
	if s.kind == "query" {
		return "sql"
	}
	return s.kind
}

// sql returns SELECT keys, aggregates FROM stream GROUP BY keys.
func (s *step) sql() string {
	keys := make([]string, len(s.list))
	for i, key := range s.list {
		keys[i] = bare(key)
	}
	by := strings.Join(keys, ", ")
	switch s.text {
	case "ROLLUP", "CUBE":
		by = s.text + "(" + by + ")"
	case "GROUPING SETS":
		by = s.text + "((" + by + "), (" + keys[0] + "), ())"
	}
	if by != "" {
		by = " GROUP BY " + by
	}
	return "SELECT " + strings.Join(append(append([]string{}, s.list...), s.aggs...), ", ") + " FROM stream" + by + s.after
}

// bare returns an expression without its alias.
func bare(expr string) string {
	if i := strings.LastIndex(expr, " AS "); i >= 0 && !strings.Contains(expr[i:], ")") {
		return expr[:i]
	}
	return expr
}

// alias returns the name of the column that an expression makes.
func alias(expr string) string { return strings.TrimPrefix(expr[len(bare(expr)):], " AS ") }

func (j *job) steps() []map[string]any {
	list := make([]map[string]any, len(j.Steps))
	for i := range j.Steps {
		list[i] = map[string]any{j.Steps[i].name(): j.Steps[i].value()}
	}
	return list
}

func (j *job) schema() string {
	var list []string
	for _, f := range j.Fields {
		list = append(list, f.name+" "+f.ddl)
	}
	return strings.Join(list, ", ")
}

// options are those of the source, besides maxFilesPerTrigger.
var options = map[string]string{"nullValue": null, "emptyValue": "", "escape": `"`}

// file returns the job as a job file of streamctl.
func (j *job) file() map[string]any {
	read := map[string]any{"maxFilesPerTrigger": 1}
	for name, value := range options {
		read[name] = value
	}
	return map[string]any{
		"name": "streams",
		"conf": j.Conf,
		"streams": []map[string]any{{
			"name":      "s",
			"source":    map[string]any{"format": "csv", "path": "in", "schema": j.schema(), "options": read},
			"transform": j.steps(),
			"sink": map[string]any{
				"format": "console", "outputMode": j.Mode, "trigger": map[string]any{"availableNow": true}, "checkpointLocation": "checkpoint",
				"options": map[string]any{"truncate": false, "numRows": 1000},
			},
		}},
	}
}

// A question is a job as the driver reads it.
type question struct {
	Schema  string            `json:"schema"`
	Options map[string]string `json:"options"`
	Steps   []map[string]any  `json:"steps"`
	Mode    string            `json:"outputMode"`
	Conf    map[string]string `json:"conf"`
	Runs    [][]string        `json:"runs"`
}

func (j *job) question() question {
	q := question{Schema: j.schema(), Options: options, Steps: j.steps(), Mode: j.Mode, Conf: j.Conf, Runs: [][]string{}}
	for _, files := range j.Runs {
		texts := []string{}
		for _, f := range files {
			texts = append(texts, f.text())
		}
		q.Runs = append(q.Runs, texts)
	}
	return q
}
