package function

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/javaregexp"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

var (
	textList   = types.ArrayOf(types.String, true)
	splitList  = types.ArrayOf(types.String, false)
	oneAsGroup = expr.Int(1)
)

// regexpFunctions search with Java regular expressions.
func regexpFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "regexp_count", Group: "string_funcs", Usage: "regexp_count(str, regexp)", Doc: "The number of matches of the pattern.",
			Example: `regexp_count('Steven and Stephen', 'Ste(v|ph)en')`, Result: "2", MinArgs: 2, MaxArgs: 2,
			Resolve: returns(types.Int, coerce.String), Compile: compileRegexpCount,
		},
		{
			Name: "regexp_extract", Group: "string_funcs", Usage: "regexp_extract(str, regexp[, idx])",
			Doc:     "The text of a group in the first match of the pattern, or an empty string; group 0 is the whole match.",
			Example: `regexp_extract('100-200', '([0-9]+)-([0-9]+)', 1)`, Result: "100", MinArgs: 2, MaxArgs: 3,
			Resolve: defaults(returns(types.String, coerce.String, coerce.String, coerce.Int), 2, oneAsGroup), Compile: compileRegexpExtract,
		},
		{
			Name: "regexp_extract_all", Group: "string_funcs", Usage: "regexp_extract_all(str, regexp[, idx])",
			Doc:     "The text of a group in each match of the pattern.",
			Example: `regexp_extract_all('100-200, 300-400', '([0-9]+)-([0-9]+)', 1)`, Result: "[100, 300]", MinArgs: 2, MaxArgs: 3,
			Resolve: defaults(returns(textList, coerce.String, coerce.String, coerce.Int), 2, oneAsGroup), Compile: compileRegexpExtractAll,
		},
		{
			Name: "regexp_instr", Group: "string_funcs", Usage: "regexp_instr(str, regexp)", Doc: "The position of the first match, counted from 1, or 0.",
			Example: `regexp_instr('abcb', 'b')`, Result: "2", MinArgs: 2, MaxArgs: 3,
			Resolve: defaults(returns(types.Int, coerce.String, coerce.String, coerce.Int), 2, expr.Int(0)), Compile: compileRegexpInstr,
		},
		late(&expr.Function{
			Name: "regexp_substr", Group: "string_funcs", Usage: "regexp_substr(str, regexp)", Doc: "The first match, or NULL if there is none.",
			Example: `regexp_substr('Steven and Stephen', 'Ste(v|ph)en')`, Result: "Steven", MinArgs: 2, MaxArgs: 2,
			Resolve: nullable(returns(types.String, coerce.String)), Compile: compileRegexpSubstr,
		}),
		{
			Name: "regexp_replace", Group: "string_funcs", Usage: "regexp_replace(str, regexp, rep[, position])",
			Doc:     "The string with each match from a position replaced by rep, in which $1 is the first group.",
			Example: `regexp_replace('100-200', '([0-9]+)', 'num')`, Result: "num-num", MinArgs: 3, MaxArgs: 4,
			Resolve: defaults(resolveRegexpReplace, 3, oneAsGroup), Compile: compileRegexpReplace,
		},
		{
			Name: "split", Group: "string_funcs", Usage: "split(str, regex[, limit])",
			Doc:     "The string split at the matches of a pattern, into at most limit parts if limit is positive.",
			Example: `split('oneAtwoBthreeC', '[ABC]')`, Result: "[one, two, three, ]", MinArgs: 2, MaxArgs: 3,
			Resolve: defaults(returns(splitList, coerce.String, coerce.String, coerce.Int), 2, expr.Int(-1)), Compile: compileSplit,
		},
	}
}

// A regexpCache caches the pattern compiled last: it seldom changes between rows.
type regexpCache struct {
	function string
	text     string
	pattern  *javaregexp.Regexp
	stop     *halt.Flag // checked during matching
}

func (c *regexpCache) get(stop *halt.Flag, text []byte) (*javaregexp.Regexp, error) {
	if c.pattern != nil && c.text == string(text) {
		if c.stop != stop {
			c.stop, c.pattern.Stop = stop, stop.Err
		}
		return c.pattern, nil
	}
	p, err := javaregexp.Compile(string(text))
	if err != nil {
		return nil, sparkerr.New("INVALID_PARAMETER_VALUE.PATTERN", "parameter", "`regexp`", "functionName", "`"+c.function+"`",
			"value", "'"+string(text)+"'")
	}
	p.Stop = stop.Err
	c.text, c.pattern, c.stop = string(text), p, stop
	return p, nil
}

// eachMatch compiles a function whose second argument is a pattern.
func eachMatch(call *expr.Expr, f func(r *row, p *javaregexp.Regexp) error) (expr.Kernel, error) {
	cache := regexpCache{function: call.Fn.Name}
	return rowKernel(func(r *row) error {
		p, err := cache.get(r.ctx.Stop, r.text(1))
		if err != nil {
			return err
		}
		return f(r, p)
	}), nil
}

// eachMatchedPart compiles a function that returns a substring; nil is the empty string.
func eachMatchedPart(call *expr.Expr, f func(r *row, s []byte, p *javaregexp.Regexp) ([]byte, error)) (expr.Kernel, error) {
	valid := false // all strings of the current batch are valid UTF-8
	each, err := eachMatch(call, func(r *row, p *javaregexp.Regexp) error {
		s := r.text(0)
		if !valid && !utf8.Valid(s) {
			part, err := f(r, javaText(&r.Steps, s), p)
			r.setBytes(part)
			return err
		}
		part, err := f(r, s, p)
		if part == nil {
			part = s[:0]
		}
		r.out.Views[r.out.At(r.i)] = viewOf(r.args[0], r.i, s, part)
		return err
	})
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		out.Share(args[0])
		valid = togetherValid(args[0], n, sel)
		return each(ctx, n, sel, args, out)
	}, err
}

func compileRegexpCount(call *expr.Expr) (expr.Kernel, error) {
	return eachMatch(call, func(r *row, p *javaregexp.Regexp) error {
		n := 0
		err := p.All(r.java(0), func([]int) bool { r.Take(1); n++; return true })
		r.setInt(n)
		return err
	})
}

// groupOf returns the text of a group, or nil if the group did not take part in the match.
func groupOf(s []byte, loc []int, group int) []byte {
	if loc[2*group] < 0 {
		return nil
	}
	return s[loc[2*group]:loc[2*group+1]]
}

func checkGroup(call *expr.Expr, p *javaregexp.Regexp, group int) error {
	if group >= 0 && group <= p.Groups() {
		return nil
	}
	return sparkerr.New("INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX", "parameter", "`idx`", "functionName", "`"+call.Fn.Name+"`",
		"groupCount", strconv.Itoa(p.Groups()), "groupIndex", strconv.Itoa(group))
}

// compileRegexpExtract checks the number of the group only if there is a match.
func compileRegexpExtract(call *expr.Expr) (expr.Kernel, error) {
	return eachMatchedPart(call, func(r *row, s []byte, p *javaregexp.Regexp) ([]byte, error) {
		loc, err := p.First(s)
		if loc == nil || err != nil {
			return nil, err
		}
		if err := checkGroup(call, p, r.int(2)); err != nil {
			return nil, err
		}
		return groupOf(s, loc, r.int(2)), nil
	})
}

func compileRegexpExtractAll(call *expr.Expr) (expr.Kernel, error) {
	return eachMatch(call, func(r *row, p *javaregexp.Regexp) error {
		s, group, from := r.java(0), r.int(2), r.listStart()
		var wrong error
		err := p.All(s, func(loc []int) bool {
			r.Take(1)
			if wrong = checkGroup(call, p, group); wrong == nil {
				r.listAdd(groupOf(s, loc, group))
			}
			return wrong == nil
		})
		r.listEnd(from)
		if err == nil {
			err = wrong
		}
		return err
	})
}

func compileRegexpInstr(call *expr.Expr) (expr.Kernel, error) {
	return eachMatch(call, func(r *row, p *javaregexp.Regexp) error {
		loc, err := p.First(r.java(0))
		if loc == nil {
			r.setInt(0)
		} else {
			r.setInt(countChars(r.java(0)[:loc[0]]) + 1)
		}
		return err
	})
}

// compileRegexpSubstr treats an empty match as no match.
func compileRegexpSubstr(call *expr.Expr) (expr.Kernel, error) {
	return eachMatch(call, func(r *row, p *javaregexp.Regexp) error {
		loc, err := p.First(r.java(0))
		if loc == nil || loc[0] == loc[1] {
			r.setNull()
		} else {
			r.setBytes(r.java(0)[loc[0]:loc[1]])
		}
		return err
	})
}

func resolveRegexpReplace(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.String, coerce.String, coerce.String, coerce.Int); err != nil {
		return err
	}
	position, err := fold(call.Args[3])
	switch {
	case err != nil:
		return err
	case position == nil:
		return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`position`", "inputType", `"INT"`, "inputExpr", `"`+call.Args[3].SQL()+`"`)
	case !position.IsNull(0) && position.I32[0] <= 0:
		return coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "position", "valueRange", "(0, 2147483647]",
			"currentValue", strconv.Itoa(int(position.I32[0])))
	}
	coerce.Returns(call, types.String)
	return nil
}

func compileRegexpReplace(call *expr.Expr) (expr.Kernel, error) {
	return eachMatch(call, func(r *row, p *javaregexp.Regexp) error {
		s, rep, position := r.java(0), r.text(2), r.int(3)
		from := skipChars(s, position-1)
		if position > 1 && from == len(s) {
			r.setBytes(s)
			return nil
		}
		start, last, ok := len(r.out.Data), from, true
		dst := append(r.out.Data, s[:from]...)
		err := p.All(s[from:], func(loc []int) bool {
			r.Take(1)
			r.fits(dst, from+loc[0]-last)
			dst = append(dst, s[last:from+loc[0]]...)
			dst, ok = r.appendReplacement(dst, rep, s[from:], loc, p)
			last = from + loc[1]
			return ok
		})
		if !ok {
			return sparkerr.New("INVALID_REGEXP_REPLACE", "source", string(s), "pattern", string(r.text(1)),
				"replacement", string(rep), "position", strconv.Itoa(position))
		}
		r.out.Data = append(dst, s[last:]...)
		r.out.CloseBytes(r.i, start)
		return err
	})
}

// appendReplacement appends rep with its group references filled in. It returns false for a reference to a group that does
// not exist. (Java: Matcher.appendReplacement.)
func (r *row) appendReplacement(dst, rep, s []byte, loc []int, p *javaregexp.Regexp) ([]byte, bool) {
	for i := 0; i < len(rep); i++ {
		r.Take(1)
		switch rep[i] {
		case '\\':
			if i++; i == len(rep) {
				return dst, false
			}
			dst = append(dst, rep[i])
		case '$':
			group, size, ok := groupReference(rep[i+1:], p)
			if !ok {
				return dst, false
			}
			r.fits(dst, len(groupOf(s, loc, group)))
			dst, i = append(dst, groupOf(s, loc, group)...), i+size
		default:
			dst = append(dst, rep[i])
		}
	}
	return dst, true
}

// groupReference parses the group number at the start of s, as long as such a group exists, or {name}.
func groupReference(s []byte, p *javaregexp.Regexp) (group, size int, ok bool) {
	if len(s) > 0 && s[0] == '{' {
		end := bytes.IndexByte(s, '}')
		if end < 0 {
			return 0, 0, false
		}
		group, ok = p.Group(string(s[1:end]))
		return group, end + 1, ok
	}
	for size < len(s) && s[size] >= '0' && s[size] <= '9' {
		next := group*10 + int(s[size]-'0')
		if size > 0 && next > p.Groups() {
			break
		}
		group = next
		size++
	}
	return group, size, size > 0 && group <= p.Groups()
}

func compileSplit(call *expr.Expr) (expr.Kernel, error) {
	return eachMatch(call, func(r *row, p *javaregexp.Regexp) error {
		s, limit, from := r.java(0), r.int(2), r.listStart()
		var err error
		switch separator := p.Literal(); {
		case len(r.text(1)) == 0 && len(s) > 0:
			splitChars(r, r.text(0), limit)
		case separator != nil:
			splitText(r, s, separator, limit)
		default:
			err = splitAt(r, s, p, limit)
		}
		r.listEnd(from)
		return err
	})
}

// splitChars returns each character; the last part of a limited list is the rest of the string.
func splitChars(r *row, s []byte, limit int) {
	for n := 1; len(s) > 0; n++ {
		r.Take(1)
		size := charLen(s)
		if n == limit {
			size = len(s)
		}
		r.listAdd(s[:size])
		s = s[size:]
	}
}

// splitText is splitAt for a pattern without special characters.
func splitText(r *row, s, separator []byte, limit int) {
	for n := 1; limit <= 0 || n < limit; n++ {
		r.Take(1)
		at := bytes.Index(s, separator)
		if at < 0 {
			break
		}
		r.listAdd(s[:at])
		s = s[at+len(separator):]
	}
	r.listAdd(s)
}

// splitAt ignores an empty match at the beginning; the last part of a limited list is the rest of the string.
func splitAt(r *row, s []byte, p *javaregexp.Regexp, limit int) error {
	last, parts := 0, 0
	err := p.All(s, func(loc []int) bool {
		r.Take(1)
		switch {
		case limit > 0 && parts == limit-1:
			return false
		case loc[1] == 0:
			return true
		}
		r.listAdd(s[last:loc[0]])
		last = loc[1]
		parts++
		return true
	})
	r.listAdd(s[last:])
	return err
}
