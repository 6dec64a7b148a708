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

// join reads a join with a static table. A list of columns in on joins by equal names, a text is a condition.
func (p *parser) join(n *yaml.Node, path string, at Position) Step {
	s := Join{Position: at}
	s.With.Place = at.Place
	hasOn := false
	p.mapping(n, path, "join", map[string]field{
		"with": func(v *yaml.Node, path string) {
			p.source(&s.With.Source, v, path, map[string]field{"transform": func(v *yaml.Node, path string) {
				p.list(v, path, "transform", func(v *yaml.Node, path string) { s.With.Steps = append(s.With.Steps, p.step(v, path)...) })
			}})
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
	if (s.With.Format == "" || !hasOn) && p.follow(n).Kind == yaml.MappingNode {
		p.errs.addf(at.Place, "join needs with (a table) and on").Hint = "join: {with: {format: csv, path: DIR, schema: \"k STRING, v INT\"}, on: [k]}"
	}
	return s
}
