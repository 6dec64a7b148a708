package transform

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A SourceInfo is what planning needs to know of a source.
type SourceInfo struct {
	Schema  *types.Schema // the columns it can give
	Format  string        // csv, json, text, …
	Options job.Options
	Files   bool // rows come from files: there is a hidden column _metadata
	// Partitions is how many columns at the end of Schema come from the names of directories.
	Partitions int
}

// A Query is an analysed stream: every name is resolved and every type known, nothing is optimised yet.
type Query struct {
	Output   []types.Field // columns of the result
	Zone     *datetime.Zone
	source   SourceInfo
	conf     map[string]string
	analysed node
	// partitions are the columns that come from the names of directories
	partitions map[expr.ID]bool
}

// A Plan is an optimised query: what the source has to read, and the operators above it.
type Plan struct {
	Fields []types.Field // columns to read, in batch order
	Empty  bool          // the plan has no rows; nothing is opened
	Output []types.Field // columns of the result
	root   node
	input  []*expr.Expr // the columns of Fields
	pushed []*expr.Expr // conjuncts for the reader
	files  []*expr.Expr // conjuncts that select files
	zone   *datetime.Zone
	stop   *expr.Stop
}

// Analyze resolves the steps of a stream over its source. The error is what Spark reports when a query is defined, a
// *sparkerr.Error with its place, or several joined: analysis goes on behind a mistake as far as it makes sense. The end of ctx ends
// it with context.Canceled.
func Analyze(ctx context.Context, src SourceInfo, steps []job.Step, conf map[string]string) (q *Query, err error) {
	stop, done := expr.StopWith(ctx)
	defer done()
	err = expr.Halting(func() (err error) {
		q, err = analyse(stop, src, steps, conf)
		return err
	})
	return q, err
}

func analyse(stop *expr.Stop, src SourceInfo, steps []job.Step, conf map[string]string) (*Query, error) {
	zone, err := SessionZone(conf)
	if err != nil {
		return nil, err
	}
	cols := make([]*expr.Expr, len(src.Schema.Fields))
	for i, f := range src.Schema.Fields {
		cols[i] = &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: f.Name, Type: f.Type, Nullable: f.Nullable}
	}
	b := builder{plan: &relation{src.Format, cols}, zone: zone, steps: expr.Steps{Stop: stop}}
	if src.Files {
		b.metadata = metadataColumn(src.Format)
	}
	for i := range steps {
		b.step(&steps[i])
	}
	if len(b.mistakes) > 0 {
		return nil, errors.Join(b.mistakes...)
	}
	partitions := map[expr.ID]bool{}
	for _, c := range cols[len(cols)-src.Partitions:] {
		partitions[c.ID] = true
	}
	return &Query{Output: fieldsOf(b.plan.output()), Zone: zone, source: src, conf: conf, analysed: b.plan, partitions: partitions}, nil
}

// SessionZone is spark.sql.session.timeZone, else the TZ of the process.
func SessionZone(conf map[string]string) (*datetime.Zone, error) {
	id, ok := conf["spark.sql.session.timeZone"]
	if !ok {
		return datetime.Local(), nil
	}
	return datetime.LoadZone(id)
}

func fieldsOf(cols []*expr.Expr) []types.Field {
	f := make([]types.Field, len(cols))
	for i, c := range cols {
		f[i] = types.Field{Name: c.Name, Type: c.Type, Nullable: c.Nullable}
	}
	return f
}

// Explain renders the analysed plan, the last operator first.
func (q *Query) Explain() []string { return lines(q.analysed) }

// Optimize applies the optimizer's rules and decides what the source reads. Constants that fail do so here (phase run). The end of
// ctx ends the computation of constants, and later that of the filters for readers and files.
func (q *Query) Optimize(ctx context.Context) (*Plan, error) {
	stop, _ := expr.StopWith(ctx)
	var root node
	err := expr.Halting(func() (err error) {
		root, err = optimise(q.analysed, &expr.Context{Zone: q.Zone, Stop: stop})
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := checkSize(root); err != nil {
		return nil, err
	}
	p := &Plan{Output: q.Output, root: root, zone: q.Zone, stop: stop}
	leaf := root
	for leaf.input() != nil {
		leaf = leaf.input()
	}
	p.input = leaf.output()
	p.Fields = fieldsOf(withoutMetadata(p.input))
	if _, ok := leaf.(*empty); ok {
		p.Empty = true
		return p, nil
	}
	if err := q.checkCorruptOnly(p.Fields); err != nil {
		return nil, err
	}
	if q.pushesFilters() {
		p.pushed = q.pushedFilters(root)
	}
	p.files = q.fileFilters(root)
	return p, nil
}

// mostNodes is how many nodes an expression of a plan may have.
const mostNodes = 200_000

// checkSize refuses what would take for ever to compile and run: nullif uses its first operand twice, so that each one in
// another doubles the work.
func checkSize(root node) error {
	for n := root; n != nil; n = n.input() {
		for _, e := range expressions(n) {
			if e.Size() > mostNodes {
				return sparkerr.Plain("an expression is too large: it has more than %d parts once each operand that is used twice is counted twice", mostNodes).
					WithHint("compute the inner parts in columns first, with withColumn, and use those")
			}
		}
	}
	return nil
}

// Explain renders the optimised plan, the last operator first, with the filters that the reader takes.
func (p *Plan) Explain() []string {
	out := lines(p.root)
	add := func(name string, filters []*expr.Expr) {
		if len(filters) == 0 {
			return
		}
		s := make([]string, len(filters))
		for i, f := range filters {
			s[i] = f.SQL()
		}
		out[len(out)-1] += " " + name + ": [" + strings.Join(s, ", ") + "]"
	}
	add("PartitionFilters", p.files)
	add("PushedFilters", p.pushed)
	return out
}

// NewFilters makes the predicates for one reader; nil when there are none.
func (p *Plan) NewFilters() ([]vector.Predicate, error) { return p.predicates(p.pushed) }

// NewFileFilters makes the predicates that select files by their partition columns; nil when there are none.
func (p *Plan) NewFileFilters() ([]vector.Predicate, error) { return p.predicates(p.files) }

func (p *Plan) predicates(filters []*expr.Expr) ([]vector.Predicate, error) {
	var out []vector.Predicate
	for _, f := range filters {
		pred, err := eval.CompilePredicate(f, p.input)
		if err != nil {
			return nil, err
		}
		pred.Context.Zone, pred.Context.Stop = p.zone, p.stop
		out = append(out, pred)
	}
	return out, nil
}

// pushesFilters reports whether the source's reader takes filters.
func (q *Query) pushesFilters() bool {
	setting, ok := map[string]string{"csv": "spark.sql.csv.filterPushdown.enabled", "json": "spark.sql.json.filterPushdown.enabled",
		"parquet": "spark.sql.parquet.filterPushdown"}[q.source.Format]
	return ok && !strings.EqualFold(q.conf[setting], "false")
}

// corruptColumn is the name of the column that keeps the text of malformed records.
func (q *Query) corruptColumn() string {
	if name, ok := q.source.Options.Get("columnNameOfCorruptRecord"); ok {
		return name
	}
	if name, ok := q.conf["spark.sql.columnNameOfCorruptRecord"]; ok {
		return name
	}
	return "_corrupt_record"
}

// checkCorruptOnly refuses to read nothing but the column of malformed records, as Spark does.
func (q *Query) checkCorruptOnly(fields []types.Field) error {
	for n := len(fields); n > 1 && q.isPartition(fields[n-1].Name); n-- {
		fields = fields[:n-1]
	}
	if q.source.Format != "csv" && q.source.Format != "json" || len(fields) != 1 || fields[0].Name != q.corruptColumn() {
		return nil
	}
	return sparkerr.New("UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN").
		WithHint("select another column of the source beside %s", fields[0].Name)
}

func (q *Query) isPartition(name string) bool {
	all := q.source.Schema.Fields
	return slices.ContainsFunc(all[len(all)-q.source.Partitions:], func(f types.Field) bool { return f.Name == name })
}
