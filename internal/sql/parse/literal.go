package parse

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/lex"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

func isNumber(t lex.Token) bool {
	return t.Kind == lex.Integer || t.Kind == lex.Decimal || t.Kind == lex.Double
}

// literal parses a constant that does not start with a word: a number or a string.
func (p *parser) literal() (ast.Expr, *sparkerr.Error) {
	start := p.start()
	if p.Peek().Kind == lex.String {
		text, err := p.Strings()
		return &ast.Literal{Node: p.node(start), Kind: ast.LitString, Text: text}, err
	}
	sign := ""
	if p.Accept("-") {
		sign = "-"
	}
	t := p.Next()
	l := &ast.Literal{Node: p.node(start), Text: sign + t.Digits(), Suffix: t.Suffix}
	var err *sparkerr.Error
	switch t.Kind {
	case lex.Integer:
		err = integer(l)
	case lex.Decimal:
		l.Kind = ast.LitDecimal
		err = decimal(l.Text)
	default:
		l.Kind = ast.LitDouble
		err = double(l)
	}
	if err != nil {
		p.Later(p.fail(start, err))
	}
	return l, nil
}

var integerTypes = map[string]struct {
	bits     int
	name     string
	min, max string
}{
	"Y": {8, "tinyint", "-128", "127"},
	"S": {16, "smallint", "-32768", "32767"},
	"L": {64, "bigint", "-9223372036854775808", "9223372036854775807"},
}

// integer checks the range of an integer literal. Without a suffix, a literal beyond BIGINT is a DECIMAL.
func integer(l *ast.Literal) *sparkerr.Error {
	l.Kind = ast.LitInteger
	t, suffixed := integerTypes[l.Suffix]
	if !suffixed {
		t.bits = 64
	}
	_, err := strconv.ParseInt(l.Text, 10, t.bits)
	switch {
	case err == nil:
		return nil
	case suffixed:
		return outOfRange(l.Text, t.name, t.min, t.max)
	}
	l.Kind = ast.LitDecimal
	return decimal(l.Text)
}

func outOfRange(text, typeName, lowest, highest string) *sparkerr.Error {
	return sparkerr.New("INVALID_NUMERIC_LITERAL_RANGE", "rawStrippedQualifier", text, "typeName", typeName,
		"minValue", lowest, "maxValue", highest)
}

// double checks the range of a literal with an exponent or the suffix D or F. Spark compares with the exact limits of the
// type, so even 3.4028235E38F, the largest float as printed, is too large.
func double(l *ast.Literal) *sparkerr.Error {
	if l.Suffix == "F" {
		f, err := strconv.ParseFloat(l.Text, 64)
		if err != nil || math.Abs(f) > math.MaxFloat32 {
			return outOfRange(l.Text, "float", "-3.4028234663852886E+38", "3.4028234663852886E+38")
		}
		return nil
	}
	if _, err := strconv.ParseFloat(l.Text, 64); err != nil {
		return outOfRange(l.Text, "double", "-1.7976931348623157E+308", "1.7976931348623157E+308")
	}
	return nil
}

// decimal checks the precision of a decimal literal.
func decimal(text string) *sparkerr.Error {
	mantissa, exponentText, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(text, "-")), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exponent := 0
	if exponentText != "" {
		n, err := strconv.Atoi(exponentText)
		if err != nil || n > 1<<30 || n < -1<<30 {
			return sparkerr.New("DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "precision", exponentText, "maxPrecision", "38")
		}
		exponent = n
	}
	precision := max(1, len(strings.TrimLeft(whole+fraction, "0")))
	scale := len(fraction) - exponent
	if scale < 0 {
		precision -= scale
	}
	if precision = max(precision, scale); precision > 38 {
		return sparkerr.New("DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "precision", strconv.Itoa(precision), "maxPrecision", "38")
	}
	return nil
}

// typedLiteral parses a word and one string, such as DATE'…' or X'…'.
func (p *parser) typedLiteral() (ast.Expr, *sparkerr.Error) {
	start := p.start()
	word := strings.ToUpper(p.Next().Text)
	raw := p.Next().Text
	l := &ast.Literal{Node: p.node(start), Kind: ast.LitTyped, Text: lex.Unquote(raw), Suffix: word}
	switch word {
	case "INTERVAL":
		if !validInterval(l.Text) {
			break
		}
		return &ast.IntervalLit{Node: l.Node, Text: l.Text}, nil
	case "X":
		bytes, ok := hexBytes(l.Text)
		if !ok {
			break
		}
		l.Kind, l.Text, l.Suffix = ast.LitBinary, bytes, ""
		return l, nil
	case "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_LTZ", "TIMESTAMP_NTZ":
		if !validTyped(word, l.Text) {
			break
		}
		return l, nil
	default:
		p.Later(p.fail(start, sparkerr.New("UNSUPPORTED_TYPED_LITERAL", "unsupportedType", `"`+word+`"`, "supportedTypes",
			`"DATE", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP", "INTERVAL", "X", "TIME"`)))
	}
	p.Later(p.fail(start, sparkerr.New("INVALID_TYPED_LITERAL", "valueType", `"`+word+`"`, "value", "'"+l.Text+"'")))
	return l, nil
}

// hexBytes decodes hexadecimal digits. If their number is odd, the first one is the low half of the first byte.
func hexBytes(text string) (string, bool) {
	if len(text)%2 == 1 {
		text = "0" + text
	}
	b, err := hex.DecodeString(text)
	return string(b), err == nil
}

// validTyped reports whether text is a value of the type; analysis parses it again, with the session's time zone.
func validTyped(word, text string) bool {
	if word != "TIME" && datetime.SpecialWord(text) != "" {
		return true
	}
	ok := false
	switch b := []byte(text); word {
	case "DATE":
		_, ok = datetime.ParseDate(b)
	case "TIME":
		_, _, ok = datetime.ParseTimeLiteral(b)
	case "TIMESTAMP_NTZ":
		_, ok = datetime.ParseTimestampNTZ(b, true)
	default:
		_, ok = datetime.ParseTimestamp(b, datetime.UTC, 0)
	}
	return ok
}

func validInterval(text string) bool {
	_, _, _, err := datetime.ParseCalendar(text)
	return err == nil
}
