package job

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/streamctl/streamctl/internal/suggest"
)

// examples maps parts of a job file to examples.
var examples = map[string]string{
	"source": "source: {format: csv, path: DIR, schema: \"a STRING, b INT\"}", "sink": "sink: {format: console}",
	"trigger": "trigger: {processingTime: 5 seconds}, {once: true} or {availableNow: true}", "options": "options: {header: true}",
	"conf": "conf: {spark.sql.session.timeZone: UTC}", "withColumn": "withColumn: {result: \"concat(a, b)\"}",
	"withColumnRenamed": "withColumnRenamed: {old: new}", "a stream": "- {name: a, source: {…}, sink: {…}}",
	"the job file": jobFileHint, "streams": "begin each stream with \"- \"", "transform": "begin each step with \"- \"",
	"a column": "{name: age, type: INT}", "groupBy": "groupBy: {keys: [k], agg: [count(*) AS n]}",
	"withWatermark": "withWatermark: {eventTime: ts, delayThreshold: 10 minutes}",
}

// mappingHint shows the form of a mapping that was expected.
func mappingHint(what string, n *yaml.Node) string {
	if what == "a column" && n.Kind == yaml.ScalarNode {
		return "schema: \"a STRING, b INT\", or a list of {name: a, type: STRING}"
	}
	return examples[what]
}

func listHint(what string) string { return examples[what] }

// homes lists where keys belong, for keys in the wrong place.
var homes = []struct {
	keys, home string
}{
	{"source sink transform", "a stream: streams: [{source: …, transform: …, sink: …}]"},
	{"streams batchInterval conf mode timeout", "the top of the job file"},
	{"trigger outputMode checkpointLocation partitionBy", "sink:"},
	{"once availableNow processingTime", "sink: {trigger: …}"},
	{"schema", "source:"},
	{"format path options", "source: or sink: (indent it below)"},
	{"keys agg aggregate aggregates aggregations", "groupBy: {keys: [k], agg: [count(*) AS n]}"},
	{"eventTime delayThreshold watermark", "withWatermark: {eventTime: ts, delayThreshold: 10 minutes}"},
	{"having", "groupBy: {keys: [k]}, as a filter after it: - filter: count > 1"},
	{"filter where select drop withColumn withColumnRenamed sql limit groupBy join repartition withWatermark dropDuplicates distinct orderBy", "transform:, as a separate step: - filter: age > 18"},
}

// keyHint suggests what an unknown key may have meant, or where it belongs.
func keyHint(key, what string, known []string) string {
	for _, h := range homes {
		if slices.Contains(strings.Fields(h.keys), key) {
			return key + " belongs to " + h.home
		}
	}
	if len(suggest.Closest(key, known, 1)) > 0 {
		return DidYouMean(key, known)
	}
	if what == "a step" {
		return "a step is named after a DataFrame method: filter, select, drop, withColumn, withColumnRenamed, sql, …"
	}
	return DidYouMean(key, known)
}

// textHint explains the usual cause of a collection where a string was expected.
func textHint(what string, n *yaml.Node) string {
	switch {
	case what == "schema":
		return "schema: \"a STRING, b INT\", a file, or a list of {name: a, type: STRING}"
	case n.Kind == yaml.MappingNode:
		return "quote a string that contains ': ' or { }"
	case n.Kind == yaml.SequenceNode:
		return "quote a string that begins with ["
	}
	return ""
}

// commaHint explains an unquoted comma, ! or #, which YAML does not read as a value.
func (p *parser) commaHint(n *yaml.Node, path string) string {
	if n.Line < 1 || n.Line > len(p.lines) {
		return ""
	}
	rest := strings.TrimLeft(dropRunes(p.lines[n.Line-1], n.Column-1), " ")
	switch {
	case strings.HasPrefix(rest, ","):
		return "a comma needs quotes: " + path[strings.LastIndexByte(path, '.')+1:] + ": \",\""
	case strings.HasPrefix(rest, "!"):
		return "! begins a tag: quote a value that begins with !"
	case strings.HasPrefix(rest, "#"):
		return "# begins a comment: quote a value that begins with #"
	}
	return ""
}

// stepHint corrects a step written without the colon, or without the blank after it.
func stepHint(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		return ""
	}
	i := strings.IndexAny(n.Value, ": ")
	if i < 1 || !slices.Contains(stepNames, n.Value[:i]) {
		return "- filter: age > 18"
	}
	return "- " + n.Value[:i] + ": " + strings.TrimSpace(strings.TrimLeft(n.Value[i:], ": "))
}

var stepNames = []string{
	"withColumn", "withColumnRenamed", "filter", "where", "select", "drop", "sql", "limit", "orderBy", "repartition",
	"withWatermark", "groupBy", "distinct", "dropDuplicates", "dropDuplicatesWithinWatermark", "join",
}
