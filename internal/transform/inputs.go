package transform

import (
	"errors"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// inputs are what the steps of a query can read besides the rows so far.
type inputs struct {
	query    *Query
	job      *job.Job
	describe Describe
	views    map[*job.Relation]view // those that were used before
}

// A view is a plan with the hidden column of its source; nil if it has none.
type view struct {
	plan     node
	metadata *expr.Expr
}

func newInputs(q *Query, j *job.Job, describe Describe) *inputs {
	return &inputs{query: q, job: j, describe: describe, views: map[*job.Relation]view{}}
}

// renewed returns the view with new columns, so that it can be used next to another use of it.
func (v view) renewed() view {
	r := renewal{}
	if v.metadata != nil {
		r[v.metadata.ID] = expr.NewID()
	}
	plan := r.plan(v.plan)
	if v.metadata != nil {
		v.metadata = r.column(v.metadata)
	}
	return view{plan, v.metadata}
}

// first returns the rows that the steps of a stream begin with.
func (b *builder) first(s *job.Stream) (view, error) {
	if r := b.job.Relation(s.From.Text, false); r != nil {
		return b.relation(r, false)
	}
	return b.source(&s.Source, false)
}

// relation returns the rows of a source of the job, or of a table if static is true.
func (b *builder) relation(r *job.Relation, static bool) (v view, err error) {
	v, known := b.views[r]
	if known {
		return v.renewed(), nil
	}
	if v, err = b.source(&r.Source, static); err == nil {
		v, err = b.over(v, r.Steps)
	}
	if err != nil {
		return view{}, err
	}
	b.views[r] = v
	return v, nil
}

// ref returns the rows of the other input of a step.
func (b *builder) ref(r *job.Ref) (v view, err error) {
	switch {
	case r.Stream.Text != "":
		v, err = b.relation(b.job.Relation(r.Stream.Text, false), false)
	case r.Table.Text != "":
		v, err = b.relation(b.job.Relation(r.Table.Text, true), true)
	default:
		v, err = b.source(&r.Source, true)
	}
	if err != nil {
		return view{}, err
	}
	return b.over(v, r.Steps)
}

// over returns a view with steps added.
func (b *builder) over(v view, steps []job.Step) (view, error) {
	other := builder{inputs: b.inputs, plan: v.plan, metadata: v.metadata, zone: b.zone, steps: b.steps}
	other.add(steps)
	b.cuts = append(b.cuts, other.cuts...)
	return view{other.plan, other.metadata}, errors.Join(other.mistakes...)
}

// source returns the rows of a source, or of a table if static is true.
func (in *inputs) source(spec *job.Source, static bool) (view, error) {
	info, err := in.describe(spec, static)
	if err != nil {
		return view{}, err
	}
	q := in.query
	q.Sources = append(q.Sources, Source{info, spec, static})
	v := view{plan: q.relation(len(q.Sources) - 1)}
	if info.Files {
		v.metadata = metadataColumn(info.reading().NumbersRows)
	}
	return v, nil
}

// relation returns a node for the query's source number i, with new columns.
func (q *Query) relation(i int) *relation {
	src := &q.Sources[i]
	cols := make([]*expr.Expr, len(src.Schema.Fields))
	for k, f := range src.Schema.Fields {
		cols[k] = &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: f.Name, Type: f.Type, Nullable: f.Nullable}
	}
	return &relation{i, src.Format, src.Static, cols}
}

// number orders the sources that the analysed plan reads as Spark does, from left to right, and the tables after the streams. Sources that
// it does not read are forgotten.
func (q *Query) number() {
	order := map[int]int{}
	var list []Source
	var read []*relation
	for _, root := range q.roots() {
		everyPlan(root, func(n node) { read = append(read, relations(n)...) })
	}
	for _, static := range []bool{false, true} {
		for _, r := range read {
			if _, known := order[r.source]; !known && r.static == static && r.source != oneRowSource {
				order[r.source] = len(list)
				list = append(list, q.Sources[r.source])
			}
		}
	}
	q.Sources = list
	q.analysed = rewriteEvery(q.analysed, func(n node) node {
		r, ok := n.(*relation)
		if !ok || r.source == oneRowSource {
			return n
		}
		src := &list[order[r.source]]
		for _, c := range r.cols[len(src.Schema.Fields)-src.Partitions : len(src.Schema.Fields)] {
			q.partitions[c.ID] = true
		}
		return &relation{order[r.source], r.name, r.static, r.cols}
	})
}
