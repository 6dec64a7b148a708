package job

import (
	"slices"
	"strings"
)

// tables registers the flags for static tables.
func (f *Flags) tableFlags() {
	f.set.StringArrayVar(&f.tables, "table", nil, "table `NAME=PATH` that --sql can join: a file, directory or glob (repeatable)")
	f.set.StringArrayVar(&f.tableOpts, "table-option", nil, "`NAME.OPTION=VALUE` of a table, by Spark's name; also NAME.format and NAME.schema (repeatable)")
}

// readTables adds the tables of the flags to the job. They replace those of a job file that have the same names.
func (b *builder) readTables() {
	for _, text := range b.f.tables {
		at := flagPlace("table", text)
		name, path, ok := strings.Cut(text, "=")
		switch {
		case !ok || name == "" || path == "":
			b.errs.addf(at, "--table takes NAME=PATH, not %q", text).Hint = "--table customers=customers.csv"
			continue
		case equalFold(name, "stream"):
			b.errs.addf(at, "a table cannot be called stream, which is the rows of the steps so far in SQL")
			continue
		case slices.ContainsFunc(b.tables, func(r *Relation) bool { return equalFold(r.Name, name) }):
			b.errs.addf(at, "two tables are called %s", name)
			continue
		}
		r := &Relation{Name: name, Source: Source{Path: b.path(path), Place: at, PathPlace: within(at, name+"=")}}
		b.tables = append(b.tables, r)
	}
	for _, o := range b.pairs("table-option", b.f.tableOpts) {
		b.tableOption(o)
	}
	for _, r := range b.tables {
		b.complete(&r.Source)
		b.job.Tables = slices.DeleteFunc(b.job.Tables, func(old *Relation) bool { return equalFold(old.Name, r.Name) })
		b.job.Tables = append(b.job.Tables, r)
	}
}

// tableOption sets NAME.OPTION of a table.
func (b *builder) tableOption(o Option) {
	name, option, ok := strings.Cut(o.Name, ".")
	if !ok || option == "" {
		b.errs.addf(o.NamePlace, "--table-option takes NAME.OPTION=VALUE, not %q", o.Name+"="+o.Value).Hint = "--table-option customers.header=false"
		return
	}
	i := slices.IndexFunc(b.tables, func(r *Relation) bool { return equalFold(r.Name, name) })
	if i < 0 {
		var names []string
		for _, r := range b.tables {
			names = append(names, r.Name)
		}
		hint := DidYouMean(name, names)
		if len(names) == 0 {
			hint = "--table " + name + "=PATH names its files"
		}
		b.errs.addf(o.NamePlace, "there is no --table called %s", name).Hint = hint
		return
	}
	s := &b.tables[i].Source
	switch {
	case equalFold(option, "format"):
		s.Format, s.FormatPlace = o.Value, o.Place
	case equalFold(option, "schema"):
		s.Schema = Schema{Place: o.Place}
		if err := s.Schema.read(o.Value, ""); err != nil {
			b.errs.add(o.Place, err)
		}
	default:
		o.Name = option
		s.Options = append(s.Options, o)
	}
}

// unusedTables refuses tables of flags that no step names.
func (b *builder) unusedTables() {
	for _, r := range b.tables {
		if !slices.ContainsFunc(b.stream.Steps, func(s Step) bool { return mayName(s, r.Name) }) {
			b.errs.addf(r.Place, "no step uses the table %s", r.Name).Hint = "--sql \"SELECT … FROM stream s JOIN " + r.Name + " t ON s.… = t.…\""
		}
	}
}

// mayName reports whether a step refers to a table, or is a query with its name among its words.
func mayName(s Step, table string) bool {
	if Mentions(s, table) {
		return true
	}
	for r := range refs([]Step{s}) {
		if equalFold(r.Table.Text, table) || slices.ContainsFunc(r.Steps, func(s Step) bool { return mayName(s, table) }) {
			return true
		}
	}
	return false
}

// complete sets what a --table leaves to its path: the format, which the extension implies, and that the first line of a file has the names of the
// columns, whose types are inferred. A job file says all of this itself, as Spark wants it.
func (b *builder) complete(s *Source) {
	if s.Format == "" {
		if s.Format = b.f.formatOf(s.Path); s.Format == "" {
			s.Format = DefaultSource(FileCommand)
		}
	}
	f, ok := b.f.sources.Describe(s.Format)
	if !ok {
		return // which validation reports
	}
	for _, name := range []string{"header", "inferSchema"} {
		_, known := f.Find(name)
		if _, given := s.Options.Get(name); known && !given && (name == "header" || !s.Schema.Given) {
			s.Options = append(s.Options, Option{Name: name, Value: "true", Place: s.Place, NamePlace: s.Place})
		}
	}
}
