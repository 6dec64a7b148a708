package function

import (
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/cast"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// fold evaluates an argument whose value a function needs during resolution. It returns nil if the argument is not a
// constant.
func fold(e *expr.Expr) (*vector.Vector, error) {
	for e.Kind == expr.Alias {
		e = e.Args[0]
	}
	switch {
	case e.Kind == expr.Literal:
		return e.Value, nil
	case !e.Foldable() || replacedLater(e):
		return nil, nil
	}
	return valueOf(e)
}

// valueOf computes an expression that needs no row.
func valueOf(e *expr.Expr) (*vector.Vector, error) {
	return eval.Constant(e, &expr.Context{Zone: datetime.UTC})
}

// replaced lists the functions that Spark's analyzer never treats as constants, because the optimizer replaces them by other
// expressions. (Spark: RuntimeReplaceable, unless it defines foldable itself.)
var replaced = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`
		aes_decrypt aes_encrypt array_append array_compact array_prepend array_size assert_true between btrim current_catalog
		current_database current_schema current_user date_part datepart decode encode equal_null extract hmac ifnull ilike
		is_valid_utf8 jaro_winkler_similarity left luhn_check make_valid_utf8 map_contains_key nullif nullifzero nvl nvl2 parse_url
		regexp_count regexp_substr right session_user split_part to_binary to_date to_timestamp to_timestamp_ltz to_timestamp_ntz
		try_add try_aes_decrypt try_divide try_element_at try_make_interval try_make_timestamp try_mod try_multiply try_parse_url
		try_subtract try_to_binary try_to_date try_to_timestamp try_url_decode try_validate_utf8 uniform url_decode url_encode user
		validate_utf8 vector_cosine_similarity vector_inner_product vector_l2_distance vector_norm vector_normalize version zeroifnull`) {
		names[name] = true
	}
	return names
}()

// replacedLater reports whether an expression contains one of them.
func replacedLater(e *expr.Expr) bool {
	found := false
	expr.Walk(e, func(x *expr.Expr) bool {
		found = found || x.Kind == expr.Call && (replaced[strings.ToLower(x.CallName())] || replacedForType(x))
		return !found && !x.Is("typeof")
	})
	return found
}

// replacedForType reports whether a function is replaced by another one for BINARY, or only for dates.
func replacedForType(call *expr.Expr) bool {
	switch call.Fn.Name {
	case "contains", "startswith", "endswith", "lpad", "rpad":
		return call.Args[0].Type.Kind == types.KindBinary
	case "to_char":
		return call.Args[0].Type.Kind == types.KindBinary && call.Fn.Replace(call).Is("decode")
	case "make_timestamp", "make_timestamp_ltz", "make_timestamp_ntz":
		return len(call.Args) == 1
	}
	return false
}

// castKernel returns a function that casts a constant vector to the value of a row.
func castKernel(from, to *types.Type) (func(r *row, v *vector.Vector) error, error) {
	k, err := cast.Compile(from, to, false)
	if err != nil {
		return nil, err
	}
	return func(r *row, v *vector.Vector) error {
		if k == nil {
			kernel.Copy(r.out, r.i, v, 0)
			return nil
		}
		out := vector.NewConst(to)
		if err := k(r.ctx, 1, nil, []*vector.Vector{v}, out); err != nil {
			return err
		}
		kernel.Copy(r.out, r.i, out, 0)
		return nil
	}, nil
}
