// Package sparkerr holds the errors users see: Spark's error conditions with their SQLSTATE and parameters, the
// place in the user's input, and what to do next. Every layer returns these; only package cli prints them.
package sparkerr

import (
	"errors"
	"fmt"
	"strings"
)

// An Error is a failure with Spark's condition name. The zero Condition is allowed for failures that Spark raises as
// plain Java exceptions; Text then carries the whole sentence.
type Error struct {
	Condition string            // "DIVIDE_BY_ZERO", "UNRESOLVED_COLUMN.WITH_SUGGESTION"; a key of the conditions table
	Params    map[string]string // by Spark's parameter names; they fill the sentence of the condition
	Total     int               // names there are where a list among Params has the first of them; 0: it has all
	Text      string            // replaces the table's sentence when not empty
	Fragment  *Fragment         // the part of a SQL text that failed
	Place     *Place            // where in the user's input
	Row       *Row              // which record failed, for errors that depend on data
	Option    string            // the option of a format whose value is refused
	Hint      string            // the next thing to type
	Cause     error
}

// A Place is a position in what the user wrote: a node of a job file or the value of a flag.
type Place struct {
	File      string // job file or schema file; empty when Flag is set
	Line, Col int    // 1-based position of the node's first character
	Path      string // "streams[upper].transform[2].withColumn.ratio"
	Flag      string // "--with-column", when the text came from the command line
	LineText  string // the source line, for the caret
	Exact     bool   // the node's text stands unescaped on LineText from Col on, so offsets into it are columns
}

// A Fragment marks bytes [Start, End) of a SQL text.
type Fragment struct {
	Text       string
	Start, End int
	Place      *Place
}

// A Row says which record an error belongs to.
type Row struct {
	Stream string
	Batch  int64
	File   string
	Line   int64 // 1-based; 0 when unknown
	Column string
	Value  string // shortened raw text
}

// New makes an Error of the given condition; params are pairs of Spark's parameter names and their values.
// A condition that is not in the table is a bug that a test of this package finds.
func New(condition string, params ...string) *Error {
	e := &Error{Condition: condition}
	if len(params) > 0 {
		e.Params = make(map[string]string, len(params)/2)
		for i := 0; i+1 < len(params); i += 2 {
			e.Params[params[i]] = Bounded(params[i+1])
		}
	}
	return e
}

// Plain makes an Error for what Spark raises as a Java exception without a condition.
func Plain(format string, args ...any) *Error {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = Bounded(s)
		}
	}
	return &Error{Text: fmt.Sprintf(format, args...)}
}

// Unstreamable makes the error of what Spark's streams do not take, in Spark's words.
func Unstreamable(text string) *Error {
	return &Error{Condition: "_LEGACY_ERROR_TEMP_3102", Text: text}
}

// Internal makes the error of a bug in streamctl.
func Internal(format string, args ...any) *Error {
	return &Error{Condition: "INTERNAL_ERROR", Text: fmt.Sprintf(format, args...)}
}

// WithHint sets the hint and returns e.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// OfOption gives an error of a value the name of the option that it was given to. Other errors, and those that name one, stay.
func OfOption(err error, name string) error {
	var e *Error
	if !errors.As(err, &e) || e.Option != "" {
		return err
	}
	c := *e
	c.Option = name
	return &c
}

// SQLState gives the five-character SQLSTATE of the condition, or "".
func (e *Error) SQLState() string {
	if c, ok := lookup(e.Condition); ok {
		return c.sqlState
	}
	return ""
}

// Sentence is the human text without condition and SQLSTATE.
func (e *Error) Sentence() string {
	if e.Text != "" {
		return e.Text
	}
	c, ok := lookup(e.Condition)
	if !ok {
		return "error condition " + e.Condition
	}
	return fill(c.sentence, e.Params)
}

// Error renders one line: "[CONDITION] sentence SQLSTATE: xxxxx".
func (e *Error) Error() string {
	var b strings.Builder
	if e.Condition != "" {
		b.WriteString("[" + e.Condition + "] ")
	}
	b.WriteString(e.Sentence())
	if s := e.SQLState(); s != "" {
		b.WriteString(" SQLSTATE: " + s)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// fill replaces each <name> of the sentence by its parameter.
func fill(sentence string, params map[string]string) string {
	if len(params) == 0 {
		return sentence
	}
	pairs := make([]string, 0, 2*len(params))
	for k, v := range params {
		pairs = append(pairs, "<"+k+">", v)
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}

// Root is the innermost error of a chain that has a condition: the cause that says why, below wrappers that only say where.
// When none has one it is the outermost *Error, and nil when there is no *Error at all.
func Root(err error) *Error {
	var root *Error
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			break
		}
		if root == nil || e.Condition != "" {
			root = e
		}
		err = e.Cause
	}
	return root
}
