package types

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/streamctl/streamctl/internal/lex"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/suggest"
	"github.com/streamctl/streamctl/internal/yamlerr"
)

// maxYAMLFields limits how far aliases can expand a schema file.
const maxYAMLFields = 100_000

// ParseSchemaYAML parses a schema file. The file holds a list of {name, type, nullable, comment}, a mapping with such a list under fields, columns or
// schema, a mapping of names to types, or DDL text. Each type may carry NOT NULL and COMMENT as in DDL. It reports all mistakes: the error is a
// *sparkerr.Error or joins several, each with its position in the file.
func ParseSchemaYAML(data []byte, file string) (*Schema, error) {
	r := &yamlReader{file: file, lines: strings.Split(string(data), "\n")}
	if err := yamlerr.NotText("schema file", file, data); err != nil {
		return nil, err
	}
	if strings.TrimSpace(string(data)) == "" {
		e := sparkerr.Plain("the schema file is empty").WithHint("write one line for each column: fname: STRING")
		e.Place = &sparkerr.Place{File: file}
		return nil, e
	}
	fields, err := r.read(data)
	if err != nil {
		if s, ddlErr := ParseDDL(string(data)); ddlErr == nil { // the colons of DDL can look like YAML
			return s, nil
		}
		return nil, err
	}
	return &Schema{Fields: fields}, nil
}

func (r *yamlReader) read(data []byte) ([]Field, error) {
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		return nil, yamlerr.Explain(err, "schema file", r.file, data)
	}
	root := follow(&doc)
	if inner := wrapped(root); inner != nil {
		root = inner
	}
	r.schema(root)
	if len(r.errs) == 1 {
		return nil, r.errs[0]
	}
	return r.fields, errors.Join(r.errs...)
}

// A yamlReader collects the fields and the mistakes of a schema file.
type yamlReader struct {
	file   string
	lines  []string
	fields []Field
	errs   []error
}

func (r *yamlReader) line(n int) string {
	if n < 1 || n > len(r.lines) {
		return ""
	}
	return strings.TrimSuffix(r.lines[n-1], "\r")
}

// place returns the position of a node. Text that appears unescaped on its line is marked inside its quotes.
func (r *yamlReader) place(n *yaml.Node) *sparkerr.Place {
	p := &sparkerr.Place{File: r.file, Line: n.Line, Col: n.Column, LineText: r.line(n.Line)}
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return p
	}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		p.Col++
	}
	rest := p.LineText
	for i := 1; i < p.Col && rest != ""; i++ {
		_, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
	}
	p.Exact = strings.HasPrefix(rest, n.Value)
	if !p.Exact {
		p.Col = n.Column
	}
	return p
}

// fail records a mistake and returns it, so that the caller can set a hint.
func (r *yamlReader) fail(n *yaml.Node, e *sparkerr.Error) *sparkerr.Error {
	e.Place = r.place(n)
	if e.Fragment != nil {
		e.Fragment.Place = e.Place
	}
	r.errs = append(r.errs, e)
	return e
}

func (r *yamlReader) failf(n *yaml.Node, format string, args ...any) *sparkerr.Error {
	return r.fail(n, sparkerr.Plain(format, args...))
}

// follow resolves an alias, or returns the only node of a document.
func follow(n *yaml.Node) *yaml.Node {
	for {
		switch {
		case n.Kind == yaml.AliasNode && n.Alias != nil:
			n = n.Alias
		case n.Kind == yaml.DocumentNode && len(n.Content) == 1:
			n = n.Content[0]
		default:
			return n
		}
	}
}

// schema reads the root of the file, or the value under fields, columns or schema.
func (r *yamlReader) schema(n *yaml.Node) {
	switch {
	case n.Kind == yaml.SequenceNode:
		r.list(n)
	case n.Kind == yaml.MappingNode && len(n.Content) > 0:
		for i := 0; i+1 < len(n.Content); i += 2 {
			r.pair(n.Content[i], n.Content[i+1])
		}
	case n.Kind == yaml.ScalarNode && strings.TrimSpace(n.Value) != "":
		r.ddl(n)
	default:
		r.failf(n, "the schema has no columns")
	}
}

func (r *yamlReader) ddl(n *yaml.Node) {
	s, err := ParseDDL(n.Value)
	if err != nil {
		r.fail(n, err)
		return
	}
	r.add(n, s.Fields...)
}

func (r *yamlReader) add(n *yaml.Node, fields ...Field) {
	if len(r.fields) <= maxYAMLFields && len(r.fields)+len(fields) > maxYAMLFields {
		r.failf(n, "the schema has more than %d columns", maxYAMLFields)
	}
	if len(r.fields) <= maxYAMLFields {
		r.fields = append(r.fields, fields...)
	}
}

// wrapped returns the schema under one of the keys that can hold it, or nil. A column with such a name has a type as its
// value.
func wrapped(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], follow(n.Content[i+1])
		if key.Value != "fields" && key.Value != "columns" && key.Value != "schema" {
			continue
		}
		if value.Kind != yaml.ScalarNode {
			return value
		}
		if _, err := ParseType(value.Value); err != nil && len(n.Content) == 2 {
			if _, err := ParseDDL(value.Value); err == nil {
				return value
			}
		}
	}
	return nil
}

// pair reads name: type.
func (r *yamlReader) pair(key, value *yaml.Node) {
	if follow(key).Kind != yaml.ScalarNode || follow(key).Value == "" {
		r.failf(key, "a column name must be a string")
		return
	}
	f := Field{Name: follow(key).Value, Nullable: true}
	if r.typeOf(value, &f) {
		r.add(key, f)
	}
}

// typeOf reads the type of a column with its attributes.
func (r *yamlReader) typeOf(n *yaml.Node, f *Field) bool {
	text := follow(n)
	if text.Kind != yaml.ScalarNode || strings.TrimSpace(text.Value) == "" {
		r.failf(n, "the type of column %q must be a string such as STRING or ARRAY<INT>", f.Name)
		return false
	}
	c, err := lex.New(text.Value)
	if err == nil {
		err = typeAndAttributesAt(c, f)
	}
	if err == nil {
		err = c.Done()
	}
	if err != nil {
		r.fail(text, err)
	}
	return err == nil
}

// list reads the columns of a list, each a mapping or DDL text.
func (r *yamlReader) list(n *yaml.Node) {
	if len(n.Content) == 0 {
		r.failf(n, "the schema has no columns")
	}
	for _, item := range n.Content {
		item = follow(item)
		switch {
		case item.Kind == yaml.MappingNode && len(item.Content) == 2 && !isColumnKey(item.Content[0].Value):
			r.pair(item.Content[0], item.Content[1])
		case item.Kind == yaml.MappingNode:
			r.column(item)
		case item.Kind == yaml.ScalarNode && strings.TrimSpace(item.Value) != "":
			r.ddl(item)
		default:
			r.failf(item, "a column must be a mapping such as {name: fname, type: STRING}")
		}
	}
}

var columnKeys = []string{"name", "type", "nullable", "comment", "metadata"}

func isColumnKey(key string) bool {
	for _, k := range columnKeys {
		if k == key {
			return true
		}
	}
	return false
}

// column reads {name, type, nullable, comment}.
func (r *yamlReader) column(n *yaml.Node) {
	values := map[string]*yaml.Node{}
	mistakes := len(r.errs)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case !isColumnKey(key.Value):
			e := r.failf(key, "unknown key %q of a column", key.Value)
			if t := values["type"]; t != nil && cutAtComma(t.Value) {
				e.Hint = "a comma needs quotes: type: \"" + t.Value + "," + key.Value + "\""
			} else if near := suggest.Closest(key.Value, columnKeys, 1); len(near) > 0 {
				e.Hint = "did you mean " + near[0] + "?"
			}
		case values[key.Value] != nil:
			r.failf(key, "duplicate key %q in a column", key.Value)
		}
		values[key.Value] = follow(n.Content[i+1])
	}
	f := Field{Nullable: true}
	r.columnName(n, values["name"], &f)
	if t := values["type"]; t != nil {
		r.typeOf(t, &f)
	} else {
		r.failf(n, "column %q has no type", f.Name).WithHint("add type: STRING or another type")
	}
	r.attributes(values, &f)
	if len(r.errs) == mistakes {
		r.add(n, f)
	}
}

// cutAtComma reports whether a type ends within brackets, as DECIMAL(10,2) does in {type: DECIMAL(10,2)}, where a comma ends a value.
func cutAtComma(text string) bool {
	return strings.Count(text, "(") > strings.Count(text, ")") || strings.Count(text, "<") > strings.Count(text, ">")
}

func (r *yamlReader) columnName(column, name *yaml.Node, f *Field) {
	switch {
	case name == nil:
		r.failf(column, "a column has no name")
	case name.Kind != yaml.ScalarNode || name.Value == "":
		r.failf(name, "a column name must be a string")
	default:
		f.Name = name.Value
	}
}

func (r *yamlReader) attributes(values map[string]*yaml.Node, f *Field) {
	if n := values["nullable"]; n != nil {
		nullable, err := strconv.ParseBool(n.Value)
		if err != nil || n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
			r.fail(n, sparkerr.Plain("nullable must be true or false%s", given(n)))
		}
		f.Nullable = nullable
	}
	if n := values["comment"]; n != nil {
		if n.Kind != yaml.ScalarNode {
			r.failf(n, "a comment must be a string")
		}
		f.Comment = n.Value
	}
}

func given(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		return ""
	}
	return fmt.Sprintf(", not %q", n.Value)
}
