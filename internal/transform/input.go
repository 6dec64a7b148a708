package transform

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Input is a leaf of a plan that reads a source, and what it needs of it.
type Input struct {
	Source  int           // the number of the source; -1: one row without columns, or a table
	Table   int           // the number of the table whose rows it reads; -1: none
	Fields  []types.Field // columns to read, in batch order
	columns []*expr.Expr  // of Fields, then the hidden column _metadata if it is needed
	pushed  []*expr.Expr  // conjuncts for the reader
	files   []*expr.Expr  // conjuncts that select files
	plan    *Plan
}

// input decides what a leaf of the optimised plan reads.
func (q *Query) input(p *Plan, r *relation) (*Input, error) {
	if r.source == oneRowSource {
		return &Input{Source: oneRowSource, Table: -1, plan: p}, nil
	}
	src := &q.Sources[r.source].SourceInfo
	in := &Input{Source: r.source, Table: -1, columns: r.cols, Fields: fieldsOf(withoutMetadata(r.cols)), plan: p}
	if err := q.checkCorruptOnly(src, in.Fields); err != nil {
		return nil, err
	}
	f := filterAbove(p.root, r)
	if f == nil {
		return in, nil
	}
	if q.pushesFilters(src) {
		in.pushed = q.pushedFilters(f, q.corruptColumn(src))
	}
	if src.Partitions > 0 {
		in.files = q.fileFilters(f)
	}
	return in, nil
}

// filterAbove returns the filter directly above a source; nil if there is none.
func filterAbove(root node, r *relation) (found *filter) {
	walk(root, func(n node) {
		if f, ok := n.(*filter); ok && f.in == node(r) {
			found = f
		}
	})
	return found
}

// filterText is what explain shows of the filters.
func (in *Input) filterText() string {
	return filterList("PartitionFilters", in.files) + filterList("PushedFilters", in.pushed)
}

func filterList(name string, filters []*expr.Expr) string {
	if len(filters) == 0 {
		return ""
	}
	s := make([]string, len(filters))
	for i, f := range filters {
		s[i] = f.SQL()
	}
	return " " + name + ": [" + strings.Join(s, ", ") + "]"
}

// NewFilters returns the predicates for one reader; nil if there are none.
func (in *Input) NewFilters() ([]vector.Predicate, error) { return in.predicates(in.pushed) }

// NewFileFilters returns the predicates that select files by their partition columns; nil if there are none.
func (in *Input) NewFileFilters() ([]vector.Predicate, error) { return in.predicates(in.files) }

func (in *Input) predicates(filters []*expr.Expr) ([]vector.Predicate, error) {
	var out []vector.Predicate
	for _, f := range filters {
		pred, err := eval.CompilePredicate(f, in.columns)
		if err != nil {
			return nil, err
		}
		pred.Context.Zone, pred.Context.Stop = in.plan.zone, in.plan.stop
		out = append(out, pred)
	}
	return out, nil
}

// pushesFilters reports whether a source's reader takes filters.
func (q *Query) pushesFilters(src *SourceInfo) bool {
	setting := src.reading().Pushdown
	return setting != "" && !strings.EqualFold(q.Conf[setting], "false")
}

// corruptColumn is the name of the column that keeps the text of malformed records.
func (q *Query) corruptColumn(src *SourceInfo) string {
	if name, ok := src.Options.Get("columnNameOfCorruptRecord"); ok {
		return name
	}
	if name, ok := q.Conf["spark.sql.columnNameOfCorruptRecord"]; ok {
		return name
	}
	return "_corrupt_record"
}

// checkCorruptOnly refuses to read nothing but the column of malformed records, as Spark does.
func (q *Query) checkCorruptOnly(src *SourceInfo, fields []types.Field) error {
	for n := len(fields); n > 1 && src.isPartition(fields[n-1].Name); n-- {
		fields = fields[:n-1]
	}
	if !src.reading().KeepsRecords || len(fields) != 1 || fields[0].Name != q.corruptColumn(src) {
		return nil
	}
	return sparkerr.New("UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN").
		WithHint("select another column of the source beside %s", fields[0].Name)
}

func (s *SourceInfo) isPartition(name string) bool {
	all := s.Schema.Fields
	return slices.ContainsFunc(all[len(all)-s.Partitions:], func(f types.Field) bool { return f.Name == name })
}
