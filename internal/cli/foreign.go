package cli

import (
	"slices"
	"strings"
	"unicode"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
)

// A foreignName maps names that other programs use to streamctl's equivalent.
type foreignName struct {
	names string // separated by blanks
	hint  string
}

// foreignFlags lists flags of grep, tail, awk, mlr, duckdb, xsv, jq, spark-submit and the like that users may
// pass to file and socket.
var foreignFlags = []foreignName{
	{"input in source src file infile i data glob read", "pass the input as an argument, streamctl file PATH, or as --dir DIR"},
	{"f", "pass the input as an argument: streamctl file PATH; --format sets its format"},
	{"out outfile output-file output-path output-dir outdir dest destination target write", "--sink csv --path DIR --checkpoint DIR writes files; -o csv writes rows to standard output"},
	{"header headers with-header has-header H", "--option header=true"},
	{"no-header noheader without-header implicit-csv-header", "the first line is data by default; only --option header=true makes it a header"},
	{"delimiter delim separator field-separator sep fs ifs d", "--option sep=';' (a tab is sep='\\t')"},
	{"head take first max-rows row-limit lines tail-lines", "--limit N keeps the first N rows; --num-rows N sets how many rows of a batch the console prints"},
	{"skip offset skip-lines skip-rows", "--option header=true skips a header line; --where EXPR filters rows by their values"},
	{"tail F", "--follow reads on in files that grow, across rotation"},
	{"watch stream continuous forever keep-running daemon", "no flag needed: streamctl waits for new files until it is stopped; --available-now processes the existing files and exits"},
	{"recursive recurse R r subdirs", "--option recursiveFileLookup=true"},
	{"groupby group aggregate aggregates count sum having window by", "--group-by status --agg 'count(*) AS n' --output-mode complete; a --where after them is HAVING"},
	{"orderby sort sort-by", "--order-by 'n DESC' sorts aggregates with --output-mode complete; -o csv | sort sorts other rows"},
	{"unique uniq dedup dedupe deduplicate dropduplicates", "--drop-duplicates NAMES, or --distinct for whole rows"},
	{"event-time late lateness with-watermark delay-threshold max-delay", "--watermark 'ts=10 minutes'"},
	{"config config-file cfg settings", "--job FILE reads a job file; streamctl config --show-origin shows the file with the process settings"},
	{"columns cols fields keep project column", "--select NAMES"},
	{"exclude remove omit drop-columns", "--drop NAMES"},
	{"query statement", "--sql 'SELECT … FROM stream'"},
	{"condition grep match having-value where-clause", "--where EXPR"},
	{"with-column-renamed rename-column rename-columns", "--rename OLD=NEW"},
	{"add-column with-columns compute derive map put expr e", "--with-column NAME=EXPR"},
	{"type input-format in-format informat from", "--format csv, json, text or parquet"},
	{"to output-format out-format outformat", "-o csv, json, tsv, table, markdown, text, parquet or arrow writes to standard output; --sink FORMAT --path DIR writes files"},
	{"csv json jsonl ndjson tsv parquet text icsv ijson", "--format sets the input format, -o the output format"},
	{"infer auto-schema infer-types all-varchar", "--infer-schema"},
	{"schema-file schema-path ddl", "--schema FILE, or --schema 'a STRING, b INT'"},
	{"interval every period poll poll-interval processing-time", "--trigger '5 seconds'"},
	{"one-shot oneshot batch no-follow no-watch exit run-once", "--available-now, or --once for a single batch"},
	{"duration max-time run-for await-termination", "--timeout 60s"},
	{"checkpoint-location checkpoint-dir state state-dir resume", "--checkpoint DIR"},
	{"threads jobs j parallel parallelism cores cpus", "--workers N"},
	{"debug trace log loglevel", "-v, -vv or --log-level debug"},
	{"no-color nocolor no-colour", "--color never"},
	{"silent", "-q"},
	{"no-progress", "--progress none"},
	{"mode", "--output-mode append, or --option mode=PERMISSIVE for malformed records"},
	{"bad-rows bad-records dead-letter dlq on-error on-errors ignore-errors skip-errors skip-bad error-file errors reject", "--rejects FILE lists malformed records, --max-bad-rows N limits them, --option mode=DROPMALFORMED drops them"},
	{"compress compression gzip z", "compressed input is recognized by its extension (.gz); --sink-option compression=gzip compresses output files"},
	{"tz timezone time-zone", "--conf spark.sql.session.timeZone=UTC"},
	{"width cell-width", "--max-width N"},
	{"address addr bind url connect server hostname l", "streamctl socket --host HOST --port PORT connects, --listen :PORT waits for connections"},
	{"topic bootstrap-servers brokers subscribe", "Kafka needs Apache Spark: a job file with the source kafka and --master"},
	{"dry check plan explain", "--dry-run"},
	{"output-columns partition partitions partitioned-by", "--partition-by NAMES"},
}

// foreignCommands lists commands of other programs.
var foreignCommands = []foreignName{
	{"run start launch exec submit spark-submit up apply job stream pipeline", "streamctl multi JOB.yaml runs a job file; streamctl file and streamctl socket run one stream"},
	{"new create template generate scaffold", "streamctl init creates a job file to start from"},
	{"query sql select filter where transform convert head tail cat show view watch read jq awk grep", "streamctl file PATH --schema 'a STRING, b INT', with --sql, --select, --where and -o csv or json"},
	{"csv json text parquet tsv ndjson jsonl", "streamctl file PATH --format FORMAT"},
	{"listen nc netcat tcp connect", "streamctl socket --listen :9999, or --host HOST --port PORT"},
	{"lint check verify-job dry-run", "streamctl validate JOB.yaml"},
	{"plan describe", "streamctl explain JOB.yaml"},
	{"infer inspect sniff", "streamctl schema infer FILE"},
	{"stop kill cancel end", "a run is an ordinary process: stop it with Ctrl-C or kill PID"},
	{"status state ps list ls progress monitor offsets", "streamctl checkpoint show DIR shows how far a query has got"},
	{"settings set get env environment", "streamctl config --show-origin"},
	{"function udf udfs func", "streamctl functions NAME"},
	{"docs man doc manual", "streamctl help lists commands and topics"},
	{"upgrade update install", "streamctl is a single file: replace it with the new version"},
	{"kafka", "Kafka needs Apache Spark: streamctl multi JOB.yaml --master …"},
}

// foreignHint returns the hint for a name of another program, or "" if the table has none.
func foreignHint(table []foreignName, name string) string {
	for _, row := range table {
		if slices.Contains(strings.Fields(row.names), name) {
			return row.hint
		}
	}
	return ""
}

// optionHint returns how to set an option of a format that was typed as a flag.
func optionHint(name string) string {
	for _, part := range []struct {
		table job.Formats
		flag  string
	}{{formats.Sources, "--option"}, {formats.Sinks, "--sink-option"}} {
		for _, f := range part.table.All() {
			for _, o := range f.Options {
				if squeezed(o.Name) == squeezed(name) && o.Effect == job.Implemented {
					return part.flag + " " + o.Name + "=VALUE"
				}
			}
		}
	}
	return ""
}

// squeezed removes word separators and case from a name, so that maxFilesPerTrigger equals
// max-files-per-trigger.
func squeezed(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
}

// dashed converts a name to the style of flags: numRows and num_rows become num-rows.
func dashed(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case r == '_' || r == '.':
			b.WriteByte('-')
		case unicode.IsUpper(r):
			if i > 0 && len(name) > 1 {
				b.WriteByte('-')
			}
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
