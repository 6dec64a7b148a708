package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/test/nexmark"
)

var (
	bids    = flag.Int("bids", 920_000, "bids of the windowed aggregation")
	keys    = flag.Int("keys", 10_000_000, "keys of the largest state")
	groups  = flag.Int("groups", 1_000_000, "groups of which batches touch some")
	touched = flag.Int("touched", 10_000, "rows of a batch that touches groups")
	batches = flag.Int("batches", 500, "batches that touch groups")
	disk    = flag.String("disk", "build", "where checkpoints are whose syncing counts, best a directory on a disk")
)

// benchState measures jobs with state: those that other tools also run, and what batches, restarts and keys cost.
func benchState(dir string) error {
	wanted, err := regexp.Compile(*match)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		f    func(dir string) error
	}{{"windows", benchWindows}, {"group-by", benchGroupBy}, {"arrival", benchArrival}, {"keys", benchKeys}, {"dedup", benchDedup},
		{"touched", benchTouched}, // which takes memory of this process, and the system counts that for a child until it has begun
	} {
		if !wanted.MatchString(part.name) {
			continue
		}
		sub, err := os.MkdirTemp(dir, part.name)
		if err != nil {
			return err
		}
		if err := part.f(sub); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		if err := os.RemoveAll(sub); err != nil {
			return err
		}
	}
	return nil
}

// writeBids writes Nexmark's bids in the order of their times, and a last one for auction 0 an hour later, which closes all windows of the others.
func writeBids(path string, bids int) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, nexmark.Bid.Header())
	g := nexmark.NewGenerator(1, nexmark.Rate)
	var line []byte
	n := 0
	for written := 0; written < bids; n++ {
		if nexmark.KindOf(n) == nexmark.Bid {
			line = g.Append(line[:0], n)
			_, _ = w.Write(line) // Flush returns the error
			written++
		}
	}
	fmt.Fprintf(w, "0,0,0,Apple,,,%s\n", g.Time(n).Add(time.Hour).Format("2006-01-02T15:04:05.000Z"))
	return w.Flush()
}

// benchWindows aggregates bids by windows.
func benchWindows(dir string) error {
	versions := present("streamctl", "DuckDB", "Polars", "chdb", "Miller", "mawk", "Spark")
	in := inputs{csv: filepath.Join(dir, "bids", "00000.csv")}
	if err := writeBids(in.csv, *bids); err != nil {
		return err
	}
	p := pipeline{"windows", fmt.Sprintf("%d Nexmark bids, CSV → count, sum, max by 10 s and auction → CSV", *bids), windowed, rowsFingerprint}
	return p.bench(in, filepath.Join(dir, "out"), versions)
}

// windowed is the same for all tools, but streamctl's state and output are durable, and its results come out when the watermark has passed their window.
func windowed(in inputs, out string) []peer {
	text := "'yyyy-MM-dd HH:mm:ss'"
	run := `rm -rf "$1" "$1.checkpoint"; exec "$2" file "$3" --option header=true --schema "$4" --available-now -q --watermark "dateTime=0 seconds" ` +
		`--group-by "window(dateTime,'10 seconds') AS w, auction" --agg "count(*) AS num, sum(price) AS total, max(price) AS hi" ` +
		`--select "date_format(w.start, ` + text + `) AS start, auction, num, total, hi" --sink csv --path "$1" --checkpoint "$1.checkpoint"`
	return []peer{
		{"streamctl", []string{"sh", "-c", run, "sh", out + ".d", *streamctl, in.csv, nexmark.Bid.Schema()}},
		{"DuckDB", duckdbCopy(`SELECT strftime(time_bucket(INTERVAL 10 seconds, dateTime), '%Y-%m-%d %H:%M:%S') AS start, auction, count(*) AS num, sum(price) AS total, max(price) AS hi FROM read_csv('`+
			in.csv+`', header=true, columns={'auction':'BIGINT','bidder':'BIGINT','price':'BIGINT','channel':'VARCHAR','url':'VARCHAR','extra':'VARCHAR','dateTime':'TIMESTAMP'}) WHERE auction <> 0 GROUP BY ALL`, "/dev/stdout", "FORMAT csv, HEADER")},
		{"Polars", polarsRun(`pl.scan_csv("` + in.csv + `", schema={"auction": pl.Int64, "bidder": pl.Int64, "price": pl.Int64, "channel": pl.String, "url": pl.String, "extra": pl.String, "dateTime": pl.String}).filter(pl.col("auction") != 0).group_by(pl.col("dateTime").str.to_datetime("%Y-%m-%dT%H:%M:%S%.3fZ").dt.truncate("10s").alias("start"), "auction").agg(num=pl.len(), total=pl.col("price").sum(), hi=pl.col("price").max()).with_columns(pl.col("start").dt.strftime("%Y-%m-%d %H:%M:%S")).sink_csv("/dev/stdout")`)},
		{"chdb", chdbRun("SELECT formatDateTime(toStartOfInterval(dateTime, INTERVAL 10 second), '%Y-%m-%d %H:%i:%S') AS start, auction, count() AS num, sum(price) AS total, max(price) AS hi FROM file('"+in.csv+
			"','CSVWithNames','auction Int64, bidder Int64, price Int64, channel String, url String, extra String, dateTime DateTime64(3, \\\\'UTC\\\\')') WHERE auction <> 0 GROUP BY start, auction SETTINGS date_time_input_format='best_effort'", out, "CSVWithNames")},
		{"Miller", []string{"mlr", "--icsv", "--ocsv", "filter", "$auction != 0", "then", "put", `$start = sub($dateTime[1:18], "T", " ") . "0"`,
			"then", "stats1", "-a", "count,sum,max", "-f", "price", "-g", "start,auction", "then", "rename", "price_count,num,price_sum,total,price_max,hi", in.csv}},
		{"mawk", []string{"mawk", "-F,", `BEGIN {print "start,auction,num,total,hi"} NR > 1 && $1 != "0" {k = substr($7, 1, 10) " " substr($7, 12, 7) "0," $1; n[k]++; s[k] += $3; if ($3 + 0 > m[k]) m[k] = $3 + 0} END {for (k in n) printf "%s,%d,%.0f,%.0f\n", k, n[k], s[k], m[k]}`, in.csv}},
		{"Spark", sparkRun(`    spark.conf.set("spark.sql.shuffle.partitions", "2")
    w = spark.readStream.schema("` + nexmark.Bid.Schema() + `").option("header", True).csv("` + filepath.Dir(in.csv) + `").withWatermark("dateTime", "0 seconds").groupBy(F.window("dateTime", "10 seconds"), "auction").agg(F.count("*").alias("num"), F.sum("price").alias("total"), F.max("price").alias("hi"))
    w.selectExpr("window.start", "auction", "num", "total", "hi").writeStream.format("csv").option("path", "` + out + `.spark").option("checkpointLocation", "` + out + `.spark.checkpoint").trigger(availableNow=True).start().awaitTermination()`)},
	}
}

// benchGroupBy aggregates rows of CSV on standard input in complete mode.
func benchGroupBy(dir string) error {
	fmt.Println()
	versions := present("streamctl", "DuckDB", "Polars", "chdb", "mawk")
	for _, g := range groupings {
		if g.step > 1 {
			continue
		}
		in := inputs{csv: filepath.Join(dir, "rows.csv")}
		if err := g.write(in.csv); err != nil {
			return err
		}
		p := pipeline{g.name(), fmt.Sprintf("%d rows of CSV → count, sum, max by %s → CSV", *rows, g.name()), g.peers, fingerprint}
		if err := p.bench(in, filepath.Join(dir, "out"), versions); err != nil {
			return err
		}
	}
	return nil
}

func (g grouping) peers(in inputs, out string) []peer {
	duck, pola, click := "BIGINT", "pl.Int64", "Int64"
	if g.key.Kind == types.KindString {
		duck, pola, click = "VARCHAR", "pl.String", "String"
	}
	run := `exec "$1" file - --once --schema "$2" --group-by k --agg "count(*) AS n, sum(v) AS s, max(v) AS m" --output-mode complete -o csv -q < "$3"`
	return []peer{
		{"streamctl", []string{"sh", "-c", run, "sh", *streamctl, "k " + g.key.SQL() + ", v BIGINT", in.csv}},
		{"DuckDB", duckdbCopy("SELECT k, count(*) AS n, sum(v) AS s, max(v) AS m FROM read_csv('"+in.csv+"', header=false, columns={'k':'"+duck+"','v':'BIGINT'}) GROUP BY k", "/dev/stdout", "FORMAT csv, HEADER")},
		{"Polars", polarsRun(`pl.scan_csv("` + in.csv + `", has_header=False, schema={"k": ` + pola + `, "v": pl.Int64}).group_by("k").agg(n=pl.len(), s=pl.col("v").sum(), m=pl.col("v").max()).sink_csv("/dev/stdout")`)},
		{"chdb", chdbRun("SELECT k, count() AS n, sum(v) AS s, max(v) AS m FROM file('"+in.csv+"','CSV','k "+click+", v Int64') GROUP BY k", out, "CSVWithNames")},
		{"mawk", []string{"mawk", "-F,", `BEGIN {print "k,n,s,m"} {n[$1]++; s[$1] += $2; if ($2 + 0 > m[$1]) m[$1] = $2 + 0} END {for (k in n) printf "%s,%d,%.0f,%d\n", k, n[k], s[k], m[k]}`, in.csv}},
	}
}

// benchDedup drops the duplicates among ids that are all different, with durable state, and compares that with reading them.
func benchDedup(dir string) error {
	in, ckpt := filepath.Join(dir, "ids.csv"), filepath.Join(dir, "checkpoint")
	if err := writeIDs(in, *keys); err != nil {
		return err
	}
	base := `rm -rf "$4"; exec "$1" file "$2" --schema "$3" --available-now -q --sink noop `
	command := func(more string) []string {
		return []string{"sh", "-c", base + more, "sh", *streamctl, in, "id BIGINT", ckpt}
	}
	m, err := medians(*runs, "", command(`--where "id >= 0"`), command(`--where "id >= 0" --drop-duplicates id`), command(`--where "id >= 0" --drop-duplicates id --checkpoint "$4"`))
	if err != nil {
		return err
	}
	fmt.Printf("\n### %d different ids, CSV\n\n| job | wall | CPU | RSS | CPU per row beyond parsing |\n|---|---|---|---|---|\n", *keys)
	for i, name := range []string{"parse, compare with 0", "drop duplicates, state in memory", "drop duplicates, durable state"} {
		fmt.Printf("| %s | %s | %s | %s | %.0f ns |\n", name, sec(m[i].wall), sec(m[i].cpu), mb(m[i].rss), float64(m[i].cpu-m[0].cpu)/float64(*keys))
	}
	return nil
}

// writeIDs writes the numbers below n in another order.
func writeIDs(path string, n int) error {
	return writeLines(path, n, func(b []byte, i int) []byte { return strconv.AppendInt(b, int64(i*7919%n), 10) })
}
