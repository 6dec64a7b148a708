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

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

func TestPartitionColumnsAreTheLowestRunOfDirectories(t *testing.T) {
	for path, want := range map[string]string{
		"/in/a.csv":                      "",
		"/in/k=1/a.csv":                  "k=1 at 1",
		"/in/k=1/c=x%20y/a.csv":          "k=1 c=x%20y at 1",
		"/in/sub/k=1/a.csv":              "k=1 at 2",
		"/in/k=1/sub/a.csv":              "k=1 at 1",
		"/in/j=1/sub/k=1/a.csv":          "k=1 at 3",
		"/in/a%3Db=1/a.csv":              "a=b=1 at 1",
		"/in/k=a=b/a.csv":                "k=a=b at 1",
		"/in/k=1/_temporary/0/a.csv":     "",
		"/in/k=/a.csv":                   "k= at 1",
		"/in/k=" + nullPartition + "/a":  "k=" + nullPartition + " at 1",
		"/in/bad%zz=1/incomplete%2=2/aa": "bad%zz=1 incomplete%2=2 at 1",
	} {
		values, before := partitionsOf(path, 1)
		var got []string
		for _, v := range values {
			got = append(got, v.name+"="+v.raw)
		}
		if len(got) > 0 {
			got = append(got, "at "+string(rune('0'+before)))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: %s, want %s", path, text, want)
		}
	}
}

func TestPartitionTypesAreInferred(t *testing.T) {
	for values, want := range map[string]string{
		"1 2":                                  "int",
		"1 3000000000":                         "bigint",
		"99999999999999999999":                 "decimal(20,0)",
		"1 99999999999999999999":               "decimal(20,0)",
		"3000000000 99999999999999999999":      "decimal(20,0)",
		"1.5":                                  "double",
		"1 1.5":                                "double",
		"3000000000 1.5":                       "string",
		"1e400 99999999999999999999999999":     "string",
		"NaN":                                  "double",
		"2024-01-02":                           "date",
		"2024-1-2":                             "string",
		"2024-01-02%2003%3A04%3A05":            "timestamp",
		"2024-01-02 2024-01-02%2003%3A04%3A05": "timestamp",
		"1 2024-01-02":                         "string",
		"true":                                 "string",
		nullPartition:                          "string",
		nullPartition + " 7":                   "int",
		"x 1":                                  "string",
	} {
		dir := t.TempDir()
		for _, v := range strings.Fields(values) {
			writeFile(t, filepath.Join(dir, "k="+v, "f"), "x")
		}
		fields, err := Partitions(storage.OS, dir, nil, nil, datetime.UTC)
		if err != nil || len(fields) != 1 || fields[0].Type.String() != want {
			t.Errorf("%s: %v %v, want %s", values, fields, err, want)
		}
	}
}

func TestDirectoriesWithoutDataHaveNoSay(t *testing.T) {
	for name, test := range map[string]struct {
		files   string
		options job.Options
		want    string
	}{
		"data":              {"k=1/f", nil, "k"},
		"no directories":    {"f", nil, ""},
		"empty file":        {"k=1/f:0", nil, ""},
		"hidden file":       {"k=1/_f", nil, ""},
		"hidden directory":  {".h/k=1/f", nil, ""},
		"hidden partition":  {"_k=1/f", nil, "_k"},
		"other name":        {"k=1/f.txt", given("pathGlobFilter", "*.csv"), ""},
		"recursive":         {"k=1/f", given("recursiveFileLookup", "true"), ""},
		"below a directory": {"sub/k=1/f", nil, "k"},
		"beside a file":     {"k=1/j=2/f g", nil, ""},
		"beside no data":    {"k=1/f g:0 .h _h", nil, "k"},
		"beside others":     {"k=1/f g.txt", given("pathGlobFilter", "f*"), "k"},
		"deep":              {"a/b/c/k=1/f", nil, "k"},
		"beyond data":       {"a/f a/b/k=1/f", nil, ""},
		"deep, not all":     {"a/k=1/f b/c/f", nil, ""},
		"not all":           {"k=1/f b/c/f", nil, "k"},
		"disagree":          {"k=1/f j=2/f", nil, ""},
		"disagree below":    {"a/k=1/f b/k=1/f", nil, ""},
	} {
		dir := t.TempDir()
		for _, f := range strings.Fields(test.files) {
			text := "x"
			if f, ok := strings.CutSuffix(f, ":0"); ok {
				writeFile(t, filepath.Join(dir, f), "")
				continue
			}
			writeFile(t, filepath.Join(dir, f), text)
		}
		fields, err := Partitions(storage.OS, dir, test.options, nil, datetime.UTC)
		var got []string
		for _, f := range fields {
			got = append(got, f.Name)
		}
		if err != nil || strings.Join(got, " ") != test.want {
			t.Errorf("%s: %q %v, want %s", name, got, err, test.want)
		}
	}
}

func TestDirectoriesThatDisagreeAreRefused(t *testing.T) {
	schema, err := types.ParseDDL("k INT, v STRING")
	if err != nil {
		t.Fatal(err)
	}
	for files, want := range map[string]string{
		"k=1/f j=2/f":                     "CONFLICTING_PARTITION_COLUMN_NAMES",
		"k=1/f k=1/j=2/f":                 "CONFLICTING_PARTITION_COLUMN_NAMES",
		"sub/k=1/f k=1/f":                 "CONFLICTING_DIRECTORY_STRUCTURES",
		"k=x/f":                           "INVALID_PARTITION_VALUE",
		"k=1.5/f":                         "INVALID_PARTITION_VALUE",
		"k=99999999999999/f":              "INVALID_PARTITION_VALUE",
		"K=7/f":                           "",
		"k=1/f k=" + nullPartition + "/f": "",
	} {
		dir := t.TempDir()
		for _, f := range strings.Fields(files) {
			writeFile(t, filepath.Join(dir, f), "x")
		}
		_, err := Partitions(storage.OS, dir, nil, schema, datetime.UTC)
		var e *sparkerr.Error
		errors.As(err, &e)
		if (err == nil) != (want == "") || e != nil && e.Condition != want {
			t.Errorf("%s: error %v, want %s", files, err, want)
		}
	}
}

func TestLinksThatMakeCirclesEnd(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "k=1/f", "x\n", 0)
	if err := os.Symlink("..", filepath.Join(dir, "k=1", "k=up")); err != nil {
		t.Fatal(err)
	}
	if _, err := PartitionsOnSpark(storage.OS, dir, nil, nil, datetime.UTC); err == nil {
		t.Error("the directories agree")
	}
	for _, options := range []job.Options{nil, given("recursiveFileLookup", "true")} {
		s := open(t, dir, options)
		var from sources.Offset
		if got := take(t, s, &from); len(got) > 2 || len(got) == 0 {
			t.Errorf("took %q", got)
		}
	}
}

// openPartitioned makes a source of text lines with partition columns.
func openPartitioned(t *testing.T, dir, ddl string, options ...string) (*Source, *sources.Scan) {
	t.Helper()
	schema, err := types.ParseDDL(ddl)
	if err != nil {
		t.Fatal(err)
	}
	fields, perr := Partitions(storage.OS, dir, given(options...), schema, datetime.UTC)
	if perr != nil {
		t.Fatal(perr)
	}
	s := open(t, dir, given(options...))
	s.env.Schema, s.env.Partitions, s.env.Inferred = WithPartitions(schema, fields), len(fields), !NamesAny(schema, fields)
	base := s.lister.layout.base
	s.lister.layout = layoutOf(s.env)
	s.lister.layout.base = base
	return s, &sources.Scan{Scan: codec.Scan{Fields: s.env.Schema.Fields, Schema: s.env.Schema}}
}

// partitionedRows reads what is new and gives the rows, cells separated by |.
func partitionedRows(t *testing.T, s *Source, scan *sources.Scan, from *sources.Offset) ([]string, error) {
	t.Helper()
	ctx := context.Background()
	start := *from
	take(t, s, from)
	parts, err := s.Plan(ctx, start, *from, scan)
	if err != nil {
		return nil, err
	}
	var rows []string
	for _, p := range parts {
		r, err := p.Open(ctx)
		if err != nil {
			return nil, err
		}
		for {
			b, err := r.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			for i := range b.N {
				var cells []string
				for _, c := range b.Cols {
					cells = append(cells, string(valuetext.AppendValue(nil, c, i, valuetext.Options{Show: true})))
				}
				rows = append(rows, strings.Join(cells, "|"))
			}
		}
	}
	slices.Sort(rows)
	return rows, nil
}

func TestFilesHaveTheColumnsOfTheirDirectories(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "k=1/c=x%20y/a", "one\n", 0)
	put(t, dir, "k=2/c="+nullPartition+"/a", "two\n", 1)
	put(t, dir, "lost", "lost\n", 2)
	s, scan := openPartitioned(t, dir, "k STRING, value STRING")
	var from sources.Offset
	got, err := partitionedRows(t, s, scan, &from)
	if err != nil || !slices.Equal(got, []string{"one|1|x y", "two|2|NULL"}) {
		t.Errorf("%q %v", got, err)
	}
	put(t, dir, "k=3/c=3/sub/a", "three\n", 3)
	if got, err = partitionedRows(t, s, scan, &from); err != nil || !slices.Equal(got, []string{"three|3|3"}) {
		t.Errorf("%q %v", got, err)
	}
	put(t, dir, "c=3/k=1/a", "four\n", 3)
	if _, err = partitionedRows(t, s, scan, &from); err == nil || !strings.Contains(err.Error(), "CONFLICTING_PARTITION_COLUMN_NAMES") {
		t.Errorf("error %v", err)
	}
}

// What Spark makes of the options about partition directories.
func TestOptionsOfPartitionDirectories(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "t=2024-01-01 00%3A00%3A00/a", "one\n", 0)
	put(t, dir, "t=2024-07-01 00%3A00%3A00/a", "two\n", 0)
	other := t.TempDir()
	put(t, other, "k=1/a", "one\n", 0)
	put(t, other, "sub/k=2/a", "two\n", 0)
	for _, test := range []struct {
		path, ddl string
		options   []string
		want      string
	}{
		{dir, "value STRING", nil, "one|2024-01-01 00:00:00 two|2024-07-01 00:00:00"},
		{dir, "value STRING", []string{"timeZone", "America/New_York"}, "one|2024-01-01 05:00:00 two|2024-07-01 04:00:00"},
		{dir, "value STRING, t TIMESTAMP", []string{"timeZone", "America/New_York"}, "one|2024-01-01 05:00:00 two|2024-07-01 04:00:00"},
		{dir + "/t=*", "value STRING", nil, "one two"},
		{dir + "/t=*", "value STRING, t STRING", []string{"basePath", dir}, "one|2024-01-01 00:00:00 two|2024-07-01 00:00:00"},
		{dir, "value STRING, t STRING", []string{"basePath", dir + "/"}, "one|2024-01-01 00:00:00 two|2024-07-01 00:00:00"},
		{other, "value STRING", []string{"ignoreInvalidPartitionPaths", "true"}, "one|1 two|2"},
	} {
		s, scan := openPartitioned(t, test.path, test.ddl, test.options...)
		var from sources.Offset
		got, err := partitionedRows(t, s, scan, &from)
		if text := strings.Join(got, " "); err != nil || text != test.want {
			t.Errorf("%s %v: %s, want %s, error %v", test.path, test.options, text, test.want, err)
		}
	}
	for want, test := range map[string][2]string{
		"Wrong basePath":         {dir + "/t=*", other},
		"must be a directory":    {dir + "/t=*", dir + "/none"},
		"of a directory above":   {dir, other},
		"the absolute path of a": {dir + "/t=*", "."},
	} {
		if _, err := Partitions(storage.OS, test[0], given("basePath", test[1]), nil, datetime.UTC); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %s", test, err, want)
		}
	}
}

func TestDirectoriesThatComeLaterFillTheColumnsAtTheEnd(t *testing.T) {
	for ddl, want := range map[string]string{"value STRING, k INT": "one|1", "k INT, value STRING": "since the query was defined"} {
		dir := t.TempDir()
		s, scan := openPartitioned(t, dir, ddl)
		put(t, dir, "k=1/a", "one\n", 0)
		var from sources.Offset
		got, err := partitionedRows(t, s, scan, &from)
		if err != nil {
			got = []string{err.Error()}
		}
		if !strings.Contains(strings.Join(got, " "), want) {
			t.Errorf("%s: %q, want %s", ddl, got, want)
		}
	}
}

// even is the condition that an INT column is even.
type even struct{ column int }

func (e even) Columns() []int { return []int{e.column} }
func (e even) Select(b *vector.Batch, _, dst vector.Selection) (vector.Selection, error) {
	for i := range b.N {
		if c := b.Cols[e.column]; !c.IsNull(i) && c.I32[c.At(i)]%2 == 0 {
			dst = append(dst, int32(i))
		}
	}
	return dst, nil
}

func TestFilesAreSelectedByTheirPartitionColumns(t *testing.T) {
	dir := t.TempDir()
	for _, k := range []string{"1", "2", "3", "4", nullPartition} {
		put(t, dir, "k="+k+"/a", k+"\n", 0)
	}
	s, scan := openPartitioned(t, dir, "value STRING")
	scan.NewFileFilters = func() ([]vector.Predicate, error) { return []vector.Predicate{even{1}}, nil }
	scan.NewFilters = scan.NewFileFilters
	var from sources.Offset
	got, err := partitionedRows(t, s, scan, &from)
	if err != nil || !slices.Equal(got, []string{"2|2", "4|4"}) {
		t.Errorf("%q %v", got, err)
	}
}
