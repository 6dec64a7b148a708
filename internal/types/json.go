package types

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/streamctl/streamctl/internal/lex"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/suggest"
)

// jsonType is the union of the objects in Spark's schema JSON.
type jsonType struct {
	Type              string          `json:"type"`
	Fields            []jsonField     `json:"fields"`
	ElementType       json.RawMessage `json:"elementType"`
	ContainsNull      *bool           `json:"containsNull"`
	KeyType           json.RawMessage `json:"keyType"`
	ValueType         json.RawMessage `json:"valueType"`
	ValueContainsNull *bool           `json:"valueContainsNull"`
	SQLType           json.RawMessage `json:"sqlType"` // "udt"
}

type jsonField struct {
	Name     *string         `json:"name"`
	Type     json.RawMessage `json:"type"`
	Nullable *bool           `json:"nullable"`
	Metadata json.RawMessage `json:"metadata"`
}

// ParseJSON parses Spark's StructType JSON. Omitted nullability defaults to true.
func ParseJSON(data []byte) (*Schema, error) {
	t, err := ParseTypeJSON(data)
	if err != nil {
		return nil, err
	}
	if t.Kind != KindStruct {
		return nil, badJSON(`a schema must have "type":"struct", not ` + t.String())
	}
	return &Schema{Fields: t.Fields}, nil
}

// ParseTypeJSON parses the JSON of a type.
func ParseTypeJSON(data []byte) (*Type, error) {
	t, err := typeFromJSON(data, 0)
	if err != nil {
		if _, ok := errors.AsType[*sparkerr.Error](err); ok {
			return nil, err
		}
		return nil, sparkerr.Plain("the schema is not valid JSON: %s", sparkerr.Reason(err))
	}
	return t, nil
}

func badJSON(text string) *sparkerr.Error {
	return sparkerr.New("INVALID_JSON_DATA_TYPE", "invalidType", text)
}

func typeFromJSON(data []byte, depth int) (*Type, error) {
	data = bytes.TrimSpace(data)
	if depth > lex.MaxDepth {
		return nil, sparkerr.New("FAILED_TO_PARSE_TOO_COMPLEX")
	}
	if len(data) == 0 || string(data) == "null" {
		return nil, badJSON("a type is missing")
	}
	if data[0] == '"' {
		var name string
		if err := json.Unmarshal(data, &name); err != nil {
			return nil, err
		}
		return typeFromJSONName(name)
	}
	var t jsonType
	if err := json.Unmarshal(data, &t); err != nil {
		return nil, err
	}
	switch t.Type {
	case "struct":
		return structFromJSON(t.Fields, depth)
	case "array":
		elem, err := typeFromJSON(t.ElementType, depth+1)
		return ArrayOf(elem, t.ContainsNull == nil || *t.ContainsNull), err
	case "map":
		key, err := typeFromJSON(t.KeyType, depth+1)
		if err != nil {
			return nil, err
		}
		value, err := typeFromJSON(t.ValueType, depth+1)
		return MapOf(key, value, t.ValueContainsNull == nil || *t.ValueContainsNull), err
	case "udt":
		return typeFromJSON(t.SQLType, depth+1)
	}
	return nil, badJSON(string(data))
}

func structFromJSON(list []jsonField, depth int) (*Type, error) {
	fields := make([]Field, len(list))
	for i, f := range list {
		if f.Name == nil {
			return nil, badJSON("a field has no name")
		}
		t, err := typeFromJSON(f.Type, depth+1)
		if err != nil {
			return nil, err
		}
		fields[i] = Field{Name: *f.Name, Type: t, Nullable: f.Nullable == nil || *f.Nullable}
		if err := fields[i].setMetadata(f.Metadata); err != nil {
			return nil, err
		}
	}
	return StructOf(fields...), nil
}

// setMetadata sets the comment and the rest of a field's metadata.
func (f *Field) setMetadata(text json.RawMessage) error {
	if len(text) == 0 || text[0] != '{' {
		var none map[string]any
		return json.Unmarshal([]byte(cmp.Or(string(text), "null")), &none)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	_, err := d.Token()
	var rest []byte
	for err == nil && d.More() {
		var name json.Token
		var value json.RawMessage
		if name, err = d.Token(); err == nil {
			err = d.Decode(&value)
		}
		if name == "comment" && err == nil && json.Unmarshal(value, &f.Comment) == nil {
			continue
		}
		rest = append(append(append(rest, ','), appendText(nil, fmt.Sprint(name))...), ':')
		rest = append(rest, value...)
	}
	if len(rest) > 0 {
		rest[0] = '{'
		var b bytes.Buffer
		err = errors.Join(err, json.Compact(&b, append(rest, '}')))
		f.Metadata = b.String()
	}
	return err
}

// typeFromJSONName parses the name of a type that has no nested types. Spark reads and writes these names in lower case only;
// "null" is the old name of void.
func typeFromJSONName(name string) (*Type, error) {
	if name == "null" {
		return Void, nil
	}
	t, err := ParseType(name)
	if err != nil || name != strings.ToLower(name) || t.Elem != nil || t.Kind == KindStruct {
		e := badJSON(name)
		if near := suggest.Closest(name, jsonTypeNames, 1); len(near) > 0 {
			e.Hint = "did you mean " + near[0] + "?"
		}
		return nil, e
	}
	return t, nil
}

var jsonTypeNames = []string{
	"binary", "boolean", "byte", "date", "decimal", "double", "float", "integer", "long", "short", "string", "timestamp",
	"timestamp_ntz", "variant", "void",
}
