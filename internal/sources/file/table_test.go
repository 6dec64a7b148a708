package file

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/vector"
)

// A reading is a table as the engine reads it.
type reading struct {
	t       *testing.T
	columns sources.Columns
	table   sources.Table
	scan    *sources.Scan
}

// openTable opens the table that a source describes.
func openTable(t *testing.T, c *codec.Codec, s *job.Source) (*reading, error) {
	t.Helper()
	f, j := Format(c), &job.Job{}
	columns, err := f.Tables.Columns(storage.OS, j, s)
	if err != nil {
		return nil, err
	}
	env := testEnv(checkpoint.InMemory())
	env.Schema, env.Partitions, env.Inferred = columns.Schema, columns.Partitions, columns.Inferred
	table, err := f.Tables.Open(j, s, env)
	return &reading{t, columns, table, &sources.Scan{Scan: codec.Scan{Fields: columns.Schema.Fields, Schema: columns.Schema}}}, err
}

func (r *reading) version() string {
	r.t.Helper()
	v, err := r.table.Version(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	return v
}

// rows reads the table; a row is its values, separated by |. between is called before the files are looked at again.
func (r *reading) rows(between func()) (rows []string, err error) {
	ctx := context.Background()
	parts, err := r.table.Plan(ctx, r.scan)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		in, err := p.Open(ctx)
		if err != nil {
			return nil, err
		}
		for {
			b, err := in.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, errors.Join(err, in.Close())
			}
			for i := range b.N {
				rows = append(rows, rowOf(b, i))
			}
		}
		if err := in.Close(); err != nil {
			return nil, err
		}
	}
	if between != nil {
		between()
	}
	return rows, r.table.Recheck(ctx)
}

func rowOf(b *vector.Batch, i int) string {
	var values []string
	for _, c := range b.Cols {
		switch {
		case c.IsNull(i):
			values = append(values, "NULL")
		case c.Type.IsText():
			values = append(values, string(c.Bytes(i)))
		default:
			values = append(values, c.Type.SQL())
		}
	}
	return strings.Join(values, "|")
}

func TestTablesHaveAllRowsOfTheirFiles(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "lines/b.txt", "b1\nb2\n", 0)
	put(t, dir, "lines/a.txt", "a\n", 9)
	put(t, dir, "lines/_hidden.txt", "no\n", 0)
	put(t, dir, "lines/c.log", "a log\n", 20)
	put(t, dir, "lines/old/d.txt", "nested\n", 0)
	put(t, dir, "people.csv", "id,name\n1,ann\n2,\n", 0)
	put(t, dir, "people.json", `{"name":"bob"}`+"\n", 0)
	put(t, dir, "parts/k=x/1.csv", "one\n", 0)
	put(t, dir, "parts/k=y/2.csv", "three\n", 0)
	put(t, dir, "nothing/empty.txt", "", 0)
	for _, c := range []struct {
		codec   *codec.Codec
		path    string
		options job.Options
		schema  string
		columns string
		rows    []string // the largest file first
	}{
		{text.Codec, "lines", nil, "", "value STRING", []string{"b1", "b2", "a log", "a"}},
		{text.Codec, "lines/?.txt", nil, "", "value STRING", []string{"b1", "b2", "a"}},
		{text.Codec, "lines", given("pathGlobFilter", "*.log"), "", "value STRING", []string{"a log"}},
		{text.Codec, "lines", given("recursiveFileLookup", "true", "pathGlobFilter", "*.txt"), "", "value STRING", []string{"nested", "b1", "b2", "a"}},
		{text.Codec, "lines/a.txt", nil, "", "value STRING", []string{"a"}},
		{text.Codec, "lines", given("modifiedAfter", "2024-01-01T00:00:05", "modifiedBefore", "2024-01-01 00:00:20"), "", "value STRING", []string{"a"}},
		{text.Codec, "lines", given("maxFilesPerTrigger", "1", "latestFirst", "no boolean"), "", "value STRING", []string{"b1", "b2", "a log", "a"}},
		{text.Codec, "nothing", nil, "", "value STRING", nil},
		{csv.Codec, "people.csv", nil, "", "_c0 STRING,_c1 STRING", []string{"id|name", "1|ann", "2|NULL"}},
		{csv.Codec, "people.csv", given("header", "true"), "", "id STRING,name STRING", []string{"1|ann", "2|NULL"}},
		{csv.Codec, "people.csv", given("header", "true", "inferSchema", "true"), "", "id INT,name STRING", []string{"INT|ann", "INT|NULL"}},
		{csv.Codec, "people.csv", given("header", "true"), "id BIGINT, who STRING", "id BIGINT,who STRING", []string{"BIGINT|ann", "BIGINT|NULL"}},
		{csv.Codec, "parts", nil, "", "_c0 STRING,k STRING", []string{"three|y", "one|x"}},
		{json.Codec, "people.json", nil, "", "name STRING", []string{"bob"}},
	} {
		s := &job.Source{Path: filepath.Join(dir, c.path), Options: c.options, Schema: job.Schema{Given: c.schema != "", Text: c.schema}}
		r, err := openTable(t, c.codec, s)
		if err != nil {
			t.Errorf("%s %v: %v", c.path, c.options, err)
			continue
		}
		if got := r.columns.Schema.DDL(); got != c.columns {
			t.Errorf("%s %v: columns %s, want %s", c.path, c.options, got, c.columns)
		}
		r.version()
		if rows, err := r.rows(nil); err != nil || !slices.Equal(rows, c.rows) {
			t.Errorf("%s %v: %q, want %q; %v", c.path, c.options, rows, c.rows, err)
		}
	}
}

func TestTheVersionOfATableChangesWithItsFiles(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.txt", "a\n", 0)
	put(t, dir, "b.txt", "b\n", 0)
	r, err := openTable(t, text.Codec, &job.Source{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	seen := []string{r.version()}
	for _, change := range []struct {
		name string
		do   func()
	}{
		{"a file is written to", func() { put(t, dir, "a.txt", "aa\n", 0) }},
		{"with the same size", func() { put(t, dir, "a.txt", "bb\n", 1) }},
		{"with the same time and size", func() {
			put(t, dir, ".new", "cc\n", 1)
			if err := os.Rename(filepath.Join(dir, ".new"), filepath.Join(dir, "a.txt")); err != nil {
				t.Fatal(err)
			}
		}},
		{"a file comes", func() { put(t, dir, "c.txt", "c\n", 0) }},
		{"a file goes", func() { _ = os.Remove(filepath.Join(dir, "b.txt")) }},
	} {
		change.do()
		v := r.version()
		if slices.Contains(seen, v) {
			t.Errorf("%s: the version is an earlier one", change.name)
		}
		if again := r.version(); again != v {
			t.Errorf("%s: the version changes without a change", change.name)
		}
		seen = append(seen, v)
	}
	if rows, err := r.rows(nil); err != nil || !slices.Equal(rows, []string{"cc", "c"}) {
		t.Errorf("%q, %v", rows, err)
	}
}

func TestATableThatChangesWhileItIsReadIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.txt", "a\n", 0)
	r, err := openTable(t, text.Codec, &job.Source{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	r.version()
	for _, change := range []func(){
		func() { put(t, dir, "a.txt", "more\n", 1) },
		func() { put(t, dir, "b.txt", "b\n", 0); _ = os.Remove(filepath.Join(dir, "a.txt")) },
	} {
		if _, err := r.rows(change); !errors.Is(err, sources.ErrChanged) {
			t.Fatalf("the table changed: %v", err)
		}
		r.version()
	}
	if rows, err := r.rows(nil); err != nil || !slices.Equal(rows, []string{"b"}) {
		t.Errorf("%q, %v", rows, err)
	}
	tries := 0
	for ; ; tries++ {
		if _, err = r.rows(func() { put(t, dir, "b.txt", strings.Repeat("b\n", tries+2), 0) }); err == nil {
			break
		}
	}
	if tries != maxRereads {
		t.Errorf("a file that always changes is read %d times", tries)
	}
}

func TestWhatIsWrongWithATableIsSaid(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "people.csv", "a,b\n", 0)
	put(t, dir, "empty/none.csv", "", 0)
	put(t, dir, "broken.parquet", "this is not Parquet", 0)
	place := &sparkerr.Place{Flag: "--table"}
	for _, c := range []struct {
		codec   *codec.Codec
		path    string
		options job.Options
		want    string
	}{
		{csv.Codec, "nobody.csv", nil, "[PATH_NOT_FOUND] The path file:" + dir + "/nobody.csv does not exist."},
		{csv.Codec, "*.tsv", nil, "[PATH_NOT_FOUND] The path file:" + dir + "/*.tsv does not exist."},
		{csv.Codec, "empty", nil, "[UNABLE_TO_INFER_SCHEMA] The schema of csv cannot be inferred"},
		{parquet.Codec, "broken.parquet", nil, "broken.parquet"},
		{csv.Codec, "-", nil, "a table cannot come from standard input"},
		{csv.Codec, "", nil, "'path' is not specified."},
		{csv.Codec, "people.csv", given("modifiedAfter", "yesterday"), "The timestamp provided for the 'modifiedAfter' option is invalid."},
	} {
		s := &job.Source{Path: c.path, Options: c.options, Place: place, PathPlace: place}
		if c.path != "-" && c.path != "" {
			s.Path = filepath.Join(dir, c.path)
		}
		_, err := openTable(t, c.codec, s)
		e := sparkerr.Root(err)
		if e == nil || !strings.Contains(e.Error(), c.want) || e.Place != place {
			t.Errorf("%s: %v, want %s with its place", c.path, err, c.want)
		}
	}
}

func TestATableThatGoesOrMayNotBeReadIsAnError(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "d/a.txt", "a\n", 0)
	for path, want := range map[string]string{"d": "is not there any more", "d/a.txt": "is not there any more", "d/*": "PATH_NOT_FOUND"} {
		put(t, dir, "d/a.txt", "a\n", 0)
		r, err := openTable(t, text.Codec, &job.Source{Path: filepath.Join(dir, path)})
		if err != nil {
			t.Fatal(err)
		}
		r.version()
		if err := os.RemoveAll(filepath.Join(dir, "d")); err != nil {
			t.Fatal(err)
		}
		if _, err := r.table.Version(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	put(t, dir, "e/a.txt", "a\n", 0)
	path := filepath.Join(dir, "e", "a.txt")
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	env := testEnv(nil)
	env.FS = locked{storage.OS}
	table, err := NewTable(filepath.Dir(path), nil, lineDecoder(t), env)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := table.Version(context.Background()); err == nil || err.Error() != path+" may not be read" {
		t.Errorf("a file that may not be read: %v", err)
	}
}

// A locked storage has no file that its owner may read.
type locked struct{ storage.FS }

func (locked) Readable(string) bool { return false }

func TestOptionsOfStreamsAreListed(t *testing.T) {
	got := Format(csv.Codec).Tables.Ignored(given("header", "true", "MAXFILESPERTRIGGER", "2", "cleanSource", "delete"))
	if !slices.Equal(got, []string{"MAXFILESPERTRIGGER", "cleanSource"}) {
		t.Error(got)
	}
}
