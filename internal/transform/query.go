package transform

import (
	"context"
	"errors"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/types"
)

// A SourceInfo is what planning needs to know of a source.
type SourceInfo struct {
	Schema  *types.Schema // the columns it can give
	Format  string        // its name, for explain
	Codec   *codec.Codec  // of its records; nil if rows are not read from bytes
	Options job.Options
	Files   bool // rows come from files: there is a hidden column _metadata
	// Partitions is how many columns at the end of Schema come from the names of directories.
	Partitions int
	// ListLate has the plan report those of its rows that come too late, in operator.Partition.Late.
	ListLate bool
}

// reading is what the codec knows of reading.
func (s *SourceInfo) reading() codec.Reading {
	if s.Codec == nil {
		return codec.Reading{}
	}
	return s.Codec.Reading
}

// Describe returns what planning needs to know of a source of a job, or of a table if static is true.
type Describe func(s *job.Source, static bool) (SourceInfo, error)

// A Source is what a query reads: a stream, or a static table.
type Source struct {
	SourceInfo
	Spec   *job.Source
	Static bool
}

// A Query is an analysed stream: every name is resolved and every type known, nothing is optimised yet.
type Query struct {
	Output []types.Field // columns of the result
	Zone   *datetime.Zone
	Conf   map[string]string // settings; those that a checkpoint has pinned are put in before Optimize
	// OutputMode decides what stateful operators return. It is set before CheckStreaming and Optimize, in lower case.
	OutputMode string
	// Sources are what the query reads: the streams in the order in which Spark numbers them, then the tables.
	Sources  []Source
	analysed node
	cuts     []cut
	late     error // what Spark finds when it plans the first batch; nil: nothing
	// partitions are the columns that come from the names of directories
	partitions map[expr.ID]bool
}

// A Plan is an optimised query: what its sources have to read, and the operators above them.
type Plan struct {
	Inputs []*Input      // the leaves of the plan that read a source, by their numbers
	Output []types.Field // columns of the result
	Stages []*Stage      // from the sources to the sink: each after those whose rows it takes
	// States describes what stateful operators keep, by their numbers: the one nearest to the sink comes first.
	States []state.Operator
	// Tables are what joins look rows up in.
	Tables []*Table
	// Watermarks are the delays of the watermarks in milliseconds, by their numbers.
	Watermarks []int64
	// EventTimes are the names of their columns.
	EventTimes []string
	// WatermarkSources are the numbers of the streams whose rows they see.
	WatermarkSources [][]int
	// Marked reports whether the query has a watermark, even one that no row reaches, so that it is not among Watermarks.
	Marked bool

	root    node
	sources []Source
	leaves  map[node]int // the numbers of the leaves that take the rows of a source or of an exchange
	tables  map[*broadcast]int
	numbers map[node]int       // of stateful operators and of watermarks
	shared  []*operator.Shared // by number of the stateful operator
	mode    string             // the output mode
	joins   bool               // it has joins of streams
	zone    *datetime.Zone
	stop    *halt.Flag
}

// Analyze resolves the steps of a stream over its source and the other inputs of the job that they name. The error is what Spark reports when
// a query is defined, a *sparkerr.Error with its place, or several joined: analysis continues past a mistake as far as it makes sense. When
// ctx ends, Analyze returns context.Canceled.
func Analyze(ctx context.Context, j *job.Job, s *job.Stream, describe Describe) (q *Query, err error) {
	stop, done := halt.With(ctx)
	defer done()
	err = halt.Catch(func() (err error) {
		q, err = analyse(stop, j, s, describe)
		return err
	})
	return q, err
}

// AnalyzeSteps is Analyze for steps over one source.
func AnalyzeSteps(ctx context.Context, source SourceInfo, steps []job.Step, conf map[string]string) (*Query, error) {
	only := func(*job.Source, bool) (SourceInfo, error) { return source, nil }
	return Analyze(ctx, &job.Job{Conf: conf}, &job.Stream{Steps: steps}, only)
}

func analyse(stop *halt.Flag, j *job.Job, s *job.Stream, describe Describe) (*Query, error) {
	zone, err := job.SessionZone(j.Conf)
	if err != nil {
		return nil, err
	}
	q := &Query{Zone: zone, Conf: j.Conf, partitions: map[expr.ID]bool{}}
	b := builder{inputs: newInputs(q, j, describe), zone: zone, steps: halt.Steps{Stop: stop}}
	first, err := b.first(s)
	if err != nil {
		return nil, err
	}
	b.plan, b.metadata = first.plan, first.metadata
	b.add(s.Steps)
	if len(b.mistakes) > 0 {
		return nil, errors.Join(b.mistakes...)
	}
	q.analysed, q.cuts, q.Output = b.plan, b.cuts, fieldsOf(b.plan.output())
	q.number()
	return q, nil
}

func fieldsOf(cols []*expr.Expr) []types.Field {
	f := make([]types.Field, len(cols))
	for i, c := range cols {
		f[i] = types.Field{Name: c.Name, Type: c.Type, Nullable: c.Nullable}
	}
	return f
}

// Stateful reports whether steps of the query keep state between batches.
func (q *Query) Stateful() (found bool) {
	walk(q.analysed, func(n node) {
		switch n := n.(type) {
		case *aggregation, *dedup, *limit, *except:
			found = found || streams(n)
		case *join:
			found = found || streams(n.left) && streams(n.right)
		}
	})
	return found
}

// Aggregates reports whether the query aggregates rows of streams.
func (q *Query) Aggregates() bool { return len(aggregates(q.analysed)) > 0 }

// Explain renders the analysed plan, the last operator first.
func (q *Query) Explain() []string {
	return lines(q.analysed, func(node) string { return "" })
}

// Optimize applies the optimizer's rules and decides what the sources read. Constants that fail do so here (phase run). The end of
// ctx ends the computation of constants, and later that of the filters for readers and files.
func (q *Query) Optimize(ctx context.Context) (*Plan, error) {
	if q.late != nil {
		return nil, q.late
	}
	stop, _ := halt.With(ctx)
	var root node
	err := halt.Catch(func() (err error) {
		ctx := &expr.Context{Zone: q.Zone, Stop: stop}
		if root, err = replaceExcept(q.analysed, q.OutputMode); err != nil {
			return err
		}
		if root, err = optimise(root, ctx); err == nil {
			root, err = unnested(root, ctx)
		}
		if err == nil {
			root = rewrite(root, fullTables)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := checkSize(root); err != nil {
		return nil, err
	}
	if root, err = q.physical(root); err != nil {
		return nil, err
	}
	p := &Plan{Output: q.Output, root: root, sources: q.Sources, zone: q.Zone, stop: stop, mode: q.OutputMode, leaves: map[node]int{}, tables: map[*broadcast]int{}, Marked: q.marked()}
	for _, r := range relations(root) {
		in, err := q.input(p, r)
		if err != nil {
			return nil, err
		}
		p.leaves[r] = len(p.Inputs)
		p.Inputs = append(p.Inputs, in)
	}
	walk(root, func(n node) {
		if t, ok := n.(*tableRows); ok {
			p.leaves[t] = len(p.Inputs)
			p.Inputs = append(p.Inputs, &Input{Source: oneRowSource, plan: p})
		}
	})
	p.cut()
	p.number()
	p.numberDropped(q.roots())
	return p, nil
}

// marked reports whether a stream of the query has a watermark. (Spark: ProgressReporter.extractExecutionStats, which looks at the plan before
// it is optimised.)
func (q *Query) marked() (found bool) {
	for _, root := range q.roots() {
		walk(root, func(n node) {
			t, ok := n.(*eventTime)
			found = found || ok && streams(t)
		})
	}
	return found
}

// mostNodes is how many nodes an expression of a plan may have.
const mostNodes = 200_000

// checkSize refuses expressions that would take forever to compile and run: nullif uses its first operand twice, so that each nested
// one doubles the work.
func checkSize(root node) (err error) {
	walk(root, func(n node) {
		for _, e := range n.expressions() {
			if e.Size() > mostNodes {
				err = sparkerr.Plain("an expression is too large: it has more than %d parts once each operand that is used twice is counted twice", mostNodes).
					WithHint("compute the inner parts in columns first, with withColumn, and use those")
			}
		}
	})
	return err
}

// Explain renders the optimised plan, the last operator first, with the filters that the readers take and what stateful operators keep.
func (p *Plan) Explain() []string {
	return lines(p.root, func(n node) string {
		if r, ok := n.(*relation); ok {
			return p.Inputs[p.leaves[r]].filterText()
		}
		return p.stateText(n)
	})
}
