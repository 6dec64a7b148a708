package transform

import (
	"math"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// Spark builds the hash table of an inner join from the side that it takes for the smaller one, batch by batch, and the rows come out in the
// order of the other side. It estimates the sizes by those of the files and the widths of the columns.

// TableFirst reports, for each of the plan's tables, whether the rows of inner joins with it come out in the order of the table. bytes returns the
// size of the files that the batch reads of a source, by its number; a negative one is unknown and taken for large.
// (Spark: JoinSelectionHelper.getBuildSide, SizeInBytesOnlyStatsPlanVisitor.)
func (p *Plan) TableFirst(conf map[string]string, bytes func(source int) int64) []bool {
	out := make([]bool, len(p.Tables))
	most := float64(10 << 20)
	if n, ok := job.ParseBytes(conf["spark.sql.autoBroadcastJoinThreshold"]); ok {
		most = float64(n)
	}
	s := &sizes{p.sources, bytes}
	walk(p.root, func(n node) {
		l, ok := n.(*lookup)
		if !ok || l.kind != operator.Inner {
			return
		}
		stream, table := s.of(l.in), s.of(l.table.in)
		smaller := stream < table || stream == table && l.turned // of equal ones, the right side is built
		out[p.tables[l.table]] = stream <= most && (smaller || table > most)
	})
	return out
}

// sizes estimates how many bytes the results of nodes have.
type sizes struct {
	sources []Source
	bytes   func(source int) int64
}

func (s *sizes) of(n node) float64 {
	switch n := n.(type) {
	case *relation:
		return s.relation(n)
	case *empty:
		return 0
	case *union:
		sum := 0.0
		for _, in := range n.in {
			sum += s.of(in)
		}
		return sum
	case *lookup:
		if n.kind == operator.LeftSemi || n.kind == operator.LeftAnti || n.kind == operator.Existence {
			return s.of(n.in)
		}
		return s.of(n.in) * s.of(n.table.in)
	case *limit:
		return float64(n.rows) * rowSize(n.output())
	case *localLimit:
		return float64(n.rows) * rowSize(n.output())
	case *merged:
		if len(n.keys) == 0 {
			return rowSize(n.output())
		}
		return s.unary(n, n.in)
	case *final:
		return s.of(n.merged)
	case *expand:
		return float64(len(n.lists)) * s.unary(n, n.in)
	case *generate:
		return s.of(n.in)
	}
	if in := below(n); in != nil {
		return s.unary(n, in)
	}
	product := 1.0
	for _, in := range n.inputs() {
		product *= s.of(in)
	}
	return product
}

// relation is the size of the columns that are read, as if they were a projection of all.
func (s *sizes) relation(r *relation) float64 {
	if r.source == oneRowSource {
		return 1
	}
	n := s.bytes(r.source)
	if n < 0 {
		return math.MaxInt64
	}
	all := 8
	for _, f := range s.sources[r.source].Schema.Fields {
		all += valueSize(f.Type)
	}
	return scaled(float64(n), rowSize(r.cols), float64(all))
}

// unary is the size of a node that changes columns at most.
func (s *sizes) unary(n, in node) float64 {
	return scaled(s.of(in), rowSize(n.output()), rowSize(in.output()))
}

func scaled(size, row, of float64) float64 { return max(math.Floor(size*row/of), 1) }

// rowSize is the estimated size of a row. (Spark: EstimationUtils.getSizePerRow.)
func rowSize(cols []*expr.Expr) float64 {
	size := 8
	for _, c := range cols {
		size += valueSize(c.Type)
	}
	return float64(size)
}

// valueSize is the estimated size of a value. (Spark: DataType.defaultSize.)
func valueSize(t *types.Type) int {
	switch t.Kind {
	case types.KindBoolean, types.KindByte, types.KindVoid:
		return 1
	case types.KindShort:
		return 2
	case types.KindInt, types.KindFloat, types.KindDate, types.KindYearMonth:
		return 4
	case types.KindDecimal:
		if t.Precision > 18 {
			return 16
		}
		return 8
	case types.KindInterval:
		return 16
	case types.KindString, types.KindChar, types.KindVarchar:
		return 20
	case types.KindBinary:
		return 100
	case types.KindVariant:
		return 2048
	case types.KindArray:
		return valueSize(t.Elem)
	case types.KindMap:
		return valueSize(t.Key) + valueSize(t.Elem)
	case types.KindStruct:
		size := 0
		for _, f := range t.Fields {
			size += valueSize(f.Type)
		}
		return size
	}
	return 8
}
