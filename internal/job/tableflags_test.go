package job

import (
	"path/filepath"
	"strings"
	"testing"
)

// extension plays the part of the table of formats.
func extension(path string) string { return strings.TrimPrefix(filepath.Ext(path), ".") }

func TestTablesAreNamedOnTheCommandLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string // format, path, schema, options
	}{
		{[]string{"--table", "c=dir/c.csv"}, "csv dir/c.csv  header=true inferSchema=true"},
		{[]string{"--table", "c=dir"}, "csv dir  header=true inferSchema=true"},
		{[]string{"--table", "c=c.json"}, "json c.json "},
		{[]string{"--table", "c=a=b.json"}, "json a=b.json "},
		{[]string{"--table", "c=c.csv", "--table-option", "C.header=false", "--table-option", "c.sep=;"}, "csv c.csv  header=false sep=; inferSchema=true"},
		{[]string{"--table-option", "c.schema=id INT", "--table", "c=c.csv"}, "csv c.csv id INT header=true"},
		{[]string{"--table", "c=c.csv", "--table-option", "c.format=json"}, "json c.csv "},
	} {
		j, err := build(t, FileCommand, append(c.args, "--dir", "in", "--schema", "a INT", "--sql", "SELECT * FROM stream JOIN C")...)
		if err != nil {
			t.Errorf("%q: %v", c.args, err)
			continue
		}
		if len(j.Tables) != 1 || j.Tables[0].Name != "c" || j.Tables[0].PathPlace.Flag != "--table" {
			t.Errorf("%q: %+v", c.args, j.Tables)
			continue
		}
		s := j.Tables[0].Source
		parts := []string{s.Format, s.Path, s.Schema.Text}
		for _, o := range s.Options {
			parts = append(parts, o.Name+"="+o.Value)
		}
		if got := strings.Join(parts, " "); got != c.want {
			t.Errorf("%q: %q, want %q", c.args, got, c.want)
		}
	}
}

func TestMistakesInTablesOfTheCommandLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--table", "customers.csv"}, `--table takes NAME=PATH, not "customers.csv"`},
		{[]string{"--table", "c="}, `--table takes NAME=PATH, not "c="`},
		{[]string{"--table", "STREAM=a.csv"}, "a table cannot be called stream"},
		{[]string{"--table", "c=a.csv", "--table", "C=b.csv"}, "two tables are called C"},
		{[]string{"--table", "c=a.csv", "--table-option", "header=false"}, `--table-option takes NAME.OPTION=VALUE, not "header=false"`},
		{[]string{"--table", "cust=a.csv", "--table-option", "cast.header=false"}, "there is no --table called cast"},
		{[]string{"--table-option", "c.header=false"}, "there is no --table called c"},
		{[]string{"--table", "c=a.csv"}, "no step uses the table c"},
		{[]string{"--table", "c=a.csv", "--sql", "SELECT * FROM stream", "--where", "c = 1"}, "no step uses the table c"},
	} {
		_, err := build(t, FileCommand, append(c.args, "--dir", "in", "--schema", "a INT")...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.args, err, c.want)
		}
	}
}
