package job

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// read sets the schema from text that a user wrote: DDL, Spark's StructType JSON, or the path of a schema file.
func (s *Schema) read(text, base string) *sparkerr.Error {
	s.Given, s.Text = true, text
	if !isSchemaFile(text) {
		return nil
	}
	path := text
	if !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return sparkerr.Plain("the schema file %s cannot be read: %s", text, sparkerr.Reason(err)).
			WithHint("pass the path of a .yaml, .json or .ddl file, or the columns: \"a STRING, b INT\"")
	}
	s.Text, s.File = string(data), path
	return nil
}

// isSchemaFile reports whether text is the path of a schema file: it has the extension of one, and no
// characters that occur only in schema text.
func isSchemaFile(text string) bool {
	switch strings.ToLower(filepath.Ext(text)) {
	case ".yaml", ".yml", ".json", ".ddl":
		return !strings.ContainsAny(text, ",\n{")
	}
	return false
}

// Types parses the schema, or returns nil if there is none. Errors have a place in the job file or the schema
// file.
func (s *Schema) Types() (*types.Schema, error) {
	if !s.Given {
		return nil, nil
	}
	text := strings.TrimSpace(s.Text)
	if text == "" && s.File == "" {
		return nil, s.locate(sparkerr.Plain("the schema is empty").WithHint("\"a STRING, b INT\", or the path of a .yaml, .json or .ddl file"))
	}
	ext := strings.ToLower(filepath.Ext(s.File))
	switch {
	case ext == ".json" || strings.HasPrefix(text, "{"):
		schema, err := types.ParseJSON([]byte(text))
		return schema, s.locate(err)
	case ext == ".yaml" || ext == ".yml":
		schema, err := types.ParseSchemaYAML([]byte(s.Text), s.File)
		return schema, s.locate(err)
	}
	schema, err := types.ParseDDL(text)
	if err != nil {
		return nil, s.locate(err)
	}
	return schema, nil
}

// locate sets the place of an error in schema text.
func (s *Schema) locate(err error) error {
	if err == nil {
		return nil
	}
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		var located []error
		for _, one := range list.Unwrap() {
			located = append(located, s.locate(one))
		}
		return errors.Join(located...)
	}
	var e *sparkerr.Error
	if !errors.As(err, &e) {
		e = sparkerr.Plain("the schema cannot be read: %s", sparkerr.Reason(err))
	}
	if e.Place == nil && s.File != "" {
		e.Place = &sparkerr.Place{File: s.File}
	}
	if e.Place == nil {
		e.Place = s.Place
	}
	if e.Fragment != nil && e.Fragment.Place == nil {
		e.Fragment.Place = e.Place
	}
	return e
}

// ddl returns the columns as DDL, however they are written, or the text if it cannot be parsed.
func (s *Schema) ddl() string {
	t, err := s.Types()
	if err != nil || t == nil {
		return s.Text
	}
	return t.DDL()
}
