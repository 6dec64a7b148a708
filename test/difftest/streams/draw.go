package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// A drawing is a job that is being generated.
type drawing struct {
	scope
	job   *job
	marks []string // columns that carry the watermark
	order bool     // the order of rows within a key is defined
}

// draw generates a job with one input, with two, or with any number of inputs: 0.
func draw(r *rand.Rand, inputs int) *job {
	d := &drawing{scope: scope{Rand: r}, job: &job{Conf: map[string]string{}}, order: true}
	d.fields()
	d.conf()
	d.before()
	shapes := []func(){d.group, d.group, d.group, d.group, d.query, d.query, d.chain, d.chain, d.dedup, d.dedup, d.limit, d.session, d.session, d.plain}
	if two := []func(){d.join, d.join, d.join, d.union}; inputs == 2 {
		shapes = two
	} else if inputs == 0 {
		shapes = append(shapes, two...)
	}
	pick(r, shapes)()
	if d.job.Mode == "" || r.IntN(8) == 0 {
		d.job.Mode = pick(r, []string{"append", "update", "complete"})
	}
	d.runs()
	return d.job
}

func (d *drawing) add(s step) { d.job.Steps = append(d.job.Steps, s) }

func (d *drawing) fields() {
	for _, i := range d.Perm(len(fields))[:1+d.IntN(4)] {
		f := fields[i]
		if values := huge[f.name]; values != nil && d.IntN(15) == 0 {
			f.values = slices.Concat(f.values, values)
		}
		d.job.Fields = append(d.job.Fields, f)
	}
	d.job.Fields = append(d.job.Fields, eventTime)
	d.columns = columnsOf(d.job.Fields)
}

func columnsOf(fields []field) (list []column) {
	for _, f := range fields {
		class := f.class
		if class == binary {
			class = chars
		}
		list = append(list, column{f.name, class})
	}
	return list
}

var delays = []string{"0 seconds", "1 minute", "90 seconds", "10 minutes", "1 hour", "2 days", "5 minutes"}

const partitions = "spark.sql.shuffle.partitions"

func (d *drawing) conf() {
	d.job.Conf[partitions] = pick(d.Rand, []string{"1", "1", "2", "3"})
	d.order = d.job.Conf[partitions] == "1"
	if d.IntN(10) == 0 {
		d.job.Conf["spark.sql.streaming.noDataMicroBatches.enabled"] = "false"
	}
	if d.IntN(12) == 0 {
		d.job.Conf["spark.sql.session.timeZone"] = pick(d.Rand, []string{"America/New_York", "Asia/Kathmandu"})
	}
}

// before adds what comes before the stateful step: a watermark, filters and columns.
func (d *drawing) before() {
	if d.IntN(6) == 0 {
		d.add(step{kind: "filter", text: d.operand("cond", 2)})
	}
	if d.IntN(4) > 0 {
		d.watermark()
	}
	if d.IntN(8) == 0 {
		class := pick(d.Rand, []string{integer, chars, nested, decimal})
		d.add(step{kind: "withColumn", list: []string{"z"}, text: d.expr(class, 2)})
		d.columns = append(d.columns, column{"z", class})
	}
	if d.IntN(8) == 0 {
		d.add(step{kind: "filter", text: pick(d.Rand, []string{d.operand("cond", 1), "ts IS NOT NULL", "ts > TIMESTAMP'2024-01-01 00:05:00'"})})
	}
}

func (d *drawing) watermark() {
	delay := pick(d.Rand, delays)
	name := eventTime.name
	if d.IntN(40) == 0 {
		delay = pick(d.Rand, []string{"-1 minute", "1 month", "soon", ""})
	}
	if d.IntN(40) == 0 {
		name = d.job.Fields[0].name
	}
	d.add(step{kind: "withWatermark", list: []string{name}, text: delay})
	d.marks = []string{name}
}

// mode sets the output mode: one that Spark accepts for an aggregation, given whether its keys have the watermark.
func (d *drawing) mode(marked bool) {
	modes := []string{"update", "complete"}
	if marked && len(d.marks) > 0 {
		modes = []string{"append", "append", "update", "complete"}
	}
	d.job.Mode = pick(d.Rand, modes)
}

var durations = []string{"5 minutes", "10 minutes", "1 hour", "7 seconds", "1 day", "90 seconds"}

// window returns a window over a time.
func (d *drawing) window(time string) string {
	switch d.IntN(5) {
	case 0:
		return fmt.Sprintf("window(%s, '10 minutes', '%s')", time, pick(d.Rand, []string{"5 minutes", "3 minutes", "4 minutes", "10 minutes"}))
	case 1:
		return fmt.Sprintf("window(%s, '10 minutes', '5 minutes', '%s')", time, pick(d.Rand, []string{"1 minute", "-2 minutes", "90 seconds", "0 seconds"}))
	}
	return fmt.Sprintf("window(%s, '%s')", time, pick(d.Rand, durations))
}

// keys returns grouping keys, and whether one of them has the watermark.
func (d *drawing) keys() (list []string, marked bool) {
	for range d.IntN(3) {
		key, _ := d.any(2)
		list = append(list, key+" AS k"+fmt.Sprint(len(list)))
	}
	switch d.IntN(5) {
	case 0, 1, 2:
		return slices.Insert(list, d.IntN(len(list)+1), d.window("ts")+" AS w"), true
	case 3:
		if d.IntN(3) == 0 {
			return append(list, "ts"), true
		}
	}
	return list, false
}

func (d *drawing) aggs(n int) (list []string) {
	for i := range n {
		list = append(list, d.aggregate(d.order)+" AS a"+fmt.Sprint(i))
	}
	return list
}

// group is groupBy with steps above it.
func (d *drawing) group() {
	keys, marked := d.keys()
	s := step{kind: "groupBy", list: keys, aggs: d.aggs(1 + d.IntN(4))}
	d.add(s)
	d.mode(marked)
	d.above(&s)
}

// names returns the columns of an aggregation.
func (s *step) names() (list []string) {
	for _, e := range append(append([]string{}, s.list...), s.aggs...) {
		if name := alias(e); name != "" {
			list = append(list, name)
		} else {
			list = append(list, e)
		}
	}
	return list
}

// above adds steps above an aggregation.
func (d *drawing) above(s *step) {
	names := s.names()
	if d.IntN(5) == 0 {
		d.add(step{kind: "filter", text: pick(d.Rand, names) + pick(d.Rand, []string{" IS NOT NULL", " IS NULL"})})
	}
	if slices.Contains(names, "w") && d.IntN(4) == 0 {
		list := []string{"w.start AS ws", "w.end AS we"}
		if d.IntN(2) == 0 {
			list = append(list, "window_time(w) AS wt")
		}
		for _, name := range names {
			if name != "w" {
				list = append(list, name)
			}
		}
		d.add(step{kind: "select", list: list})
		names = nil
	}
	switch k := d.IntN(12); {
	case names == nil:
	case k == 0:
		d.add(step{kind: "orderBy", list: names})
		d.job.Mode = pick(d.Rand, []string{"complete", "complete", "complete", d.job.Mode})
		if d.IntN(2) == 0 {
			d.add(step{kind: "limit", text: pick(d.Rand, []string{"0", "1", "3"})})
		}
	case k == 1:
		d.add(step{kind: "distinct"})
	}
}

// query is a GROUP BY in SQL.
func (d *drawing) query() {
	keys, marked := d.keys()
	s := step{kind: "query", list: keys, aggs: d.aggs(1 + d.IntN(3))}
	if len(keys) > 0 {
		s.text = pick(d.Rand, []string{"", "", "ROLLUP", "CUBE", "GROUPING SETS"})
	}
	d.mode(marked && s.text == "")
	if s.text != "" {
		switch d.IntN(4) {
		case 0:
			s.aggs = append(s.aggs, "grouping_id() AS gid")
		case 1:
			s.aggs = append(s.aggs, "grouping("+bare(keys[0])+") AS g")
		}
	}
	if d.IntN(4) == 0 {
		s.after += " HAVING " + pick(d.Rand, []string{"count(*) > 1", "max(ts) IS NOT NULL", "count(*) < 3"})
	}
	if d.job.Mode == "complete" && d.IntN(4) == 0 {
		s.after += " ORDER BY ALL"
		if d.IntN(2) == 0 {
			s.after += " LIMIT 3"
		}
	}
	if len(keys) > 0 && d.IntN(12) == 0 {
		s = step{kind: "sql", text: "SELECT DISTINCT " + strings.Join(keys, ", ") + " FROM stream"}
	}
	d.add(s)
}

// chain is a window over a window, or an aggregation over distinct rows.
func (d *drawing) chain() {
	if len(d.marks) == 0 {
		d.watermark()
	}
	key, _ := d.any(1)
	d.add(step{kind: "groupBy", list: []string{d.window("ts") + " AS w", key + " AS k"}, aggs: []string{"count(*) AS n", d.aggregate(d.order) + " AS a"}})
	outer := step{kind: "groupBy", aggs: []string{"sum(n) AS n", "count(a) AS a"}}
	switch d.IntN(6) {
	case 0:
		outer.list = []string{"w"}
	case 1:
		outer.list = []string{"window(window_time(w), '1 hour') AS v", "k"}
	case 2:
		outer.list = []string{"window(w, '30 minutes', '10 minutes') AS v"}
	case 3:
		outer.list = []string{"k"}
	default:
		outer.list = []string{"window(w, '1 hour') AS v"}
	}
	d.add(outer)
	d.job.Mode = pick(d.Rand, []string{"append", "append", "append", "append", "update", "complete"})
	if d.IntN(8) == 0 {
		d.add(step{kind: "select", list: []string{"v.end AS e", "n"}})
	}
}

// dedup removes duplicates, sometimes before or after an aggregation.
func (d *drawing) dedup() {
	kind := pick(d.Rand, []string{"dropDuplicates", "dropDuplicates", "dropDuplicatesWithinWatermark", "distinct"})
	if kind == "dropDuplicatesWithinWatermark" && len(d.marks) == 0 {
		d.watermark()
	}
	s := step{kind: kind}
	if kind != "distinct" {
		for _, i := range d.Perm(len(d.columns))[:1+d.IntN(min(3, len(d.columns)))] {
			s.list = append(s.list, d.columns[i].name)
		}
	}
	d.add(s)
	d.job.Mode = pick(d.Rand, []string{"append", "append", "update"})
	if d.IntN(4) > 0 {
		return
	}
	keys, marked := d.keys()
	d.order = false
	d.add(step{kind: "groupBy", list: keys, aggs: d.aggs(1 + d.IntN(2))})
	if d.mode(marked); d.job.Mode == "update" {
		d.job.Mode = "append"
	}
}

// limit lets some rows through, sometimes into an aggregation.
func (d *drawing) limit() {
	d.add(step{kind: "limit", text: pick(d.Rand, []string{"0", "1", "3", "5", "8", "100"})})
	d.job.Mode = "append"
	if d.IntN(2) == 0 {
		return
	}
	keys, marked := d.keys()
	d.add(step{kind: "groupBy", list: keys, aggs: d.aggs(1 + d.IntN(2))})
	d.mode(marked)
}

// session groups by session windows.
func (d *drawing) session() {
	gap := "'" + pick(d.Rand, []string{"1 minute", "5 minutes", "10 seconds", "1 hour"}) + "'"
	if d.IntN(3) == 0 {
		gap = "CASE WHEN " + d.operand("cond", 1) + " THEN '10 minutes' ELSE '1 minute' END"
	}
	key, _ := d.any(1)
	keys := []string{"session_window(ts, " + gap + ") AS w"}
	if d.IntN(12) > 0 {
		keys = slices.Insert(keys, d.IntN(2), key+" AS k0")
	}
	s := step{kind: "groupBy", list: keys, aggs: d.aggs(1 + d.IntN(3))}
	d.add(s)
	d.job.Mode = "complete"
	if len(d.marks) > 0 {
		d.job.Mode = pick(d.Rand, []string{"append", "append", "append", "complete"})
	}
	d.above(&s)
}

// plain has no stateful step.
func (d *drawing) plain() {
	d.add(step{kind: "select", list: []string{d.window("ts") + " AS w", d.operand("any", 2) + " AS v", "ts"}})
	d.job.Mode = pick(d.Rand, []string{"append", "update"})
}

// runs makes the files, and divides them into runs. One job in four is killed.
func (d *drawing) runs() {
	c := newClock(d.Rand)
	kill := d.IntN(4) == 0
	var run []file
	for batch := range 1 + d.IntN(4) {
		run = append(run, newRows(d.Rand, d.job.Fields, c, batch))
		if d.job.Other != nil {
			for _, row := range newRows(d.Rand, d.job.Other.Fields, c, batch) {
				run[len(run)-1] = append(run[len(run)-1], second+row)
			}
		}
		if d.IntN(3) == 0 {
			d.finish(run, kill)
			run = nil
		}
		if d.IntN(20) == 0 {
			d.finish(nil, false)
		}
	}
	if run != nil {
		d.finish(run, kill)
	}
}

func (d *drawing) finish(run []file, kill bool) {
	d.job.Runs = append(d.job.Runs, run)
	delay := 0
	if kill {
		delay = 2000 + d.IntN(30000)
	}
	d.job.Kills = append(d.job.Kills, delay)
}
