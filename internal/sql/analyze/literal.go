package analyze

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// literal returns the constant of a literal, whose text the parser has already checked.
func (a *analyzer) literal(n *ast.Literal) (*expr.Expr, error) {
	if word := a.clockWord(n); word != "" {
		return function.SpecialTime(word, a.locate(&expr.Expr{Type: timeTypes[n.Suffix]}, n)), nil
	}
	v, name, err := a.constant(n)
	if err != nil {
		return nil, a.place(n, err)
	}
	x := expr.Lit(v)
	x.Name = name
	return a.locate(x, n), nil
}

func (a *analyzer) constant(n *ast.Literal) (v *vector.Vector, name string, err *sparkerr.Error) {
	switch n.Kind {
	case ast.LitBool:
		v = vector.NewConst(types.Boolean)
		v.Bool[0] = strings.EqualFold(n.Text, "true")
	case ast.LitString:
		v = vector.NewConst(types.String)
		v.SetString(0, n.Text)
	case ast.LitBinary:
		v = vector.NewConst(types.Binary)
		v.SetString(0, n.Text)
	case ast.LitInteger:
		v, err = integer(n)
	case ast.LitDecimal:
		v, err = decimalLiteral(n.Text)
	case ast.LitDouble:
		v = floating(n)
	case ast.LitTyped:
		return a.typed(n)
	default:
		v = vector.NewNull(types.Void)
	}
	return v, "", err
}

// integer parses digits. A suffix determines the type; otherwise it is INT, BIGINT or, if too long for that, DECIMAL.
func integer(n *ast.Literal) (*vector.Vector, *sparkerr.Error) {
	i, err := strconv.ParseInt(n.Text, 10, 64)
	if err != nil {
		return decimalLiteral(n.Text)
	}
	var v *vector.Vector
	switch {
	case n.Suffix == "Y":
		v = vector.NewConst(types.Byte)
		v.I8[0] = int8(i)
	case n.Suffix == "S":
		v = vector.NewConst(types.Short)
		v.I16[0] = int16(i)
	case n.Suffix == "L" || i != int64(int32(i)):
		v = vector.NewConst(types.Long)
		v.I64[0] = i
	default:
		v = vector.NewConst(types.Int)
		v.I32[0] = int32(i)
	}
	return v, nil
}

// decimalLiteral returns a decimal with the precision and scale of the digits, taking the exponent into account.
func decimalLiteral(text string) (*vector.Vector, *sparkerr.Error) {
	unscaled, scale, err := decimal.Parse([]byte(text))
	precision := len(unscaled.Abs().String())
	if scale < 0 {
		unscaled, _ = decimal.Rescale(unscaled, scale, 0)
		precision, scale = precision-scale, 0
	}
	precision = max(precision, scale)
	if err != nil || precision > 38 {
		return nil, sparkerr.New("DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "precision", strconv.Itoa(max(precision, 39)), "maxPrecision", "38")
	}
	v := vector.NewConst(types.DecimalOf(precision, scale))
	v.Dec[0] = unscaled
	return v, nil
}

func floating(n *ast.Literal) *vector.Vector {
	if n.Suffix == "F" {
		f, _ := strconv.ParseFloat(n.Text, 32)
		v := vector.NewConst(types.Float)
		v.F32[0] = float32(f)
		return v
	}
	f, _ := strconv.ParseFloat(n.Text, 64)
	v := vector.NewConst(types.Double)
	v.F64[0] = f
	return v
}

// typed parses DATE '…' and the like. Timestamps, and therefore their names, depend on the session time zone.
func (a *analyzer) typed(n *ast.Literal) (v *vector.Vector, name string, err *sparkerr.Error) {
	text, ok := []byte(n.Text), false
	switch n.Suffix {
	case "DATE":
		v = vector.NewConst(types.Date)
		if v.I32[0], ok = datetime.ParseDate(text); !ok {
			v.I32[0], ok = datetime.SpecialDate(n.Text, a.Zone, a.Now)
		}
	case "TIMESTAMP", "TIMESTAMP_LTZ":
		v = vector.NewConst(types.Timestamp)
		if v.I64[0], ok = datetime.ParseTimestamp(text, a.Zone, a.Now); !ok {
			v.I64[0], ok = datetime.SpecialTimestamp(n.Text, a.Zone, a.Now)
		}
		name = "TIMESTAMP '" + string(datetime.AppendTimestamp(nil, v.I64[0], a.Zone)) + "'"
	case "TIMESTAMP_NTZ":
		v = vector.NewConst(types.TimestampNTZ)
		if v.I64[0], ok = datetime.ParseTimestampNTZ(text, true); !ok {
			v.I64[0], ok = datetime.SpecialTimestampNTZ(n.Text, a.Zone, a.Now)
		}
	case "TIME":
		var nanos int64
		var places int
		nanos, places, ok = datetime.ParseTimeLiteral(text)
		v = vector.NewConst(types.TimeOf(places))
		v.I64[0] = nanos
	}
	if !ok {
		return nil, "", sparkerr.New("INVALID_TYPED_LITERAL", "valueType", `"`+n.Suffix+`"`, "value", "'"+n.Text+"'")
	}
	return v, name, nil
}

var timeTypes = map[string]*types.Type{
	"DATE": types.Date, "TIMESTAMP": types.Timestamp, "TIMESTAMP_LTZ": types.Timestamp, "TIMESTAMP_NTZ": types.TimestampNTZ,
}

// clockWord returns the word of a literal such as DATE 'today' if the time is not known yet, because each batch has a
// different one.
func (a *analyzer) clockWord(n *ast.Literal) string {
	if n.Kind != ast.LitTyped || timeTypes[n.Suffix] == nil || a.Now != 0 {
		return ""
	}
	if word := datetime.SpecialWord(n.Text); word != "epoch" {
		return word
	}
	return ""
}
