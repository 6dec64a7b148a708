package job

import (
	"slices"
	"strings"
	"unicode"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// inputs resolves the names of sources and tables in a job file.
func (p *parser) inputs(j *Job) {
	for _, t := range j.Tables {
		if s := j.Relation(t.Name, false); s != nil {
			p.errs.addf(t.Place, "the name %s is that of a source and of a table", t.Name).Hint = otherPlace(s.Place) + "rename one of them"
		}
	}
	for _, s := range j.Streams {
		if s.From.Text == "" {
			continue
		}
		if r := j.Relation(s.From.Text, false); r != nil {
			s.Source = r.Source
		} else {
			p.errs.add(s.From.Place, j.unknown(&s.From, false))
		}
	}
	for _, steps := range j.allSteps() {
		for r := range refs(steps) {
			p.known(j, &r.Stream, false)
			p.known(j, &r.Table, true)
		}
	}
	if len(p.errs) > 0 {
		return
	}
	for _, r := range slices.Concat(j.Sources, j.Tables) {
		if j.leadsTo(r.Steps, r.Name, nil) {
			p.errs.addf(r.Place, "the steps of %s need %s itself", r.Name, r.Name).Hint = "a stream can be joined with itself: source: {stream: " + r.Name + "} and a join with it"
		}
	}
}

// known refuses the name of an input that the job does not have.
func (p *parser) known(j *Job, name *Name, static bool) {
	if name.Text != "" && j.Relation(name.Text, static) == nil {
		p.errs.add(name.Place, j.unknown(name, static))
	}
}

// unknown is the error for a name that no source, or no table if static is true, has.
func (j *Job) unknown(name *Name, static bool) *sparkerr.Error {
	what, list, key, reference := "source", j.Sources, "sources:", "{table: %s}"
	if static {
		what, list, key, reference = "table", j.Tables, "tables:", "{stream: %s}"
	}
	err := sparkerr.Plain("the job has no %s called %s", what, name.Text)
	if other := j.Relation(name.Text, !static); other != nil {
		return err.WithHint("refer to it with "+reference, other.Name)
	}
	var names []string
	for _, r := range list {
		names = append(names, r.Name)
	}
	if len(names) == 0 {
		return err.WithHint("define it at the top of the job file: %s {%s: {format: csv, path: DIR, schema: \"k STRING, v INT\"}}", key, name.Text)
	}
	return err.WithHint("%s", DidYouMean(name.Text, names))
}

// allSteps returns the lists of steps of streams and inputs.
func (j *Job) allSteps() (lists [][]Step) {
	for _, s := range j.Streams {
		lists = append(lists, s.Steps)
	}
	for _, r := range slices.Concat(j.Sources, j.Tables) {
		lists = append(lists, r.Steps)
	}
	return lists
}

// refs yields the other inputs that steps refer to, those in steps of references included.
func refs(steps []Step) func(yield func(*Ref) bool) {
	return func(yield func(*Ref) bool) { eachRef(steps, yield) }
}

func eachRef(steps []Step, yield func(*Ref) bool) bool {
	for _, step := range steps {
		var r *Ref
		switch s := step.(type) {
		case Join:
			r = &s.With
		case Union:
			r = &s.With
		default:
			continue
		}
		if !yield(r) || !eachRef(r.Steps, yield) {
			return false
		}
	}
	return true
}

// leadsTo reports whether steps refer to the input with a name, directly or through other inputs, of which those in seen were looked at.
func (j *Job) leadsTo(steps []Step, name string, seen []string) bool {
	for r := range refs(steps) {
		for _, n := range []*Name{&r.Stream, &r.Table} {
			switch {
			case n.Text == "" || slices.ContainsFunc(seen, func(s string) bool { return equalFold(s, n.Text) }):
			case equalFold(n.Text, name):
				return true
			case j.leadsTo(j.Relation(n.Text, n == &r.Table).Steps, name, append(seen, n.Text)):
				return true
			}
		}
	}
	return false
}

// Uses lists the sources and tables of the job that a stream may read besides its own source: those that its steps name, directly or through
// others.
func (j *Job) Uses(s *Stream) (list []*Relation) {
	var add func(steps []Step)
	use := func(r *Relation) {
		if r != nil && !slices.Contains(list, r) {
			list = append(list, r)
			add(r.Steps)
		}
	}
	add = func(steps []Step) {
		for r := range refs(steps) {
			use(j.Relation(r.Stream.Text, false))
			use(j.Relation(r.Table.Text, true))
		}
		for _, r := range slices.Concat(j.Sources, j.Tables) {
			if slices.ContainsFunc(steps, func(s Step) bool { return Mentions(s, r.Name) }) {
				use(r)
			}
		}
	}
	use(j.Relation(s.From.Text, false))
	add(s.Steps)
	return list
}

// Mentions reports whether a step is a query, or has expressions with queries, with a name among its words, or within backticks. What it means
// there is not known.
func Mentions(s Step, name string) bool {
	return slices.ContainsFunc(queries(s), func(text string) bool {
		return hasWord(text, name) || strings.Contains(strings.ToLower(text), "`"+strings.ToLower(name)+"`")
	})
}

// queries lists the texts of a step that contain queries.
func queries(s Step) (list []string) {
	add := func(t Text) {
		if hasWord(t.Text, "SELECT") {
			list = append(list, t.Text)
		}
	}
	switch s := s.(type) {
	case SQL:
		list = append(list, s.Query.Text)
	case Filter:
		add(s.Condition)
	case Select:
		for _, e := range s.Exprs {
			add(e)
		}
	case WithColumn:
		for _, c := range s.Columns {
			add(c.Text)
		}
	}
	return list
}

// hasWord reports whether a word is in a text, regardless of case.
func hasWord(text, word string) bool {
	between := func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	return slices.ContainsFunc(strings.FieldsFunc(text, between), func(w string) bool { return strings.EqualFold(w, word) })
}

// SourcesOf lists the sources that a stream may read: its own and those that its steps name.
func (j *Job) SourcesOf(s *Stream) (list []*Source) {
	if s.From.Text == "" {
		list = append(list, &s.Source)
	}
	for _, r := range j.Uses(s) {
		if slices.Contains(j.Sources, r) {
			list = append(list, &r.Source)
		}
	}
	return list
}

// TablesOf lists the tables that a stream may read: those of the job that its steps name, and those that they describe themselves.
func (j *Job) TablesOf(s *Stream) (list []*Source) {
	lists := [][]Step{s.Steps}
	for _, r := range j.Uses(s) {
		lists = append(lists, r.Steps)
		if slices.Contains(j.Tables, r) {
			list = append(list, &r.Source)
		}
	}
	for _, steps := range lists {
		for r := range refs(steps) {
			if r.Stream.Text == "" && r.Table.Text == "" {
				list = append(list, &r.Source)
			}
		}
	}
	return list
}
