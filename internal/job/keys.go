package job

import "sync"

// A key is one that a mapping of the job file may have, with the JSON Schema of its value.
type key struct {
	name, doc string
	form      node
	required  bool
}

// keysOf lists the keys of a kind of mapping, by the name that messages use for it. The parser refuses all others.
func keysOf(what string) []key {
	switch what {
	case "the job file":
		return jobKeys()
	case "a stream":
		return streamKeys()
	case "source":
		return append(sourceKeys(),
			key{"transform", "steps of this input, in order", listOf(ref("step")), false},
			key{"stream", "the name of an input under sources:", text(), false})
	case "sink":
		return sinkKeys()
	case "trigger":
		return triggerKeys()
	case "a column":
		return columnKeys()
	case "a step":
		return stepKeys()
	case "the file of tests":
		return []key{{"tests", "tests of the job file next to it", listOf(ref("test")), true}}
	case "a test":
		return testKeys()
	case "a batch of a test":
		return testBatchKeys()
	case "with":
		return []key{
			{"stream", "the name of an input under sources:", text(), false},
			{"table", "the name of a table under tables:", text(), false},
			{"transform", "steps of the other input, in order", listOf(ref("step")), false},
		}
	}
	return stepArgumentKeys(what)
}

func jobKeys() []key {
	return []key{
		{"name", "name of the job", text(), false},
		{"mode", "structured streams, or discretized streams (dstream), which need batchInterval", words("structured", "dstream"), false},
		{"batchInterval", "interval of the batches of discretized streams, such as 1s or 10 seconds", text(), false},
		{"timeout", "ends the run after this time, successfully; such as 10s, 1m30s or 10 seconds", text(), false},
		{"conf", "Spark settings by name", ref("conf"), false},
		{"sources", "further streams by name, which steps and SQL text refer to", mapOf(ref("input")), false},
		{"tables", "static inputs by name, read again when their files change", mapOf(ref("input")), false},
		{"tests", "input by batches, and what must come out: streamctl test runs them", listOf(ref("test")), false},
		{"streams", "the streams of the job, which run at the same time", node{"type": "array", "minItems": 1, "items": ref("stream")}, true},
	}
}

func testKeys() []key {
	return []key{
		{"name", "name of the test", text(), false},
		{"stream", "the stream under test, if the job has several", text(), false},
		{"start", "time of the virtual clock before the first batch; default: 2024-01-01 00:00:00", text(), false},
		{"batches", "input that arrives together, one batch after another", listOf(ref("testBatch")), true},
	}
}

func testBatchKeys() []key {
	rows := listOf(node{})
	return []key{
		{"rows", "rows that arrive, with values by name or position; {NAME: [...]} for several inputs", node{"anyOf": []node{rows, mapOf(rows)}}, false},
		{"text", "records that arrive, in the format of the source; {NAME: TEXT} for several inputs", node{"anyOf": []node{text(), mapOf(text())}}, false},
		{"files", "files that arrive; {NAME: [PATH]} for several inputs", node{"anyOf": []node{text(), listOf(text()), mapOf(texts())}}, false},
		{"advance", "how far the clock moves on before the batch, such as 10 minutes", text(), false},
		{"expect", "rows that come out", rows, false},
		{"ordered", "whether the order of the rows counts", flag(), false},
		{"error", "condition of the error that ends the stream, or a part of its message", text(), false},
		{"watermark", "the watermark after the batch", text(), false},
		{"late", "number of rows dropped because they are late", text(), false},
		{"rejected", "malformed records: their number, or a list of them", texts(), false},
	}
}

func streamKeys() []key {
	return []key{
		{"name", "name of the stream, unique in the job", text(), false},
		{"source", "what the stream reads: {stream: NAME} names an input under sources:", ref("streamSource"), true},
		{"transform", "steps, applied in order", listOf(ref("step")), false},
		{"sink", "where the rows are written to; default: the console", ref("sink"), false},
	}
}

func sourceKeys() []key {
	return []key{
		{"format", "format of the source", ref("sourceFormat"), true},
		{"path", "directory, file or glob, relative to the job file; - is standard input", text(), false},
		{"schema", "columns: DDL such as \"name STRING, age INT\", a .yaml, .json or .ddl file, or a list of {name, type}", ref("schema"), false},
		{"options", "options of the format, by Spark's names", mapOf(text()), false},
	}
}

func sinkKeys() []key {
	return []key{
		{"format", "format of the sink", ref("sinkFormat"), false},
		{"path", "output directory, relative to the job file; - is standard output", text(), false},
		{"outputMode", "append (new rows, the default), update (changed groups) or complete (all groups)", words("append", "update", "complete").anyCase(), false},
		{"trigger", "when batches run; default: as soon as there is input", ref("trigger"), false},
		{"options", "options of the format, by Spark's names", mapOf(text()), false},
		{"checkpointLocation", "directory in which the progress of the stream is kept", text(), false},
		{"partitionBy", "columns whose values become directories", texts(), false},
	}
}

func triggerKeys() []key {
	return []key{
		{"processingTime", "interval between batches, such as 5 seconds", text(), false},
		{"availableNow", "process the available input in several batches, and end", flag(), false},
		{"once", "process the available input in one batch, and end", flag(), false},
		{"continuous", "continuous processing: not in the embedded engine", deprecated(text()), false},
	}
}

func columnKeys() []key {
	return []key{
		{"name", "name of the column", text(), true},
		{"type", "SQL type, such as STRING, INT, DECIMAL(10,2) or ARRAY<STRING>", text(), true},
		{"nullable", "whether values may be NULL; default: true", flag(), false},
		{"comment", "description of the column", text(), false},
	}
}

func stepKeys() []key {
	return []key{
		{"withColumn", "add or replace columns: {NAME: EXPRESSION}", named(), false},
		{"withColumnRenamed", "rename columns: {OLD: NEW}", named(), false},
		{"filter", "keep the rows for which a condition is true", text(), false},
		{"where", "the same as filter", text(), false},
		{"select", "expressions, each with an alias if need be: [a, \"b + 1 AS c\"]", texts(), false},
		{"drop", "remove columns", texts(), false},
		{"sql", "a query over the relation stream, which is the rows of the steps so far", text(), false},
		{"limit", "keep this many rows", text(), false},
		{"orderBy", "sort aggregated rows, in output mode complete: [n DESC]", texts(), false},
		{"distinct", "true: keep the first of equal rows", flag(), false},
		{"dropDuplicates", "keep the first row for each value of some columns, or of all (true)", texts(), false},
		{"dropDuplicatesWithinWatermark", "the same, but values are forgotten after the delay of the watermark", texts(), false},
		{"withWatermark", "the column with the event time, and how late rows may be", ref("withWatermark"), false},
		{"groupBy", "aggregate rows with the same keys", ref("groupBy"), false},
		{"join", "join with a table or another stream", ref("join"), false},
		{"union", "append the rows of another stream", ref("union"), false},
		{"repartition", "rows with equal values go to the same task and file", texts(), false},
	}
}

// stepArgumentKeys lists the keys below a step.
func stepArgumentKeys(step string) []key {
	switch step {
	case "withWatermark":
		return []key{
			{"eventTime", "column of type TIMESTAMP, or a window", text(), true},
			{"delayThreshold", "how late rows may be, such as 10 minutes", text(), true},
		}
	case "groupBy":
		return []key{
			{"keys", "expressions that group the rows, such as window(ts, '5 minutes')", texts(), false},
			{"agg", "aggregates, such as count(*) AS n", texts(), false},
		}
	case "join":
		return []key{
			{"with", "the other input: {table: NAME}, {stream: NAME}, or a source", ref("other"), true},
			{"on", "columns with equal names, as a list, or a condition", texts(), false},
			{"how", "kind of join; default: inner", words("inner", "left", "right", "full", "semi", "anti", "cross", "leftouter", "left_outer",
				"rightouter", "right_outer", "outer", "fullouter", "full_outer", "leftsemi", "left_semi", "leftanti", "left_anti").anyCase(), false},
		}
	case "union":
		return []key{
			{"with", "the other stream: {stream: NAME}", ref("other"), true},
			{"byName", "match columns by name instead of by position", flag(), false},
			{"allowMissingColumns", "with byName: columns that one side lacks are NULL there", flag(), false},
		}
	}
	return nil
}

// keyNames holds the names of the keys by kind of mapping. The tables carry JSON Schemas, which are too much work to build for each key of a file.
var keyNames sync.Map // kind of mapping → map[string]bool

// hasKey reports whether a kind of mapping has a key.
func hasKey(what, name string) bool {
	names, ok := keyNames.Load(what)
	if !ok {
		list := map[string]bool{}
		for _, k := range keysOf(what) {
			list[k.name] = true
		}
		names, _ = keyNames.LoadOrStore(what, list)
	}
	return names.(map[string]bool)[name] //nolint:errcheck // stored above
}
