package analyze

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
)

// name resolves a possibly qualified name to a lambda variable, a column, an alias further left in the select list, or a
// hidden column, or to a field of one of these. (Spark: variables come first, and columns before aliases.)
func (a *analyzer) name(n *ast.Name) (*expr.Expr, error) {
	if v := a.variable(n.Parts[0]); v != nil {
		return a.fields(n, v, n.Parts[1:])
	}
	x, rest, err := a.visible(n)
	if x == nil && err == nil {
		x, rest, err = a.hidden(n)
	}
	switch {
	case err != nil:
		return nil, err
	case x != nil:
		return a.fields(n, x, rest)
	}
	if x, err := a.bareFunction(n); x != nil || err != nil {
		return x, err
	}
	if a.Outer != nil {
		if x, rest, err = a.Outer(n); err != nil {
			return nil, err
		}
		if x != nil {
			return a.fields(n, a.locate(x, n), rest)
		}
	}
	return nil, a.unresolved(n)
}

// visible resolves a name to a column or to an item of the select list. Columns come first, but not in ORDER BY.
func (a *analyzer) visible(n *ast.Name) (x *expr.Expr, rest []string, err error) {
	first, second := a.columns, a.lateralAlias
	if a.outputs {
		first, second = second, first
	}
	x, rest, err = first(n)
	switch {
	case x != nil || err != nil && !a.outputs:
		return x, rest, err
	case err != nil: // an ambiguous item may still be a column
		if x, rest, _ := second(n); x != nil {
			return x, rest, nil
		}
		return nil, nil, err
	}
	return second(n)
}

// columns resolves a name to a column.
func (a *analyzer) columns(n *ast.Name) (*expr.Expr, []string, error) {
	return a.find(n, a.Columns, a.Qualifiers)
}

// hidden resolves a name to a column in the first level of hidden columns that has it.
func (a *analyzer) hidden(n *ast.Name) (x *expr.Expr, rest []string, err error) {
	if a.Hidden == nil {
		return nil, nil, nil
	}
	for level := range a.Hidden {
		var qualifiers []string
		if a.Relations != nil {
			for _, c := range level {
				qualifiers = append(qualifiers, a.Relations[c.ID])
			}
		}
		if x, rest, err = a.find(n, level, qualifiers); x != nil || err != nil {
			break
		}
	}
	return x, rest, err
}

// variable finds a parameter of an enclosing lambda.
func (a *analyzer) variable(name string) *expr.Expr {
	for i := len(a.vars) - 1; i >= 0; i-- {
		if strings.EqualFold(a.vars[i].Name, name) {
			return a.vars[i]
		}
	}
	return nil
}

// find resolves the start of a name to one of the columns: qualifier.column, otherwise column. rest holds the remaining
// parts.
func (a *analyzer) find(n *ast.Name, columns []*expr.Expr, qualifiers []string) (x *expr.Expr, rest []string, err error) {
	for used := min(len(n.Parts), 2); used > 0; used-- {
		column := n.Parts[used-1]
		var found []*expr.Expr
		for i, c := range columns {
			if strings.EqualFold(c.Name, column) && (used == 1 || qualifiers != nil && strings.EqualFold(qualifiers[i], n.Parts[0])) {
				found = appendNew(found, c)
			}
		}
		if len(found) > 1 {
			return nil, nil, a.ambiguous(n, found, qualifiers, columns)
		}
		if len(found) == 1 {
			c := found[0]
			ref := &expr.Expr{Kind: expr.Column, ID: c.ID, Name: column, Type: c.Type, Nullable: c.Nullable}
			return a.locate(ref, n), n.Parts[used:], nil
		}
	}
	return nil, nil, nil
}

func (a *analyzer) ambiguous(n *ast.Name, found []*expr.Expr, qualifiers []string, columns []*expr.Expr) error {
	names := make([]string, len(found))
	for i, f := range found {
		names[i] = types.Quote(f.Name)
		for j, c := range columns {
			if c == f && qualifiers != nil && qualifiers[j] != "" {
				names[i] = types.Quote(qualifiers[j]) + "." + names[i]
			}
		}
	}
	return a.fail(n, "AMBIGUOUS_REFERENCE", "name", quoteParts(n.Parts), "referenceNames", "["+strings.Join(names, ", ")+"]")
}

// lateralAlias resolves a name to a grouping key, or to an item further left in the select list.
func (a *analyzer) lateralAlias(n *ast.Name) (*expr.Expr, []string, error) {
	found := itemsNamed(a.keys, n.Parts[0])
	if len(found) == 0 {
		found = itemsNamed(a.lateral, n.Parts[0])
	}
	switch {
	case len(found) == 0:
		return nil, nil, nil
	case len(found) > 1 && a.outputs:
		return nil, nil, a.ambiguous(n, found, nil, nil)
	case len(found) > 1:
		return nil, nil, a.fail(n, "AMBIGUOUS_LATERAL_COLUMN_ALIAS", "name", types.Quote(n.Parts[0]), "n", strconv.Itoa(len(found)))
	}
	item := found[0]
	ref := &expr.Expr{Kind: expr.Column, ID: item.ID, Name: n.Parts[0], Type: item.Type, Nullable: item.Nullable}
	return a.locate(ref, n), n.Parts[1:], nil
}

// itemsNamed returns the named expressions with a name.
func itemsNamed(list []*expr.Expr, name string) (found []*expr.Expr) {
	for _, item := range list {
		if strings.EqualFold(item.Name, name) {
			found = appendNew(found, item)
		}
	}
	return found
}

// appendNew appends a column that the list lacks: a column that a select list has twice is not ambiguous. (Spark: AttributeSeq.unique.)
func appendNew(list []*expr.Expr, c *expr.Expr) []*expr.Expr {
	if slices.ContainsFunc(list, func(x *expr.Expr) bool { return x.ID == c.ID }) {
		return list
	}
	return append(list, c)
}

// bareFunctions may be written without parentheses if no column has the name.
var bareFunctions = map[string]bool{
	"current_date": true, "current_timestamp": true, "localtimestamp": true, "current_time": true, "current_user": true,
	"user": true, "session_user": true, "current_catalog": true, "current_database": true,
}

func (a *analyzer) bareFunction(n *ast.Name) (*expr.Expr, error) {
	name := strings.ToLower(n.Parts[0])
	if len(n.Parts) != 1 || !bareFunctions[name] {
		return nil, nil
	}
	return a.call(&ast.Call{Node: n.Node, Name: []string{name}, NameSpan: n.Span})
}

// unresolved returns the error for a name that cannot be resolved, with the most similar columns.
func (a *analyzer) unresolved(n *ast.Name) error {
	if a.quiet {
		return a.fail(n, "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "objectName", quoteParts(n.Parts))
	}
	var names, plain []string
	for i, c := range a.Columns {
		plain = append(plain, c.Name)
		name := types.Quote(c.Name)
		if len(n.Parts) > 1 && a.Qualifiers != nil && a.Qualifiers[i] != "" {
			name = types.Quote(a.Qualifiers[i]) + "." + name
		}
		names = append(names, name)
	}
	wanted := quoteParts(n.Parts)
	names = proposals(n.Parts, names)
	if len(names) == 0 {
		return a.fail(n, "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "objectName", wanted)
	}
	err := a.fail(n, "UNRESOLVED_COLUMN.WITH_SUGGESTION", "objectName", wanted, "proposal", strings.Join(names, ", "))
	err.Hint, err.Total = didYouMean(n.Parts[len(n.Parts)-1], plain), len(a.Columns)
	if f, ok := function.Lookup(strings.ToLower(n.Parts[0])); ok && len(n.Parts) == 1 && err.Hint == "" {
		err.Hint = f.Name + " is a function: write " + f.Usage
	}
	return err
}

// fields descends from x through struct fields, map keys and so on.
func (a *analyzer) fields(at ast.Expr, x *expr.Expr, path []string) (*expr.Expr, error) {
	for _, name := range path {
		key := a.locate(expr.Str(name), at)
		var err error
		if x, err = a.extract(at, x, key); err != nil {
			return nil, err
		}
	}
	return x, nil
}

func (a *analyzer) field(n *ast.Field) (*expr.Expr, error) {
	x, err := a.expr(n.X)
	if err != nil {
		return nil, err
	}
	return a.fields(n, x, []string{n.Name})
}

func (a *analyzer) subscript(n *ast.Subscript) (*expr.Expr, error) {
	x, err := a.expr(n.X)
	if err != nil {
		return nil, err
	}
	index, err := a.expr(n.Index)
	if err != nil {
		return nil, err
	}
	return a.extract(n, x, index)
}

// extract returns x[key] or x.name. (Spark: ExtractValue.)
func (a *analyzer) extract(at ast.Expr, x, key *expr.Expr) (*expr.Expr, error) {
	isName := key.Kind == expr.Literal && key.Type.Kind == types.KindString && !key.IsNullLit()
	switch t := x.Type; {
	case t.Kind == types.KindStruct && isName:
		return a.structField(at, x, string(key.Value.Bytes(0)))
	case t.Kind == types.KindStruct:
		return nil, a.fail(at, "INVALID_EXTRACT_FIELD_TYPE", "extraction", quoted(key))
	case t.Kind == types.KindArray && t.Elem.Kind == types.KindStruct && isName:
		return a.arrayField(at, x, string(key.Value.Bytes(0)))
	case t.Kind == types.KindArray:
		return a.make(at, "get_array_item", x, key)
	case t.Kind == types.KindMap:
		return a.make(at, "get_map_value", x, key)
	case t.Kind == types.KindVoid:
		return x, nil
	}
	return nil, a.fail(at, "INVALID_EXTRACT_BASE_FIELD_TYPE", "base", quoted(x), "other", `"`+x.Type.SQL()+`"`)
}

func (a *analyzer) structField(at ast.Expr, x *expr.Expr, name string) (*expr.Expr, error) {
	i, err := a.fieldIndex(at, x.Type, name)
	if err != nil {
		return nil, err
	}
	f := x.Type.Fields[i]
	return a.locate(&expr.Expr{
		Kind: expr.Field, Name: name, Index: i, Type: f.Type, Nullable: x.Nullable || f.Nullable, Args: []*expr.Expr{x},
	}, at), nil
}

// arrayField returns one field of every struct in an array; Data tells the function which field.
func (a *analyzer) arrayField(at ast.Expr, x *expr.Expr, name string) (*expr.Expr, error) {
	i, err := a.fieldIndex(at, x.Type.Elem, name)
	if err != nil {
		return nil, err
	}
	f, ok := function.Lookup("get_array_struct_fields")
	if !ok {
		return nil, a.notBuilt(at, "get_array_struct_fields")
	}
	return a.resolve(a.locate(&expr.Expr{Kind: expr.Call, Fn: f, Args: []*expr.Expr{x}, Data: i}, at))
}

func (a *analyzer) fieldIndex(at ast.Expr, t *types.Type, name string) (int, *sparkerr.Error) {
	index, count := -1, 0
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		names[i] = types.Quote(f.Name)
		if strings.EqualFold(f.Name, name) {
			index, count = i, count+1
		}
	}
	switch {
	case count == 0:
		return 0, a.fail(at, "FIELD_NOT_FOUND", "fieldName", types.Quote(name), "fields", strings.Join(names, ", "))
	case count > 1:
		return 0, a.fail(at, "AMBIGUOUS_REFERENCE_TO_FIELDS", "field", types.Quote(name), "count", strconv.Itoa(count))
	}
	return index, nil
}

// quoteParts returns a qualified name with every part in backticks.
func quoteParts(parts []string) string {
	quoted := make([]string, len(parts))
	for i, p := range parts {
		quoted[i] = types.Quote(p)
	}
	return strings.Join(quoted, ".")
}
