package parse

import (
	"reflect"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/ast"
)

// rows formats a relation as an s-expression.
func rows(r ast.Relation) string {
	switch r := r.(type) {
	case nil:
		return "nothing"
	case *ast.Query:
		return query(r)
	case *ast.Select:
		return selection(r)
	case *ast.SetOperation:
		op := strings.ToLower(r.Op)
		if r.All {
			op += " all"
		}
		if r.ByName {
			op += " by name"
		}
		return "(" + op + " " + rows(r.Left) + " " + rows(r.Right) + ")"
	case *ast.Join:
		text := strings.ToLower(r.Kind)
		for i, set := range []bool{r.Comma, r.Lateral, r.Natural} {
			if set {
				text += []string{",", " lateral", " natural"}[i]
			}
		}
		text = "(" + text + " " + rows(r.Left) + " " + rows(r.Right)
		if r.On != nil {
			text += " on " + sexp(r.On)
		}
		return text + strings.Join(append([]string{""}, r.Using...), " using ") + ")"
	case *ast.Table:
		stream := ""
		if r.Stream {
			stream = "stream "
		}
		return stream + strings.Join(r.Name, ".") + clauses(r.Others) + naming(r.Naming)
	case *ast.Derived:
		return "[" + rows(r.Of) + "]" + clauses(r.Others) + naming(r.Naming)
	case *ast.Values:
		return list("values", r.Rows...) + naming(r.Naming)
	case *ast.TableFunction:
		return sexp(r.Call) + naming(r.Naming)
	case *ast.Piped:
		if r.Alias != "" {
			return "(as " + r.Alias + " " + rows(r.Of) + ")"
		}
		return list("set "+rows(r.Of), r.Set...)
	case *ast.Reshaped:
		return "(" + r.Clause.Name + " " + rows(r.Of) + ")"
	}
	return "?"
}

func naming(n ast.Naming) string {
	if n.Alias == "" {
		return ""
	}
	return " as " + n.Alias + strings.Join(append([]string{""}, n.Columns...), "/")
}

func clauses(list []ast.Clause) (text string) {
	for _, c := range list {
		text += " {" + c.Name
		if c.Rows != nil {
			text += " " + sexp(c.Rows)
		}
		text += "}"
	}
	return text
}

func query(q *ast.Query) string {
	text := ""
	for _, t := range q.With {
		text += "(with " + t.Name + strings.Join(append([]string{""}, t.Columns...), "/") + " " + query(t.Query) + ") "
	}
	text += rows(q.Body)
	for _, o := range q.OrderBy {
		text += " order " + sexp(o.X)
		if o.Desc {
			text += " desc"
		}
	}
	text += clauses(q.Others)
	if q.Limit != nil {
		text += " limit " + sexp(q.Limit)
	}
	if q.Offset != nil {
		text += " offset " + sexp(q.Offset)
	}
	return text
}

func selection(s *ast.Select) string {
	head := "select"
	if s.Distinct {
		head += " distinct"
	}
	if s.Pipe == "AGGREGATE" {
		head = "aggregate"
	}
	if s.Items == nil {
		head += " all"
	}
	text := list(head, s.Items...)
	if s.From != nil {
		text += " from " + rows(s.From)
	}
	for _, v := range s.Views {
		text += " view " + sexp(v.Call) + naming(ast.Naming{Alias: v.Alias, Columns: v.Columns})
	}
	if s.Where != nil {
		text += " where " + sexp(s.Where)
	}
	if s.GroupBy != nil {
		text += " group" + groups(s.GroupBy.Items) + strings.TrimSuffix(" declared "+list("", s.GroupBy.Declared...), " declared ()")
	}
	if s.Having != nil {
		text += " having " + sexp(s.Having)
	}
	if s.Qualify != nil {
		text += " qualify " + sexp(s.Qualify)
	}
	return text + clauses(s.Others)
}

func groups(items []ast.GroupItem) (text string) {
	for _, item := range items {
		if item.Kind == ast.GroupOne {
			text += " " + sexp(item.X)
			continue
		}
		text += " " + []string{"", "(list", "(sets", "(rollup", "(cube"}[item.Kind] + groups(item.Items) + ")"
	}
	return text
}

func TestQueries(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"SELECT 1", "(select 1)"},
		{"select distinct a, b from s", "(select distinct a b) from s"},
		{"select a from", "(select (as from a))"},
		{"select a where", "(select (as where a))"},
		{"select a from s where b > 1 group by a, 2 having count(*) > 1 order by a desc, b nulls last limit 10;",
			"(select a) from s where (> b 1) group a 2 having (> (count() *) 1) order a desc order b limit 10"},
		{"select all a from `my stream` group by all", "(select a) from my stream group all"},
		{"select a from stream order by all limit all offset 3", "(select a) from stream order all offset 3"},
		{"select a from stream s", "(select a) from stream as s"},
		{"select a from stream as s (x, y)", "(select a) from stream as s/x/y"},
		{"select a from stream stream", "(select a) from stream stream"},
		{"select a from stream stream s", "(select a) from stream stream as s"},
		{"select a from stream(stream) s", "(select a) from stream stream as s"},
		{"select a from stream where", "(select a) from stream as where"},
		{"select a from stream limit", "(select a) from stream as limit"},
		{"select a from stream window where a", "(select a) from stream as window where a"},
		{"select 1 union select 2", "(union (select 1) (select 2))"},
		{"select a union", "(select (as union a))"},
		{"select a minus, b from t", "(select (as minus a) b) from t"},
		{"select 1 union all select 2 intersect select 3 except distinct values (4)",
			"(except (union all (select 1) (intersect (select 2) (select 3))) (values 4))"},
		{"select a from s union all by name select a from t order by a", "(union all by name (select a) from s (select a) from t) order a"},
		{"(select a from s) union (select b from t limit 1) limit 2", "(union (select a) from s (select b) from t limit 1) limit 2"},
		{"((select 1))", "(select 1)"},
		{"table s", "s"},
		{"with a as (select 1), b (x, y) as (select 2) select * from a, b", "(with a (select 1)) (with b/x/y (select 2)) (select *) from (cross, a b)"},
		{"with recursive r(n) as (select 1) select n from r", "(with r/n (select 1)) (select n) from r"},
		{"select with from t", "(select with) from t"},
		{"select w from (select window(ts, '5 minutes') as w from stream) group by 1", "(select w) from [(select (as w (window() ts s:5 minutes))) from stream] group 1"},
		{"select * from ((select 1) union (select 2)) t", "(select *) from [(union (select 1) (select 2))] as t"},
		{"select * from ((select 1) t join (select 2) u)", "(select *) from [(inner [(select 1)] as t [(select 2)] as u)]"},
		{"select * from a join b on a.x = b.x left outer join c using (x, y)", "(select *) from (left (inner a b on (= a.x b.x)) c using x using y)"},
		{"select * from a natural full join b cross join c left anti join d semi join e right join f",
			"(select *) from (right (semi (anti (cross (full natural a b) c) d) e) f)"},
		{"select * from `stream` as s, lateral (select s.v + 1 as x) t", "(select *) from (cross, lateral stream as s [(select (as x (+ s.v 1)))] as t)"},
		{"select * from s, lateral explode(s.a) as t(x)", "(select *) from (cross, lateral s (explode() s.a) as t/x)"},
		{"select x.n from (values ('a', 1), ('b', 2)) as x(k, n)", "(select x.n) from [(values (tuple s:a 1) (tuple s:b 2))] as x/k/n"},
		{"select * from values 1, 2 as t(x)", "(select *) from (values 1 2) as t/x"},
		{"select * from range(10) r", "(select *) from (range() 10) as r"},
		{"select k, x from s lateral view outer explode(a) t as x lateral view posexplode(b) u as i, y where x > 1",
			"(select k x) from s view (explode() a) as t/x view (posexplode() b) as u/i/y where (> x 1)"},
		{"select a from s group by a, b with rollup", "(select a) from s group (rollup a b)"},
		{"select a from s group by a, b with cube having true", "(select a) from s group (cube a b) having true"},
		{"select a from s group by a, b grouping sets ((a, b), a, ())", "(select a) from s group (sets (list a b) a (list)) declared ( a b)"},
		{"select a from s group by grouping sets (rollup(a, (b, c)), cube(d), (a + 1) * 2), e", "(select a) from s group (sets (rollup a (list b c)) (cube d) (* (+ a 1) 2)) e"},
		{"select a from s qualify row_number() over (order by a) = 1", "(select a) from s qualify (= (row_number() over) 1)"},
		{"select sum(a) over w from s window w as (partition by b)", "(select (sum() over a)) from s"},
		{"select a from s sort by a", "(select a) from s {SORT BY}"},
		{"select a from s distribute by a sort by b desc", "(select a) from s {DISTRIBUTE BY} {SORT BY}"},
		{"select a from s tablesample (5 rows) t", "(select a) from s {TABLESAMPLE 5} as t"},
		{"select a from s tablesample (50 percent) repeatable (3)", "(select a) from s {TABLESAMPLE}"},
		{"select a from s watermark ts delay of interval 5 minutes as t", "(select a) from s {WATERMARK} as t"},
		{"select a from s version as of 3", "(select a) from s {VERSION AS OF}"},
		{"select * from s pivot (sum(v) for k in ('a', 'b'))", "(select *) from (PIVOT s)"},
		{"select * from s unpivot include nulls (v for n in (a, b)) u", "(select *) from (UNPIVOT s)"},
		{"select /*+ coalesce(3) */ a from s", "(select a) from s {The hint /*+ coalesce(3) */}"},
		{"select (select max(v) from stream) m, exists (select 1), a in (select b from t), exists(a, x -> x) from s",
			"(select (as m (subquery (select (max() v)) from stream)) (subquery exists (select 1)) (subquery a in (select b) from t) (exists() a (lambda x x))) from s"},
		{"from s", "s"},
		{"from s select a where b", "(select a) from s where b"},
		{"from stream |> where v > 0 |> aggregate count(*) as n group by k",
			"(aggregate (as n (count() *))) from (select all) from stream where (> v 0) group k"},
		{"select a from s |> extend a + 1 as b |> drop a, c |> as t |> set b = 1, d = 2 |> order by b |> limit 1 |> select distinct b",
			"(select distinct b) from (set (as t (select * -a -c) from (select * (as b (+ a 1))) from (select a) from s) (as b 1) (as d 2)) order b limit 1"},
		{"from a |> join b on true |> union all table c |> tablesample (1 rows)", "(union all (inner a b on true) c) {TABLESAMPLE 1}"},
		{"from a |> aggregate group by b", "(aggregate) from a group b"},
	} {
		q, err := Query(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if got := query(q); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestTextsThatAreNotQueries(t *testing.T) {
	for text, near := range map[string]string{
		"": "", "a": "'a'", "select": "end of input", "select a from s t u": "'u'", "select a from s where b c d": "'c'",
		"select a from s limit 1 order by a": "'order'", "select a from s join": "end of input", "select a from left join": "end of input", "values": "'values'", "select a from (select b": "end of input",
		"select a from s union": "'union'", "select a from s group by a with": "'with'", "select a from s group by rollup(a) with cube": "'with'",
		"select a from s group by grouping sets (a": "end of input", "with a select 1": "'select'", "from s |>": "end of input", "from s |> foo": "'foo'",
		"select a from s order a": "'a'", "select a from s having": "", "select a, from s": "",
		"select a from s where in (select 1)": "", "select a from s on a": "'on'", "select a from s |> select": "end of input",
	} {
		_, err := Query(text)
		switch {
		case near == "":
		case err == nil:
			t.Errorf("%q parses", text)
		case err.Params["error"] != near:
			t.Errorf("%q: near %s, want %s", text, err.Params["error"], near)
		}
	}
}

// spans visits the spans of all nodes below a value.
func spans(v reflect.Value, visit func(ast.Span)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() && v.Type().String() != "*types.Type" {
			spans(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			spans(v.Index(i), visit)
		}
	case reflect.Struct:
		if s, ok := v.Interface().(ast.Span); ok {
			visit(s)
			return
		}
		for i := range v.NumField() {
			spans(v.Field(i), visit)
		}
	}
}

func FuzzQuery(f *testing.F) {
	for _, text := range []string{
		"select a, b c from s where x group by 1 having y order by z desc limit 2",
		"with a as (select 1) select * from a join (b cross join c) on x, lateral (select 2) t union all values (1), (2)",
		"from s |> where x |> aggregate count(*) as n group by rollup(a, (b, c)), grouping sets ((), a) |> limit 3",
		"select x in (select y), exists (select 1), (select 2) from s tablesample (5 rows) t lateral view explode(a) u as v",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Query(text)
		checkSpans(t, text, nil, err)
		spans(reflect.ValueOf(q), func(s ast.Span) {
			if s.Start < 0 || s.Start > s.End || s.End > len(text) {
				t.Errorf("%q: span %+v", text, s)
			}
		})
	})
}
