package function

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/cast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/javaregexp"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// patternFunctions match strings against patterns.
func patternFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "like", Group: "predicate_funcs", Usage: "str like pattern [ESCAPE escape]",
			Doc:     "Whether the whole string matches the pattern, in which % matches any characters and _ a single one.",
			Example: "'Spark' like '_park'", Result: "true", MinArgs: 2, MaxArgs: 3,
			Resolve: resolveLike, SQL: likeSQL,
			Compile: func(*expr.Expr) (expr.Kernel, error) { return likeKernel(), nil },
		},
		{
			Name: "ilike", Group: "predicate_funcs", Usage: "str ilike pattern [ESCAPE escape]", Doc: "Like like, but ignoring case.",
			Example: "'Spark' ilike '_PARK'", Result: "true", MinArgs: 2, MaxArgs: 3,
			Resolve: resolveLike, Replace: replaceWith(asLike),
			SQL: func(call *expr.Expr, args []string) string { // without the escape character
				return call.CallName() + "(" + args[0] + ", " + args[1] + ")"
			},
		},
		{
			Name: "rlike", Aliases: []string{"regexp", "regexp_like"}, Group: "predicate_funcs", Usage: "str rlike regexp",
			Doc:     "Whether the Java regular expression matches any part of the string.",
			Example: "'Spark' rlike '^S.*k$'", Result: "true", MinArgs: 2, MaxArgs: 2, Resolve: resolveLike,
			Compile: func(*expr.Expr) (expr.Kernel, error) { return rlikeKernel(), nil },
			SQL: func(call *expr.Expr, args []string) string {
				return strings.ToUpper(call.CallName()) + "(" + args[0] + ", " + args[1] + ")"
			},
		},
	}
}

func resolveLike(call *expr.Expr) error {
	if len(call.Args) == 3 {
		if e := call.Args[2]; e.Kind != expr.Literal || !e.Type.IsText() || e.IsNullLit() || countChars(e.Value.Bytes(0)) != 1 {
			return sparkerr.New("INVALID_ESCAPE_CHAR", "sqlExpr", `"`+e.SQL()+`"`)
		}
	}
	if err := coerce.Params(call, coerce.String); err != nil {
		return err
	}
	coerce.Returns(call, types.Boolean)
	return nil
}

func likeSQL(_ *expr.Expr, args []string) string {
	text := args[0] + " LIKE " + args[1]
	if len(args) == 3 {
		text += " ESCAPE '" + args[2] + "'"
	}
	return text
}

// asLike returns like with both strings in lower case.
func asLike(call *expr.Expr) (*expr.Expr, error) {
	args := append([]*expr.Expr(nil), call.Args...)
	for i := range 2 {
		lower, err := Call(call, "lower", args[i])
		if err != nil {
			return nil, err
		}
		args[i] = lower
	}
	return Call(call, "like", args...)
}

// A likeMatcher caches the pattern compiled last.
type likeMatcher struct {
	pattern      likePattern
	text, escape []byte
	compiled     bool
}

func likeKernel() expr.Kernel {
	var m likeMatcher
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		steps := halt.Steps{Stop: ctx.Stop}
		constant := args[1].IsConst() && (len(args) == 2 || args[2].IsConst())
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			if k == 0 || !constant {
				if err := m.use(&steps, args, i); err != nil {
					return expr.AtRow(i, err)
				}
				if constant && !args[0].IsConst() && m.pattern.matchAll(n, sel, args[0], out.Bool) {
					return nil
				}
			}
			out.Bool[out.At(i)] = m.pattern.match(&steps, args[0].Bytes(i))
		}
		return nil
	}
}

// use makes the pattern of row i the current one.
func (m *likeMatcher) use(steps *halt.Steps, args []*vector.Vector, i int) (err error) {
	text, escape := args[1].Bytes(i), defaultEscape
	if len(args) == 3 {
		escape = args[2].Bytes(i)
	}
	if m.compiled && bytes.Equal(text, m.text) && bytes.Equal(escape, m.escape) {
		return nil
	}
	if m.pattern, err = compileLike(steps, string(text), string(escape)); err != nil {
		return err
	}
	m.text, m.escape, m.compiled = append(m.text[:0], text...), append(m.escape[:0], escape...), true
	return nil
}

var defaultEscape = []byte(`\`)

// A likePattern is a LIKE pattern split at its % signs: pieces that must follow one another with anything in between.
type likePattern struct {
	pieces []likePiece // a single piece: no %, the whole string must match
	infix  []byte      // if not nil, the pattern is %infix%
	ends   *textEnds   // if not nil, the pattern is prefix%suffix
}

// A likePiece is text with optional wildcards for single characters.
type likePiece struct {
	text  []byte // with '_' for each wildcard
	wild  []bool // parallel to text; nil: no wildcard
	runes int    // length in characters
}

// compileLike parses a pattern. The escape character may only precede itself, % and _.
func compileLike(steps *halt.Steps, pattern, escape string) (likePattern, error) {
	var p likePattern
	esc, _ := utf8.DecodeRuneInString(escape)
	piece := likePiece{}
	rest := pattern
	for rest != "" {
		steps.Take(1)
		r, size := utf8.DecodeRuneInString(rest)
		char := rest[:size]
		rest = rest[size:]
		switch {
		case r == esc:
			if rest == "" {
				return p, sparkerr.New("INVALID_FORMAT.ESC_AT_THE_END", "format", cast.Text(pattern))
			}
			next, size := utf8.DecodeRuneInString(rest)
			if next != '_' && next != '%' && next != esc {
				return p, sparkerr.New("INVALID_FORMAT.ESC_IN_THE_MIDDLE", "format", cast.Text(pattern), "char", cast.Text(rest[:size]))
			}
			piece.add(rest[:size], false)
			rest = rest[size:]
		case r == '%':
			p.pieces = append(p.pieces, piece)
			piece = likePiece{}
		default:
			piece.add(char, r == '_')
		}
	}
	p.pieces = append(p.pieces, piece)
	if len(p.pieces) == 2 && p.pieces[0].wild == nil && p.pieces[1].wild == nil {
		p.ends = newTextEnds(p.pieces[0].text, p.pieces[1].text)
	}
	if len(p.pieces) == 3 && p.pieces[0].runes == 0 && p.pieces[2].runes == 0 && p.pieces[1].wild == nil {
		p.infix = p.pieces[1].text
	}
	return p, nil
}

func (p *likePiece) add(char string, wild bool) {
	if wild && p.wild == nil {
		p.wild = make([]bool, len(p.text))
	}
	p.text = append(p.text, char...)
	p.runes++
	if p.wild != nil {
		for range len(char) {
			p.wild = append(p.wild, wild)
		}
	}
}

func (p *likePattern) match(steps *halt.Steps, b []byte) bool {
	if p.infix != nil {
		return bytes.Contains(b, p.infix)
	}
	first, last := &p.pieces[0], &p.pieces[len(p.pieces)-1]
	n, ok := first.prefix(steps, b)
	if !ok {
		return false
	}
	b = b[n:]
	if len(p.pieces) == 1 {
		return len(b) == 0
	}
	for i := range p.pieces[1 : len(p.pieces)-1] {
		if n, ok = p.pieces[i+1].find(steps, b); !ok {
			return false
		}
		b = b[n:]
	}
	return last.suffix(steps, b)
}

// prefix returns the length of the piece at the beginning of b.
func (p *likePiece) prefix(steps *halt.Steps, b []byte) (int, bool) {
	if p.wild == nil {
		return len(p.text), bytes.HasPrefix(b, p.text)
	}
	at := 0
	for k := 0; k < len(p.text); k++ {
		steps.Take(1)
		switch {
		case at >= len(b):
			return 0, false
		case p.wild[k]:
			_, size := utf8.DecodeRune(b[at:])
			at += size
		case b[at] != p.text[k]:
			return 0, false
		default:
			at++
		}
	}
	return at, true
}

// find returns the end of the first occurrence of the piece in b.
func (p *likePiece) find(steps *halt.Steps, b []byte) (int, bool) {
	if p.wild == nil {
		steps.Take(1)
		i := bytes.Index(b, p.text)
		return i + len(p.text), i >= 0
	}
	for at := 0; ; {
		if n, ok := p.prefix(steps, b[at:]); ok {
			return at + n, true
		}
		if at >= len(b) {
			return 0, false
		}
		_, size := utf8.DecodeRune(b[at:])
		at += size
	}
}

func (p *likePiece) suffix(steps *halt.Steps, b []byte) bool {
	if p.wild == nil {
		return bytes.HasSuffix(b, p.text)
	}
	at := len(b)
	for range p.runes {
		steps.Take(1)
		if at == 0 {
			return false
		}
		_, size := utf8.DecodeLastRune(b[:at])
		at -= size
	}
	n, ok := p.prefix(steps, b[at:])
	return ok && at+n == len(b)
}

// rlikeKernel caches the pattern compiled last.
func rlikeKernel() expr.Kernel {
	var re *javaregexp.Regexp
	var text []byte
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		constant := args[1].IsConst()
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			if err := ctx.Stop.Err(); err != nil {
				return err
			}
			if k == 0 || !constant {
				if pattern := args[1].Bytes(i); re == nil || !bytes.Equal(pattern, text) {
					compiled, err := javaregexp.Compile(string(pattern))
					if err != nil {
						return expr.AtRow(i, invalidPattern("rlike", string(pattern)))
					}
					re, text = compiled, append(text[:0], pattern...)
				}
				re.Stop = ctx.Stop.Err
			}
			match, err := re.Match(args[0].Bytes(i))
			if err != nil {
				return expr.AtRow(i, err)
			}
			out.Bool[out.At(i)] = match
		}
		return nil
	}
}

func invalidPattern(function, pattern string) *sparkerr.Error {
	return sparkerr.New("INVALID_PARAMETER_VALUE.PATTERN", "parameter", "`regexp`", "functionName", "`"+function+"`", "value", cast.Text(pattern))
}
