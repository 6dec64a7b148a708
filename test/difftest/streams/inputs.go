package main

import (
	"slices"
	"strings"
)

// An other is the second input of a job: a stream, whose files are read together with those of the first, or a static table.
type other struct {
	Fields []field
	Steps  []step
	Static bool
}

// second marks the rows of a file that belong to the second input.
const second = ">"

// split returns the text of the rows of the first and of the second input.
func (f file) split() (first, other string) {
	for _, row := range f {
		if rest, ok := strings.CutPrefix(row, second); ok {
			other += rest
		} else {
			first += row
		}
	}
	return first, other
}

// relation returns the second input as it is written in a job file.
func (o *other) relation() map[string]any {
	read := map[string]any{}
	for name, value := range options {
		read[name] = value
	}
	if !o.Static {
		read["maxFilesPerTrigger"] = 1
	}
	return map[string]any{"format": "csv", "path": "other", "schema": schema(o.Fields), "options": read, "transform": steps(o.Steps)}
}

// inputs adds a second input whose columns have the names of the first with a suffix. It shares the first column of the first input, and all
// if like is true.
func (d *drawing) inputs(suffix string, like, static bool) *other {
	o := &other{Static: static}
	list := d.job.Fields
	if !like {
		list = []field{list[0]}
		for _, i := range d.Perm(len(fields))[:d.IntN(3)] {
			if fields[i].name != list[0].name {
				list = append(list, fields[i])
			}
		}
		list = append(list, eventTime)
	}
	for _, f := range list {
		f.name += suffix
		o.Fields = append(o.Fields, f)
	}
	if !static && d.IntN(4) > 0 {
		o.Steps = append(o.Steps, step{kind: "withWatermark", list: []string{eventTime.name + suffix}, text: pick(d.Rand, delays)})
	}
	if d.IntN(8) == 0 {
		o.Steps = append(o.Steps, step{kind: "filter", text: o.Fields[0].name + " IS NOT NULL"})
	}
	if !static && d.IntN(8) == 0 {
		d.job.Conf["spark.sql.streaming.multipleWatermarkPolicy"] = pick(d.Rand, []string{"min", "max"})
	}
	d.job.Other, d.order = o, false
	return o
}

// ranges are conditions on the event times of two streams.
var ranges = [][]string{
	{"l.ts = r.ts2"},
	{"r.ts2 BETWEEN l.ts AND l.ts + INTERVAL 1 HOUR"},
	{"r.ts2 >= l.ts - INTERVAL 5 MINUTES", "r.ts2 <= l.ts + INTERVAL 10 MINUTES"},
	{"l.ts > r.ts2"},
	{"l.ts <= r.ts2 + INTERVAL 90 SECONDS"},
	{"r.ts2 > l.ts", "r.ts2 < l.ts + INTERVAL 2 DAYS"},
	{"l.ts + INTERVAL 1 MINUTE >= r.ts2", "r.ts2 - INTERVAL 1 MINUTE >= l.ts"},
}

// join joins the stream with another stream or a table, sometimes with a step above.
func (d *drawing) join() {
	o := d.inputs("2", false, d.IntN(3) == 0)
	s := step{kind: "join", text: "stream"}
	key := d.job.Fields[0].name
	if d.IntN(8) > 0 {
		s.aggs = append(s.aggs, "l."+key+pick(d.Rand, []string{" = ", " = ", " = ", " <=> "})+"r."+key+"2")
	}
	hows := []string{"inner", "inner", "left", "left", "right", "full", "leftSemi", "leftSemi", "leftAnti"}
	if o.Static {
		s.text, hows = "table", []string{"inner", "left", "left", "leftSemi", "leftAnti", "right", "full"}
		if d.IntN(3) == 0 {
			s.aggs = append(s.aggs, pick(d.Rand, []string{"l." + key + " < r." + key + "2", "l.ts < r.ts2", "r.ts2 IS NULL"}))
		}
	} else if d.IntN(3) > 0 {
		s.aggs = append(s.aggs, pick(d.Rand, ranges)...)
	}
	if d.IntN(4) == 0 || len(s.aggs) == 0 {
		name := pick(d.Rand, o.Fields).name
		s.aggs = append(s.aggs, pick(d.Rand, []string{d.operand("cond", 1), "r." + name + " IS NOT NULL", "l." + key + " IS NOT NULL"}))
	}
	s.after = pick(d.Rand, hows)
	d.add(s)
	if s.after != "leftSemi" && s.after != "leftAnti" {
		d.columns = append(d.columns, columnsOf(o.Fields)...)
	}
	d.job.Mode = pick(d.Rand, []string{"append", "append", "append", "update"})
	switch d.IntN(6) {
	case 0, 1:
		keys, marked := d.keys()
		d.add(step{kind: "groupBy", list: keys, aggs: d.aggs(1 + d.IntN(2))})
		d.mode(marked)
		if d.IntN(3) > 0 {
			d.job.Mode = "append"
		}
	case 2:
		var list []string
		for _, i := range d.Perm(len(d.columns))[:1+d.IntN(len(d.columns))] {
			list = append(list, d.columns[i].name)
		}
		d.add(step{kind: pick(d.Rand, []string{"select", "dropDuplicates"}), list: list})
	case 3:
		d.add(step{kind: "filter", text: d.operand("cond", 1)})
	}
}

// union appends another stream, by position or by name.
func (d *drawing) union() {
	s := step{kind: "union"}
	suffix := "2"
	if d.IntN(2) == 0 {
		s.text, suffix = "byName", ""
	}
	d.job.Steps = slices.DeleteFunc(d.job.Steps, func(s step) bool { return s.kind == "withColumn" })
	d.columns = columnsOf(d.job.Fields)
	d.inputs(suffix, true, false)
	d.add(s)
	switch d.IntN(4) {
	case 0:
		d.job.Mode = pick(d.Rand, []string{"append", "update"})
	case 1:
		d.dedup()
	default:
		d.group()
	}
}
