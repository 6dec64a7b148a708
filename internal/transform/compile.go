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
	// Inputs are the leaves that rows enter: the position in Plan.Inputs, or that of a stage plus the number of these.
	Inputs []int
	// Partitions is how many tasks the stage above has. The last column of the stage's rows is then the number of the task that they go to.
	// 0: the rows go to the sink as they are.
	Partitions int
	// Stateful stages have operators that keep state between batches, for which all tasks run in every batch.
	Stateful bool
	// Table is what the stage helps to compute; nil: it reads streams.
	Table *Table
	// Last says that its rows are those of the table.
	Last bool

	plan *Plan
	root node
}

// StageOf returns the position of the stage that takes the rows of a leaf.
func (p *Plan) StageOf(leaf int) int {
	return slices.IndexFunc(p.Stages, func(s *Stage) bool { return slices.Contains(s.Inputs, leaf) })
}

// A Table is the rows in which a join looks those of a stream up, or that a union adds to them. They change only if the files of its sources do,
// unless Volatile is set, or with the day, which is that of times without a date.
type Table struct {
	Number   int   // its position in Plan.Tables
	Inputs   []int // positions in Plan.Inputs of what it is computed from
	Volatile bool  // it is computed from the time, or at random: anew in each batch
	node     *broadcast
}

// New returns the rows of the table, of which there are none yet.
func (t *Table) New() (*operator.Broadcast, error) {
	return operator.NewBroadcast(t.node.keys, t.node.in.output())
}

// cut makes the stages of a plan.
func (p *Plan) cut() { p.addStage(&Stage{root: p.root}) }

// addStage adds a stage after those below it, and returns its position.
func (p *Plan) addStage(s *Stage) int {
	s.plan = p
	var add func(node)
	add = func(n node) {
		switch n := n.(type) {
		case *relation:
			s.Inputs = append(s.Inputs, p.leaves[n])
			return
		case *repartition:
			p.leaves[n] = len(p.Inputs) + p.addStage(&Stage{root: withTask(n), Partitions: n.partitions, Table: s.Table})
			s.Inputs = append(s.Inputs, p.leaves[n])
			return
		case *broadcast:
			p.addTable(n)
			return
		case *tableRows:
			p.addTable(n.table)
			p.Inputs[p.leaves[n]].Table = p.tables[n.table]
			s.Inputs = append(s.Inputs, p.leaves[n])
			return
		case *merged, *dedup, *limit, *symmetric:
			s.Stateful = s.Stateful || p.stateOf(n) != nil
		}
		for _, in := range fed(n) {
			add(in)
		}
	}
	add(s.root)
	p.Stages = append(p.Stages, s)
	return len(p.Stages) - 1
}

// fed returns the inputs of a node in the order in which their rows are read.
func fed(n node) []node {
	in := n.inputs()
	if s, ok := n.(*symmetric); ok && operator.FirstPort(s.kind) == 1 {
		return []node{in[1], in[0]}
	}
	return in
}

// addTable adds the stages that compute a table.
func (p *Plan) addTable(n *broadcast) {
	t := &Table{Number: len(p.Tables), Volatile: volatile(n), node: n}
	for _, r := range relations(n) {
		t.Inputs = append(t.Inputs, p.leaves[r])
	}
	p.tables[n] = t.Number
	p.Tables = append(p.Tables, t)
	p.addStage(&Stage{root: withTask(&repartition{n.in, nil, 1}), Partitions: 1, Table: t, Last: true})
}

// volatile reports whether a plan can have other rows in another batch although it reads the same.
func volatile(root node) (found bool) {
	walk(root, func(n node) {
		for _, e := range n.expressions() {
			expr.Walk(e, func(x *expr.Expr) bool {
				found = found || x.Kind == expr.Call && (x.Fn.Nondeterministic || x.Constant() && x.Fn.Foldable != nil && !x.Fn.Foldable(x))
				return !found
			})
		}
	})
	return found
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
		return p.Inputs[p.leaves[n]].compile(p.leaves[n]), nil
	case *repartition, *tableRows:
		return &operator.Node{Input: p.leaves[n]}, nil
	case *empty:
		return &operator.Node{Input: -1}, nil // no task has rows for it
	}
	out := &operator.Node{}
	for _, in := range n.inputs() {
		if _, ok := in.(*broadcast); ok {
			continue
		}
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

// compile returns the leaf with a number, below the operator that adds the hidden column _metadata if that is needed.
func (in *Input) compile(number int) *operator.Node {
	leaf := &operator.Node{Input: number}
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
	case *one:
		return operator.NewSingle(n.fragment), nil
	case *expand:
		return operator.NewExpand(n.lists, n.in.output())
	case *lateRows:
		return operator.NewLateRows(p.numbers[n], n.step, n.time, n.in.output())
	case *lookup:
		return operator.NewLookup(n.spec(p), n.in.output(), n.table.output())
	case *union:
		return operator.NewUnion(), nil
	}
	if op, err := p.statefulOperator(n); op != nil || err != nil {
		return op, err
	}
	return nil, errors.New("no operator for " + n.describe())
}
