package function

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/javaregexp"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// mapFunctions take maps apart and build them.
func mapFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "map_keys", Group: "map_funcs", Usage: "map_keys(map)", Doc: "An array of the keys.",
			Example: "map_keys(map(1, 'a', 2, 'b'))", Result: "[1, 2]", MinArgs: 1, MaxArgs: 1,
			Resolve: ofMap(func(m *types.Type) *types.Type { return types.ArrayOf(m.Key, true) }), Compile: compileMapPart(0),
		},
		{
			Name: "map_values", Group: "map_funcs", Usage: "map_values(map)", Doc: "An array of the values.",
			Example: "map_values(map(1, 'a', 2, 'b'))", Result: "[a, b]", MinArgs: 1, MaxArgs: 1,
			Resolve: ofMap(func(m *types.Type) *types.Type { return types.ArrayOf(m.Elem, true) }), Compile: compileMapPart(1),
		},
		{
			Name: "map_entries", Group: "map_funcs", Usage: "map_entries(map)", Doc: "An array of structs of keys and values.",
			Example: "map_entries(map(1, 'a', 2, 'b'))", Result: "[{1, a}, {2, b}]", MinArgs: 1, MaxArgs: 1,
			Resolve: ofMap(entryArray), Compile: eachRow(mapEntries),
		},
		{
			Name: "map_contains_key", Group: "map_funcs", Usage: "map_contains_key(map, key)", Doc: "Whether the map contains the key.",
			Example: "map_contains_key(map(1, 'a', 2, 'b'), 1)", Result: "true", MinArgs: 2, MaxArgs: 2,
			Resolve: resolveContainsKey, Compile: eachBool(mapContainsKey),
		},
		{
			Name: "map_from_arrays", Group: "map_funcs", Usage: "map_from_arrays(keys, values)", Doc: "A map of the keys and values at equal positions.",
			Example: "map_from_arrays(array(1.0, 3.0), array('2', '4'))", Result: "{1.0 -> 2, 3.0 -> 4}", MinArgs: 2, MaxArgs: 2,
			Resolve: resolveMapFromArrays, Compile: eachRow(mapFromArrays),
		},
		{
			Name: "map_from_entries", Group: "map_funcs", Usage: "map_from_entries(arrayOfEntries)", Doc: "A map of the key-value structs.",
			Example: "map_from_entries(array(struct(1, 'a'), struct(2, 'b')))", Result: "{1 -> a, 2 -> b}", MinArgs: 1, MaxArgs: 1,
			Resolve: resolveMapFromEntries, Compile: eachRow(mapFromEntries),
		},
		{
			Name: "map_concat", Group: "map_funcs", Usage: "map_concat(map, ...)", Doc: "The entries of the maps in one map.",
			Example: "map_concat(map(1, 'a', 2, 'b'), map(3, 'c'))", Result: "{1 -> a, 2 -> b, 3 -> c}", MinArgs: 0, MaxArgs: -1,
			Resolve: resolveMapConcat, Compile: eachRow(mapConcat), Operands: expr.Operands{Nulls: expr.NullsInterpret}, Foldable: notFoldable,
		},
		{
			Name: "str_to_map", Group: "map_funcs", Usage: "str_to_map(text[, pairDelim[, keyValueDelim]])",
			Doc:     "A map parsed from a string of delimited key-value pairs; the delimiters are regular expressions.",
			Example: "str_to_map('a:1,b:2,c:3', ',', ':')", Result: "{a -> 1, b -> 2, c -> 3}", MinArgs: 1, MaxArgs: 3,
			Resolve: defaults(expects(types.MapOf(types.String, types.String, true), coerce.String), 1, expr.Str(","), expr.Str(":")),
			Compile: compileStrToMap,
		},
	}
}

// ofMap resolves a function of one map.
func ofMap(result func(m *types.Type) *types.Type) resolver {
	return func(call *expr.Expr) error {
		if err := coerce.Expects(call, coerce.AnyMap); err != nil {
			return err
		}
		coerce.Returns(call, result(call.Args[0].Type))
		return nil
	}
}

func entryArray(m *types.Type) *types.Type {
	return types.ArrayOf(types.StructOf(types.Field{Name: "key", Type: m.Key}, types.Field{Name: "value", Type: m.Elem, Nullable: m.ContainsNull}), false)
}

// compileMapPart copies child part of the map.
func compileMapPart(part int) compiler {
	return eachRow(func(r *row) error {
		m := r.args[0]
		w := m.Views[m.At(r.i)]
		from := r.listStart()
		kernel.AppendRange(r.out.Children[0], m.Children[part], int(w.Off), int(w.Len))
		r.listEnd(from)
		return nil
	})
}

func mapEntries(r *row) error {
	keys, values, off, n := r.entries(0)
	structs, from := r.out.Children[0], r.listStart()
	structs.Extend(from + n)
	for k := range n {
		kernel.Copy(structs.Children[0], from+k, keys, off+k)
		kernel.Copy(structs.Children[1], from+k, values, off+k)
	}
	r.listEnd(from)
	return nil
}

// resolveContainsKey resolves map_contains_key. Spark searches the array of keys, whose type says that it may contain NULL.
func resolveContainsKey(call *expr.Expr) error {
	m, key := call.Args[0], call.Args[1]
	switch {
	case key.Type.Kind == types.KindVoid:
		return coerce.Mismatch(call, "NULL_TYPE", "functionName", "`map_contains_key`")
	}
	var t *types.Type
	if m.Type.Kind == types.KindMap {
		t = coerce.PlainWidest(m.Type.Key, key.Type)
	}
	if t == nil {
		return coerce.Mismatch(call, "MAP_FUNCTION_DIFF_TYPES", "functionName", "`map_contains_key`", "dataType", `"MAP"`,
			"leftType", `"`+m.Type.SQL()+`"`, "rightType", `"`+key.Type.SQL()+`"`)
	}
	call.Args = []*expr.Expr{castUnlessSame(m, types.MapOf(t, m.Type.Elem, m.Type.ContainsNull)), castUnlessSame(key, t)}
	call.Type, call.Nullable = types.Boolean, true
	return nil
}

func mapContainsKey(r *row) bool {
	keys, _, off, n := r.entries(0)
	for k := off; k < off+n; k++ {
		r.Take(1)
		if kernel.Compare(keys, k, r.args[1], r.i) == 0 {
			return true
		}
	}
	return false
}

func resolveMapFromArrays(call *expr.Expr) error {
	if err := coerce.Expects(call, coerce.AnyArray, coerce.AnyArray); err != nil {
		return err
	}
	keys, values := call.Args[0].Type, call.Args[1].Type
	if err := checkMapKey(call, keys.Elem); err != nil {
		return err
	}
	coerce.Returns(call, types.MapOf(keys.Elem, values.Elem, values.ContainsNull))
	return nil
}

func mapFromArrays(r *row) error {
	keys, keyOff, keyLen := r.list(0)
	values, valueOff, valueLen := r.list(1)
	if keyLen != valueLen {
		return sparkerr.Plain("The key array and value array of MapData must have the same length.")
	}
	from := r.listStart()
	for k := range keyLen {
		if err := r.addEntry(keys, keyOff+k, values, valueOff+k); err != nil {
			return err
		}
	}
	return r.endMap(from)
}

func resolveMapFromEntries(call *expr.Expr) error {
	t := call.Args[0].Type
	if t.Kind != types.KindArray || t.Elem.Kind != types.KindStruct || len(t.Elem.Fields) != 2 {
		return coerce.UnexpectedInput(call, 0, `"ARRAY" of pair "STRUCT"`)
	}
	key, value := t.Elem.Fields[0], t.Elem.Fields[1]
	if err := checkMapKey(call, key.Type); err != nil {
		return err
	}
	call.Type, call.Nullable = types.MapOf(key.Type, value.Type, value.Nullable), call.Args[0].Nullable || t.ContainsNull
	return nil
}

// mapFromEntries returns NULL if an entry is NULL.
func mapFromEntries(r *row) error {
	entries, off, n := r.list(0)
	for k := off; k < off+n; k++ {
		if entries.IsNull(k) {
			r.setNull()
			return nil
		}
	}
	from := r.listStart()
	for k := off; k < off+n; k++ {
		if err := r.addEntry(entries.Children[0], k, entries.Children[1], k); err != nil {
			return err
		}
	}
	return r.endMap(from)
}

func resolveMapConcat(call *expr.Expr) error {
	for _, a := range call.Args {
		if a.Type.Kind != types.KindMap {
			return mapTypesDiffer(call)
		}
	}
	t := types.MapOf(types.String, types.String, false)
	if len(call.Args) > 0 {
		if t = coerce.WidestOf(coerce.Types(call.Args)...); t == nil {
			return coerce.DifferentTypes(call, "map_concat", call.Args)
		}
	}
	args := make([]*expr.Expr, len(call.Args))
	for i, a := range call.Args {
		args[i] = castUnlessSame(a, t)
	}
	call.Args = args
	coerce.Returns(call, t)
	return nil
}

func mapTypesDiffer(call *expr.Expr) error {
	return coerce.Mismatch(call, "MAP_CONCAT_DIFF_TYPES", "functionName", "`map_concat`", "dataType", typeList(call.Args))
}

func mapConcat(r *row) error {
	total := int64(0)
	for k := range r.args {
		_, _, _, n := r.entries(k)
		total += int64(n)
	}
	if err := r.checkLength("FUNCTION", "map_concat", total); err != nil {
		return err
	}
	from := r.listStart()
	for k := range r.args {
		keys, values, off, n := r.entries(k)
		for j := off; j < off+n; j++ {
			if err := r.addEntry(keys, j, values, j); err != nil {
				return err
			}
		}
	}
	return r.endMap(from)
}

func compileStrToMap(call *expr.Expr) (expr.Kernel, error) {
	pairs, parts := regexpCache{function: call.Fn.Name}, regexpCache{function: call.Fn.Name}
	return rowKernel(func(r *row) error {
		pair, err := pairs.get(r.ctx.Stop, r.text(1))
		if err != nil {
			return err
		}
		part, err := parts.get(r.ctx.Stop, r.text(2))
		if err != nil {
			return err
		}
		from := r.listStart()
		err = eachPart(r.java(0), pair, len(r.text(1)) == 0, func(entry []byte) error { return r.addPair(entry, part, len(r.text(2)) == 0) })
		if err != nil {
			return err
		}
		return r.endMap(from)
	}), nil
}

// eachPart splits a string at a pattern and calls f for each part. As in Java, an empty match at the beginning does not
// produce an empty part; an empty pattern splits into characters.
func eachPart(s []byte, p *javaregexp.Regexp, empty bool, f func(part []byte) error) error {
	last := 0
	var failed error
	err := p.All(s, func(loc []int) bool {
		if loc[1] == 0 {
			return true
		}
		failed = f(s[last:loc[0]])
		last = loc[1]
		return failed == nil
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	if last == len(s) && last > 0 && empty {
		return nil
	}
	return f(s[last:])
}

// addPair appends a key and, if there is a delimiter, its value. An empty delimiter matches after the first character.
func (r *row) addPair(entry []byte, delimiter *javaregexp.Regexp, empty bool) error {
	r.Take(1)
	key, value, found := entry, []byte(nil), false
	err := delimiter.All(entry, func(loc []int) bool {
		if loc[1] == 0 || empty && loc[0] == len(entry) {
			return true
		}
		key, value, found = entry[:loc[0]], entry[loc[1]:], true
		return false
	})
	if err != nil {
		return err
	}
	appendBytes(r.out.Children[0], key)
	if found {
		appendBytes(r.out.Children[1], value)
		return nil
	}
	values := r.out.Children[1]
	at := values.Len()
	values.Extend(at + 1)
	values.SetNull(at)
	return nil
}

func appendBytes(v *vector.Vector, b []byte) {
	at := v.Len()
	v.Extend(at + 1)
	v.SetBytes(at, b)
}
