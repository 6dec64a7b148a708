package main

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// A scope generates expressions over columns.
type scope struct {
	*rand.Rand
	columns []column
}

type column struct{ name, class string }

// Sets of classes that templates name.
var sets = map[string][]string{
	"num": {integer, floating, decimal}, "int": {integer}, "float": {floating}, "dec": {decimal}, "text": {chars}, "cond": {boolean}, "time": {when},
	"scalar": {integer, floating, decimal, chars, boolean, when},
	"ord":    {integer, floating, decimal, chars, boolean, when, nested, binary},
	"any":    {integer, floating, decimal, chars, boolean, when, nested, binary, mapped, interval},
}

// forms are expressions by class; {NAME} is an operand of one of the classes of a set.
var forms = map[string][]string{
	integer:  {"coalesce({int}, 5)", "{int} % 3", "length({text})", "CASE WHEN {cond} THEN {int} END", "{int} + 1", "hash({scalar})", "year({time})"},
	floating: {"CAST({int} AS DOUBLE)", "{float} * 2", "sqrt(abs(i))", "CAST({float} AS FLOAT)", "{int} / 4"},
	decimal:  {"CAST({int} AS DECIMAL(20,4))", "{dec} + {dec}", "CAST({dec} AS DECIMAL(38,20))", "round({dec}, 1)"},
	chars:    {"upper({text})", "concat({text}, '-', {int})", "CAST({scalar} AS STRING)", "substr({text}, 1, 1)", "coalesce({text}, 'none')"},
	boolean:  {"{any} IS NULL", "{int} > 0", "{text} = 'a'", "{num} <= 1.5", "NOT {cond}", "{cond} AND {cond}"},
	when:     {"CAST({time} AS DATE)", "date_trunc('HOUR', {time})", "CAST({time} AS TIMESTAMP_NTZ)", "last_day({time})"},
	nested: {
		"array({int}, {int})", "array({text})", "named_struct('p', {int}, 'q', {text})", "named_struct('o', named_struct('p', {dec}, 'q', {time}))",
		"array(named_struct('p', {float}))", "split({text}, 'a')", "array(array({int}), NULL)", "struct({float}, {cond})",
	},
	mapped:   {"map('p', {int})", "map('p', {text}, 'q', NULL)", "map(coalesce({int}, 0), {nested})"},
	interval: {"make_dt_interval(0, 0, 0, i)", "make_ym_interval(0, i)", "make_interval(0, i)"},
	binary:   {"CAST({text} AS BINARY)", "unhex('C3A9')"},
}

// constants are used where no column has the class.
var constants = map[string]string{
	integer: "3", floating: "1.5D", decimal: "2.50", chars: "'k'", boolean: "true", when: "DATE'2024-02-29'", nested: "array(1, NULL)", mapped: "map('k', 1)",
	interval: "INTERVAL '1' DAY", binary: "X'61'",
}

// expr returns an expression of a class: mostly a column.
func (s *scope) expr(class string, depth int) string {
	var own []string
	for _, c := range s.columns {
		if c.class == class {
			own = append(own, c.name)
		}
	}
	list := forms[class]
	switch {
	case len(own) > 0 && (depth <= 0 || s.IntN(4) > 0):
		return pick(s.Rand, own)
	case depth > 0 && len(list) > 0:
		if text, ok := s.fill(pick(s.Rand, list), depth-1); ok {
			return text
		}
	}
	if len(own) > 0 {
		return pick(s.Rand, own)
	}
	return constants[class]
}

var hole = regexp.MustCompile(`\{\w+\}`)

// fill puts expressions into a template. It fails if the template needs the column i and there is none.
func (s *scope) fill(template string, depth int) (text string, ok bool) {
	text = hole.ReplaceAllStringFunc(template, func(name string) string { return s.operand(name[1:len(name)-1], depth) })
	needsI := strings.Contains(template, "(i)") || strings.Contains(template, " i)")
	return text, !needsI || slices.ContainsFunc(s.columns, func(c column) bool { return c.name == "i" })
}

func (s *scope) operand(set string, depth int) string {
	classes, ok := sets[set]
	if !ok {
		return s.expr(set, depth)
	}
	if s.IntN(5) > 0 { // prefer a class that has columns
		classes = slices.DeleteFunc(slices.Clone(classes), func(class string) bool {
			return !slices.ContainsFunc(s.columns, func(c column) bool { return c.class == class })
		})
	}
	if len(classes) == 0 {
		classes = sets[set]
	}
	return s.expr(pick(s.Rand, classes), depth)
}

// any returns an expression of any class that can be a key, and its class.
func (s *scope) any(depth int) (key, class string) {
	class = pick(s.Rand, []string{integer, integer, floating, decimal, chars, chars, boolean, when, nested, binary, mapped, interval})
	return s.expr(class, depth), class
}

// aggregates are templates of aggregate functions.
var aggregates = []string{
	"count(*)", "count(1)", "count({any})", "count({any}, {any})", "sum({num})", "sum({num})", "avg({num})", "avg({num})", "min({ord})", "max({ord})", "min({num})", "max({text})",
	"try_sum({num})", "try_avg({num})", "stddev({num})", "stddev_pop({num})", "variance({num})", "var_pop({num})", "skewness({num})", "kurtosis({num})",
	"approx_count_distinct({scalar})", "approx_count_distinct({num}, 0.1)", "bit_and({int})", "bit_or({int})", "bit_xor({int})", "bool_and({cond})", "bool_or({cond})",
	"every({cond})", "some({cond})", "count_if({cond})", "corr({num}, {num})", "covar_pop({num}, {num})", "covar_samp({num}, {num})", "regr_count({num}, {num})",
	"regr_avgx({num}, {num})", "regr_avgy({num}, {num})", "regr_slope({num}, {num})", "regr_intercept({num}, {num})", "regr_r2({num}, {num})", "regr_sxx({num}, {num})",
	"regr_sxy({num}, {num})", "regr_syy({num}, {num})", "percentile({num}, 0.5)", "percentile({num}, array(0.0, 0.25, 1.0))", "percentile({num}, 0.5, abs(coalesce({int}, 1)))",
	"median({num})", "percentile_cont(0.3) WITHIN GROUP (ORDER BY {num})", "percentile_disc(0.3) WITHIN GROUP (ORDER BY {num} DESC)", "mode({scalar}, true)",
	"mode() WITHIN GROUP (ORDER BY {num})", "sort_array(collect_set({scalar}))", "size(collect_set({scalar}))", "count_min_sketch({int}, 0.5D, 0.5D, 7)",
	"bitmap_count(bitmap_construct_agg(abs(coalesce({int}, 0)) % 8))", "sum({num}) + count(*)", "round(avg({num}), 2)", "max({int}) - min({int})",
	"coalesce(sum({int}), 0)", "named_struct('n', count(*), 'm', max({scalar}))", "CASE WHEN count(*) > 1 THEN max({scalar}) END", "sum(make_dt_interval(0, 0, 0, i))",
	"listagg({text}, ',') WITHIN GROUP (ORDER BY {text})",
}

// ordered are aggregate functions whose results depend on the order of rows: defined as long as each batch is one file.
var ordered = []string{
	"first({any})", "last({any})", "any_value({scalar})", "first({any}, true)", "last({any}, true)", "max_by({any}, {ord})", "min_by({any}, {ord})", "max_by({scalar}, {num}, 2)",
	"collect_list({any})", "array_agg({scalar})", "collect_set({scalar})", "percentile_approx({num}, 0.5)", "approx_percentile({num}, array(0.1, 0.9), 100)",
	"histogram_numeric({num}, 3)", "listagg({text}, ',')", "string_agg({text}, '')",
}

// refused are aggregates that a stream cannot have, or that are wrong.
var refused = []string{
	"count(DISTINCT {any})", "sum(DISTINCT {num})", "max({mapped})", "sum({cond})", "max(sum({num}))", "row_number() OVER (ORDER BY {int})", "{int}", "nosuch({int})",
	"sum({text})", "grouping({int})", "monotonically_increasing_id()", "sum(rand())",
}

// aggregate returns an aggregate expression. Those that depend on the order of rows are only used if it is defined.
func (s *scope) aggregate(inOrder bool) string {
	list := aggregates
	switch k := s.IntN(100); {
	case k < 2:
		list = refused
	case k < 25 && inOrder:
		list = ordered
	}
	for {
		text, ok := s.fill(pick(s.Rand, list), 1)
		if !ok {
			list = aggregates
			continue
		}
		if s.IntN(8) == 0 && strings.HasSuffix(text, ")") && strings.Count(text, ")") == 1 {
			text += " FILTER (WHERE " + s.operand("cond", 1) + ")"
		}
		return text
	}
}
