package function

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// encodingFunctions convert strings to bytes and numbers, and back.
func encodingFunctions() []*expr.Function {
	return append([]*expr.Function{
		{
			Name: "ascii", Group: "string_funcs", Usage: "ascii(str)", Doc: "The code point of the first character, 0 if the string is empty.",
			Example: "ascii('222')", Result: "50", MinArgs: 1, MaxArgs: 1, Resolve: returns(types.Int, coerce.String), Compile: eachInt(ascii),
		},
		{
			Name: "chr", Aliases: []string{"char"}, Group: "string_funcs", Usage: "chr(expr)",
			Doc:     "The character with the given code point modulo 256; empty if negative.",
			Example: "chr(65)", Result: "A", MinArgs: 1, MaxArgs: 1, Resolve: returns(types.String, coerce.Long), Compile: eachText(chr),
		},
		{
			Name: "base64", Group: "string_funcs", Usage: "base64(bin)", Doc: "The bytes in base64, in lines of 76 characters separated by \\r\\n.",
			Example: "base64('Spark SQL')", Result: "U3BhcmsgU1FM", MinArgs: 1, MaxArgs: 1, Resolve: returns(types.String, coerce.Binary),
			Compile: eachText(func(r *row, dst []byte) []byte { return appendMIME(&r.Steps, dst, r.text(0)) }),
		},
		{
			Name: "unbase64", Group: "string_funcs", Usage: "unbase64(str)", Doc: "The bytes decoded from base64; other characters are skipped.",
			Example: "decode(unbase64('U3BhcmsgU1FM'), 'UTF-8')", Result: "Spark SQL", MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.Binary, coerce.String), Compile: eachTextOr(unbase64),
		},
		{
			Name: "to_base32", Group: "string_funcs", Usage: "to_base32(bin)", Doc: "The bytes in base32.", Example: "to_base32('Spark')", Result: "KNYGC4TL",
			MinArgs: 1, MaxArgs: 1, Resolve: returns(types.String, coerce.Binary),
			Compile: eachText(func(r *row, dst []byte) []byte { return appendBase32(&r.Steps, dst, r.text(0)) }),
		},
		{
			Name: "from_base32", Group: "string_funcs", Usage: "from_base32(str)", Doc: "The bytes decoded from base32.",
			Example: "decode(from_base32('KNYGC4TL'), 'UTF-8')", Result: "Spark", MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.Binary, coerce.String), Compile: eachText(fromBase32),
		},
		{
			Name: "encode", Group: "string_funcs", Usage: "encode(str, charset)", Doc: "The string encoded in a character set.",
			Example: "hex(encode('abc', 'utf-16be'))", Result: "006100620063", MinArgs: 2, MaxArgs: 2,
			Resolve: nullable(returns(types.Binary, coerce.String)), Compile: eachTextOr(encodeText),
		},
		{
			Name: "decode", Group: "string_funcs", Usage: "decode(bin, charset) or decode(expr, search, result [, search, result ] ... [, default])",
			Doc:     "The bytes decoded from a character set; or the result for the first search that equals expr, else default.",
			Example: "decode(2, 1, 'Southlake', 2, 'San Francisco')", Result: "San Francisco", MinArgs: 2, MaxArgs: -1,
			Resolve: resolveDecode, Replace: replaceWith(asDecodeCase), Compile: eachTextOr(decodeText),
		},
		toBinary("to_binary", "an error if the input is invalid.", compileToBinary(false)),
		catching(toBinary("try_to_binary", "NULL if the input is invalid.", compileToBinary(true))),
	}, utf8Functions()...)
}

func ascii(r *row) int {
	if len(r.text(0)) == 0 {
		return 0
	}
	c, _ := nextRune(r.text(0))
	return int(c)
}

func chr(r *row, dst []byte) []byte {
	if r.long(0) < 0 {
		return dst
	}
	return utf8.AppendRune(dst, rune(r.long(0)&0xFF))
}

// mimeLine is the number of bytes encoded in a line of MIME base64.
const mimeLine = 57

// appendMIME appends b in base64, split into lines. (Java: Base64.getMimeEncoder.)
func appendMIME(steps *halt.Steps, dst, b []byte) []byte {
	for len(b) > mimeLine {
		steps.Take(1)
		dst = append(base64.StdEncoding.AppendEncode(dst, b[:mimeLine]), "\r\n"...)
		b = b[mimeLine:]
	}
	return base64.StdEncoding.AppendEncode(dst, b)
}

// unbase64 decodes like MIME: it skips characters that are not base64 digits. (Java: Base64.getMimeDecoder.)
func unbase64(r *row, dst []byte) ([]byte, error) {
	digits, padding := 0, 0
	clean := make([]byte, 0, len(r.text(0)))
	for _, c := range r.text(0) {
		r.Take(1)
		switch {
		case digitValue(c) < 36 || c == '+' || c == '/':
			if padding == 0 {
				clean = append(clean, c)
				digits++
			}
		case c == '=':
			padding++
		}
	}
	if padding > 0 && (digits%4 == 0 || digits%4 == 2 && padding == 1) {
		return nil, sparkerr.Plain("Input byte array has wrong 4-byte ending unit")
	}
	if digits%4 == 1 {
		return nil, sparkerr.Plain("Last unit does not have enough valid bits")
	}
	out, err := base64.RawStdEncoding.AppendDecode(dst, clean)
	if err != nil {
		return nil, sparkerr.Plain("Illegal base64 text")
	}
	return out, nil
}

// strictBase64 decodes base64 digits, allowing blanks in between and complete or no padding.
func strictBase64(steps *halt.Steps, dst, s []byte) ([]byte, bool) {
	clean := bytes.Map(func(c rune) rune {
		steps.Take(1)
		if strings.ContainsRune(" \t\r\n\f", c) {
			return -1
		}
		return c
	}, s)
	if len(clean)%4 == 0 {
		for range 2 {
			clean = bytes.TrimSuffix(clean, []byte("="))
		}
	}
	out, err := base64.RawStdEncoding.AppendDecode(dst, clean)
	return out, err == nil
}

func appendBase32(steps *halt.Steps, dst, b []byte) []byte {
	for piece := range steps.Chunks(b, 5) {
		dst = base32.StdEncoding.AppendEncode(dst, piece)
	}
	return dst
}

// fromBase32 skips characters that are not digits, ends at the first "=", and accepts any number of digits; a single trailing
// digit contributes its upper bits.
func fromBase32(r *row, dst []byte) []byte {
	var bits uint64
	digits := 0
	for _, c := range r.text(0) {
		r.Take(1)
		if c == '=' {
			break
		}
		v, ok := base32Digit(c)
		if !ok {
			continue
		}
		bits = bits<<5 | v
		if digits++; digits%8 == 0 {
			dst = append(dst, byte(bits>>32), byte(bits>>24), byte(bits>>16), byte(bits>>8), byte(bits))
		}
	}
	switch n := digits % 8; n {
	case 0:
	case 1:
		dst = append(dst, byte(bits>>2))
	default:
		whole := n * 5 / 8
		bits >>= n*5 - whole*8
		for k := whole - 1; k >= 0; k-- {
			dst = append(dst, byte(bits>>(8*k)))
		}
	}
	return dst
}

func base32Digit(c byte) (uint64, bool) {
	switch {
	case c >= 'A' && c <= 'Z':
		return uint64(c - 'A'), true
	case c >= 'a' && c <= 'z':
		return uint64(c - 'a'), true
	case c >= '2' && c <= '7':
		return uint64(c-'2') + 26, true
	}
	return 0, false
}

func conversionError(s []byte, format, suggestion string) error {
	return sparkerr.New("CONVERSION_INVALID_INPUT", "str", "'"+string(s)+"'", "fmt", "'"+format+"'", "targetType", `"BINARY"`,
		"suggestion", "`"+suggestion+"`").WithHint("%s returns NULL instead", suggestion)
}

func toBinary(name, doc string, compile compiler) *expr.Function {
	return &expr.Function{
		Name: name, Group: "string_funcs", Usage: name + "(str[, fmt])",
		Doc:     "The bytes of a string in format hex (the default), base64 or utf-8; " + doc,
		Example: "hex(" + name + "('abc', 'utf-8'))", Result: "616263", MinArgs: 1, MaxArgs: 2,
		Resolve: resolveToBinary, Compile: compile,
	}
}

// resolveToBinary checks the format before the types and stores it in Data, "" for NULL.
func resolveToBinary(call *expr.Expr) error {
	format := "hex"
	if len(call.Args) == 2 {
		var err error
		if format, err = binaryFormat(call); err != nil {
			return err
		}
	}
	if err := coerce.Params(call, coerce.String); err != nil {
		return err
	}
	call.Data = format
	coerce.Returns(call, types.Binary)
	call.Nullable = call.Nullable || format != "base64" || call.Fn.Name == "try_to_binary"
	return nil
}

// binaryFormat returns the constant format of to_binary; try_to_binary accepts any string.
func binaryFormat(call *expr.Expr) (string, error) {
	arg := call.Args[1]
	invalid := func(value string) error {
		return coerce.Mismatch(call, "INVALID_ARG_VALUE", "inputName", "`fmt`", "requireType", "case-insensitive \"STRING\"",
			"validValues", "'hex', 'utf-8', 'utf8', or 'base64'", "inputValue", value)
	}
	switch {
	case !arg.Constant():
		return "", formatNotFoldable(call)
	case arg.Type.Elem != nil || arg.Type.Kind == types.KindStruct:
		return "", invalid(arg.SQL())
	}
	v, err := fold(coerce.Cast(arg, types.String))
	switch {
	case err != nil:
		return "", err
	case v == nil:
		return "", formatNotFoldable(call)
	case v.IsNull(0):
		return "", nil
	}
	format := strings.ToLower(string(v.Bytes(0)))
	switch format {
	case "", "hex", "utf-8", "utf8", "base64":
	default:
		if call.Fn.Name != "try_to_binary" {
			return "", invalid("'" + format + "'")
		}
	}
	return format, nil
}

func formatNotFoldable(call *expr.Expr) error {
	return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`fmt`", "inputType", `"STRING"`, "inputExpr", `"`+call.Args[1].SQL()+`"`)
}

func compileToBinary(try bool) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		format, _ := call.Data.(string)
		convert := func(_ *halt.Steps, dst, _ []byte) ([]byte, bool) { return dst, false } // try_to_binary accepts any format
		switch format {
		case "", "hex":
			convert = appendUnhex
		case "base64":
			convert = strictBase64
		case "utf-8", "utf8":
			convert = func(_ *halt.Steps, dst, s []byte) ([]byte, bool) { return append(dst, s...), true }
		}
		return rowKernel(func(r *row) error {
			start := len(r.out.Data)
			dst, ok := convert(&r.Steps, r.out.Data, r.text(0))
			switch {
			case ok:
				r.out.Data = dst
				r.out.CloseBytes(r.i, start)
			case !try:
				return conversionError(r.text(0), strings.ToUpper(format), "try_to_binary")
			default:
				r.setNull()
			}
			return nil
		}), nil
	}
}

// resolveDecode resolves a call with more than two arguments as a CASE.
func resolveDecode(call *expr.Expr) error {
	if len(call.Args) == 2 {
		return nullable(returns(types.String, coerce.Binary, coerce.String))(call)
	}
	as, err := asDecodeCase(call)
	if err != nil {
		return err
	}
	call.Type, call.Nullable = as.Type, as.Nullable
	return nil
}

// asDecodeCase returns the CASE that implements a decode with searches. Without a default it ends in a NULL of type STRING,
// which takes part in determining the common type.
func asDecodeCase(call *expr.Expr) (*expr.Expr, error) {
	if len(call.Args) == 2 {
		return call, nil
	}
	var args []*expr.Expr
	rest := call.Args[1:]
	for ; len(rest) >= 2; rest = rest[2:] {
		same, err := Call(call, "<=>", call.Args[0], rest[0])
		if err != nil {
			return nil, err
		}
		args = append(args, same, rest[1])
	}
	if len(rest) == 0 {
		rest = []*expr.Expr{expr.Null(types.String)}
	}
	return Call(call, "case", append(args, rest...)...)
}
