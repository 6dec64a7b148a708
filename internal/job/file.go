package job

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/streamctl/streamctl/internal/types"
)

// job reads the top level of a job file.
func (p *parser) job(j *Job, root *yaml.Node) {
	seenStreams := false
	p.mapping(root, "", "the job file", map[string]field{
		"name":          p.set(&j.Name, "name"),
		"mode":          func(v *yaml.Node, path string) { p.mode(j, v, path) },
		"batchInterval": func(v *yaml.Node, path string) { j.BatchInterval = p.duration(v, path, "batchInterval") },
		"timeout":       func(v *yaml.Node, path string) { j.Timeout = p.duration(v, path, "timeout") },
		"conf":          func(v *yaml.Node, path string) { p.conf(j, v, path) },
		"sources":       func(v *yaml.Node, path string) { j.Sources = p.relations(v, path, "sources") },
		"tables":        func(v *yaml.Node, path string) { j.Tables = p.relations(v, path, "tables") },
		"tests":         func(v *yaml.Node, path string) { j.Tests = p.tests(v, path) },
		"streams": func(v *yaml.Node, path string) {
			seenStreams = p.follow(v).Kind == yaml.SequenceNode
			p.list(v, path, "streams", func(v *yaml.Node, path string) { j.Streams = append(j.Streams, p.stream(v, path)) })
		},
	})
	p.inputs(j)
	if len(j.Streams) == 0 && (seenStreams || len(p.errs) == 0) {
		p.errs.addf(p.place(root, "streams"), "the job has no streams").Hint = "list them under streams:"
	}
}

func (p *parser) mode(j *Job, v *yaml.Node, path string) {
	s, ok := p.text(v, path, "mode")
	switch {
	case !ok, s == "structured":
	case s == "dstream":
		j.Mode = DStream
	default:
		p.errs.addf(p.place(v, path), "mode is structured or dstream, not %q", s)
	}
}

func (p *parser) duration(v *yaml.Node, path, what string) time.Duration {
	s, ok := p.text(v, path, what)
	if !ok {
		return 0
	}
	d, err := ParseDuration(s)
	if err == nil && d <= 0 {
		p.errs.addf(p.place(v, path), "%s must be greater than zero, not %q", what, s)
		return 0
	}
	if err != nil {
		p.errs.add(p.place(v, path), err)
	}
	return d
}

func (p *parser) conf(j *Job, v *yaml.Node, path string) {
	p.entries(v, path, "conf", func(k, v *yaml.Node, path string) {
		if s, ok := p.text(v, path, "setting "+k.Value); ok {
			j.SetConf(k.Value, s, p.place(v, path))
		}
	})
}

func (p *parser) stream(n *yaml.Node, path string) *Stream {
	s := &Stream{Sink: Sink{Format: DefaultSink}, Place: p.place(n, path)}
	path = p.named(n, path)
	s.Place.Path = path
	hasSource := false
	p.mapping(n, path, "a stream", map[string]field{
		"name": p.set(&s.Name, "name"),
		"source": func(v *yaml.Node, path string) {
			hasSource = true
			p.streamSource(s, v, path)
		},
		"transform": func(v *yaml.Node, path string) { s.Steps = append(s.Steps, p.transform(v, path)...) },
		"sink":      func(v *yaml.Node, path string) { p.sink(&s.Sink, v, path) },
	})
	if s.Sink.Place == nil {
		s.Sink.Place = s.Place
	}
	if !hasSource && p.follow(n).Kind == yaml.MappingNode {
		p.errs.addf(s.Place, "the stream has no source").Hint = "source: {format: csv, path: DIR, schema: \"a STRING, b INT\"}"
	}
	return s
}

// named replaces the index in a stream's path with the stream's name.
func (p *parser) named(n *yaml.Node, path string) string {
	m := p.follow(n)
	for i := 0; i+1 < len(m.Content) && m.Kind == yaml.MappingNode; i += 2 {
		if k, v := m.Content[i], m.Content[i+1]; k.Value == "name" && v.Kind == yaml.ScalarNode && v.Value != "" {
			return "streams[" + v.Value + "]"
		}
	}
	return path
}

// relations reads inputs by their names.
func (p *parser) relations(n *yaml.Node, path, what string) (list []*Relation) {
	p.entries(n, path, what, func(k, v *yaml.Node, path string) {
		r := &Relation{Name: k.Value}
		if equalFold(r.Name, "stream") {
			p.errs.addf(p.place(k, path), "an input cannot be called %s, which is the rows of the steps so far in SQL", r.Name)
		}
		p.source(&r.Source, v, path, map[string]field{"transform": func(v *yaml.Node, path string) { r.Steps = append(r.Steps, p.transform(v, path)...) }})
		list = append(list, r)
	})
	return list
}

// streamSource reads the source of a stream, which may be one of the job.
func (p *parser) streamSource(s *Stream, n *yaml.Node, path string) {
	if !p.has(n, "stream") {
		p.source(&s.Source, n, path, nil)
		return
	}
	s.Source.Place = p.place(n, path)
	p.mapping(n, path, "source", map[string]field{"stream": p.setAt(&s.From.Text, &s.From.Place, "stream")})
}

// source reads a source. more lists additional fields.
func (p *parser) source(s *Source, n *yaml.Node, path string, more map[string]field) {
	s.Place = p.place(n, path)
	fields := map[string]field{
		"format":  p.setAt(&s.Format, &s.FormatPlace, "format"),
		"path":    p.setAt(&s.Path, &s.PathPlace, "path"),
		"schema":  func(v *yaml.Node, path string) { p.schema(&s.Schema, v, path) },
		"options": func(v *yaml.Node, path string) { s.Options = p.options(v, path) },
	}
	for k, f := range more {
		fields[k] = f
	}
	p.mapping(n, path, "source", fields)
	if s.Format == "" && p.follow(n).Kind == yaml.MappingNode {
		p.errs.addf(s.Place, "the source has no format").Hint = "format: csv"
	}
}

// schema reads DDL, the path of a schema file, or a list of {name, type}.
func (p *parser) schema(s *Schema, n *yaml.Node, path string) {
	s.Given, s.Place = true, p.place(n, path)
	m := p.follow(n)
	if m.Kind == yaml.SequenceNode {
		s.Text = p.columns(n, path)
		return
	}
	text, ok := p.text(n, path, "schema")
	if !ok {
		return
	}
	if err := s.read(text, p.base); err != nil {
		p.errs.add(s.Place, err)
	}
}

// columns converts a list of {name, type} to DDL.
func (p *parser) columns(n *yaml.Node, path string) string {
	var cols []string
	p.list(n, path, "schema", func(v *yaml.Node, path string) {
		var name, typ, comment string
		var typeAt *yaml.Node
		nullable := true
		p.mapping(v, path, "a column", map[string]field{
			"name":     p.set(&name, "name"),
			"type":     func(v *yaml.Node, path string) { typeAt = v; p.set(&typ, "type")(v, path) },
			"nullable": func(v *yaml.Node, path string) { nullable = p.flag(v, path, "nullable") },
			"comment":  p.set(&comment, "comment"),
		})
		if name == "" || typ == "" {
			if p.follow(v).Kind == yaml.MappingNode {
				p.errs.addf(p.place(v, path), "a column needs name and type").Hint = examples["a column"]
			}
			return
		}
		if _, err := types.ParseType(typ); err != nil {
			p.errs.add(p.place(typeAt, path+".type"), err)
			return
		}
		col := types.Quote(name) + " " + typ
		if !nullable {
			col += " NOT NULL"
		}
		if comment != "" {
			col += " COMMENT '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(comment) + "'"
		}
		cols = append(cols, col)
	})
	return strings.Join(cols, ", ")
}

func (p *parser) options(n *yaml.Node, path string) Options {
	var opts Options
	p.entries(n, path, "options", func(k, v *yaml.Node, path string) {
		if i := slices.IndexFunc(opts, func(o Option) bool { return equalFold(o.Name, k.Value) }); i >= 0 {
			p.errs.addf(p.place(k, path), "the option %s is set twice: option names ignore case", opts[i].Name).Hint = "remove one of them"
			return
		}
		s, ok := p.text(v, path, "option "+k.Value)
		if !ok {
			return
		}
		place := p.place(v, path)
		value, secrets, err := Expand(s, p.base)
		if err != nil {
			p.errs.add(place, err)
			return
		}
		p.secrets = append(p.secrets, secrets...)
		opts = append(opts, Option{Name: k.Value, Value: value, Written: written(s, secrets), Place: place, NamePlace: p.place(k, path)})
	})
	return opts
}

func (p *parser) sink(s *Sink, n *yaml.Node, path string) {
	s.Place = p.place(n, path)
	p.mapping(n, path, "sink", map[string]field{
		"format":             p.setAt(&s.Format, &s.FormatPlace, "format"),
		"path":               p.set(&s.Path, "path"),
		"outputMode":         p.setAt(&s.OutputMode, &s.ModePlace, "outputMode"),
		"trigger":            func(v *yaml.Node, path string) { p.trigger(&s.Trigger, v, path) },
		"options":            func(v *yaml.Node, path string) { s.Options = p.options(v, path) },
		"checkpointLocation": p.set(&s.Checkpoint, "checkpointLocation"),
		"partitionBy": func(v *yaml.Node, path string) {
			for _, it := range p.texts(v, path, "partitionBy") {
				s.PartitionBy = append(s.PartitionBy, it.Text)
			}
		},
	})
}

// texts reads one string or a list of strings.
func (p *parser) texts(n *yaml.Node, path, what string) []Text {
	var items []Text
	one := func(v *yaml.Node, path string) {
		if s, ok := p.text(v, path, what); ok {
			items = append(items, Text{s, p.place(v, path)})
		}
	}
	if p.follow(n).Kind == yaml.SequenceNode {
		p.list(n, path, what, one)
	} else {
		one(n, path)
	}
	return items
}

func (p *parser) trigger(t *Trigger, n *yaml.Node, path string) {
	t.Place = p.place(n, path)
	given := 0
	on := func(kind TriggerKind, what string) field {
		return func(v *yaml.Node, path string) {
			if p.flag(v, path, what) {
				t.Kind = kind
				given++
			}
		}
	}
	p.mapping(n, path, "trigger", map[string]field{
		"once":         on(Once, "once"),
		"availableNow": on(AvailableNow, "availableNow"),
		"processingTime": func(v *yaml.Node, path string) {
			s, ok := p.text(v, path, "processingTime")
			if !ok {
				return
			}
			d, err := ParseTrigger(s)
			if err != nil {
				p.errs.add(p.place(v, path), err)
			}
			t.Kind, t.Interval = ProcessingTime, d
			given++
		},
		"continuous": func(v *yaml.Node, path string) {
			p.errs.addf(p.place(v, path), "continuous triggers are not in the embedded engine").Hint = "processingTime: 1 second, or no trigger, which runs a batch as soon as there is data"
		},
	})
	if given > 1 {
		p.errs.addf(t.Place, "a stream has one trigger, not %d", given).Hint = fmt.Sprintf("keep one of %s", "processingTime, once, availableNow")
	}
}
