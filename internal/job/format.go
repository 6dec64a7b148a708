package job

import (
	"strings"

	"github.com/streamctl/streamctl/internal/option"
)

// A Format is a source or sink format as a job names it, with the options it takes. Packages sources and sinks each hold a
// table of them; validation, help and completion come from it.
type Format struct {
	Name    string
	Doc     string
	Options []OptionSpec
	Missing bool // Spark has it, the embedded engine does not yet
}

// An OptionSpec is an option by Spark's name.
type OptionSpec struct {
	Name    string
	Doc     string
	Effect  Effect
	Kind    option.Kind
	Default string
}

// An Effect says what the embedded engine does with an option.
type Effect uint8

// The effects.
const (
	Implemented Effect = iota
	NoEffect           // known, and changes nothing here: listed by explain
	Refused            // Spark has it, the embedded engine does not yet: an error
)

// Formats is a table of formats.
type Formats []Format

// Find looks a format up, ignoring case as Spark does.
func (fs Formats) Find(name string) (*Format, bool) {
	for i := range fs {
		if strings.EqualFold(fs[i].Name, name) {
			return &fs[i], true
		}
	}
	return nil, false
}

// Names lists the formats that the embedded engine has.
func (fs Formats) Names() []string {
	var names []string
	for _, f := range fs {
		if !f.Missing {
			names = append(names, f.Name)
		}
	}
	return names
}

// Find looks an option up, ignoring case as Spark does.
func (f *Format) Find(name string) (*OptionSpec, bool) {
	for i := range f.Options {
		if strings.EqualFold(f.Options[i].Name, name) {
			return &f.Options[i], true
		}
	}
	return nil, false
}

// OptionNames lists the options that do something here.
func (f *Format) OptionNames() []string {
	var names []string
	for _, o := range f.Options {
		if o.Effect == Implemented {
			names = append(names, o.Name)
		}
	}
	return names
}
