package function

import (
	"unicode"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// likenessFunctions compare the spelling or sound of strings, and mask or check their characters.
func likenessFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "levenshtein", Group: "string_funcs", Usage: "levenshtein(str1, str2[, threshold])",
			Doc:     "The number of insertions, deletions and substitutions between two strings; -1 if above threshold.",
			Example: "levenshtein('kitten', 'sitting')", Result: "3", MinArgs: 2, MaxArgs: 3,
			Resolve: returns(types.Int, coerce.String, coerce.String, coerce.Int), Compile: compileLevenshtein,
		},
		{
			Name: "jaro_winkler_similarity", Group: "string_funcs", Usage: "jaro_winkler_similarity(str1, str2)",
			Doc:     "The Jaro-Winkler similarity of two strings, from 0 to 1.",
			Example: "round(jaro_winkler_similarity('MARTHA', 'MARHTA'), 4)", Result: "0.9611", MinArgs: 2, MaxArgs: 2,
			Resolve: nullable(returns(types.Double, coerce.String)), Compile: eachRow(func(r *row) error {
				r.setDouble(jaroWinkler(&r.Steps, r.runes(0), r.runes(1)))
				return nil
			}),
		},
		{
			Name: "soundex", Group: "string_funcs", Usage: "soundex(str)", Doc: "The Soundex code of an English word.", Example: "soundex('Miller')", Result: "M460",
			MinArgs: 1, MaxArgs: 1, Resolve: expects(types.String, coerce.String), Compile: eachText(soundex),
		},
		{
			Name: "quote", Group: "string_funcs", Usage: "quote(str)", Doc: "The string in single quotes, with quotes inside escaped by a backslash.",
			Example: `quote('Spark')`, Result: "'Spark'", MinArgs: 1, MaxArgs: 1, Resolve: nullable(returns(types.String, coerce.String)), Compile: eachText(quoted),
		},
		{
			Name: "mask", Group: "string_funcs", Usage: "mask(input[, upperChar, lowerChar, digitChar, otherChar])",
			Doc:     "The string with upper-case letters, lower-case letters and digits replaced by X, x and n, or by the given characters; NULL keeps them.",
			Example: "mask('AbCD123-@$#')", Result: "XxXXnnn-@$#", MinArgs: 1, MaxArgs: 5, Operands: seesNulls, Params: maskParams,
			Resolve: nullable(defaults(resolveMask, 1, maskParams[1].Default, maskParams[2].Default, maskParams[3].Default, maskParams[4].Default)), Compile: eachRow(mask),
		},
		{
			Name: "luhn_check", Group: "string_funcs", Usage: "luhn_check(str)", Doc: "Whether the string consists of digits with a valid Luhn check digit.",
			Example: "luhn_check('79927398713')", Result: "true", MinArgs: 1, MaxArgs: 1, Resolve: nullable(returns(types.Boolean, coerce.String)), Compile: eachBool(luhn),
		},
	}
}

func compileLevenshtein(call *expr.Expr) (expr.Kernel, error) {
	return eachInt(func(r *row) int {
		d := levenshtein(&r.Steps, r.runes(0), r.runes(1))
		if len(r.args) == 3 && d > r.int(2) {
			return -1
		}
		return d
	})(call)
}

// runes returns the characters of argument k.
func (r *row) runes(k int) []rune {
	var out []rune
	for s := r.text(k); len(s) > 0; {
		r.Take(1)
		var c rune
		c, s = nextRune(s)
		out = append(out, c)
	}
	return out
}

func levenshtein(steps *halt.Steps, a, b []rune) int {
	line := make([]int, len(b)+1)
	for j := range line {
		line[j] = j
	}
	for i, c := range a {
		steps.Take(len(b))
		diagonal := line[0]
		line[0] = i + 1
		for j, d := range b {
			cost := diagonal
			if c != d {
				cost++
			}
			diagonal = line[j+1]
			line[j+1] = min(cost, line[j]+1, diagonal+1)
		}
	}
	return line[len(b)]
}

func jaroWinkler(steps *halt.Steps, a, b []rune) float64 {
	if len(a) == 0 && len(b) == 0 {
		return 1
	}
	reach := max(max(len(a), len(b))/2-1, 0)
	matchedA, matchedB := make([]bool, len(a)), make([]bool, len(b))
	matches := 0
	for i := range a {
		steps.Take(min(len(b), 2*reach+1))
		for j := max(0, i-reach); j < min(len(b), i+reach+1); j++ {
			if !matchedB[j] && a[i] == b[j] {
				matchedA[i], matchedB[j] = true, true
				matches++
				break
			}
		}
	}
	if matches == 0 {
		return 0
	}
	m, moved := float64(matches), transposed(steps, a, b, matchedA, matchedB)
	jaro := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(moved)/2)/m) / 3
	prefix := 0
	for prefix < min(4, len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	return jaro + float64(prefix)*0.1*(1-jaro)
}

// transposed counts the matched characters that occur in another order.
func transposed(steps *halt.Steps, a, b []rune, matchedA, matchedB []bool) (n int) {
	j := 0
	for i := range a {
		steps.Take(1)
		if !matchedA[i] {
			continue
		}
		for !matchedB[j] {
			j++
		}
		if a[i] != b[j] {
			n++
		}
		j++
	}
	return n
}

// soundexCodes holds the codes of A to Z; 7 marks letters that do not separate equal codes.
const soundexCodes = "01230127022455012623017202"

// soundex returns strings that do not begin with a letter unchanged.
func soundex(r *row, dst []byte) []byte {
	s := r.text(0)
	if len(s) == 0 || letterIndex(s[0]) < 0 {
		return append(dst, s...)
	}
	code := []byte{'A' + byte(letterIndex(s[0])), '0', '0', '0'}
	n, last := 1, soundexCodes[letterIndex(s[0])]
	for _, c := range s[1:] {
		r.Take(1)
		i := letterIndex(c)
		if i < 0 {
			last = '0'
			continue
		}
		digit := soundexCodes[i]
		if digit == '7' {
			continue
		}
		if digit != '0' && digit != last {
			code[n] = digit
			if n++; n > 3 {
				break
			}
		}
		last = digit
	}
	return append(dst, code...)
}

// letterIndex returns the position of an ASCII letter in the alphabet, counted from 0, or -1.
func letterIndex(c byte) int {
	if c |= 0x20; c >= 'a' && c <= 'z' {
		return int(c - 'a')
	}
	return -1
}

func quoted(r *row, dst []byte) []byte {
	dst = append(dst, '\'')
	for _, c := range r.java(0) {
		r.Take(1)
		if c == '\'' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '\'')
}

var maskParams = []expr.Param{
	{Name: "str"}, {Name: "upperChar", Default: expr.Str("X")}, {Name: "lowerChar", Default: expr.Str("x")}, {Name: "digitChar", Default: expr.Str("n")},
	{Name: "otherChar", Default: expr.Null(types.String)},
}

// resolveMask requires each replacement to be a constant character or NULL.
func resolveMask(call *expr.Expr) error {
	if err := coerce.Expects(call, coerce.String); err != nil {
		return err
	}
	for i, name := range []string{"upperChar", "lowerChar", "digitChar", "otherChar"} {
		v, err := fold(call.Args[i+1])
		switch {
		case err != nil:
			return err
		case v == nil:
			return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`"+name+"`", "inputType", `"STRING"`,
				"inputExpr", `"`+call.Args[i+1].SQL()+`"`)
		case !v.IsNull(0) && countChars(v.Bytes(0)) != 1:
			return coerce.Mismatch(call, "INPUT_SIZE_NOT_ONE", "exprName", "`"+name+"`")
		}
	}
	coerce.Returns(call, types.String)
	return nil
}

func mask(r *row) error {
	if r.isNull(0) {
		r.setNull()
		return nil
	}
	start := len(r.out.Data)
	for s := r.text(0); len(s) > 0; {
		r.Take(1)
		c, rest := nextRune(s)
		k := 4
		switch {
		case unicode.IsUpper(c):
			k = 1
		case unicode.IsLower(c):
			k = 2
		case unicode.IsDigit(c):
			k = 3
		}
		if r.isNull(k) {
			r.out.Data = utf8.AppendRune(r.out.Data, c)
		} else {
			r.out.Data = append(r.out.Data, r.text(k)...)
		}
		s = rest
	}
	r.out.CloseBytes(r.i, start)
	return nil
}

func luhn(r *row) bool {
	s := r.text(0)
	sum := 0
	for i := range s {
		r.Take(1)
		d := int(s[len(s)-1-i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return len(s) > 0 && sum%10 == 0
}
