package javatext

import (
	"strings"
	"unicode"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// The tokens of a format. Digits between other tokens, including their commas, form one token.
const (
	signToken    = 'S' // + or -
	minusToken   = 'M' // - or nothing
	dollarToken  = '$'
	digitsToken  = '9'
	pointToken   = '.'
	openToken    = '<'
	closeToken   = '>'
	invalidToken = '?'
)

type formatToken struct {
	kind   byte
	text   string       // as named in errors
	groups []digitGroup // digits: the parts between commas
}

type digitGroup struct {
	count int
	exact bool // begins with 0 before the point: requires exactly this number of digits
}

// A NumberFormat is a compiled format of to_number and to_char, such as "$99,999.99S".
type NumberFormat struct {
	Text             string
	Precision, Scale int // number of digits, and of those after the point

	tokens []formatToken
}

// ParseNumberFormat parses a format, in upper case; the error is INVALID_FORMAT. (Spark: ToNumberParser.)
func ParseNumberFormat(text string) (*NumberFormat, error) {
	f := &NumberFormat{Text: text}
	point := false
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case strings.IndexByte("09,G", c) >= 0:
			end := i
			for end < len(text) && strings.IndexByte("09,G", text[end]) >= 0 {
				end++
			}
			f.tokens = append(f.tokens, formatToken{digitsToken, "digit sequence", digitGroups(text[i:end], point)})
			i = end
		case c == '.' || c == 'D':
			point = true
			f.tokens = append(f.tokens, formatToken{kind: pointToken, text: "'.' or 'D'"})
			i++
		case c == '$' || c == 'S':
			f.tokens = append(f.tokens, formatToken{kind: c, text: "'" + string(c) + "'"})
			i++
		case strings.HasPrefix(text[i:], "MI"):
			f.tokens = append(f.tokens, formatToken{kind: minusToken, text: "'MI'"})
			i += 2
		case strings.HasPrefix(text[i:], "PR"):
			f.tokens = append(f.tokens, formatToken{kind: closeToken, text: "'PR'"})
			i += 2
		default:
			f.tokens = append(f.tokens, formatToken{kind: invalidToken, text: "character '" + string(c) + "'"})
			i++
		}
	}
	if n := len(f.tokens); n > 0 && f.tokens[n-1].kind == closeToken {
		f.tokens = append([]formatToken{{kind: openToken, text: "'PR'"}}, f.tokens...)
	}
	f.measure()
	return f, f.check()
}

// digitGroups splits at the commas; a comma without adjacent digits leaves an empty group.
func digitGroups(s string, point bool) (groups []digitGroup) {
	for _, part := range strings.FieldsFunc(strings.ReplaceAll(strings.ReplaceAll(s, "G", ","), ",", " , "), unicode.IsSpace) {
		if part == "," {
			groups = append(groups, digitGroup{})
			continue
		}
		groups = append(groups, digitGroup{len(part), part[0] == '0' && !point})
	}
	return groups
}

func (f *NumberFormat) measure() {
	point := false
	for _, t := range f.tokens {
		point = point || t.kind == pointToken
		for _, g := range t.groups {
			f.Precision += g.count
			if point {
				f.Scale += g.count
			}
		}
	}
}

func (f *NumberFormat) fail(sub string, params ...string) error {
	return sparkerr.New("INVALID_FORMAT."+sub, append([]string{"format", "'" + f.Text + "'"}, params...)...)
}

func (f *NumberFormat) index(kind byte) int {
	for i, t := range f.tokens {
		if t.kind == kind {
			return i
		}
	}
	return -1
}

func (f *NumberFormat) check() error {
	digits, dollar, point := f.index(digitsToken), f.index(dollarToken), f.index(pointToken)
	switch {
	case f.Text == "":
		return f.fail("EMPTY")
	case digits < 0 || f.Precision == 0:
		return f.fail("WRONG_NUM_DIGIT")
	case digits < dollar:
		return f.fail("CUR_MUST_BEFORE_DIGIT")
	case point >= 0 && point < dollar:
		return f.fail("CUR_MUST_BEFORE_DEC")
	}
	for i, t := range f.tokens {
		for j, g := range t.groups {
			behind := point >= 0 && i > point
			switch alone := j == 0 || j == len(t.groups)-1 || t.groups[j+1].count == 0; {
			case g.count == 0 && behind:
				return f.fail("THOUSANDS_SEPS_MUST_BEFORE_DEC")
			case g.count == 0 && alone:
				return f.fail("CONT_THOUSANDS_SEPS")
			}
		}
	}
	return f.checkOrder()
}

// formatOrder lists the tokens in the order in which they may occur.
var formatOrder = []string{"<", "MS", "$", "9", ".", "9", "$", "MS>"}

func (f *NumberFormat) checkOrder() error {
	for _, kind := range []byte{pointToken, signToken, minusToken, dollarToken, closeToken} {
		n := 0
		for _, t := range f.tokens {
			if t.kind == kind {
				if n++; n > 1 {
					return f.fail("WRONG_NUM_TOKEN", "token", t.text)
				}
			}
		}
	}
	next := 0
	for _, allowed := range formatOrder {
		if next < len(f.tokens) && strings.IndexByte(allowed, f.tokens[next].kind) >= 0 {
			next++
		}
	}
	if next < len(f.tokens) {
		return f.fail("UNEXPECTED_TOKEN", "token", f.tokens[next].text)
	}
	return nil
}

// sizes returns the digit groups of a token, from the left.
func (t formatToken) sizes() (sizes []digitGroup) {
	for _, g := range t.groups {
		if g.count > 0 {
			sizes = append(sizes, g)
		}
	}
	return sizes
}

// Parse parses text in the format. The result has the scale of the format. It returns false if the text does not match.
func (f *NumberFormat) Parse(s []byte) (decimal.Int128, bool) {
	var whole, fraction []byte
	negative, opened, closed, point := false, false, false, false
	take := func(c byte) bool {
		if len(s) > 0 && s[0] == c {
			s = s[1:]
			return true
		}
		return false
	}
	for _, t := range f.tokens {
		switch t.kind {
		case digitsToken:
			into := &whole
			if point {
				into = &fraction
			}
			rest, ok := t.parse(s, into)
			if !ok {
				return decimal.Int128{}, false
			}
			s = rest
		case pointToken:
			point = take('.')
		case dollarToken:
			if len(s) > 0 && !take('$') {
				return decimal.Int128{}, false
			}
		case signToken:
			if !take('+') {
				negative = take('-') != negative
			}
		case minusToken:
			negative = take('-') != negative
		case openToken:
			opened = take('<')
		case closeToken:
			if take('>') {
				if !opened {
					return decimal.Int128{}, false
				}
				closed, negative = true, !negative
			}
		}
	}
	if len(s) > 0 || opened != closed || len(whole)+len(fraction) == 0 || len(fraction) > f.Scale {
		return decimal.Int128{}, false
	}
	digits := append(append(whole, fraction...), strings.Repeat("0", f.Scale-len(fraction))...)
	v, _, err := decimal.Parse(digits)
	if negative {
		v = v.Neg()
	}
	return v, err == nil
}

// parse reads digits and commas, skipping blanks, and compares the groups with those of the format from the right.
func (t formatToken) parse(s []byte, into *[]byte) (rest []byte, ok bool) {
	counts := []int{0}
	for len(s) > 0 && (s[0] >= '0' && s[0] <= '9' || s[0] == ',' || unicode.IsSpace(rune(s[0]))) {
		switch {
		case s[0] == ',':
			counts = append(counts, 0)
		case s[0] >= '0' && s[0] <= '9':
			counts[len(counts)-1]++
			*into = append(*into, s[0])
		}
		s = s[1:]
	}
	sizes := t.sizes()
	if len(counts) > len(sizes) {
		return s, false
	}
	for i := range sizes {
		n, want := 0, sizes[len(sizes)-1-i]
		if i < len(counts) {
			n = counts[len(counts)-1-i]
		}
		if n > want.count || want.exact && n != want.count {
			return s, false
		}
	}
	return s, true
}
