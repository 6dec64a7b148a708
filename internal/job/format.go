package job

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Format describes a source or sink format, as far as jobs are checked, documented and completed by it. The values of
// packages sources and sinks embed it.
type Format struct {
	Name    string
	Doc     string
	Options []OptionSpec
	Missing bool // Spark supports it, the embedded engine does not yet

	Files      bool    // the rows are in files of the directory that path names
	Intervals  bool    // discretized streams can have it
	NotInSpark *Remark // Spark does not have it
	OnSpark    *Remark // what it needs there
	SourceRules
	SinkRules
}

// SourceRules describe a source format.
type SourceRules struct {
	NeedsSchema func(Options) bool // whether the job must give the columns; nil: it need not
	NoSchema    *Remark            // why the job must not give columns
	NotStreamed string             // why files cannot come from standard input
	Endless     bool               // there is no point at which all available input has been read
	// Check finds mistakes beyond the kinds of options; it may be nil. Errors without a place get that of the source.
	Check func(s *Source) Errors
	// Stored returns a source that reads the same rows from files, or an error that says why a second run would read others.
	// If it is nil, two runs cannot be compared.
	Stored func(s *Source) (*Source, *sparkerr.Error)
}

// SinkRules describe a sink format.
type SinkRules struct {
	Prints   bool   // it writes to standard output by itself
	Stdout   bool   // with the path "-" it writes rows to standard output
	InFiles  string // how to write such rows to files, if the format cannot
	NoAppend string // why standard output must not be a file with content
	Binary   bool   // what it writes to standard output is not text
}

// A Remark is something to tell about a part of a job, and what to do about it.
type Remark struct{ Text, Hint string }

// An OptionSpec describes an option, by Spark's name.
type OptionSpec struct {
	Name       string
	Doc        string
	Effect     Effect
	Kind       option.Kind
	Default    string
	Incidental bool    // it changes no row: a query is the same with another value
	NotInSpark *Remark // Spark does not have it
}

// An Effect is how the embedded engine treats an option.
type Effect uint8

// Effects.
const (
	Implemented Effect = iota
	NoEffect           // known, but has no effect here: listed by explain
	Refused            // Spark supports it, the embedded engine does not yet: an error
)

// Description returns f itself: values that embed a Format can be in a Registry.
func (f *Format) Description() *Format { return f }

// Find looks up an option by name, ignoring case as Spark does.
func (f *Format) Find(name string) (*OptionSpec, bool) {
	for i := range f.Options {
		if strings.EqualFold(f.Options[i].Name, name) {
			return &f.Options[i], true
		}
	}
	return nil, false
}

// OptionNames lists the options that have an effect.
func (f *Format) OptionNames() []string {
	var names []string
	for _, o := range f.Options {
		if o.Effect == Implemented {
			names = append(names, o.Name)
		}
	}
	return names
}

// CheckValues returns the error of the first option whose value is not of its kind.
func (f *Format) CheckValues(options Options) error {
	for _, o := range options {
		spec, ok := f.Find(o.Name)
		if !ok {
			continue
		}
		if err := checkValue(spec, o.Value); err != nil {
			return sparkerr.OfOption(err, spec.Name)
		}
	}
	return nil
}

func checkValue(spec *OptionSpec, value string) error {
	k := &spec.Kind
	switch {
	case k.Check != nil:
		return k.Check(spec.Name, value)
	case len(k.Values) > 0 && !slices.ContainsFunc(k.Values, func(v string) bool { return strings.EqualFold(v, value) }):
		return sparkerr.Plain("Invalid value '%s' for option '%s'", value, spec.Name)
	}
	return nil
}

// Formats is a table of source or sink formats.
type Formats interface {
	// Describe looks up a format by name, ignoring case as Spark does.
	Describe(name string) (*Format, bool)
	// Names lists the formats that the embedded engine supports and for which some condition holds; nil: all of them.
	Names(some func(*Format) bool) []string
	// All lists all formats.
	All() []*Format
}

// A Registry is a table of formats, each with what F adds to the description.
type Registry[F interface{ Description() *Format }] []F

// Find looks up a format by name, ignoring case as Spark does. It does not find one that is missing.
func (t Registry[F]) Find(name string) (format F, ok bool) {
	for _, f := range t {
		if d := f.Description(); strings.EqualFold(d.Name, name) && !d.Missing {
			return f, true
		}
	}
	return format, false
}

// Describe looks up a format by name, ignoring case as Spark does.
func (t Registry[F]) Describe(name string) (*Format, bool) {
	for _, f := range t {
		if d := f.Description(); strings.EqualFold(d.Name, name) {
			return d, true
		}
	}
	return nil, false
}

// All lists all formats.
func (t Registry[F]) All() []*Format {
	list := make([]*Format, len(t))
	for i, f := range t {
		list[i] = f.Description()
	}
	return list
}

// Names lists the formats that the embedded engine supports and for which some condition holds; nil: all of them.
func (t Registry[F]) Names(some func(*Format) bool) []string {
	var names []string
	for _, f := range t {
		if d := f.Description(); !d.Missing && (some == nil || some(d)) {
			names = append(names, d.Name)
		}
	}
	return names
}

// OfFiles is a condition of Formats.Names.
func OfFiles(f *Format) bool { return f.Files }

// OnStdout is a condition of Formats.Names.
func OnStdout(f *Format) bool { return f.Stdout }
