package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An expression is the same computation for three tools.
type expression struct {
	name                  string
	spark, duckdb, polars string // polars is "" if it has no such function
	reads                 string // the columns used, to measure DuckDB's time to scan them
}

// expressions use the columns in samples.go.
var expressions = []expression{
	{"int arithmetic", "a * 3 + b - 7", "a * 3 + b - 7", "a * 3 + b - 7", "a, b"},
	{"double arithmetic", "x * 1.5D + y / 3.0D - x * y", "x * 1.5::DOUBLE + y / 3.0::DOUBLE - x * y", "x * 1.5 + y / 3.0 - x * y", "x, y"},
	{"decimal arithmetic", "p * q + p", "p * q + p", "p.cast(pl.Decimal(18, 5)) * q + p", "p, q"},
	{"comparison", "a > 500000 AND x < 2500.0D", "a > 500000 AND x < 2500.0::DOUBLE", "(a > 500000) & (x < 2500.0)", "a, x"},
	{
		"CASE, coalesce", "CASE WHEN coalesce(m, b) < 20 THEN 'low' WHEN coalesce(m, b) < 70 THEN 'middle' ELSE 'high' END",
		"CASE WHEN coalesce(m, b) < 20 THEN 'low' WHEN coalesce(m, b) < 70 THEN 'middle' ELSE 'high' END",
		"pl.when(pl.coalesce(m, b) < 20).then(pl.lit('low')).when(pl.coalesce(m, b) < 70).then(pl.lit('middle')).otherwise(pl.lit('high'))", "m, b",
	},
	{"LIKE prefix, suffix", "s LIKE 'El%' OR mail LIKE '%.org'", "s LIKE 'El%' OR mail LIKE '%.org'", "s.str.starts_with('El') | mail.str.ends_with('.org')", "s, mail"},
	{"LIKE infix", "mail LIKE '%example%'", "mail LIKE '%example%'", "mail.str.contains('example', literal=True)", "mail"},
	{"RLIKE", "mail RLIKE '^[a-f][a-z]*[.][a-z]+[0-9]+@'", "regexp_matches(mail, '^[a-f][a-z]*[.][a-z]+[0-9]+@')", "mail.str.contains('^[a-f][a-z]*[.][a-z]+[0-9]+@')", "mail"},
	{"regexp_extract", "regexp_extract(mail, '@([a-z]+)[.]', 1)", "regexp_extract(mail, '@([a-z]+)[.]', 1)", "mail.str.extract('@([a-z]+)[.]', 1)", "mail"},
	{"regexp_replace", "regexp_replace(phone, '[^0-9]', '')", "regexp_replace(phone, '[^0-9]', '', 'g')", "phone.str.replace_all('[^0-9]', '')", "phone"},
	{"substring", "substring(s, 3, 5)", "substring(s, 3, 5)", "s.str.slice(2, 5)", "s"},
	{"concat, int to string", "concat(s, '-', a)", "s || '-' || a", "pl.concat_str([s, pl.lit('-'), a.cast(pl.String)])", "s, a"},
	{"upper", "upper(s)", "upper(s)", "s.str.to_uppercase()", "s"},
	{"length, trim", "length(trim(padded))", "length(trim(padded))", "padded.str.strip_chars(' ').str.len_chars()", "padded"},
	{"replace", "replace(mail, 'example', 'test')", "replace(mail, 'example', 'test')", "mail.str.replace_all('example', 'test', literal=True)", "mail"},
	{"string to int", "CAST(digits AS INT)", "CAST(digits AS INTEGER)", "digits.cast(pl.Int32)", "digits"},
	{"string to double", "CAST(price AS DOUBLE)", "CAST(price AS DOUBLE)", "price.cast(pl.Float64)", "price"},
	{"string to date", "CAST(day AS DATE)", "CAST(day AS DATE)", "day.str.to_date('%Y-%m-%d')", "day"},
	{"string to timestamp", "CAST(instant AS TIMESTAMP)", "CAST(instant AS TIMESTAMP)", "instant.str.to_datetime('%Y-%m-%d %H:%M:%S', time_unit='us')", "instant"},
	{"double to string", "CAST(x AS STRING)", "CAST(x AS VARCHAR)", "x.cast(pl.String)", "x"},
	{"date to string", "CAST(d AS STRING)", "CAST(d AS VARCHAR)", "d.cast(pl.String)", "d"},
	{"year, month, date_add", "year(d) * 100 + month(date_add(d, b))", "year(d) * 100 + month(d + b)", "d.dt.year() * 100 + (d + pl.duration(days=b)).dt.month()", "d, b"},
	{"date_trunc", "date_trunc('MONTH', t)", "date_trunc('month', t)", "t.dt.truncate('1mo')", "t"},
	{"md5", "md5(s)", "md5(s)", "", "s"},
	{"get_json_object", "get_json_object(j, '$.user.name')", "json_extract_string(j, '$.user.name')", "j.str.json_path_match('$.user.name')", "j"},
}

// A computer evaluates expressions on the sample rows in one thread.
type computer interface {
	text(e expression) string // the expression in the tool's language, or "" if unsupported
	// summary describes the results: count, minimum, maximum and, for text, the number of bytes.
	summary(text string) (string, error)
	// take evaluates all rows and discards the results.
	take(text string) (time.Duration, error)
	close()
}

// benchExpressions evaluates each expression on columns in memory.
func benchExpressions(dir string) error {
	wanted, err := regexp.Compile(*match)
	if err != nil {
		return err
	}
	s, err := writeSamples(dir, *rows)
	if err != nil {
		return err
	}
	duckdb := newDuckDB(s)
	tools := []computer{newEmbedded(s), duckdb, newPolars(s)}
	defer func() {
		for _, t := range tools {
			t.close()
		}
	}()
	stop, err := startProfile()
	if err != nil {
		return err
	}
	defer stop()
	fmt.Print(expressionMethod(s, present("DuckDB", "Polars")))
	fmt.Printf("| expression | streamctl | DuckDB | DuckDB, scan only | Polars | best other / streamctl |\n|---|---|---|---|---|---|\n")
	ahead, count := 0, 0
	for _, e := range expressions {
		if !wanted.MatchString(e.name) {
			continue
		}
		count++
		if err := agree(e, tools); err != nil {
			fmt.Printf("| %s | %s ||||| \n", e.name, err)
			continue
		}
		took, err := takeInTurn(e, tools, duckdb)
		if err != nil {
			return err
		}
		ratio := bestPeer(took) / took[0].Seconds()
		fmt.Printf("| %s | %s | %s | %s | %s | %.2f |\n", e.name, ms(took[0]), orNone(took[1]), orNone(took[3]), orNone(took[2]), ratio)
		if ratio >= 1 {
			ahead++
		}
	}
	fmt.Printf("\nfaster than both in %d of %d\n\n", ahead, count)
	for _, e := range expressions {
		fmt.Printf("    %-22s %s\n    %22s %s\n    %22s %s\n", e.name, e.spark, "", e.duckdb, "", e.polars)
	}
	return nil
}

func expressionMethod(s samples, versions map[string]string) string {
	return fmt.Sprintf(`%d rows in memory, %d of them distinct, loaded into each tool beforehand; one thread each; CPU time, medians of %d
runs, taken in turn. streamctl: eval.Compile, then Eval of batches of 2048 rows, results dropped, GOMAXPROCS=1; like batches
on loan from a reader they come again. DuckDB %s: in-memory table, SET threads=1,
SELECT any_value(expression); "DuckDB, scan only" is any_value of the columns alone. Polars %s: DataFrame with one chunk,
POLARS_MAX_THREADS=1, select(expression), by the in-memory or the streaming engine, whichever is faster (streaming: with
null_count, so that no result is kept). Results are compared first: count, least, greatest, bytes of text.

`, s.rows, s.rows/s.repeats, *runs, versions["DuckDB"], versions["Polars"])
}

// takeInTurn returns the medians of the tools and of DuckDB's scan of the columns.
func takeInTurn(e expression, tools []computer, scan computer) ([]time.Duration, error) {
	all := make([][]time.Duration, len(tools)+1)
	columns := strings.ReplaceAll(e.reads, ", ", "), any_value(")
	for range *runs {
		for i, t := range append(slices.Clone(tools), scan) {
			text := t.text(e)
			if text == "" {
				continue
			}
			if i == len(tools) {
				text = columns
			}
			d, err := t.take(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", text, err)
			}
			all[i] = append(all[i], d)
		}
	}
	medians := make([]time.Duration, len(all))
	for i, d := range all {
		if len(d) > 0 {
			slices.Sort(d)
			medians[i] = d[len(d)/2]
		}
	}
	return medians, nil
}

// bestPeer returns the shortest time of the other tools in seconds, or 0.
func bestPeer(took []time.Duration) float64 {
	best := time.Duration(0)
	for _, d := range took[1:3] {
		if d > 0 && (best == 0 || d < best) {
			best = d
		}
	}
	return best.Seconds()
}

func orNone(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return ms(d)
}

// agree checks that the tools return the same results.
func agree(e expression, tools []computer) error {
	var want string
	for i, t := range tools {
		text := t.text(e)
		if text == "" {
			continue
		}
		got, err := t.summary(text)
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		if i == 0 {
			want = got
		} else if !sameSummary(want, got) {
			return fmt.Errorf("%s: streamctl gives %s, another %s", e.name, want, got)
		}
	}
	return nil
}

// sameSummary compares summaries field by field, and numbers by value.
func sameSummary(a, b string) bool {
	left, right := strings.Split(a, "|"), strings.Split(b, "|")
	if len(left) != len(right) {
		return false
	}
	for i := range left {
		x, errX := strconv.ParseFloat(left[i], 64)
		y, errY := strconv.ParseFloat(right[i], 64)
		numbers := errX == nil && errY == nil
		if numbers && max(x-y, y-x) > 1e-9*max(x, -x) || !numbers && !strings.EqualFold(left[i], right[i]) {
			return false
		}
	}
	return true
}
