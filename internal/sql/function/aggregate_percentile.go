package function

import (
	"math"
	"slices"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// percentileFunctions use the sorted values of a group.
func percentileFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "percentile", Group: "agg_funcs",
			Usage: "percentile(col, percentage [, frequency]) | percentile(col, array(percentage1 [, percentage2]...) [, frequency])",
			Doc:   "The value at a percentage of the sorted values, interpolated between neighbours.", Example: "percentile(5, 0.5)", Result: "5.0",
			MinArgs: 2, MaxArgs: 3, Aggregate: true, Accumulate: accumulatePercentile, Resolve: defaults(resolvePercentile, 2, expr.Int(1)),
		},
		{
			Name: "median", Group: "agg_funcs", Usage: "median(col)", Doc: "The median: the middle value, or the mean of the two middle values.", Example: "median(5)",
			Result: "5.0", MinArgs: 1, MaxArgs: 1, Aggregate: true, Accumulate: accumulatePercentile, Resolve: resolveMedian,
		},
		withinPercentile("percentile_cont", "The value at a percentage of the sorted values, interpolated between neighbours.", false),
		withinPercentile("percentile_disc", "The first value at or above a percentage of the sorted values.", true),
		{
			Name: "mode", Group: "agg_funcs", Usage: "mode(col[, deterministic]) | mode() WITHIN GROUP (ORDER BY col)",
			Doc:     "The most frequent value; of several, the smallest if deterministic, else any.",
			Example: "mode(5)", Result: "5", MinArgs: 0, MaxArgs: 2, Ordering: expr.MayBeOrdered, Aggregate: true,
			Resolve: resolveMode, Accumulate: accumulateMode, SQL: modeSQL,
		},
	}
}

func withinPercentile(name, doc string, discrete bool) *expr.Function {
	return &expr.Function{
		Name: name, Group: "agg_funcs", Usage: name + "(percentage) WITHIN GROUP (ORDER BY col)", Doc: doc,
		Example: name + "(0.5) WITHIN GROUP (ORDER BY 5)", Result: "5.0", MinArgs: 1, MaxArgs: 1, Ordering: expr.MustBeOrdered, Aggregate: true,
		Resolve:    func(call *expr.Expr) error { return resolveWithinPercentile(call, discrete) },
		Accumulate: accumulatePercentile,
		SQL: func(call *expr.Expr, args []string) string {
			_, order, _ := call.Parts()
			return callSQL(call.CallName(), args) + " WITHIN GROUP (ORDER BY " + order[0].SQL() + descending(call) + ")"
		},
	}
}

func descending(call *expr.Expr) string {
	if call.Aggregation.Order[0].Desc {
		return " DESC"
	}
	return ""
}

// A percentile describes the request: Data of the call.
type percentile struct {
	value     int // index of the argument with the values
	frequency int // index of the argument with the frequency of each value; 0: each counts once
	wanted    []float64
	list      bool // return an array of results
	discrete  bool
	desc      bool
}

var percentileParams = []coerce.Param{
	coerce.OneOf(coerce.Numeric, coerce.YearMonth, coerce.DayTime), coerce.OneOf(coerce.Double, coerce.ArrayOf(coerce.Double)), coerce.Integral,
}

func resolvePercentile(call *expr.Expr) error {
	if err := coerce.Params(call, percentileParams...); err != nil {
		return err
	}
	p := &percentile{frequency: 2}
	if call.Args[2].Kind == expr.Literal && !call.Args[2].IsNullLit() && integerAt(call.Args[2].Value, 0) == 1 {
		p.frequency = 0
	}
	return p.resolve(call, 1)
}

func resolveMedian(call *expr.Expr) error {
	if err := coerce.Params(call, percentileParams[0]); err != nil {
		return err
	}
	p := &percentile{wanted: []float64{0.5}}
	call.Data, call.Type, call.Nullable = p, p.resultType(call.Args[0].Type), true
	return nil
}

// resolveWithinPercentile takes the percentage from the argument and the values from the sort key.
func resolveWithinPercentile(call *expr.Expr, discrete bool) error {
	if len(call.Aggregation.Order) != 1 {
		return wrongOrderings(call)
	}
	turned := *call
	turned.Args = []*expr.Expr{call.Args[1], call.Args[0]}
	if err := coerce.Params(&turned, percentileParams[:2]...); err != nil {
		return err
	}
	call.Args = []*expr.Expr{turned.Args[1], turned.Args[0]}
	p := &percentile{value: 1, discrete: discrete, desc: call.Aggregation.Order[0].Desc}
	return p.resolve(call, 0)
}

func wrongOrderings(call *expr.Expr) error {
	return sparkerr.New("INVALID_WITHIN_GROUP_EXPRESSION.WRONG_NUM_ORDERINGS", "funcName", "`"+call.CallName()+"`",
		"expectedNum", "1", "actualNum", string(valuetext.AppendInt(nil, int64(len(call.Aggregation.Order)))))
}

// resolve reads the constant percentages from an argument and types the call.
func (p *percentile) resolve(call *expr.Expr, at int) error {
	v, err := constantArg(call, at)
	if err != nil {
		return err
	}
	if v == nil {
		return notConstant(call, at, "`percentage`")
	}
	if v.IsNull(0) {
		return coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", "`percentage`")
	}
	if p.wanted, p.list, err = percentages(call, v); err != nil {
		return err
	}
	call.Data, call.Nullable = p, true
	call.Type = p.resultType(call.Args[p.value].Type)
	return nil
}

// percentages reads a double or an array of doubles, each from 0 to 1.
func percentages(call *expr.Expr, v *vector.Vector) (wanted []float64, list bool, err error) {
	wanted = v.F64
	if list = v.Type.Kind == types.KindArray; list {
		w, items := v.Views[0], v.Children[0]
		for i := range int(w.Len) {
			if items.IsNull(int(w.Off) + i) {
				return nil, list, coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", "`percentage`")
			}
		}
		wanted = items.F64[w.Off : w.Off+w.Len]
	}
	for _, x := range wanted {
		if !(x >= 0 && x <= 1) {
			return nil, list, coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "percentage", "valueRange", "[0.0, 1.0]",
				"currentValue", string(valuetext.AppendDouble(nil, x))+"D")
		}
	}
	return slices.Clone(wanted), list, nil
}

func (p *percentile) resultType(value *types.Type) *types.Type {
	t := types.Double
	if !value.IsNumeric() {
		t = value
	}
	if p.list {
		return types.ArrayOf(t, false)
	}
	return t
}

func accumulatePercentile(call *expr.Expr) (expr.Aggregator, error) {
	p, _ := call.Data.(*percentile)
	inputs := []*expr.Expr{call.Args[p.value]}
	if p.frequency > 0 {
		inputs = append(inputs, call.Args[p.frequency])
	}
	return &percentiles{newCollector(inputs, p.finish), p}, nil
}

// percentiles excludes the percentages from the collected values.
type percentiles struct {
	*collector
	percentile *percentile
}

func (p *percentiles) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	inputs := []*vector.Vector{args[p.percentile.value]}
	if p.percentile.frequency > 0 {
		inputs = append(inputs, args[p.percentile.frequency])
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			if integerAt(inputs[1], inputs[1].At(i)) < 0 {
				return expr.AtRow(i, sparkerr.Plain("Negative values found in the frequencies of percentile"))
			}
		}
	}
	return p.collector.Update(n, sel, groups, inputs)
}

func (p *percentile) finish(s *collector, rows []int32, out *vector.Vector, g int) error {
	rows = s.sorted(rows, 0, []expr.Sorting{{Desc: p.desc}})
	counts := make([]int64, len(rows)) // number of values up to and including each row
	total := int64(0)
	for k, r := range rows {
		n := int64(1)
		if p.frequency > 0 {
			n = integerAt(s.cols[1], int(r))
		}
		total += n
		counts[k] = total
	}
	if total == 0 {
		out.SetNull(g)
		return nil
	}
	to, at := out, g
	if p.list {
		to = out.Children[0]
		at = to.Len()
		to.Extend(at + len(p.wanted))
		out.Views[g] = vector.View{Off: uint32(at), Len: uint32(len(p.wanted))}
	}
	for k, w := range p.wanted {
		setNumber(to, at+k, p.at(s.cols[0], rows, counts, total, w))
	}
	return nil
}

// at returns the value at the given fraction of the sorted rows.
func (p *percentile) at(v *vector.Vector, rows []int32, counts []int64, total int64, share float64) float64 {
	find := func(n int64) float64 { // the n-th value, counting from 1
		k, _ := slices.BinarySearch(counts, n)
		return numberAt(v, int(rows[k]))
	}
	if p.discrete {
		return find(max(1, int64(math.Ceil(float64(total)*share))))
	}
	position := float64(total-1) * share
	lower, higher := math.Floor(position), math.Ceil(position)
	low := find(int64(lower) + 1)
	if lower == higher {
		return low
	}
	high := find(int64(higher) + 1)
	if low == high {
		return low
	}
	return float64((higher-position)*low) + float64((position-lower)*high)
}

// numberAt returns a number or an ANSI interval as a double.
func numberAt(v *vector.Vector, i int) float64 {
	at := v.At(i)
	switch v.Type.Kind {
	case types.KindFloat:
		return float64(v.F32[at])
	case types.KindDouble:
		return v.F64[at]
	case types.KindDecimal:
		return v.Dec[at].Float64(v.Type.Scale)
	case types.KindYearMonth:
		return float64(v.I32[at])
	case types.KindDayTime:
		return float64(v.I64[at])
	}
	return float64(integerAt(v, at))
}

// setNumber is the inverse of numberAt for doubles and intervals.
func setNumber(v *vector.Vector, i int, x float64) {
	switch v.Type.Kind {
	case types.KindYearMonth:
		v.I32[i] = int32(x)
	case types.KindDayTime:
		v.I64[i] = int64(x)
	default:
		v.F64[i] = x
	}
}

// A modality says how mode chooses among the most frequent values: Data of the call.
type modality struct{ ordered, desc bool }

func resolveMode(call *expr.Expr) error {
	args, order, _ := call.Parts()
	m := modality{}
	switch {
	case len(order) > 1 || len(order) == 1 && len(args) > 0:
		return wrongOrderings(call)
	case len(order) == 1:
		m = modality{true, call.Aggregation.Order[0].Desc}
	case len(args) == 0:
		return sparkerr.New("INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING", "funcName", "`mode`")
	case len(args) == 2:
		if args[1].Type.Kind != types.KindBoolean {
			return coerce.UnexpectedInput(call, 1, `"BOOLEAN"`)
		}
		v, err := constantArg(call, 1)
		if err != nil {
			return err
		}
		if v == nil {
			return notConstant(call, 1, "`deterministic`")
		}
		if v.IsNull(0) {
			return coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", "`deterministic`")
		}
		m.ordered = v.Bool[0]
		call.Args = call.Args[:1]
	}
	value := call.Args[0]
	if m.ordered {
		if err := coerce.CheckOrdering(call, value.Type, "mode"); err != nil {
			return err
		}
	}
	call.Data, call.Type, call.Nullable = m, value.Type, true
	return nil
}

func modeSQL(call *expr.Expr, args []string) string {
	m, _ := call.Data.(modality)
	if _, order, _ := call.Parts(); len(order) == 1 {
		return "mode() WITHIN GROUP (ORDER BY " + order[0].SQL() + descending(call) + ")"
	}
	if m.ordered && len(args) == 1 {
		args = append(args, "true")
	}
	return callSQL(call.CallName(), args)
}

func accumulateMode(call *expr.Expr) (expr.Aggregator, error) {
	m, _ := call.Data.(modality)
	return newCollector(call.Args[:1], m.finish), nil
}

func (m modality) finish(s *collector, rows []int32, out *vector.Vector, g int) error {
	if len(rows) == 0 {
		out.SetNull(g)
		return nil
	}
	v := s.cols[0]
	count := map[string]int{}
	var different []int32
	keys := map[int32]string{}
	for _, r := range rows {
		s.key = kernel.AppendKey(s.key[:0], v, int(r))
		if count[string(s.key)]++; count[string(s.key)] == 1 {
			different = append(different, r)
			keys[r] = string(s.key)
		}
	}
	if m.ordered {
		different = s.sorted(different, 0, []expr.Sorting{{Desc: m.desc}})
	} else {
		different = openHashOrder(v, different)
	}
	best := different[0]
	for _, r := range different {
		if count[keys[r]] > count[keys[best]] {
			best = r
		}
	}
	kernel.Copy(out, g, v, int(best))
	return nil
}
