package transform

import (
	"errors"

	"github.com/streamctl/streamctl/internal/operator"
)

// NewPipeline compiles the plan for one worker.
func (p *Plan) NewPipeline() (*operator.Pipeline, error) {
	root, err := p.compile(p.root)
	if err != nil {
		return nil, err
	}
	return operator.NewPipeline(root, p.zone), nil
}

// compile returns a tree of operators that computes a node.
func (p *Plan) compile(n node) (*operator.Node, error) {
	switch n := n.(type) {
	case *relation:
		return p.Inputs[n.source].compile(n.source), nil
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
	out.Operator, err = newOperator(n)
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
func newOperator(n node) (operator.Operator, error) {
	switch n := n.(type) {
	case *project:
		return operator.NewProject(n.list, n.in.output())
	case *filter:
		return operator.NewFilter(n.cond, n.in.output())
	case *generate:
		return operator.NewGenerate(n.gen, n.in.output())
	}
	return nil, errors.New("no operator for " + n.describe())
}
