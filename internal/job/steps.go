package job

import (
	"go.yaml.in/yaml/v4"
)

// step reads one transform step: a mapping with one key, the name of a DataFrame method.
func (p *parser) step(n *yaml.Node, path string) []Step {
	m := p.follow(n)
	if m.Kind != yaml.MappingNode {
		p.errs.addf(p.place(n, path), "a step must be a mapping such as \"filter: age > 18\", not %s", kindName(m)).Hint = stepHint(m)
		return nil
	}
	var steps []Step
	read := func(kind StepKind, items func(v *yaml.Node, path string) []Item) field {
		return func(v *yaml.Node, path string) {
			steps = append(steps, Step{Kind: kind, Items: items(v, path), Place: p.place(v, path)})
		}
	}
	p.mapping(n, path, "a step", map[string]field{
		"withColumn":                    read(WithColumn, p.pairs("withColumn", "result: concat(a, b)")),
		"withColumnRenamed":             read(WithColumnRenamed, p.pairs("withColumnRenamed", "old: new")),
		"filter":                        read(Filter, p.one("filter")),
		"where":                         read(Filter, p.one("where")),
		"select":                        read(Select, p.several("select")),
		"drop":                          read(Drop, p.several("drop")),
		"sql":                           read(SQL, p.one("sql")),
		"limit":                         read(Limit, p.one("limit")),
		"orderBy":                       read(OrderBy, p.several("orderBy")),
		"distinct":                      read(Distinct, p.yes("distinct")),
		"dropDuplicates":                read(DropDuplicates, p.columnsOrAll("dropDuplicates")),
		"dropDuplicatesWithinWatermark": read(DropDupsWatermark, p.columnsOrAll("dropDuplicatesWithinWatermark")),
		"withWatermark":                 read(WithWatermark, p.watermark),
		"groupBy":                       read(GroupBy, p.groupBy),
		"join":                          read(Join, p.join),
		"repartition":                   read(Repartition, p.several("repartition")),
	})
	if len(steps) > 1 {
		p.errs.addf(p.place(n, path), "a step must have one key, this one has %d", len(steps)).Hint = "begin each step with \"- \""
	}
	return steps
}

// pairs reads a mapping of names to texts.
func (p *parser) pairs(what, example string) func(v *yaml.Node, path string) []Item {
	return func(n *yaml.Node, path string) []Item {
		var items []Item
		p.entries(n, path, what, func(k, v *yaml.Node, path string) {
			if s, ok := p.text(v, path, what+" "+k.Value); ok {
				items = append(items, Item{Name: k.Value, Text: s, Place: p.place(v, path)})
			}
		})
		if len(items) == 0 && len(p.errs) == 0 {
			p.errs.addf(p.place(n, path), "%s does not name a column", what).Hint = what + ": {" + example + "}"
		}
		return items
	}
}

func (p *parser) one(what string) func(v *yaml.Node, path string) []Item {
	return func(n *yaml.Node, path string) []Item {
		s, ok := p.text(n, path, what)
		if !ok {
			return nil
		}
		return []Item{{Text: s, Place: p.place(n, path)}}
	}
}

// several reads a list of texts, or one comma-separated text.
func (p *parser) several(what string) func(v *yaml.Node, path string) []Item {
	return func(n *yaml.Node, path string) []Item {
		if p.follow(n).Kind == yaml.SequenceNode {
			return p.texts(n, path, what)
		}
		s, ok := p.text(n, path, what)
		if !ok {
			return nil
		}
		return splitList(s, p.place(n, path))
	}
}

// yes reads the value true of a step without arguments.
func (p *parser) yes(what string) func(v *yaml.Node, path string) []Item {
	return func(n *yaml.Node, path string) []Item {
		if !p.flag(n, path, what) {
			p.errs.addf(p.place(n, path), "%s must be true", what)
		}
		return nil
	}
}

// columnsOrAll reads a list of columns, or true for all columns.
func (p *parser) columnsOrAll(what string) func(v *yaml.Node, path string) []Item {
	return func(n *yaml.Node, path string) []Item {
		if p.follow(n).Kind == yaml.SequenceNode {
			return p.texts(n, path, what)
		}
		return p.yes(what)(n, path)
	}
}

func (p *parser) watermark(n *yaml.Node, path string) []Item {
	var items []Item
	named := func(name string) field {
		return func(v *yaml.Node, path string) {
			if s, ok := p.text(v, path, name); ok {
				items = append(items, Item{Name: name, Text: s, Place: p.place(v, path)})
			}
		}
	}
	p.mapping(n, path, "withWatermark", map[string]field{
		"eventTime": named("eventTime"), "delayThreshold": named("delayThreshold"),
	})
	if len(items) < 2 && p.follow(n).Kind == yaml.MappingNode {
		p.errs.addf(p.place(n, path), "withWatermark needs eventTime and delayThreshold").Hint =
			"withWatermark: {eventTime: ts, delayThreshold: 10 minutes}"
	}
	return items
}

func (p *parser) groupBy(n *yaml.Node, path string) []Item {
	var items []Item
	named := func(name string) field {
		return func(v *yaml.Node, path string) {
			for _, it := range p.texts(v, path, name) {
				it.Name = name
				items = append(items, it)
			}
		}
	}
	p.mapping(n, path, "groupBy", map[string]field{"keys": named("keys"), "agg": named("agg")})
	return items
}

// join reads a join with a static table. Its items are format, path, schema, option:NAME, on (columns) or
// condition, and how.
func (p *parser) join(n *yaml.Node, path string) []Item {
	var items []Item
	var with Source
	with.Place = p.place(n, path)
	add := func(name, text string, v *yaml.Node, path string) {
		items = append(items, Item{Name: name, Text: text, Place: p.place(v, path)})
	}
	hasOn := false
	p.mapping(n, path, "join", map[string]field{
		"with": func(v *yaml.Node, path string) {
			p.source(&with, v, path, map[string]field{"transform": func(v *yaml.Node, path string) {
				var steps []Step
				p.list(v, path, "transform", func(v *yaml.Node, path string) { steps = append(steps, p.step(v, path)...) })
				items = append(items, Item{Name: "transform", Steps: steps, Place: p.place(v, path)})
			}})
			add("format", with.Format, v, path)
			add("path", with.Path, v, path)
			if with.Schema.Given {
				text := with.Schema.Text
				if t, err := with.Schema.Types(); err == nil {
					text = t.DDL() // regardless of the form in its file
				}
				items = append(items, Item{Name: "schema", Text: text, Place: with.Schema.Place})
			}
			for _, o := range with.Options {
				items = append(items, Item{Name: "option:" + o.Name, Text: o.Value, Place: o.Place})
			}
		},
		"on": func(v *yaml.Node, path string) {
			hasOn = true
			name := "condition"
			if p.follow(v).Kind == yaml.SequenceNode {
				name = "on"
			}
			for _, it := range p.texts(v, path, "on") {
				add(name, it.Text, v, path)
			}
		},
		"how": func(v *yaml.Node, path string) {
			if s, ok := p.text(v, path, "how"); ok {
				add("how", s, v, path)
			}
		},
	})
	if (with.Format == "" || !hasOn) && p.follow(n).Kind == yaml.MappingNode {
		p.errs.addf(p.place(n, path), "join needs with (a table) and on").Hint = "join: {with: {format: csv, path: DIR, schema: \"k STRING, v INT\"}, on: [k]}"
	}
	return items
}
