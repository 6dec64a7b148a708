package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/test/nexmark"
)

// largestState returns the most bytes that the states of a query had together, from a file of progress events.
func largestState(path string) (bytes int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var p struct{ StateOperators []engine.StateProgress }
		if json.Unmarshal(in.Bytes(), &p) != nil {
			continue // a warning
		}
		sum := int64(0)
		for _, o := range p.StateOperators {
			sum += o.MemoryUsedBytes
		}
		bytes = max(bytes, sum)
	}
	return bytes, in.Err()
}

// In DuckDB, the tables are the files that the streams read, and the rows of windows are those of the windows that the last watermark closed.
const duckdbNexmark = `SET TimeZone = 'UTC';
CREATE VIEW person AS FROM read_csv('%[1]s/data/person/*.csv', header=true);
CREATE VIEW auction AS FROM read_csv('%[1]s/data/auction/*.csv', header=true);
CREATE VIEW bid AS FROM read_csv('%[1]s/data/bid/*.csv', header=true);
CREATE VIEW side_input AS FROM read_csv('%[1]s/data/side_input.csv', header=true);
CREATE MACRO closed(newest) AS newest - INTERVAL 2 SECONDS;
CREATE MACRO tumble(t) AS time_bucket(INTERVAL 10 SECONDS, t) + INTERVAL 10 SECONDS;
CREATE VIEW slid AS SELECT auction, unnest([time_bucket(INTERVAL 2 SECONDS, dateTime) - INTERVAL 2 SECONDS * i FOR i IN range(5)]) AS start FROM bid;
CREATE VIEW counted AS SELECT auction, start, count(*) AS num FROM slid GROUP BY ALL HAVING start + INTERVAL 10 SECONDS <= (SELECT closed(max(dateTime)) FROM bid);
CREATE TABLE here AS FROM read_parquet('%[1]s/out/%[2]s/*.parquet');
CREATE TABLE there AS %[3]s;
SELECT (SELECT count(*) FROM here) AS here, (SELECT count(*) FROM there) AS there, (SELECT count(*) FROM (FROM here EXCEPT ALL FROM there)) AS extra;`

const calculated = `auction, bidder, 0.908 * price AS price`

// duckdbQueries say what those queries return that append rows. The others have no final answer, or DuckDB cannot say them.
var duckdbQueries = map[string]string{
	"q0":    `SELECT auction, bidder, price, dateTime, extra FROM bid`,
	"q1":    `SELECT ` + calculated + `, dateTime, extra FROM bid`,
	"q2":    `SELECT auction, price FROM bid WHERE auction % 123 = 0`,
	"q3":    `SELECT P.name, P.city, P.state, A.id FROM auction A JOIN person P ON A.seller = P.id WHERE A.category = 10 AND P.state IN ('OR', 'ID', 'CA')`,
	"q5":    `SELECT auction, num, start AS starttime FROM counted QUALIFY num = max(num) OVER (PARTITION BY start)`,
	"q5top": `SELECT start AS starttime, {'auction': arg_max(auction, (num, -auction)), 'num': max(num)} AS hot FROM counted GROUP BY start`,
	"q7": `WITH m AS (SELECT max(price) AS maxprice, tumble(dateTime) AS ends FROM bid GROUP BY ends HAVING ends <= (SELECT closed(max(dateTime)) FROM bid))
SELECT auction, price, bidder, dateTime, extra FROM bid JOIN m ON price = maxprice AND dateTime BETWEEN ends - INTERVAL 10 SECONDS AND ends`,
	"q8": `WITH p AS (SELECT DISTINCT id, name, tumble(dateTime) AS ends FROM person), a AS (SELECT DISTINCT seller, tumble(dateTime) AS ends FROM auction)
SELECT id, name, p.ends - INTERVAL 10 SECONDS AS starttime FROM p JOIN a ON id = seller AND p.ends = a.ends
WHERE p.ends <= (SELECT least((SELECT closed(max(dateTime)) FROM person), (SELECT closed(max(dateTime)) FROM auction)))`,
	"q11": `WITH numbered AS (SELECT bidder, dateTime, sum(starts) OVER (PARTITION BY bidder ORDER BY dateTime ROWS UNBOUNDED PRECEDING) AS session FROM (
  SELECT bidder, dateTime, CASE WHEN dateTime - lag(dateTime) OVER (PARTITION BY bidder ORDER BY dateTime) <= INTERVAL 10 SECONDS THEN 0 ELSE 1 END AS starts FROM bid))
SELECT bidder, count(*) AS bid_count, min(dateTime) AS starttime, max(dateTime) + INTERVAL 10 SECONDS AS endtime FROM numbered
GROUP BY bidder, session HAVING endtime <= (SELECT closed(max(dateTime)) FROM bid)`,
	"q13": `SELECT auction, bidder, price, dateTime, value FROM bid JOIN side_input ON auction % 10000 = key`,
	"q14": `SELECT ` + calculated + `, CASE WHEN hour(dateTime) BETWEEN 8 AND 18 THEN 'dayTime' WHEN hour(dateTime) <= 6 OR hour(dateTime) >= 20 THEN 'nightTime' ELSE 'otherTime' END AS bidTimeType,
dateTime, extra, length(extra) - length(replace(extra, 'c', '')) AS c_counts FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000`,
	"q20": `SELECT B.auction, B.bidder, B.price, B.channel, B.url, B.dateTime AS bid_dateTime, B.extra AS bid_extra, A.itemName, A.description, A.initialBid, A.reserve,
A.dateTime AS auction_dateTime, A.expires, A.seller, A.category, A.extra AS auction_extra FROM bid B JOIN auction A ON B.auction = A.id WHERE A.category = 10`,
	"q21": `SELECT auction, bidder, price, channel, CASE lower(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2' WHEN 'baidu' THEN '3'
ELSE regexp_extract(url, '(&|^)channel_id=([^&]*)', 2) END AS channel_id FROM bid WHERE regexp_extract(url, '(&|^)channel_id=([^&]*)', 2) <> '' OR lower(channel) IN ('apple', 'google', 'facebook', 'baidu')`,
	"q22": `SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1, split_part(url, '/', 5) AS dir2, split_part(url, '/', 6) AS dir3 FROM bid`,
	"q23": `SELECT B.bidder, B.price, B.channel, B.url, P.id AS person_id, P.name, A.itemName, A.id AS auction_id FROM bid B JOIN person P ON P.id = B.bidder JOIN auction A ON A.seller = B.bidder`,
}

//go:embed nexmarkcheck.py
var polarsNexmark string

// polarsQueries are those of nexmarkcheck.py.
var polarsQueries = []string{"q3", "q5", "q7", "q8", "q20", "q23"}

// checkNexmark compares the rows of queries with those of DuckDB and Polars.
func checkNexmark(dir string, queries []string) error {
	for _, q := range queries {
		sql, ok := duckdbQueries[q]
		if !ok {
			continue
		}
		if err := keepNexmark(dir, q); err != nil {
			return err
		}
		rows, err := answer(duckdbPath(), "-csv", "-noheader", "-c", fmt.Sprintf(duckdbNexmark, dir, q, sql))
		if err != nil {
			return err
		}
		fmt.Printf("%s: rows %s", q, rows[0])
		if rows[0] != rows[1] || rows[2] != "0" {
			return fmt.Errorf("%s: of %s rows, DuckDB does not have %s; it has %s rows", q, rows[0], rows[2], rows[1])
		}
		fmt.Print(", as in DuckDB")
		if slices.Contains(polarsQueries, q) {
			if rows, err = answer(pythonPath(), "-c", polarsNexmark, dir, q); err != nil {
				return err
			}
			if rows[0] != "equal" {
				return fmt.Errorf("%s: Polars: %s", q, strings.Join(rows, ","))
			}
			fmt.Print(" and Polars")
		}
		fmt.Println()
		if err := os.RemoveAll(filepath.Join(dir, "out")); err != nil {
			return err
		}
	}
	fmt.Println()
	return nil
}

// keepNexmark runs a query with a sink of Parquet files in out.
func keepNexmark(dir, query string) error {
	text, err := os.ReadFile(nexmark.JobFile(dir, query))
	if err != nil {
		return err
	}
	job := filepath.Join(dir, "kept.yaml")
	kept := strings.Replace(string(text), "sink: {format: noop,", "sink: {format: parquet, path: out/"+query+",", 1)
	if err := os.WriteFile(job, []byte(kept), 0o644); err != nil {
		return err
	}
	defer os.RemoveAll(filepath.Join(dir, "checkpoint"))
	_, err = timed("", *streamctl, "multi", job, "-q")
	return err
}

// answer returns the values of the line that a command prints.
func answer(argv ...string) ([]string, error) {
	var stderr strings.Builder
	c := exec.Command(argv[0], argv[1:]...)
	c.Stderr = &stderr
	out, err := c.Output()
	values := strings.Split(strings.TrimSpace(string(out)), ",")
	if err == nil && argv[0] == duckdbPath() && len(values) != 3 {
		err = fmt.Errorf("unexpected output %q", out)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", argv[0], err, stderr.String())
	}
	return values, err
}
