package types

import (
	"encoding/json"
	"strconv"
	"strings"
)

// DDL returns the schema as text that ParseDDL reads. Spark: StructType.toDDL.
func (s *Schema) DDL() string {
	parts := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		parts[i] = QuoteIfNeeded(f.Name) + " " + f.Type.ddl() + f.attributes()
	}
	return strings.Join(parts, ",")
}

// ddl is SQL plus the comments of struct fields.
func (t *Type) ddl() string {
	switch t.Kind {
	case KindArray:
		return "ARRAY<" + t.Elem.ddl() + ">"
	case KindMap:
		return "MAP<" + t.Key.ddl() + ", " + t.Elem.ddl() + ">"
	case KindStruct:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = QuoteIfNeeded(f.Name) + ": " + f.Type.ddl() + f.attributes()
		}
		return "STRUCT<" + strings.Join(parts, ", ") + ">"
	}
	return t.SQL()
}

func (f Field) attributes() string {
	text := ""
	if !f.Nullable {
		text = " NOT NULL"
	}
	if f.Comment != "" {
		text += " COMMENT '" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(f.Comment) + "'"
	}
	return text
}

// JSON returns the schema as Spark's StructType JSON.
func (s *Schema) JSON() string { return string(appendStructJSON(nil, s.Fields)) }

// JSON returns the type as Spark's DataType JSON.
func (t *Type) JSON() string { return string(t.appendJSON(nil)) }

// jsonNames holds the JSON names that differ from those of String.
var jsonNames = map[Kind]string{KindByte: "byte", KindShort: "short", KindInt: "integer", KindLong: "long"}

func (t *Type) appendJSON(dst []byte) []byte {
	switch t.Kind {
	case KindStruct:
		return appendStructJSON(dst, t.Fields)
	case KindArray:
		dst = t.Elem.appendJSON(append(dst, `{"type":"array","elementType":`...))
		dst = append(dst, `,"containsNull":`...)
		return append(strconv.AppendBool(dst, t.ContainsNull), '}')
	case KindMap:
		dst = t.Key.appendJSON(append(dst, `{"type":"map","keyType":`...))
		dst = t.Elem.appendJSON(append(dst, `,"valueType":`...))
		dst = append(dst, `,"valueContainsNull":`...)
		return append(strconv.AppendBool(dst, t.ContainsNull), '}')
	}
	name := t.String()
	if n, ok := jsonNames[t.Kind]; ok {
		name = n
	}
	return append(append(append(dst, '"'), name...), '"')
}

func appendStructJSON(dst []byte, fields []Field) []byte {
	dst = append(dst, `{"type":"struct","fields":[`...)
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(append(dst, `{"name":`...), f.Name)
		dst = f.Type.appendJSON(append(dst, `,"type":`...))
		dst = strconv.AppendBool(append(dst, `,"nullable":`...), f.Nullable)
		dst = append(f.appendMetadata(append(dst, `,"metadata":`...)), '}')
	}
	return append(dst, "]}"...)
}

func (f *Field) appendMetadata(dst []byte) []byte {
	rest := strings.TrimPrefix(f.Metadata, "{")
	dst = append(dst, '{')
	if f.Comment != "" {
		dst = appendText(append(dst, `"comment":`...), f.Comment)
		if rest != "" && rest != "}" {
			dst = append(dst, ',')
		}
	}
	if rest == "" {
		rest = "}"
	}
	return append(dst, rest...)
}

// appendText appends a JSON string without escaping <, > and &.
func appendText(dst []byte, text string) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return dst // a string always encodes
	}
	return append(dst, strings.TrimSuffix(b.String(), "\n")...)
}
