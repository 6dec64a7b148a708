package job

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/yamlerr"
)

const (
	// MaxFileBytes is the largest size of a job file.
	MaxFileBytes = 16 << 20
	maxNodes     = 200_000 // nodes visited, counting aliases each time: the limit for alias bombs
)

// Load reads a job file. Relative paths in the job are resolved against the directory of the file.
func Load(file string) (*Job, error) {
	info, err := os.Stat(file)
	if err == nil && info.IsDir() {
		return nil, sparkerr.Plain("the job file %s is a directory", file).WithHint("pass the path of a YAML job file; streamctl file %s reads the files in the directory", file)
	}
	if err != nil {
		return nil, sparkerr.Plain("the job file %s cannot be read: %s", file, sparkerr.Reason(err)).WithHint("pass the path of a YAML job file")
	}
	if info.Size() > MaxFileBytes {
		return nil, sparkerr.Plain("%s has %d bytes; a job file may have %d", file, info.Size(), MaxFileBytes)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, sparkerr.Plain("the job file %s cannot be read: %s", file, sparkerr.Reason(err))
	}
	return Parse(data, file)
}

// Parse parses a job file. file names it in messages, and its directory is the base of relative paths. Parse
// reports all mistakes together.
func Parse(data []byte, file string) (*Job, error) {
	if len(data) > MaxFileBytes {
		return nil, sparkerr.Plain("%s has more than %d bytes, which is the most that a job file may have", file, MaxFileBytes)
	}
	p := &parser{file: file, lines: splitLines(data), base: filepath.Dir(file)}
	j := &Job{File: file, BaseDir: p.base}
	root, err := p.load(data)
	if err != nil {
		return nil, Errors{err}
	}
	p.job(j, root)
	j.Secrets = p.secrets
	if err := p.errs.err(); err != nil {
		return nil, err
	}
	return j, nil
}

// A parser walks the nodes of a job file and collects mistakes.
type parser struct {
	file    string
	base    string
	lines   []string
	errs    Errors
	visited int
	secrets []string
}

func splitLines(data []byte) []string {
	lines := strings.Split(string(data), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSuffix(l, "\r")
	}
	return lines
}

// load parses YAML into nodes.
func (p *parser) load(data []byte) (*yaml.Node, *sparkerr.Error) {
	if err := yamlerr.NotText("job file", p.file, data); err != nil {
		return nil, err
	}
	if hint := otherLanguage(p.file, data); hint != "" {
		return nil, (&sparkerr.Error{Text: "the file is not a job file", Place: p.at(1, 1, "")}).WithHint("%s", hint)
	}
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		e := yamlerr.Explain(err, "job file", p.file, data)
		if e.Hint == "" {
			e.Hint = jobFileHint
		}
		return nil, e
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || doc.Content[0].ShortTag() == "!!null" {
		return nil, (&sparkerr.Error{Text: "the job file is empty", Place: &sparkerr.Place{File: p.file}}).WithHint("%s", jobFileHint)
	}
	return doc.Content[0], nil
}

const jobFileHint = "a job file is YAML with streams: at the top level; streamctl help job-file shows an example"

// otherLanguage returns a hint about a file that is in another language than YAML, or "".
func otherLanguage(file string, data []byte) string {
	first := strings.TrimSpace(string(data[:min(len(data), 200)]))
	first, _, _ = strings.Cut(first, "\n")
	word, _, _ := strings.Cut(strings.ToLower(first), " ")
	ext := strings.ToLower(filepath.Ext(file))
	switch {
	case ext == ".py" || word == "import" || word == "from":
		return "it looks like a Python program: spark-submit runs it; " + jobFileHint
	case ext == ".sql" || word == "select" || word == "create" || word == "with":
		return "it looks like SQL: streamctl file DIR --sql QUERY, or the step sql: of a job file"
	case ext == ".toml" || ext == ".ini" || ext == ".properties" || tomlLine.MatchString(first):
		return "it looks like TOML or a properties file; " + jobFileHint
	case strings.HasPrefix(first, "<"):
		return "it looks like XML; " + jobFileHint
	}
	return ""
}

// tomlLine matches a line such as [section] or name = "value".
var tomlLine = regexp.MustCompile(`^(\[[\w.\-]+\]|[\w.\-]+\s*=.*)$`)

// at returns the place of a line and column.
func (p *parser) at(line, col int, path string) *sparkerr.Place {
	pl := &sparkerr.Place{File: p.file, Line: line, Col: col, Path: path}
	if line >= 1 && line <= len(p.lines) {
		pl.LineText = p.lines[line-1]
	}
	return pl
}

// place returns the place of a node. For a scalar that appears unescaped on its line, it is the first character
// within the quotes.
func (p *parser) place(n *yaml.Node, path string) *sparkerr.Place {
	pl := p.at(n.Line, n.Column, path)
	if n.Kind != yaml.ScalarNode || pl.LineText == "" {
		return pl
	}
	rest := dropRunes(pl.LineText, n.Column-1)
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 && rest != "" {
		if strings.HasPrefix(rest[1:], n.Value) && strings.HasPrefix(rest[1+len(n.Value):], rest[:1]) {
			pl.Col++
			pl.Exact = true
		}
		return pl
	}
	pl.Exact = n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && strings.HasPrefix(rest, n.Value)
	return pl
}

func dropRunes(s string, n int) string {
	for ; n > 0 && s != ""; n-- {
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
	return s
}

// follow resolves an alias and counts the visit.
func (p *parser) follow(n *yaml.Node) *yaml.Node {
	p.visited++
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

// tooMany reports whether the aliases of the file expand to too many nodes. It adds an error the first time.
func (p *parser) tooMany(n *yaml.Node) bool {
	if p.visited == maxNodes {
		p.errs.addf(p.place(n, ""), "the job file has more than %d values once its aliases are expanded", maxNodes)
		p.visited++
	}
	return p.visited > maxNodes
}

// A field handles the value of a key.
type field func(v *yaml.Node, path string)

// mapping calls the field of each key in a mapping. Unknown and repeated keys are mistakes. Keys that start
// with x- are ignored.
func (p *parser) mapping(n *yaml.Node, path, what string, fields map[string]field) {
	p.entries(n, path, what, func(k, v *yaml.Node, path string) {
		if f, ok := fields[k.Value]; ok && hasKey(what, k.Value) {
			f(v, path)
			return
		}
		if strings.HasPrefix(k.Value, "x-") {
			return
		}
		known := make([]string, 0, len(fields))
		for name := range fields {
			known = append(known, name)
		}
		p.errs.addf(p.place(k, path), "unknown key %q in %s", k.Value, what).Hint = keyHint(k.Value, what, known)
	})
}

// entries calls do for each key and value of a mapping, including merged ones (<<).
func (p *parser) entries(n *yaml.Node, path, what string, do func(k, v *yaml.Node, path string)) {
	m := p.follow(n)
	if p.tooMany(n) {
		return
	}
	if m.Kind != yaml.MappingNode {
		p.errs.addf(p.place(n, path), "%s must be a mapping (key: value), not %s", what, kindName(m)).Hint = mappingHint(what, m)
		return
	}
	seen, cut := map[string]bool{}, p.cutEntries(m, path)
	var merged []*yaml.Node
	for i := 0; i+1 < len(m.Content) && p.visited <= maxNodes; i += 2 {
		k, v := p.follow(m.Content[i]), m.Content[i+1]
		switch {
		case cut[m.Content[i]]:
		case k.Kind != yaml.ScalarNode:
			p.errs.addf(p.place(m.Content[i], path), "a key of %s must be a plain word, not %s", what, kindName(k))
		case k.Value == "<<" && k.Style == 0:
			merged = append(merged, v)
		case seen[k.Value]:
			p.errs.addf(p.place(k, join(path, k.Value)), "key %q appears twice in %s", k.Value, what)
		default:
			seen[k.Value] = true
			do(k, v, join(path, k.Value))
		}
	}
	for _, v := range merged {
		p.merge(v, path, what, seen, do)
	}
}

// merge adds the keys of a merged mapping that are not set yet.
func (p *parser) merge(v *yaml.Node, path, what string, seen map[string]bool, do func(k, v *yaml.Node, path string)) {
	m := p.follow(v)
	if m.Kind != yaml.MappingNode {
		p.errs.addf(p.place(v, path), "<< in %s must name a mapping, not %s", what, kindName(m))
		return
	}
	for i := 0; i+1 < len(m.Content) && !p.tooMany(v); i += 2 {
		k := p.follow(m.Content[i])
		if k.Kind == yaml.ScalarNode && !seen[k.Value] {
			seen[k.Value] = true
			do(k, m.Content[i+1], join(path, k.Value))
		}
	}
}

// list calls do for each element of a sequence.
func (p *parser) list(n *yaml.Node, path, what string, do func(v *yaml.Node, path string)) {
	l := p.follow(n)
	if l.Kind != yaml.SequenceNode {
		p.errs.addf(p.place(n, path), "%s must be a list, not %s", what, kindName(l)).Hint = listHint(what)
		return
	}
	cut := p.cutElements(l, path)
	for i, v := range l.Content {
		if p.tooMany(n) {
			return
		}
		if cut[v] {
			continue
		}
		do(v, fmt.Sprintf("%s[%d]", path, i))
	}
}

// text returns the text of a scalar, with booleans in canonical form.
func (p *parser) text(n *yaml.Node, path, what string) (string, bool) {
	s := p.follow(n)
	if s.Kind != yaml.ScalarNode {
		p.errs.addf(p.place(n, path), "%s must be a string, not %s", what, kindName(s)).Hint = textHint(what, s)
		return "", false
	}
	switch s.ShortTag() {
	case "!!null":
		p.errs.addf(p.place(n, path), "%s has no value", what).Hint = p.commaHint(n, path)
		return "", false
	case "!!bool":
		return strings.ToLower(s.Value), true
	}
	return s.Value, true
}

// set returns a field that stores a scalar's text.
func (p *parser) set(dst *string, what string) field {
	return func(v *yaml.Node, path string) {
		if s, ok := p.text(v, path, what); ok {
			*dst = s
		}
	}
}

// setAt is like set and also stores the place.
func (p *parser) setAt(dst *string, at **sparkerr.Place, what string) field {
	return func(v *yaml.Node, path string) {
		p.set(dst, what)(v, path)
		*at = p.place(v, path)
	}
}

// flag reads a boolean.
func (p *parser) flag(n *yaml.Node, path, what string) bool {
	s, ok := p.text(n, path, what)
	if ok && s != "true" && s != "false" {
		p.errs.addf(p.place(n, path), "%s must be true or false, not %q", what, s)
	}
	return s == "true"
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		if n.ShortTag() == "!!null" {
			return "nothing"
		}
		return fmt.Sprintf("the string %q", n.Value)
	}
	return "a value of another kind"
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
