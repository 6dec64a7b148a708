package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// customersOf has the numbers of customers of the tables in which orders are looked up.
var customersOf = []int{1_000, 1_000_000}

// orders are rows with a customer, and tables have the name of each customer, by number of customers.
type orders struct {
	path   map[int]string
	tables map[int]string
}

// lookups returns a job for each table.
func lookups() (list []pipeline) {
	for _, n := range customersOf {
		list = append(list, pipeline{"lookup-" + strconv.Itoa(n), fmt.Sprintf("CSV ⋈ CSV table of %d customers → CSV", n),
			func(in inputs, out string) []peer { return lookUp(in.orders.path[n], in.orders.tables[n], out) }, fingerprint})
	}
	return list
}

func lookUp(in, table, out string) []peer {
	const query = "SELECT o.id, c.name, o.amount FROM %s o JOIN %s c ON o.customer = c.customer"
	const columns = "{'id':'BIGINT','customer':'INTEGER','amount':'INTEGER'}"
	read := func(path, columns string) string {
		return "read_csv('" + path + "', header=true, columns=" + columns + ")"
	}
	click := func(path, columns string) string { return "file('" + path + "','CSVWithNames','" + columns + "')" }
	scan := func(path, columns string) string { return `pl.scan_csv("` + path + `", schema={` + columns + `})` }
	return []peer{
		{"streamctl", []string{*streamctl, "file", in, "--schema", "id BIGINT, customer INT, amount INT", "--option", "header=true", "--table", "customers=" + table,
			"--table-option", "customers.schema=customer INT, name STRING", "--table-option", "customers.header=true", "--sql", fmt.Sprintf(query, "stream", "customers"), "--available-now", "-q", "-o", "csv"}},
		{"DuckDB", duckdbCopy(fmt.Sprintf(query, read(in, columns), read(table, "{'customer':'INTEGER','name':'VARCHAR'}")), "/dev/stdout", "FORMAT csv, HEADER")},
		{"Polars", polarsRun(scan(in, `"id": pl.Int64, "customer": pl.Int32, "amount": pl.Int32`) + ".join(" + scan(table, `"customer": pl.Int32, "name": pl.String`) +
			`, on="customer").select("id", "name", "amount").sink_csv("/dev/stdout")`)},
		{"chdb", chdbRun(fmt.Sprintf(query, click(in, "id Int64, customer Int32, amount Int32"), click(table, "customer Int32, name String")), out, "CSVWithNames")},
		{"Miller", []string{"mlr", "--icsv", "--ocsv", "join", "-j", "customer", "-f", table, "then", "cut", "-o", "-f", "id,name,amount", in}},
		{"mawk", []string{"mawk", "-F,", `FNR == 1 {if (NR > 1) print "id,name,amount"; next} NR == FNR {name[$1] = $2; next} $2 in name {print $1 "," name[$2] "," $3}`, table, in}},
	}
}

// makeOrders writes n orders for each table. One in ten has a customer whom the table does not know.
func makeOrders(dir string, n int) (orders, error) {
	o := orders{map[int]string{}, map[int]string{}}
	random := rand.New(rand.NewPCG(3, 4))
	for _, customers := range customersOf {
		o.path[customers] = filepath.Join(dir, fmt.Sprintf("orders-%d.csv", customers))
		o.tables[customers] = filepath.Join(dir, fmt.Sprintf("customers-%d.csv", customers))
		err := writeTable(o.path[customers], "id,customer,amount", n, func(b []byte, i int) []byte {
			b = append(strconv.AppendInt(b, int64(i), 10), ',')
			b = append(strconv.AppendInt(b, random.Int64N(int64(customers)*10/9), 10), ',')
			return strconv.AppendInt(b, random.Int64N(1000), 10)
		})
		if err == nil {
			err = writeTable(o.tables[customers], "customer,name", customers, func(b []byte, i int) []byte { return fmt.Appendf(b, "%d,Customer %d", i, i*7919%customers) })
		}
		if err != nil {
			return o, err
		}
	}
	return o, nil
}

// writeTable writes a CSV file of a header and n lines.
func writeTable(path, header string, n int, line func(b []byte, i int) []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	b := []byte(header)
	for i := range n + 1 {
		if _, err := w.Write(append(b, '\n')); err != nil {
			return err
		}
		b = line(b[:0], i)
	}
	return w.Flush()
}
