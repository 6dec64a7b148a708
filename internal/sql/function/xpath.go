package function

import (
	"errors"
	"math"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/xpath"
	"github.com/streamctl/streamctl/internal/types"
)

// xpathFunctions evaluate XPath expressions on XML texts.
func xpathFunctions() []*expr.Function {
	const sum, two = "'<a><b>1</b><b>2</b></a>', 'sum(a/b)'", "'<a><b>b1</b><c>c1</c></a>', "
	double := xpathFunction("xpath_double", "The value of an XPath as a number; NaN if it is not numeric.", sum, "3.0", types.Double, (*xpathRun).double)
	double.Aliases = []string{"xpath_number"}
	return []*expr.Function{
		double,
		xpathFunction("xpath", "The values of the nodes selected by an XPath; elements have no value, but their text() does.",
			two+"'a/*/text()'", "[b1, c1]", types.ArrayOf(types.String, false), (*xpathRun).list),
		xpathFunction("xpath_boolean", "Whether an XPath is true or selects a node.", two+"'a/b'", "true", types.Boolean, (*xpathRun).boolean),
		xpathFunction("xpath_short", "The value of an XPath as a number; 0 if it is not numeric.", sum, "3", types.Short, (*xpathRun).short),
		xpathFunction("xpath_int", "The value of an XPath as a number; 0 if it is not numeric.", sum, "3", types.Int, (*xpathRun).int),
		xpathFunction("xpath_long", "The value of an XPath as a number; 0 if it is not numeric.", sum, "3", types.Long, (*xpathRun).long),
		xpathFunction("xpath_float", "The value of an XPath as a number; NaN if it is not numeric.", sum, "3.0", types.Float, (*xpathRun).float),
		xpathFunction("xpath_string", "The text of the first node selected by an XPath.", two+"'a/c'", "c1", types.String, (*xpathRun).text),
	}
}

func xpathFunction(name, doc, example, result string, t *types.Type, store func(*xpathRun, *row) error) *expr.Function {
	return &expr.Function{
		Name: name, Group: "xml_funcs", Usage: name + "(xml, xpath)", Doc: doc, Example: name + "(" + example + ")", Result: result,
		MinArgs: 2, MaxArgs: 2, Resolve: constantPath(nullable(expects(t, coerce.String))),
		Compile: func(*expr.Expr) (expr.Kernel, error) {
			run := newXPathRun()
			return rowKernel(func(r *row) error { return run.each(r, store) }), nil
		},
	}
}

// constantPath refuses a non-constant XPath before it reports other mistakes in the call.
func constantPath(resolve resolver) resolver {
	return func(call *expr.Expr) error {
		if path := call.Args[1]; !path.Foldable() || replacedLater(path) {
			return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`path`", "inputType", `"STRING"`, "inputExpr", `"`+path.SQL()+`"`)
		}
		return resolve(call)
	}
}

// An xpathRun holds what a kernel reuses for all rows: the expression, and the memory of the last document.
type xpathRun struct {
	source string // of path
	path   *xpath.Expression
	doc    xpath.Document
	budget xpath.Budget
	row    *row
	held   expr.Holding
}

func newXPathRun() *xpathRun {
	run := &xpathRun{}
	run.budget = xpath.Budget{
		Take: func(n int) { run.row.Take(n) },
		Hold: func(bytes int) error {
			if _, limited := run.held.Room(); !limited {
				return nil
			}
			return run.held.Hold(run.row.ctx, bytes)
		},
	}
	return run
}

// each evaluates a row. If either the XML text or the XPath is empty, the result is NULL and the other one is not checked.
func (x *xpathRun) each(r *row, store func(*xpathRun, *row) error) error {
	text, path := r.text(0), r.text(1)
	if len(text) == 0 || len(path) == 0 {
		r.setNull()
		return nil
	}
	x.row = r
	if x.path == nil || x.source != string(path) {
		compiled, err := xpath.Compile(string(javaText(&r.Steps, path)))
		if err != nil {
			return sparkerr.Plain("The XPath '%s' is not valid: %v.", path, err)
		}
		x.source, x.path = string(path), compiled
	}
	if err := x.doc.Parse(javaText(&r.Steps, text), x.budget); err != nil {
		return xmlError(err)
	}
	return store(x, r)
}

// xmlError converts a parse error into a user error. Memory errors are returned unchanged.
func xmlError(err error) error {
	if large := (*expr.TooLarge)(nil); errors.As(err, &large) {
		return err
	}
	e := sparkerr.Plain("%v", err)
	if doctype := (*xpath.DoctypeError)(nil); errors.As(err, &doctype) {
		return e.WithHint("remove <!DOCTYPE …> from the text, for instance with regexp_replace")
	}
	return e.WithHint("exclude such texts with a filter")
}

func (x *xpathRun) list(r *row) error {
	from := r.listStart()
	err := x.path.Nodes(&x.doc, x.budget, func(value string, ok bool) {
		r.listAdd([]byte(value))
		if !ok {
			list := r.out.Children[0]
			list.SetNull(list.Len() - 1)
		}
	})
	r.listEnd(from)
	return xpathError(err)
}

func (x *xpathRun) boolean(r *row) error {
	b, err := x.path.Boolean(&x.doc, x.budget)
	r.out.Bool[r.out.At(r.i)] = b
	return xpathError(err)
}

func (x *xpathRun) text(r *row) error {
	s, err := x.path.Text(&x.doc, x.budget)
	if err == nil {
		r.fits(r.out.Data, len(s))
		r.setString(s)
	}
	return xpathError(err)
}

func (x *xpathRun) number(r *row) (float64, error) {
	f, err := x.path.Number(&x.doc, x.budget)
	return f, xpathError(err)
}

func (x *xpathRun) double(r *row) error {
	f, err := x.number(r)
	r.setDouble(f)
	return err
}

func (x *xpathRun) float(r *row) error {
	f, err := x.number(r)
	r.out.F32[r.out.At(r.i)] = float32(f)
	return err
}

func (x *xpathRun) long(r *row) error {
	f, err := x.number(r)
	r.setLong(saturate(f))
	return err
}

func (x *xpathRun) int(r *row) error {
	f, err := x.number(r)
	r.setInt(int(saturateInt(f)))
	return err
}

// short truncates an int, as Java does.
func (x *xpathRun) short(r *row) error {
	f, err := x.number(r)
	r.out.I16[r.out.At(r.i)] = int16(saturateInt(f))
	return err
}

// saturateInt is Java's cast of a double to int.
func saturateInt(f float64) int32 {
	return int32(min(max(saturate(f), math.MinInt32), math.MaxInt32))
}

func xpathError(err error) error {
	if err == nil {
		return nil
	}
	return sparkerr.Plain("The XPath cannot be evaluated: %v.", err)
}
