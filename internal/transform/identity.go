package transform

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
)

// StateOf returns a line for each step that keeps state, the one nearest to the sink first: what the entries of its state mean. The state of a
// query with other lines is that of another query, even if its types are the same. Names of results, filters, delays of watermarks and the
// output mode do not change what the state means.
func (q *Query) StateOf() []string {
	var list []string
	made := map[expr.ID]*expr.Expr{}
	walk(q.analysed, func(n node) {
		for _, e := range n.expressions() {
			if e.Kind == expr.Alias {
				made[e.ID] = e
			}
		}
		if g, ok := n.(*generate); ok {
			for _, c := range g.cols {
				made[c.ID] = g.gen
			}
		}
	})
	walk(q.analysed, func(n node) {
		switch n := n.(type) {
		case *aggregation:
			list = append(list, "groupBy "+meanings(n.keys, made)+" "+meanings(n.calls, made))
		case *dedup:
			if n.within {
				list = append(list, "dropDuplicatesWithinWatermark "+meanings(n.keys, made))
			} else {
				list = append(list, "dropDuplicates "+meanings(n.keys, made))
			}
		case *join:
			if streams(n.left) && streams(n.right) {
				k, _ := n.keys()
				list = append(list, "join "+meanings(k.left, made)+" "+meanings(k.right, made))
			}
		case *except:
			list = append(list, strings.ToLower(n.describe())+" ["+names(n.output())+"]")
		case *limit:
			list = append(list, "limit")
		}
	})
	return list
}

// meanings renders expressions without their aliases. A time window is shown with its durations, and a session with its gap.
func meanings(list []*expr.Expr, made map[expr.ID]*expr.Expr) string {
	texts := make([]string, len(list))
	for i, e := range list {
		e = unalias(e)
		texts[i] = e.SQL()
		m := made[e.ID]
		if e.Kind != expr.Column || m == nil {
			continue
		}
		switch m = unalias(m); {
		case m.Is("window"):
			texts[i] = function.WindowText(m)
		case m.Is("session_window"):
			texts[i] = m.SQL()
		}
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
