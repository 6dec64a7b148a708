package job

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A node is a JSON Schema, or a part of one.
type node map[string]any

// FileSchema returns the JSON Schema (2020-12) of job files, for editors. It accepts everything that Parse accepts, with the formats, options and
// settings of either engine.
func FileSchema(sources, sinks Formats) ([]byte, error) {
	root := mapping("the job file")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "streamctl job file"
	defs := node{
		"stream": mapping("a stream"), "trigger": mapping("trigger"), "column": mapping("a column"), "step": oneStep(),
		"test": mapping("a test"), "testBatch": mapping("a batch of a test"),
		"withWatermark": mapping("withWatermark"), "groupBy": mapping("groupBy"), "join": mapping("join"), "union": mapping("union"),
		"schema":       node{"anyOf": []node{text(), listOf(ref("column"))}},
		"streamSource": either("stream", mappingOf(pick("source", "stream")), withOptions(mappingOf(sourceKeys()), "source", sources)),
		"input":        withOptions(mappingOf(append(sourceKeys(), pick("source", "transform")...)), "source", sources),
		"other":        either("stream", mapping("with"), either("table", mapping("with"), ref("input"))),
		"sink":         withOptions(mapping("sink"), "sink", sinks),
		"conf":         confNode(), "sourceFormat": formatNode(sources), "sinkFormat": formatNode(sinks),
	}
	defineOptions(defs, "source", sources)
	defineOptions(defs, "sink", sinks)
	root["$defs"] = defs
	return json.MarshalIndent(root, "", " ")
}

func ref(name string) node { return node{"$ref": "#/$defs/" + name} }

// text is any scalar: the parser reads numbers and booleans as they are written.
func text() node { return node{"type": []string{"string", "number", "boolean"}} }

func listOf(element node) node { return node{"type": "array", "items": element} }

// texts is a scalar or a list of scalars.
func texts() node { return node{"anyOf": []node{text(), listOf(text())}} }

func mapOf(value node) node { return node{"type": "object", "additionalProperties": value} }

// named is a mapping of one or more names to texts.
func named() node { return node{"type": "object", "minProperties": 1, "additionalProperties": text()} }

func words(list ...string) node { return node{"enum": list} }

// flag is true or false, also in quotes.
func flag() node {
	return node{"anyOf": []node{{"type": "boolean"}, {"enum": []string{"true", "false"}}}}
}

func deprecated(n node) node {
	n["deprecated"] = true
	return n
}

// anyCase accepts the words of an enumeration in any case. Editors complete those that are listed.
func (n node) anyCase() node {
	return node{"anyOf": []node{n, {"type": "string", "pattern": anyCasePattern(n["enum"].([]string))}}}
}

// anyCasePattern matches words in any case. Patterns of JSON Schema have no flag for that.
func anyCasePattern(words []string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte('|')
		}
		for _, c := range w {
			switch lower, upper := unicode.ToLower(c), unicode.ToUpper(c); {
			case lower != upper:
				b.WriteString("[" + string(upper) + string(lower) + "]")
			case strings.ContainsRune(`\.+*?()|[]{}^$/`, c):
				b.WriteString(`\` + string(c))
			default:
				b.WriteRune(c)
			}
		}
	}
	return "^(?:" + b.String() + ")$"
}

// mapping is a kind of mapping of the job file.
func mapping(what string) node { return mappingOf(keysOf(what)) }

// mappingOf is a mapping with some keys, and those that start with x-.
func mappingOf(keys []key) node {
	properties, required := node{}, []string{}
	for _, k := range keys {
		properties[k.name] = describe(k.form, k.doc)
		if k.required {
			required = append(required, k.name)
		}
	}
	n := node{"type": "object", "properties": properties, "patternProperties": node{"^x-": true}, "additionalProperties": false}
	if len(required) > 0 {
		n["required"] = required
	}
	return n
}

func describe(n node, doc string) node {
	n["description"] = doc
	return n
}

func pick(what, name string) []key {
	keys := keysOf(what)
	i := slices.IndexFunc(keys, func(k key) bool { return k.name == name })
	return keys[i : i+1]
}

// either is the node with if the mapping has a key, and without otherwise.
func either(key string, with, without node) node {
	return node{"if": node{"type": "object", "required": []string{key}}, "then": with, "else": without}
}

// oneStep is a mapping with exactly one step.
func oneStep() node {
	n := mapping("a step")
	var one []node
	for _, k := range keysOf("a step") {
		one = append(one, node{"required": []string{k.name}})
	}
	n["oneOf"] = one
	return n
}

// withOptions adds which options belong to which format. direction is source or sink.
func withOptions(n node, direction string, formats Formats) node {
	var all []node
	for _, f := range known(formats) {
		named := node{"type": "object", "required": []string{"format"}, "properties": node{"format": node{"pattern": anyCasePattern([]string{f.Name})}}}
		all = append(all, node{"if": named, "then": node{"properties": node{"options": ref(optionsOf(f, direction))}}})
	}
	n["allOf"] = all
	return n
}

// defineOptions adds a definition of the options of each format.
func defineOptions(defs node, direction string, formats Formats) {
	for _, f := range known(formats) {
		defs[optionsOf(f, direction)] = optionsNode(f)
	}
}

func optionsOf(f *Format, direction string) string { return direction + "-" + f.Name + "-options" }

// known returns the formats whose options are known.
func known(formats Formats) []*Format {
	return slices.DeleteFunc(formats.All(), func(f *Format) bool { return f.Missing })
}

// optionsNode describes the options of a format. Names in another case are accepted, but only the listed ones have their values checked.
func optionsNode(f *Format) node {
	properties, names := node{}, []string{}
	for i := range f.Options {
		o := &f.Options[i]
		names = append(names, o.Name)
		properties[o.Name] = optionNode(o)
	}
	n := node{"type": "object", "properties": properties, "additionalProperties": false}
	if len(names) > 0 {
		n["patternProperties"] = node{anyCasePattern(names): text()}
	}
	return n
}

func optionNode(o *OptionSpec) node {
	n := valueNode(o)
	doc := o.Doc
	switch o.Effect {
	case NoEffect:
		doc += " (no effect in the embedded engine)"
	case Refused:
		doc += " (Apache Spark only)"
	}
	if o.Kind.Form != "" {
		doc += "; takes " + o.Kind.Form
	}
	if o.Default != "" {
		doc += "; default: " + o.Default
		n["default"] = o.Default
	}
	return describe(n, strings.TrimLeft(doc, "; "))
}

// substituted matches values with ${env:NAME} or ${file:PATH}, which are substituted when the job starts.
const substituted = `\$\{`

// valueNode describes the values of an option.
func valueNode(o *OptionSpec) node {
	k := &o.Kind
	switch {
	case k.Low < k.High:
		return node{"anyOf": []node{{"type": "integer", "minimum": k.Low, "maximum": k.High},
			{"type": "string", "pattern": `^[+-]?[0-9]+$|` + substituted}}}
	case len(k.Values) > 0:
		list := make([]any, 0, len(k.Values))
		for _, v := range k.Values {
			list = append(list, scalar(v)...)
		}
		return node{"anyOf": []node{{"enum": list}, {"type": "string", "pattern": anyCasePattern(k.Values) + "|" + substituted}}}
	}
	return text()
}

// scalar returns a word as YAML may read it.
func scalar(word string) []any {
	if word == "true" || word == "false" {
		return []any{word == "true"}
	}
	if n, err := strconv.ParseInt(word, 10, 64); err == nil {
		return []any{n, word}
	}
	return []any{word}
}

// formatNode describes the names of formats. Class names may be those of packages for Spark.
func formatNode(formats Formats) node {
	var known []node
	var names []string
	for _, f := range formats.All() {
		n := node{"const": f.Name, "description": f.Doc}
		if f.Missing {
			n["description"], n["deprecated"] = "Apache Spark only", true
		}
		known = append(known, n)
		names = append(names, f.Name)
	}
	return node{"anyOf": append(known, node{"type": "string", "pattern": anyCasePattern(names) + `|\.`})}
}

// confNode lists the settings of the embedded engine. Spark has more.
func confNode() node {
	properties := node{}
	for _, s := range settings {
		if strings.HasSuffix(s.Name, "*") {
			continue
		}
		n := text()
		switch s.Effect {
		case NoEffect:
			n["description"] = "no effect in the embedded engine"
		case Refused:
			n["description"] = "the embedded engine has one value only"
		}
		properties[s.Name] = n
	}
	return node{"type": "object", "properties": properties, "additionalProperties": text()}
}
