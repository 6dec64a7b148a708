package types

import (
	"strconv"
	"strings"
)

// YAML returns the schema as a file that ParseSchemaYAML reads, one line per column.
func (s *Schema) YAML() string {
	var b strings.Builder
	for _, f := range s.Fields {
		b.WriteString("- {name: " + yamlText(f.Name) + ", type: " + yamlText(f.Type.ddl()))
		if !f.Nullable {
			b.WriteString(", nullable: false")
		}
		if f.Comment != "" {
			b.WriteString(", comment: " + yamlText(f.Comment))
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// yamlText quotes text that YAML would not read literally inside braces.
func yamlText(s string) string {
	plain := s != ""
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		plain = plain && (letter || i > 0 && (r >= '0' && r <= '9' || r == ' ' && i < len(s)-1 || r == '(' || r == ')' || r == '<' || r == '>'))
	}
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		plain = false
	}
	if plain {
		return s
	}
	return quoteJSON(s)
}

// quoteJSON returns s as a double-quoted JSON string that is also valid YAML.
func quoteJSON(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case !plainInYAML(r):
			b.WriteString(`\u` + strconv.FormatInt(0x10000+int64(r), 16)[1:])
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

// plainInYAML reports whether YAML accepts r unescaped in a quoted one-line string.
func plainInYAML(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r <= 0x9f, r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xfffe, r == 0xffff:
		return false
	}
	return true
}
