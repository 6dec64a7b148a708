package transform

import (
	"errors"
	"slices"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// A Stage is a part of a plan that works on each of its tasks alone. A plan is cut into stages at its exchanges.
type Stage struct {
	// Inputs are the leaves that rows enter: the number of a source, or that of a stage plus the number of sources.
	Inputs []int
	// Partitions is how many tasks the stage above has. The last column of the stage's rows is then the number of the task that they go to.
	// 0: the rows go to the sink as they are.
	Partitions int
	// Stateful stages have operators that keep state between batches, for which all tasks run in every batch.
	Stateful bool

	plan *Plan
	root node
}

// StageOf returns the position of the stage that takes the rows of a source.
func (p *Plan) StageOf(source int) int {
	return slices.IndexFunc(p.Stages, func(s *Stage) bool { return slices.Contains(s.Inputs, source) })
}

// cut makes the stages of a plan.
func (p *Plan) cut() {
	p.leaves = map[node]int{}
	p.addStage(&Stage{plan: p, root: p.root})
}

// addStage adds a stage after those below it.
func (p *Plan) addStage(s *Stage) {
	var add func(node)
	add = func(n node) {
		switch n := n.(type) {
		case *relation:
			s.Inputs = append(s.Inputs, n.source)
			return
		case *repartition:
			p.addStage(&Stage{plan: p, root: withTask(n), Partitions: n.partitions})
			p.leaves[n] = len(p.Inputs) + len(p.Stages) - 1
			s.Inputs = append(s.Inputs, p.leaves[n])
			return
		case *merged, *dedup, *limit:
			s.Stateful = true
		}
		for _, in := range n.inputs() {
			add(in)
		}
	}
	add(s.root)
	p.Stages = append(p.Stages, s)
}

// withTask returns the input of an exchange with one more column, the number of the task of each row: pmod(hash(keys), partitions).
// (Spark: HashPartitioning.)
func withTask(r *repartition) node {
	if r.partitions == 1 {
		return &project{r.in, append(slices.Clone(r.in.output()), alias(expr.Int(0), "task"))}
	}
	hash := call("hash", r.keys...)
	hash.Type, hash.Nullable = types.Int, false
	task := call("pmod", hash, expr.Int(int32(r.partitions)))
	task.Type = types.Int
	return &project{r.in, append(slices.Clone(r.in.output()), alias(task, "task"))}
}

// NewPipeline compiles the stage for one worker.
func (s *Stage) NewPipeline() (*operator.Pipeline, error) {
	root, err := s.plan.compile(s.root)
	if err != nil {
		return nil, err
	}
	return operator.NewPipeline(root, s.plan.zone), nil
}

// compile returns a tree of operators that computes a node.
func (p *Plan) compile(n node) (*operator.Node, error) {
	switch n := n.(type) {
	case *relation:
		return p.Inputs[n.source].compile(n.source), nil
	case *repartition:
		return &operator.Node{Input: p.leaves[n]}, nil
	case *empty:
		return &operator.Node{Input: -1}, nil // no task has rows for it
	}
	out := &operator.Node{}
	for _, in := range n.inputs() {
		below, err := p.compile(in)
		if err != nil {
			return nil, err
		}
		out.Inputs = append(out.Inputs, below)
	}
	var err error
	out.Operator, err = p.newOperator(n)
	return out, err
}

// compile returns the leaf of a source, below the operator that adds the hidden column _metadata if that is needed.
func (in *Input) compile(source int) *operator.Node {
	leaf := &operator.Node{Input: source}
	if len(in.columns) == len(in.Fields) {
		return leaf
	}
	hidden := in.columns[len(in.columns)-1]
	return &operator.Node{Operator: operator.NewMetadata(hidden.Type), Inputs: []*operator.Node{leaf}}
}

// newOperator returns the operator of one node.
func (p *Plan) newOperator(n node) (operator.Operator, error) {
	switch n := n.(type) {
	case *project:
		return operator.NewProject(n.list, n.in.output())
	case *filter:
		return operator.NewFilter(n.cond, n.in.output())
	case *generate:
		return operator.NewGenerate(n.gen, n.in.output())
	case *sorted:
		return operator.NewSort(n.keys, n.order, n.in.output())
	case *expand:
		return operator.NewExpand(n.lists, n.in.output())
	case *lateRows:
		return operator.NewLateRows(n.step, n.time, n.in.output())
	}
	if op, err := p.statefulOperator(n); op != nil || err != nil {
		return op, err
	}
	return nil, errors.New("no operator for " + n.describe())
}
