package job

import "testing"

// TestStepsOnOneLine checks the texts that checkpoints hold: another text would refuse to resume a query.
func TestStepsOnOneLine(t *testing.T) {
	text := func(s string) Text { return Text{Text: s} }
	texts := []Text{text("a"), text("b + 1")}
	named := []Named{{"c", text("a")}, {"d", text("b")}}
	table := Ref{Source: Source{Format: "csv", Path: "in", Schema: Schema{Given: true, Text: "k string"}, Options: Options{{Name: "sep", Value: ";"}}}}
	for want, step := range map[string]Step{
		"withColumn c = a, d = b":        WithColumn{Columns: named},
		"withColumnRenamed c = a, d = b": WithColumnRenamed{Columns: named},
		"filter a":                       Filter{Condition: text("a")},
		"select a, b + 1":                Select{Exprs: texts},
		"drop a, b + 1":                  Drop{Columns: texts},
		"sql SELECT a":                   SQL{Query: text("SELECT a")},
		"limit 3":                        Limit{Rows: text("3")},
		"orderBy a, b + 1":               OrderBy{Keys: texts},
		"repartition a, b + 1":           Repartition{Keys: texts},
		"distinct ":                      Distinct{},
		"dropDuplicates a, b + 1":        DropDuplicates{Columns: texts},
		"dropDuplicatesWithinWatermark ": DropDuplicates{WithinWatermark: true},
		"withWatermark eventTime = ts, delayThreshold = 1 minute":                                         WithWatermark{EventTime: text("ts"), Delay: text("1 minute")},
		"groupBy keys = a, keys = b + 1, agg = c":                                                         GroupBy{Keys: texts, Aggregates: []Text{text("c")}},
		"join format = csv, path = in, schema = k STRING, option:sep = ;, on = a, on = b + 1, how = left": Join{With: table, On: texts, How: text("left")},
		"join format = , path = , transform = limit 0, condition = l.k = r.k": Join{
			With: Ref{Steps: []Step{Limit{Rows: text("0")}}}, Condition: text("l.k = r.k"),
		},
	} {
		if got := step.String(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}
