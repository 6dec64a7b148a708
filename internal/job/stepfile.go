package job

import (
	"slices"

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
	// read parses the value of a step, with its place.
	read := func(parse func(v *yaml.Node, path string, at Position) Step) field {
		return func(v *yaml.Node, path string) { steps = append(steps, parse(v, path, Position{p.place(v, path)})) }
	}
	filter := func(what string) field {
		return read(func(v *yaml.Node, path string, at Position) Step { return Filter{at, p.one(v, path, what)} })
	}
	p.mapping(n, path, "a step", map[string]field{
		"withColumn": read(func(v *yaml.Node, path string, at Position) Step {
			return WithColumn{at, p.pairs(v, path, "withColumn", "result: concat(a, b)")}
		}),
		"withColumnRenamed": read(func(v *yaml.Node, path string, at Position) Step {
			return WithColumnRenamed{at, p.pairs(v, path, "withColumnRenamed", "old: new")}
		}),
		"filter": filter("filter"),
		"where":  filter("where"),
		"select": read(func(v *yaml.Node, path string, at Position) Step { return Select{at, p.several(v, path, "select")} }),
		"drop":   read(func(v *yaml.Node, path string, at Position) Step { return Drop{at, p.several(v, path, "drop")} }),
		"sql":    read(func(v *yaml.Node, path string, at Position) Step { return SQL{at, p.one(v, path, "sql")} }),
		"limit":  read(func(v *yaml.Node, path string, at Position) Step { return Limit{at, p.one(v, path, "limit")} }),
		"orderBy": read(func(v *yaml.Node, path string, at Position) Step {
			return OrderBy{at, p.several(v, path, "orderBy")}
		}),
		"distinct": read(func(v *yaml.Node, path string, at Position) Step {
			p.yes(v, path, "distinct")
			return Distinct{at}
		}),
		"dropDuplicates": read(func(v *yaml.Node, path string, at Position) Step {
			return DropDuplicates{Position: at, Columns: p.columnsOrAll(v, path, "dropDuplicates")}
		}),
		"dropDuplicatesWithinWatermark": read(func(v *yaml.Node, path string, at Position) Step {
			return DropDuplicates{at, p.columnsOrAll(v, path, "dropDuplicatesWithinWatermark"), true}
		}),
		"withWatermark": read(p.watermark),
		"groupBy":       read(p.groupBy),
		"join":          read(p.join),
		"union":         read(p.union),
		"repartition": read(func(v *yaml.Node, path string, at Position) Step {
			return Repartition{at, p.several(v, path, "repartition")}
		}),
	})
	if len(steps) > 1 {
		p.errs.addf(p.place(n, path), "a step must have one key, this one has %d", len(steps)).Hint = "begin each step with \"- \""
	}
	return steps
}

// pairs reads a mapping of names to texts.
func (p *parser) pairs(n *yaml.Node, path, what, example string) []Named {
	var list []Named
	p.entries(n, path, what, func(k, v *yaml.Node, path string) {
		if s, ok := p.text(v, path, what+" "+k.Value); ok {
			list = append(list, Named{k.Value, Text{s, p.place(v, path)}})
		}
	})
	if len(list) == 0 && len(p.errs) == 0 {
		p.errs.addf(p.place(n, path), "%s does not name a column", what).Hint = what + ": {" + example + "}"
	}
	return list
}

// one reads a text. If it is not one, the error makes the step irrelevant.
func (p *parser) one(n *yaml.Node, path, what string) Text {
	s, _ := p.text(n, path, what)
	return Text{s, p.place(n, path)}
}

// several reads a list of texts, or one comma-separated text.
func (p *parser) several(n *yaml.Node, path, what string) []Text {
	if p.follow(n).Kind == yaml.SequenceNode {
		return p.texts(n, path, what)
	}
	s, ok := p.text(n, path, what)
	if !ok {
		return nil
	}
	return splitList(s, p.place(n, path))
}

// yes reads the value true of a step without arguments.
func (p *parser) yes(n *yaml.Node, path, what string) {
	if p.follow(n).Kind == yaml.SequenceNode {
		p.errs.addf(p.place(n, path), "%s compares whole rows and does not name columns", what).Hint = what + ": true, or dropDuplicates with a list of columns"
	} else if s, ok := p.text(n, path, what); ok && s != "true" {
		p.errs.addf(p.place(n, path), "%s must be true, not %q", what, s)
	}
}

// columnsOrAll reads a list of columns, or true for all columns.
func (p *parser) columnsOrAll(n *yaml.Node, path, what string) []Text {
	if p.follow(n).Kind == yaml.SequenceNode {
		return p.texts(n, path, what)
	}
	if s, ok := p.text(n, path, what); ok && s != "true" {
		p.errs.addf(p.place(n, path), "%s must be true, for all columns, or a list of columns, not %q", what, s).Hint = what + ": [" + s + "]"
	}
	return nil
}

func (p *parser) watermark(n *yaml.Node, path string, at Position) Step {
	s := WithWatermark{Position: at}
	given := 0
	read := func(to *Text, what string) field {
		return func(v *yaml.Node, path string) {
			*to = p.one(v, path, what)
			given++
		}
	}
	p.mapping(n, path, "withWatermark", map[string]field{
		"eventTime": read(&s.EventTime, "eventTime"), "delayThreshold": read(&s.Delay, "delayThreshold"),
	})
	if given < 2 && p.follow(n).Kind == yaml.MappingNode {
		p.errs.addf(at.Place, "withWatermark needs eventTime and delayThreshold").Hint =
			"withWatermark: {eventTime: ts, delayThreshold: 10 minutes}"
	}
	return s
}

func (p *parser) groupBy(n *yaml.Node, path string, at Position) Step {
	s := GroupBy{Position: at}
	read := func(to *[]Text, what string) field {
		return func(v *yaml.Node, path string) { *to = p.texts(v, path, what) }
	}
	p.mapping(n, path, "groupBy", map[string]field{"keys": read(&s.Keys, "keys"), "agg": read(&s.Aggregates, "agg")})
	return s
}

// join reads a join. A list of columns in on joins by equal names, a text is a condition.
func (p *parser) join(n *yaml.Node, path string, at Position) Step {
	s := Join{Position: at}
	s.With.Place = at.Place
	hasWith, hasOn := false, false
	p.mapping(n, path, "join", map[string]field{
		"with": func(v *yaml.Node, path string) {
			hasWith = true
			p.ref(&s.With, v, path)
		},
		"on": func(v *yaml.Node, path string) {
			hasOn = true
			if p.follow(v).Kind == yaml.SequenceNode {
				s.On = p.texts(v, path, "on")
			} else {
				s.Condition = p.one(v, path, "on")
			}
		},
		"how": func(v *yaml.Node, path string) { s.How = p.one(v, path, "how") },
	})
	if (!hasWith || !hasOn && !equalFold(s.How.Text, "cross")) && p.follow(n).Kind == yaml.MappingNode {
		p.errs.addf(at.Place, "join needs with (the other input) and on").Hint =
			"join: {with: {table: NAME}, on: [k]}, where tables: {NAME: {format: csv, path: DIR, schema: \"k STRING, v INT\"}}"
	}
	return s
}

// union reads a union with another stream.
func (p *parser) union(n *yaml.Node, path string, at Position) Step {
	s := Union{Position: at}
	s.With.Place = at.Place
	hasWith := false
	p.mapping(n, path, "union", map[string]field{
		"with": func(v *yaml.Node, path string) {
			hasWith = true
			p.ref(&s.With, v, path)
		},
		"byName":              func(v *yaml.Node, path string) { s.ByName = p.flag(v, path, "byName") },
		"allowMissingColumns": func(v *yaml.Node, path string) { s.AllowMissingColumns = p.flag(v, path, "allowMissingColumns") },
	})
	if !hasWith && p.follow(n).Kind == yaml.MappingNode {
		p.errs.addf(at.Place, "union needs with (the other stream)").Hint =
			"union: {with: {stream: NAME}}, where sources: {NAME: {format: csv, path: DIR, schema: \"k STRING, v INT\"}}"
	}
	return s
}

// ref reads a reference to an input of the job, or a static table in place.
func (p *parser) ref(r *Ref, n *yaml.Node, path string) {
	transform := func(v *yaml.Node, path string) { r.Steps = append(r.Steps, p.transform(v, path)...) }
	if !p.has(n, "stream", "table") {
		p.source(&r.Source, n, path, map[string]field{"transform": transform})
		return
	}
	r.Place = p.place(n, path)
	p.mapping(n, path, "with", map[string]field{
		"stream":    p.setAt(&r.Stream.Text, &r.Stream.Place, "stream"),
		"table":     p.setAt(&r.Table.Text, &r.Table.Place, "table"),
		"transform": transform,
	})
	if r.Stream.Text != "" && r.Table.Text != "" {
		p.errs.addf(r.Place, "with names a stream and a table").Hint = "keep one of them"
	}
}

// has reports whether a mapping has one of some keys.
func (p *parser) has(n *yaml.Node, keys ...string) bool {
	m := p.follow(n)
	for i := 0; i+1 < len(m.Content) && m.Kind == yaml.MappingNode; i += 2 {
		if slices.Contains(keys, m.Content[i].Value) {
			return true
		}
	}
	return false
}

// transform reads a list of steps.
func (p *parser) transform(n *yaml.Node, path string) (steps []Step) {
	p.list(n, path, "transform", func(v *yaml.Node, path string) { steps = append(steps, p.step(v, path)...) })
	return steps
}
