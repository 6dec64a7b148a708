package eval_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/cast"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

const corpus = "../../../test/conformance/testdata/expressions"

var showFailures = flag.Int("failures", 0, "how many differences from the corpus to print per file")

// floors holds, per file, the number of cases whose rows or error match Spark's. They may only increase.
var floors = map[string]int{
	"arith-extreme": 241, "arith-small": 146, "cast-other": 754, "cast-string": 770, "cast-trystring": 764, "coercion-fn": 382,
	"coercion-op": 642, "datetime": 27, "errors": 30, "literals": 90, "logic": 80, "math": 529, "operators": 146,
	"random-trees": 226, "strings": 151,
}

type record struct {
	Expr    string
	Input   string
	GroupBy []string
	Type    *string
	Rows    []json.RawMessage
	Error   *struct {
		Condition *string
		Phase     string
	}
}

// A table is an input of the corpus: a batch and the definitions of its columns.
type table struct {
	scope analyze.Scope
	batch *vector.Batch
}

var testContext = &expr.Context{Zone: datetime.UTC, Now: 1_700_000_000_000_000, BatchTime: 1_700_000_000_000_000}

func TestCorpus(t *testing.T) {
	tables := loadTables(t)
	files, _ := filepath.Glob(filepath.Join(corpus, "*.jsonl"))
	if len(files) == 0 {
		t.Fatal("no corpus")
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".jsonl")
		t.Run(name, func(t *testing.T) { runFile(t, path, floors[name], tables) })
	}
}

func runFile(t *testing.T, path string, floor int, tables map[string]*table) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	passed, skipped, failed := 0, 0, 0
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		in := tables[r.Input]
		if in == nil || r.GroupBy != nil || r.Type == nil {
			skipped++
			continue
		}
		x, err := analysed(r.Expr, in.scope)
		if err != nil {
			skipped++
			continue
		}
		if problem := compare(&r, x, in.batch); problem == "" {
			passed++
		} else if failed++; failed <= *showFailures {
			t.Logf("%s (%s)\n\t%s", r.Expr, r.Input, problem)
		}
	}
	t.Logf("%d as Spark, %d not, %d skipped", passed, failed, skipped)
	if passed < floor {
		t.Errorf("%d cases are as Spark, %d were before", passed, floor)
	}
}

// analysed resolves an expression; errors of analysis are tested in package analyze.
func analysed(text string, scope analyze.Scope) (*expr.Expr, error) {
	tree, perr := parse.Expression(text)
	if perr != nil {
		return nil, perr
	}
	tree = &ast.Alias{Node: ast.Node{Span: tree.Pos()}, X: tree, Names: []string{"v"}}
	list, err := analyze.SelectList([]ast.Expr{tree}, scope, []*expr.Origin{{Text: text}})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// compare evaluates x and describes the difference from Spark's recorded result; "" means none.
func compare(r *record, x *expr.Expr, b *vector.Batch) string {
	out, err := evaluate(x, b)
	condition := ""
	if err != nil {
		var e *sparkerr.Error
		if !errors.As(err, &e) {
			return err.Error()
		}
		condition = e.Condition
	}
	if r.Error != nil {
		if r.Error.Condition == nil && err != nil || r.Error.Condition != nil && *r.Error.Condition == condition {
			return ""
		}
		want := "a Java exception"
		if r.Error.Condition != nil {
			want = *r.Error.Condition
		}
		return fmt.Sprintf("got error %q, want %s", condition, want)
	}
	if err != nil {
		return "got " + err.Error()
	}
	for i, raw := range r.Rows {
		var want *string
		if err := json.Unmarshal(raw, &want); err != nil {
			return ""
		}
		if got := cell(out, i); !sameCell(got, want, x.Type) {
			return fmt.Sprintf("row %d: got %s, want %s", i, show(got), show(want))
		}
	}
	return ""
}

func evaluate(x *expr.Expr, b *vector.Batch) (*vector.Vector, error) {
	p, err := eval.Compile([]*expr.Expr{x}, columnsOf[b])
	if err != nil {
		return nil, err
	}
	out, err := p.Eval(testContext, b, nil)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// columnsOf holds the input columns of the corpus batches.
var columnsOf = map[*vector.Batch][]*expr.Expr{}

// cell returns a value in the format of the corpus: nil for NULL, the bytes of a string, otherwise what show prints.
func cell(v *vector.Vector, i int) *string {
	if v.IsNull(i) {
		return nil
	}
	var text string
	if v.Type.IsText() {
		text = escapeInvalid(v.Bytes(i))
	} else {
		text = escapeInvalid(valuetext.AppendValue(nil, v, i, valuetext.Options{Zone: datetime.UTC, Show: true}))
		text = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text)
	}
	return &text
}

func escapeInvalid(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&s, `\x%02x`, b[0])
		} else {
			s.WriteRune(r)
		}
		b = b[size:]
	}
	return s.String()
}

// sameCell also accepts two numbers in exponent form that are the same float or double.
func sameCell(got, want *string, t *types.Type) bool {
	if got == nil || want == nil {
		return got == want
	}
	if *got == *want {
		return true
	}
	if !strings.Contains(*want, "E") {
		return false
	}
	bits := 64
	if t.Kind == types.KindFloat {
		bits = 32
	}
	a, err1 := strconv.ParseFloat(*got, bits)
	b, err2 := strconv.ParseFloat(*want, bits)
	return err1 == nil && err2 == nil && a == b
}

func show(s *string) string {
	if s == nil {
		return "NULL"
	}
	return strconv.Quote(*s)
}

// loadTables builds the inputs: the cells of their CSV text are cast to the types of the schema.
func loadTables(t *testing.T) map[string]*table {
	data, err := os.ReadFile(filepath.Join(corpus, "inputs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var inputs map[string]struct {
		Schema  string
		CSV     string
		Options map[string]string
		Select  []string
	}
	if err := json.Unmarshal(data, &inputs); err != nil {
		t.Fatal(err)
	}
	tables := map[string]*table{}
	for name, in := range inputs {
		schema, perr := types.ParseDDL(in.Schema)
		if perr != nil {
			t.Fatal(perr)
		}
		b := readTable(t, schema, splitCSV(in.CSV, in.Options["sep"]), in.Options["nullValue"])
		scope := scopeOf(schema.Fields, name)
		columnsOf[b] = scope.Columns
		tab := &table{scope, b}
		if in.Select != nil {
			if tab, err = tab.project(in.Select, name); err != nil {
				t.Logf("input %s: %v", name, err)
				continue
			}
		}
		tables[name] = tab
	}
	return tables
}

func scopeOf(fields []types.Field, qualifier string) analyze.Scope {
	var s analyze.Scope
	for _, f := range fields {
		s.Columns = append(s.Columns, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: f.Name, Type: f.Type, Nullable: f.Nullable})
		s.Qualifiers = append(s.Qualifiers, qualifier)
	}
	return s
}

// project returns the table produced by a select list.
func (in *table) project(texts []string, name string) (*table, error) {
	var items []ast.Expr
	var origins []*expr.Origin
	for _, text := range texts {
		tree, perr := parse.Expression(text)
		if perr != nil {
			return nil, perr
		}
		items, origins = append(items, tree), append(origins, &expr.Origin{Text: text})
	}
	list, err := analyze.SelectList(items, in.scope, origins)
	if err != nil {
		return nil, err
	}
	p, err := eval.Compile(list, in.scope.Columns)
	if err != nil {
		return nil, err
	}
	cols, err := p.Eval(testContext, in.batch, nil)
	if err != nil {
		return nil, err
	}
	var fields []types.Field
	for _, x := range list {
		fields = append(fields, types.Field{Name: x.Name, Type: x.Type, Nullable: x.Nullable})
	}
	out := &table{scopeOf(fields, name), &vector.Batch{N: in.batch.N, Cols: cols}}
	columnsOf[out.batch] = out.scope.Columns
	return out, nil
}

func readTable(t *testing.T, schema *types.Schema, rows [][]string, null string) *vector.Batch {
	b := &vector.Batch{N: len(rows)}
	for c, f := range schema.Fields {
		text := vector.New(types.String, len(rows))
		var some vector.Selection
		for i, row := range rows {
			text.SetString(i, "")
			if c >= len(row) || row[c] == null {
				text.SetNull(i)
				continue
			}
			some = append(some, int32(i))
			text.SetString(i, strings.TrimPrefix(row[c], "\x00"))
		}
		col := text
		if k, err := cast.Compile(types.String, f.Type, false); err != nil {
			t.Fatal(err)
		} else if k != nil {
			col = vector.New(f.Type, len(rows))
			for i := range rows {
				if text.IsNull(i) {
					col.SetNull(i)
				}
			}
			if err := k(testContext, len(rows), some, []*vector.Vector{text}, col); err != nil {
				t.Fatal(err)
			}
		}
		b.Cols = append(b.Cols, col)
	}
	return b
}

// splitCSV splits the simple CSV of the inputs. A quoted cell starts with a zero byte, so that it is never the null value.
func splitCSV(text, sep string) [][]string {
	if sep == "" {
		sep = ","
	}
	var rows [][]string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		var row []string
		for {
			cell, rest, more := cutCell(line, sep)
			row = append(row, cell)
			if line = rest; !more {
				break
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func cutCell(line, sep string) (cell, rest string, more bool) {
	if !strings.HasPrefix(line, `"`) {
		return strings.Cut(line, sep)
	}
	text := "\x00"
	for i := 1; i < len(line); i++ {
		switch {
		case line[i] != '"':
			text += line[i : i+1]
		case strings.HasPrefix(line[i:], `""`):
			text, i = text+`"`, i+1
		default:
			return text, strings.TrimPrefix(line[i+1:], sep), i+1 < len(line)
		}
	}
	return text, "", false
}
