package main

import (
	"fmt"
	"strings"

	"github.com/streamctl/streamctl/test/evaluate"
)

// A question is an expression to evaluate over some of the rows.
type question struct {
	Expr      string  `json:"expr"`
	Rows      []int32 `json:"rows"`
	Alone     bool    `json:"alone"`     // expected to fail: Spark evaluates it in a separate query
	Generated bool    `json:"generated"` // by Spark's generated code
}

// An answer is the result of an engine: type and cells, or an error.
type answer struct {
	Name     string    `json:"name"` // of the column without an alias
	Type     string    `json:"type"`
	Nullable bool      `json:"nullable"`
	Rows     []*string `json:"rows"`
	Error    *failed   `json:"error"`
}

type failed struct {
	Phase     string `json:"phase"`
	Condition string `json:"condition"`
	SQLState  string `json:"sqlState"`
	Message   string `json:"message"`
	Class     string `json:"class"`
}

// named reports whether the condition has a public name. For other errors, only their presence is compared.
func (f *failed) named() bool {
	return f.Condition != "" && !strings.HasPrefix(f.Condition, "_LEGACY") && f.Condition != "INTERNAL_ERROR"
}

// refused reports whether our engine refused an expression that it does not support. Such answers are counted
// but not compared.
func (a *answer) refused() bool {
	return a.Error != nil && strings.Contains(a.Error.Message, "not in the embedded engine")
}

// ours evaluates questions with streamctl's engine.
type ours struct {
	table *evaluate.Table
	some  map[string]*evaluate.Table
}

func newOurs(t *evaluate.Table) *ours { return &ours{t, map[string]*evaluate.Table{}} }

func (o *ours) rows(list []int32) *evaluate.Table {
	key := fmt.Sprint(list)
	t := o.some[key]
	if t == nil {
		t = o.table.Take(list...)
		o.some[key] = t
	}
	return t
}

func (o *ours) ask(q question) (a *answer) {
	a = &answer{}
	defer func() {
		if r := recover(); r != nil {
			a.Error = &failed{Phase: "panic", Message: fmt.Sprint(r)}
		}
	}()
	in := o.rows(q.Rows)
	analysed, plan, fail := evaluate.Query(in.Schema, "local", nil, []string{q.Expr})
	if analysed != nil {
		a.Name, a.Type, a.Nullable = analysed.Output[0].Name, analysed.Output[0].Type.String(), analysed.Output[0].Nullable
	}
	if fail == nil {
		batches, err := evaluate.Collect(plan, in.Open(plan))
		if err == nil {
			a.Rows = firstColumn(evaluate.Cells(batches))
			return a
		}
		fail = &evaluate.Failure{Phase: evaluate.Run, Err: err}
	}
	a.Error = &failed{Phase: fail.Phase, Condition: fail.Condition(), SQLState: fail.SQLState(), Message: fail.Err.Error()}
	return a
}

func firstColumn(rows [][]string) []*string {
	out := make([]*string, len(rows))
	for i, r := range rows {
		if r[0] != evaluate.Null {
			out[i] = &r[0]
		}
	}
	return out
}
