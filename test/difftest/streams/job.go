package main

import (
	"encoding/json"
	"strings"
)

// A job is a query over files of CSV, and the files with the runs that read them.
type job struct {
	Fields []field // of the files
	Other  *other  // the second input; nil: there is none
	Steps  []step
	Mode   string
	Conf   map[string]string
	Runs   [][]file // each run adds its files and reads one per batch
	Kills  []int    // microseconds after which each run of streamctl is killed and started again; 0: not killed
}

// A file is a list of rows of CSV, those of the second input with a mark.
type file []string

// A step is a step of a job file, in a form that can be made smaller.
type step struct {
	kind  string   // name in job files, or "query" for a SQL query with GROUP BY
	list  []string // keys, columns or expressions
	aggs  []string // of groupBy and query; the conjuncts of a join
	text  string   // condition, delay, number, the form of GROUP BY ("", ROLLUP, CUBE, GROUPING SETS), the input of a join (stream, table), or byName
	after string   // of a query: HAVING, ORDER BY and LIMIT; the kind of a join
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
	case "join":
		value := map[string]any{"with": map[string]string{s.text: "other"}, "on": strings.Join(s.aggs, " AND ")}
		if s.after != "" {
			value["how"] = s.after
		}
		return value
	case "union":
		return map[string]any{"with": map[string]string{"stream": "other"}, "byName": s.text == "byName"}
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

// steps returns steps as they are written in a job file.
func steps(in []step) []map[string]any {
	list := make([]map[string]any, len(in))
	for i := range in {
		list[i] = map[string]any{in[i].name(): in[i].value()}
	}
	return list
}

func schema(fields []field) string {
	var list []string
	for _, f := range fields {
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
	out := map[string]any{
		"name": "streams",
		"conf": j.Conf,
		"streams": []map[string]any{{
			"name":      "s",
			"source":    map[string]any{"format": "csv", "path": "in", "schema": schema(j.Fields), "options": read},
			"transform": steps(j.Steps),
			"sink": map[string]any{
				"format": "console", "outputMode": j.Mode, "trigger": map[string]any{"availableNow": true}, "checkpointLocation": "checkpoint",
				"options": map[string]any{"truncate": false, "numRows": 1000},
			},
		}},
	}
	switch {
	case j.Other == nil:
	case j.Other.Static:
		out["tables"] = map[string]any{"other": j.Other.relation()}
	default:
		out["sources"] = map[string]any{"other": j.Other.relation()}
	}
	return out
}

// A question is a job as the driver reads it.
type question struct {
	Schema  string            `json:"schema"`
	Options map[string]string `json:"options"`
	Steps   []map[string]any  `json:"steps"`
	Mode    string            `json:"outputMode"`
	Conf    map[string]string `json:"conf"`
	Runs    [][][2]string     `json:"runs"`  // files of both inputs
	Other   *otherQuestion    `json:"other"` // the second input
}

type otherQuestion struct {
	Schema string           `json:"schema"`
	Steps  []map[string]any `json:"steps"`
	Static bool             `json:"static"`
}

func (j *job) question() question {
	q := question{Schema: schema(j.Fields), Options: options, Steps: steps(j.Steps), Mode: j.Mode, Conf: j.Conf, Runs: [][][2]string{}}
	if o := j.Other; o != nil {
		q.Other = &otherQuestion{schema(o.Fields), steps(o.Steps), o.Static}
	}
	for _, files := range j.Runs {
		texts := [][2]string{}
		for _, f := range files {
			first, other := f.split()
			texts = append(texts, [2]string{first, other})
		}
		q.Runs = append(q.Runs, texts)
	}
	return q
}
