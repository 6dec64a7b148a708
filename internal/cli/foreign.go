package cli

import (
	"slices"
	"strings"
	"unicode"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
)

// A foreignName is what other programs call something that streamctl does another way.
type foreignName struct {
	names string // separated by blanks
	hint  string
}

// foreignFlags are flags of grep, tail, awk, mlr, duckdb, xsv, jq, spark-submit and the like, as users of file and socket
// type them.
var foreignFlags = []foreignName{
	{"input in source src file infile i data glob read", "the input is a path without a flag, streamctl file PATH, or --dir DIR"},
	{"f", "the input is a path without a flag: streamctl file PATH; --format names its format"},
	{"out outfile output-file output-path output-dir outdir dest destination target write", "--sink csv --path DIR --checkpoint DIR writes files; -o csv writes rows to standard output"},
	{"header headers with-header has-header H", "--option header=true"},
	{"no-header noheader without-header implicit-csv-header", "a first line is data already, unless --option header=true is given"},
	{"delimiter delim separator field-separator sep fs ifs d", "--option sep=';' (a tab is sep='\\t')"},
	{"limit head take first max-rows row-limit lines tail-lines", "--num-rows N is what the console prints of a batch; with -o csv … | head -n N ends after N lines"},
	{"skip offset skip-lines skip-rows", "--option header=true takes a first line of names off; --where EXPR leaves rows out by what they hold"},
	{"follow watch tail stream continuous forever keep-running daemon F", "nothing: streamctl waits for new files until it is stopped; --available-now ends after what is there"},
	{"recursive recurse R r subdirs", "--option recursiveFileLookup=true"},
	{"group-by groupby group aggregate agg count sum having window", "aggregation needs Apache Spark: a job file with a groupBy step and --master; the embedded engine does not have it yet"},
	{"order-by orderby sort sort-by", "sorting needs Apache Spark: a job file with an orderBy step and --master; or sort the output: -o csv | sort"},
	{"config config-file cfg settings", "--job FILE reads a job file; process settings are in the file that streamctl config --show-origin names"},
	{"columns cols fields keep project column", "--select NAMES"},
	{"exclude remove omit drop-columns", "--drop NAMES"},
	{"query statement", "--sql 'SELECT … FROM stream'"},
	{"condition grep match having-value where-clause", "--where EXPR"},
	{"with-column-renamed rename-column rename-columns", "--rename OLD=NEW"},
	{"add-column with-columns compute derive map put expr e", "--with-column NAME=EXPR"},
	{"type input-format in-format informat from", "--format csv, json, text or parquet"},
	{"to output-format out-format outformat", "-o csv, json, tsv, text or arrow writes to standard output; --sink FORMAT --path DIR writes files"},
	{"csv json jsonl ndjson tsv parquet text icsv ijson", "--format says what is read, -o what is written"},
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
	{"bad-rows bad-records dead-letter dlq on-error on-errors ignore-errors skip-errors skip-bad error-file errors reject", "--rejects FILE lists malformed records, --max-bad-rows N bounds them, --option mode=DROPMALFORMED leaves them out"},
	{"compress compression gzip z", "compressed input is known by its name (.gz); --sink-option compression=gzip compresses files"},
	{"tz timezone time-zone", "--conf spark.sql.session.timeZone=UTC"},
	{"width cell-width", "--max-width N"},
	{"address addr bind url connect server hostname l", "streamctl socket --host HOST --port PORT connects, --listen :PORT waits for connections"},
	{"topic bootstrap-servers brokers subscribe", "Kafka needs Apache Spark: a job file with the source kafka and --master"},
	{"dry check plan explain", "--dry-run"},
	{"output-columns partition partitions partitioned-by", "--partition-by NAMES"},
}

// foreignCommands are commands that other programs have.
var foreignCommands = []foreignName{
	{"run start launch exec submit spark-submit up apply job stream pipeline", "streamctl multi JOB.yaml runs a job file; streamctl file and streamctl socket run one stream"},
	{"init new create template generate scaffold", "streamctl help job-file shows a job file to begin with"},
	{"query sql select filter where transform convert head tail cat show view watch read jq awk grep", "streamctl file PATH --schema 'a STRING, b INT', with --sql, --select, --where and -o csv or json"},
	{"csv json text parquet tsv ndjson jsonl", "streamctl file PATH --format FORMAT"},
	{"listen nc netcat tcp connect", "streamctl socket --listen :9999, or --host HOST --port PORT"},
	{"lint check test verify-job dry-run", "streamctl validate JOB.yaml"},
	{"plan describe", "streamctl explain JOB.yaml"},
	{"infer inspect sniff", "streamctl schema infer FILE"},
	{"stop kill cancel end", "a run is a process of the shell: Ctrl-C or kill PID stops it"},
	{"status state ps list ls progress monitor offsets", "streamctl checkpoint show DIR says how far a query has come"},
	{"settings set get env environment", "streamctl config --show-origin"},
	{"function udf udfs func", "streamctl functions NAME"},
	{"docs man doc manual", "streamctl help lists commands and topics"},
	{"upgrade update install", "streamctl is one file: put a new one in its place"},
	{"kafka", "Kafka needs Apache Spark: streamctl multi JOB.yaml --master …"},
}

// foreignHint is the hint for a name that another program has, "" when it is in no row of the table.
func foreignHint(table []foreignName, name string) string {
	for _, row := range table {
		if slices.Contains(strings.Fields(row.names), name) {
			return row.hint
		}
	}
	return ""
}

// optionHint says how an option of a format is given, when someone typed it as a flag.
func optionHint(name string) string {
	for _, part := range []struct {
		table job.Formats
		flag  string
	}{{sources.Formats, "--option"}, {sinks.Formats, "--sink-option"}} {
		for _, f := range part.table {
			for _, o := range f.Options {
				if squeezed(o.Name) == squeezed(name) && o.Effect == job.Implemented {
					return part.flag + " " + o.Name + "=VALUE"
				}
			}
		}
	}
	return ""
}

// squeezed is a name without what writers put between its words: maxFilesPerTrigger, max-files-per-trigger.
func squeezed(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
}

// dashed is a name as flags are written: numRows and num_rows become num-rows.
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
