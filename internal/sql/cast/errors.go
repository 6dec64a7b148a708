package cast

import (
	"math"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

func invalid(value string, from, to *types.Type) *sparkerr.Error {
	return sparkerr.New("CAST_INVALID_INPUT", "expression", value, "sourceType", quote(from), "targetType", quote(to),
		"ansiConfig", `"spark.sql.ansi.enabled"`)
}

func overflow(ctx *expr.Context, v *vector.Vector, i int, to *types.Type) *sparkerr.Error {
	return sparkerr.New("CAST_OVERFLOW", "value", literal(ctx, v, i), "sourceType", quote(v.Type), "targetType", quote(to),
		"ansiConfig", `"spark.sql.ansi.enabled"`)
}

func outOfRange(value string, to *types.Type) *sparkerr.Error {
	return sparkerr.New("NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION", "value", value, "precision", strconv.Itoa(to.Precision),
		"scale", strconv.Itoa(to.Scale), "config", `"spark.sql.ansi.enabled"`)
}

func quote(t *types.Type) string { return `"` + t.SQL() + `"` }

// Text returns a string as a literal in an error; of a long one, the beginning and the end.
func Text(s string) string {
	s = sparkerr.Bounded(s)
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}

// literal returns a value as a literal in an error: 1L, 1.0D, 2BD, TIMESTAMP '…'.
func literal(ctx *expr.Context, v *vector.Vector, i int) string {
	text := string(valuetext.AppendValue(nil, v, i, valuetext.Options{Zone: zone(ctx)}))
	switch v.Type.Kind {
	case types.KindByte:
		return text + "Y"
	case types.KindShort:
		return text + "S"
	case types.KindLong:
		return text + "L"
	case types.KindDouble:
		return double(v.F64[i])
	case types.KindDecimal:
		return text + "BD"
	case types.KindString:
		return Text(text)
	case types.KindDate, types.KindTimestamp, types.KindTimestampNTZ:
		return v.Type.SQL() + " '" + text + "'"
	}
	return text
}

func double(f float64) string {
	text := string(valuetext.AppendDouble(nil, f))
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return text
	}
	return text + "D"
}

func zone(ctx *expr.Context) *datetime.Zone {
	if ctx.Zone == nil {
		return datetime.UTC
	}
	return ctx.Zone
}
