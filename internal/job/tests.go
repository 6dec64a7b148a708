package job

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Test gives a stream input, batch by batch, and says what must come out.
type Test struct {
	Name    string
	Stream  Name // the stream under test; the zero value if the job has only one
	Start   Text // the time of the virtual clock before the first batch, as a timestamp
	Batches []TestBatch
	Place   *sparkerr.Place
}

// A TestBatch is input that arrives together, and what the stream must do with it.
type TestBatch struct {
	Input   []TestInput
	Advance time.Duration // how far the virtual clock moves on before the batch

	// What is nil or empty is not checked.
	Expect    *TestRows // the output
	Ordered   bool      // the order of the output counts
	Error     Text      // the condition of the error that ends the stream, or a part of its text
	Watermark Text      // after the batch, as a timestamp
	Late      *int64    // rows dropped because they are late
	Rejected  *TestRejected

	Place *sparkerr.Place
	Lines TestLines
}

// A TestInput is what one source or table receives. One of Rows, Text and Files is set.
type TestInput struct {
	Name  Name // of the source or table; the zero value for the only source of the stream
	Rows  *TestRows
	Text  *Text // records in the format of the source
	Files []Text
}

// TestRows are rows as JSON.
type TestRows struct {
	Rows  []TestRow
	Place *sparkerr.Place
}

// A TestRow is one row: its values by name or by position.
type TestRow struct {
	Names  []string // nil: the values are those of the first columns
	Values []json.RawMessage
	Place  *sparkerr.Place
}

// A TestRejected is what a test says about malformed records: how many there are, and if given, their texts.
type TestRejected struct {
	Count   int64
	Records []string
	Listed  bool // Records is given
}

// TestLines tells where the expectation of a batch is in the file, so that it can be replaced. Lines count from 1.
type TestLines struct {
	First, Last int  // lines of the key expect and its value; Last is First-1 if there is none: then First is the line to insert before
	Indent      int  // columns before the keys of the batch
	Flow        bool // the batch is written within { }, and cannot be edited by lines
}

// LoadTests reads the tests of a job from a file next to it, which has tests: at the top level.
func LoadTests(file string) ([]*Test, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, sparkerr.Plain("the tests in %s cannot be read: %s", file, sparkerr.Reason(err))
	}
	if len(data) > MaxFileBytes {
		return nil, sparkerr.Plain("%s has %d bytes; a file of tests may have %d", file, len(data), MaxFileBytes)
	}
	p := &parser{file: file, lines: splitLines(data), base: filepath.Dir(file)}
	root, loadErr := p.load(data)
	if loadErr != nil {
		return nil, Errors{loadErr}
	}
	var tests []*Test
	p.mapping(root, "", "the file of tests", map[string]field{
		"tests": func(v *yaml.Node, path string) { tests = p.tests(v, path) },
	})
	if len(tests) == 0 && len(p.errs) == 0 {
		p.errs.addf(p.place(root, "tests"), "the file has no tests").Hint = "list them under tests:"
	}
	return tests, p.errs.err()
}

func (p *parser) tests(n *yaml.Node, path string) (list []*Test) {
	names := map[string]bool{}
	p.list(n, path, "tests", func(v *yaml.Node, path string) {
		t := &Test{Place: p.place(v, path)}
		p.mapping(v, path, "a test", map[string]field{
			"name":   p.set(&t.Name, "name"),
			"stream": p.setAt(&t.Stream.Text, &t.Stream.Place, "stream"),
			"start":  p.setAt(&t.Start.Text, &t.Start.Place, "start"),
			"batches": func(v *yaml.Node, path string) {
				p.list(v, path, "batches", func(v *yaml.Node, path string) { t.Batches = append(t.Batches, p.testBatch(v, path)) })
			},
		})
		if t.Name == "" {
			t.Name = "test " + strconv.Itoa(len(list)+1)
		}
		if names[t.Name] {
			p.errs.addf(t.Place, "two tests are called %s", t.Name).Hint = "rename one of them"
		}
		names[t.Name] = true
		for i, b := range t.Batches {
			if b.Error.Text != "" && i+1 < len(t.Batches) {
				p.errs.addf(t.Batches[i+1].Place, "the batch cannot run: the one before it ends with an error").Hint = "make it the first batch of another test"
			}
		}
		if len(t.Batches) == 0 && len(p.errs) == 0 {
			p.errs.addf(t.Place, "the test has no batches").Hint = "batches: [{rows: [{a: 1}], expect: [{a: 1}]}]"
		}
		list = append(list, t)
	})
	return list
}

func (p *parser) testBatch(n *yaml.Node, path string) TestBatch {
	b := TestBatch{Place: p.place(n, path), Lines: linesOf(p.follow(n))}
	count := func(to **int64, what string) field {
		return func(v *yaml.Node, path string) {
			if c, ok := p.count(v, path, what); ok {
				*to = &c
			}
		}
	}
	p.mapping(n, path, "a batch of a test", map[string]field{
		"rows":      func(v *yaml.Node, path string) { p.testInputs(&b, v, path, p.testRowsInput) },
		"text":      func(v *yaml.Node, path string) { p.testInputs(&b, v, path, p.testTextInput) },
		"files":     func(v *yaml.Node, path string) { p.testInputs(&b, v, path, p.testFilesInput) },
		"advance":   func(v *yaml.Node, path string) { b.Advance = p.duration(v, path, "advance") },
		"expect":    func(v *yaml.Node, path string) { b.Expect = p.testRows(v, path, "expect") },
		"ordered":   func(v *yaml.Node, path string) { b.Ordered = p.flag(v, path, "ordered") },
		"error":     p.setAt(&b.Error.Text, &b.Error.Place, "error"),
		"watermark": p.setAt(&b.Watermark.Text, &b.Watermark.Place, "watermark"),
		"late":      count(&b.Late, "late"),
		"rejected": func(v *yaml.Node, path string) {
			r := &TestRejected{}
			if p.follow(v).Kind == yaml.SequenceNode {
				for _, record := range p.texts(v, path, "rejected") {
					r.Records = append(r.Records, record.Text)
				}
				r.Count, r.Listed = int64(len(r.Records)), true
			} else {
				r.Count, _ = p.count(v, path, "rejected")
			}
			b.Rejected = r
		},
	})
	return b
}

func (p *parser) count(n *yaml.Node, path, what string) (int64, bool) {
	s, ok := p.text(n, path, what)
	if !ok {
		return 0, false
	}
	c, err := strconv.ParseInt(s, 10, 64)
	if err != nil || c < 0 {
		p.errs.addf(p.place(n, path), "%s must be a number of rows, not %q", what, s)
		return 0, false
	}
	return c, true
}

// testInputs reads the input of the only source of a stream, or a mapping of names to the input of each.
func (p *parser) testInputs(b *TestBatch, n *yaml.Node, path string, one func(*TestInput, *yaml.Node, string)) {
	if p.follow(n).Kind != yaml.MappingNode {
		in := TestInput{}
		one(&in, n, path)
		b.Input = append(b.Input, in)
		return
	}
	p.entries(n, path, "the input", func(k, v *yaml.Node, path string) {
		in := TestInput{Name: Name{k.Value, p.place(k, path)}}
		one(&in, v, path)
		b.Input = append(b.Input, in)
	})
}

func (p *parser) testRowsInput(in *TestInput, n *yaml.Node, path string) {
	in.Rows = p.testRows(n, path, "rows")
}

func (p *parser) testTextInput(in *TestInput, n *yaml.Node, path string) {
	in.Text = &Text{Place: p.place(n, path)}
	in.Text.Text, _ = p.text(n, path, "text")
}

func (p *parser) testFilesInput(in *TestInput, n *yaml.Node, path string) {
	in.Files = p.texts(n, path, "files")
}

func (p *parser) testRows(n *yaml.Node, path, what string) *TestRows {
	r := &TestRows{Place: p.place(n, path)}
	p.list(n, path, what, func(v *yaml.Node, path string) {
		row := TestRow{Place: p.place(v, path)}
		switch m := p.follow(v); m.Kind {
		case yaml.MappingNode:
			p.entries(v, path, "a row", func(k, v *yaml.Node, _ string) {
				row.Names = append(row.Names, k.Value)
				row.Values = append(row.Values, p.json(v, 0))
			})
		case yaml.SequenceNode:
			for _, item := range m.Content {
				row.Values = append(row.Values, p.json(item, 0))
			}
		default:
			row.Values = append(row.Values, p.json(v, 0))
		}
		r.Rows = append(r.Rows, row)
	})
	return r
}

// json converts a value to JSON. Numbers that JSON has are numbers, all other texts are strings.
func (p *parser) json(n *yaml.Node, depth int) json.RawMessage {
	m := p.follow(n)
	if p.tooMany(n) || depth > 100 {
		return json.RawMessage("null")
	}
	var out []byte
	switch m.Kind {
	case yaml.MappingNode:
		out = append(out, '{')
		for i := 0; i+1 < len(m.Content); i += 2 {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, quotedJSON(p.follow(m.Content[i]).Value)...)
			out = append(out, ':')
			out = append(out, p.json(m.Content[i+1], depth+1)...)
		}
		return append(out, '}')
	case yaml.SequenceNode:
		out = append(out, '[')
		for i, item := range m.Content {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, p.json(item, depth+1)...)
		}
		return append(out, ']')
	}
	switch m.ShortTag() {
	case "!!null":
		return json.RawMessage("null")
	case "!!bool":
		return json.RawMessage(strings.ToLower(m.Value))
	case "!!int", "!!float":
		if name, ok := notNumbers[strings.ToLower(m.Value)]; ok {
			return quotedJSON(name)
		}
		if json.Valid([]byte(m.Value)) {
			return json.RawMessage(m.Value)
		}
	}
	return quotedJSON(m.Value)
}

// notNumbers are the floats of YAML that JSON has no numbers for, as Spark writes them.
var notNumbers = map[string]string{".inf": "Infinity", "+.inf": "Infinity", "-.inf": "-Infinity", ".nan": "NaN"}

func quotedJSON(s string) json.RawMessage {
	text, _ := json.Marshal(s)
	return text
}

// linesOf finds the expectation of a batch in the file.
func linesOf(batch *yaml.Node) TestLines {
	if batch.Kind != yaml.MappingNode || batch.Style&yaml.FlowStyle != 0 || len(batch.Content) == 0 {
		return TestLines{Flow: true}
	}
	l := TestLines{Indent: batch.Content[0].Column - 1}
	for i := 0; i+1 < len(batch.Content); i += 2 {
		if k, v := batch.Content[i], batch.Content[i+1]; k.Value == "expect" {
			l.First, l.Last = k.Line, max(k.Line, lastLine(v))
			return l
		}
	}
	l.First = lastLine(batch) + 1
	l.Last = l.First - 1
	return l
}

// lastLine returns the last line of a node.
func lastLine(n *yaml.Node) int {
	last := n.Line
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		last += strings.Count(strings.TrimSuffix(n.Value, "\n"), "\n") + 1
	}
	for _, c := range n.Content {
		last = max(last, lastLine(c))
	}
	return last
}
