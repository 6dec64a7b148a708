// Package sparkerr defines the errors that users see: Spark's error conditions with SQLSTATE and parameters,
// the place in the user's input, and a hint. All layers return these errors; only package cli prints them.
package sparkerr

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// An Error is a failure with Spark's condition name. Condition may be empty for failures that Spark raises as
// plain Java exceptions; Text then holds the whole message.
type Error struct {
	Condition string            // "DIVIDE_BY_ZERO", "UNRESOLVED_COLUMN.WITH_SUGGESTION"; a key of the conditions table
	Params    map[string]string // by Spark's parameter names; they are inserted into the condition's message
	Total     int               // length of the full list if a list in Params is cut short; 0 if it is complete
	Text      string            // if not empty, replaces the table's message
	Fragment  *Fragment         // the part of the SQL text that failed
	Place     *Place            // where in the user's input
	Row       *Row              // the record that failed, for errors that depend on data
	Option    string            // the format option whose value was refused
	Hint      string            // what to type next
	Cause     error
}

// A Place is a position in the user's input: a node of a job file or the value of a flag.
type Place struct {
	File      string // job file or schema file; empty if Flag is set
	Line, Col int    // 1-based position of the node's first character
	Path      string // "streams[upper].transform[2].withColumn.ratio"
	Flag      string // "--with-column", if the text came from the command line
	LineText  string // the source line, for the caret
	Exact     bool   // the node's text appears unescaped in LineText at Col, so that offsets into it are columns
}

// A Fragment marks the bytes [Start, End) of a SQL text.
type Fragment struct {
	Text       string
	Start, End int
	Place      *Place
}

// A Row identifies the record that caused an error.
type Row struct {
	Stream string
	Batch  int64
	File   string
	Line   int64 // 1-based; 0 if unknown
	Column string
	Value  string // shortened raw text
}

// New returns an Error with the given condition. params alternates Spark's parameter names and values. A test
// checks that every condition in the code is in the table.
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

// Plain returns an Error for what Spark raises as a Java exception without a condition.
func Plain(format string, args ...any) *Error {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = Bounded(s)
		}
	}
	return &Error{Text: fmt.Sprintf(format, args...)}
}

// Unstreamable returns the error for a query that Spark does not support on streams, with Spark's text.
func Unstreamable(text string) *Error {
	return &Error{Condition: "_LEGACY_ERROR_TEMP_3102", Text: text}
}

// Internal returns an error that reports a bug in streamctl.
func Internal(format string, args ...any) *Error {
	return &Error{Condition: "INTERNAL_ERROR", Text: fmt.Sprintf(format, args...)}
}

// WithHint sets the hint and returns e.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// OfOption records in err which option had the refused value, unless err already names one.
func OfOption(err error, name string) error {
	var e *Error
	if !errors.As(err, &e) || e.Option != "" {
		return err
	}
	c := *e
	c.Option = name
	return &c
}

// SQLState returns the five-character SQLSTATE of the condition, or "" if it has none.
func (e *Error) SQLState() string {
	if c, ok := lookup(e.Condition); ok {
		return c.sqlState
	}
	return ""
}

// Sentence returns the message without condition and SQLSTATE.
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

// Error returns one line: "[CONDITION] sentence SQLSTATE: xxxxx".
func (e *Error) Error() string {
	sentence := e.withState(e.Sentence())
	if e.Condition != "" {
		sentence = "[" + e.Condition + "] " + sentence
	}
	return sentence
}

// withState appends the SQLSTATE to a sentence. One without a full stop, such as one that other sentences quote, gets it here.
func (e *Error) withState(sentence string) string {
	state := e.SQLState()
	if state == "" {
		return sentence
	}
	if last, _ := utf8.DecodeLastRuneInString(sentence); !strings.ContainsRune(".!?:;\n", last) {
		sentence += "."
	}
	return sentence + " SQLSTATE: " + state
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// fill replaces each <name> in a message with its parameter.
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

// Root returns the innermost error in the chain that has a condition: the cause, as opposed to wrappers that
// only add a place. If none has a condition, it returns the outermost *Error, or nil if there is none.
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

// At adds a place to an error that has none.
func At(err error, place *Place) error {
	if e, ok := err.(*Error); ok && e != nil && e.Place == nil { //nolint:errorlint // only the error itself
		c := *e
		c.Place = place
		return &c
	}
	return err
}
