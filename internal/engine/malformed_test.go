package engine

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
)

// told runs a job over files in a directory and returns the messages about lost input.
func told(t *testing.T, source job.Source, files map[string]string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		drop(t, dir, name, text)
	}
	j := fileJob(dir, job.AvailableNow)
	source.Path = dir
	j.Streams[0].Source = source
	j.Streams[0].Sink = job.Sink{Format: "noop", Trigger: j.Streams[0].Sink.Trigger}
	var out []string
	_, err := Run(t.Context(), j, Env{Notify: func(_, text, hint string) { out = append(out, text+" | "+hint) }})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func schemaOf(text string) job.Schema { return job.Schema{Text: text, Given: true} }

func TestTheLikelyCauseOfMalformedRecordsIsTold(t *testing.T) {
	const two = "k STRING, v INT"
	for name, c := range map[string]struct {
		format, schema, text string
		options              job.Options
		want                 string
	}{
		"header":            {"csv", two, "k,v\na,1\n", nil, "header=true"},
		"header, other sep": {"csv", two, "k;v\na;1\n", nil, "header=true and sep=';'"},
		"semicolons":        {"csv", two, "a;1\nb;2\n", nil, "sep=';'"},
		"tabs":              {"csv", two, "a\t1\n", nil, `sep=\t`},
		"pipes":             {"csv", two, "a|1\n", nil, "sep='|'"},
		"commas":            {"csv", two, "a,1\n", job.Options{{Name: "sep", Value: ";"}}, "sep=,"},
		"gzip":              {"csv", two, "\x1f\x8b\x08\x00abc\n", nil, "is gzip data"},
		"zip":               {"csv", two, "PK\x03\x04abc\n", nil, "is a zip archive"},
		"zstd":              {"csv", two, "\x28\xb5\x2f\xfd\x04abc\n", nil, "is zstd data"},
		"xz":                {"csv", two, "\xfd7zXZ\x00abc\n", nil, "is xz data"},
		"Parquet":           {"csv", two, "PAR1abc\n", nil, "--format parquet"},
		"UTF-16 with mark":  {"csv", two, "\xff\xfea\x00,\x001\x00\n\x00", nil, "is in UTF-16"},
		"UTF-16":            {"csv", two, "a\x00,\x001\x00\n\x00", nil, "encoding=UTF-16LE"},
		"UTF-32":            {"csv", two, "\xff\xfe\x00\x00a\x00\x00\x00", nil, "is in UTF-32"},
		"HTML":              {"csv", two, "<!DOCTYPE html>\n", nil, "HTML page"},
		"JSON as CSV":       {"csv", two, "{\"k\":1}\n", nil, "--format json"},
		"CSV as JSON":       {"json", two, "k,v\na,1\n", nil, "--format csv"},
		"pretty JSON":       {"json", two, "{\n\"k\":\"a\"\n}\n", nil, "multiLine=true"},
		"array of JSON":     {"json", two, "[\n{\"k\":\"a\",\"v\":1},\n{\"k\":\"b\"}\n]\n", nil, "multiLine=true"},
		"quoted number":     {"json", two, "{\"k\":\"a\",\"v\":\"12\"}\n", nil, "in quotes"},
		"not UTF-8":         {"json", two, "{\"k\":\"caf\xe9\",\"v\":1}\n", nil, "not UTF-8"},
		"date":              {"csv", "k STRING, d DATE", "a,24.12.2025\n", nil, `dateFormat="dd.MM.yyyy"`},
		"two dates":         {"csv", "k STRING, d DATE", "a,01/02/2025\n", nil, `dateFormat="dd/MM/yyyy" reads it, or "MM/dd/yyyy"`},
		"timestamp":         {"csv", "k STRING, d TIMESTAMP", "a,24.12.2025 18:30\n", nil, `timestampFormat="dd.MM.yyyy HH:mm"`},
		"epoch":             {"csv", "k STRING, d TIMESTAMP", "a,1766601000000\n", nil, "timestamp_millis()"},
		"wrong pattern":     {"csv", "k STRING, d DATE", "a,2025-12-24\n", job.Options{{Name: "dateFormat", Value: "dd.MM.yyyy"}}, `dateFormat="yyyy-MM-dd"`},
		"thousands":         {"csv", two, "a,\"1,234\"\n", nil, "thousands separators"},
		"decimal comma":     {"csv", "k STRING, v DOUBLE", "a,\"3,14\"\n", nil, "decimal comma"},
		"blanks":            {"csv", two, "a, 1\n", nil, "ignoreLeadingWhiteSpace=true"},
		"fraction":          {"csv", two, "a,1.5\n", nil, "DOUBLE or DECIMAL"},
		"too large":         {"csv", two, "a,3000000000\n", nil, "BIGINT"},
		"NULL words":        {"csv", two, "a,NA\n", nil, "nullValue=NA"},
		"currency":          {"csv", two, "a,$5\n", nil, "has a unit"},
		"yes and no":        {"csv", "k STRING, v BOOLEAN", "a,yes\n", nil, "true or false"},
		"more values":       {"csv", two, "a,1,x\n", nil, "3 values for 2 columns"},
		"fewer values":      {"csv", "a INT, b INT, c INT", "1,2\n", nil, "2 values for 3 columns"},
	} {
		got := told(t, job.Source{Format: c.format, Schema: schemaOf(c.schema), Options: c.options}, map[string]string{"x." + c.format: c.text})
		if len(got) != 1 || !strings.Contains(got[0], c.want) || !strings.Contains(got[0], "malformed (kept as NULL); first: x."+c.format+" line ") {
			t.Errorf("%s: told %q, want %q", name, got, c.want)
		}
	}
}

func TestFilesMostOfWhoseRecordsAreMalformedAreNamed(t *testing.T) {
	for _, mode := range []string{"PERMISSIVE", "DROPMALFORMED"} {
		files := map[string]string{"good.csv": "a,1\nb,2\nc,x\n"}
		for i := range 5 {
			files[fmt.Sprintf("bad%d.csv", i)] = "a;1\nb;1\nc,3\n"
		}
		got := told(t, job.Source{Format: "csv", Schema: schemaOf("k STRING, v INT"), Options: job.Options{{Name: "mode", Value: mode}}}, files)
		if len(got) != 1 || !strings.Contains(got[0], "11 of 18 rows") || !strings.Contains(got[0], "among them most of bad") ||
			!strings.Contains(got[0], " and 2 more files; first: bad0.csv line 1") || strings.Contains(got[0], "good") {
			t.Errorf("%s: %q", mode, got)
		}
	}
}

func TestABadElementOfAnArrayIsOneReject(t *testing.T) {
	const elements = 1000
	var b strings.Builder
	b.WriteString("[")
	for i := range elements {
		value := fmt.Sprint(i)
		if i == 700 {
			value = `"x"`
		}
		fmt.Fprintf(&b, "{\"k\":\"%s\",\"v\":%s},\n", strings.Repeat("k", 100), value)
	}
	text := strings.TrimSuffix(b.String(), ",\n") + "]\n"
	for mode, want := range map[string]int{"PERMISSIVE": 1, "DROPMALFORMED": elements} {
		for _, multiLine := range []string{"true", "false"} {
			content := text
			if multiLine == "false" {
				content = strings.ReplaceAll(text, ",\n", ",") + "\n"
			}
			dir, list := t.TempDir(), filepath.Join(t.TempDir(), "r")
			drop(t, dir, "a.json", content)
			j := fileJob(dir, job.AvailableNow)
			j.Streams[0].Source.Format, j.Streams[0].Source.Schema = "json", schemaOf("k STRING, v INT")
			j.Streams[0].Source.Options = job.Options{{Name: "mode", Value: mode}, {Name: "multiLine", Value: multiLine}, {Name: job.RejectsPath, Value: list}}
			j.Streams[0].Sink = job.Sink{Format: "noop", Trigger: j.Streams[0].Sink.Trigger}
			_, s, err := runJob(t, j)
			if err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(list)
			if err != nil {
				t.Fatal(err)
			}
			rejected := listed(t, list)
			if total := s.Total(); len(rejected) != want || total.RowsMalformed != int64(want) || total.RowsIn+total.RowsDropped != elements {
				t.Errorf("%s, multiLine=%s: %d rejects of %d, %+v", mode, multiLine, len(rejected), want, total)
			}
			if info.Size() > 4*int64(len(content)) {
				t.Errorf("%s: %d bytes of rejects for %d of input", mode, info.Size(), len(content))
			}
			for _, r := range rejected {
				if r.Column == "v" && (!strings.Contains(r.Record, `"v":"x"`) || multiLine == "true" && r.Line != 701) {
					t.Errorf("%s: %+v", mode, r)
				}
			}
		}
	}
}

func TestALongRecordIsListedCutWithItsLength(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	r := &rejects{fsys: storage.OS, path: path, limit: -1, source: &job.Source{}}
	if err := r.begin(0); err != nil {
		t.Fatal(err)
	}
	record := strings.Repeat("ä", longestReject)
	r.add(malformed(record))
	if err := r.check(); err != nil {
		t.Fatal(err)
	}
	list := listed(t, path)
	if len(list) != 1 || list[0].Length != len(record) || len(list[0].Record) != longestReject || strings.Contains(list[0].Record, "\ufffd") {
		t.Errorf("length %d, record of %d bytes", list[0].Length, len(list[0].Record))
	}
}

func TestAListOfRejectsEndsSomewhereAndSaysSo(t *testing.T) {
	defer func(n int64) { mostListed = n }(mostListed)
	mostListed = 200
	path := filepath.Join(t.TempDir(), "r")
	r := &rejects{fsys: storage.OS, path: path, limit: -1, source: &job.Source{}}
	if err := r.begin(0); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		r.add(malformed("some text"))
	}
	if err := r.check(); err != nil {
		t.Fatal(err)
	}
	r.batchDone()
	n, list := r.message(100), listed(t, path)
	if want := fmt.Sprintf("%d of them are not in it", 100-len(list)); len(list) > 5 || !strings.Contains(n.hint, want) {
		t.Errorf("%d listed, hint %q, want %q", len(list), n.hint, want)
	}
}

func TestARejectsFileThatCannotBeMadeIsRefusedBeforeTheFirstBatch(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a.csv", "a,1\n")
	j := fileJob(dir, job.AvailableNow)
	j.Streams[0].Source.Options = job.Options{{Name: job.RejectsPath, Value: filepath.Join(dir, "a.csv", "r.jsonl")}}
	_, s, err := runJob(t, j)
	if err == nil || PhaseOf(err) != PhaseStart || !strings.Contains(err.Error(), "cannot be written") || len(s.Streams) > 0 {
		t.Errorf("%v, %+v", err, s)
	}
}

func TestTheFirstMalformedRecordIsTheSameHoweverWorkersRead(t *testing.T) {
	text, _ := withBadRows(60_000, "\n")
	var first string
	for range 5 {
		got := told(t, job.Source{Format: "csv", Schema: schemaOf("k STRING, v INT")}, map[string]string{"a.csv": text})
		if len(got) != 1 || first != "" && got[0] != first {
			t.Fatalf("%q, before %q", got, first)
		}
		first = got[0]
	}
	if !strings.Contains(first, "first: a.csv line 14: 1 value for 2 columns") {
		t.Error(first)
	}
}

func TestALongBatchIsToldOfWhileItIsRead(t *testing.T) {
	defer func(d time.Duration) { earlyAfter = d }(earlyAfter)
	earlyAfter = time.Millisecond
	told := make(chan string, 1)
	r := &rejects{fsys: storage.OS, limit: -1, source: &job.Source{Path: "-"}, tell: func(n *notice) { told <- n.text }}
	if err := r.begin(0); err != nil {
		t.Fatal(err)
	}
	r.add(malformed("x"))
	if got := <-told; got != "so far 1 row is malformed (kept as NULL); first: standard input: bad" {
		t.Error(got)
	}
	r.add(malformed("y"))
	r.batchDone()
	if n := r.message(5); n != nil {
		t.Errorf("told again: %s", n.text)
	}
	if n := r.lastMessage(5); n == nil || n.text != "in all, 2 of 5 rows are malformed (kept as NULL)" {
		t.Errorf("at the end: %v", n)
	}
}

func TestARecordThatIsDroppedWithItsArrayIsNotToldFirst(t *testing.T) {
	got := told(t, job.Source{Format: "json", Schema: schemaOf("a INT"), Options: job.Options{{Name: "mode", Value: "DROPMALFORMED"}}},
		map[string]string{"a.json": "[{\"a\":1},{\"a\":\"x\"}]\n"})
	if len(got) != 1 || !strings.Contains(got[0], `2 of 2 rows are malformed (dropped); first: a.json line 1, a: "x" is not an INT`) {
		t.Error(got)
	}
}

func TestWhatAMessageCutsStaysText(t *testing.T) {
	if got := cutText([]byte("aä"), 2); !bytes.Equal(got, []byte("a")) {
		t.Errorf("%q", got)
	}
	b := newBadRecord(&codec.Malformed{Offset: -1, Value: []byte(strings.Repeat("ä", 100))})
	if got := b.quoted(); got != `"`+strings.Repeat("ä", valueShown)+`…"` {
		t.Error(got)
	}
}
