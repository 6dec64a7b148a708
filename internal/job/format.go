package job

import (
	"strings"

	"github.com/streamctl/streamctl/internal/option"
)

// A Format describes a source or sink format and its options. Packages sources and sinks each hold a table of
// formats, which validation, help and shell completion use.
type Format struct {
	Name    string
	Doc     string
	Options []OptionSpec
	Missing bool // Spark supports it, the embedded engine does not yet
}

// An OptionSpec describes an option, by Spark's name.
type OptionSpec struct {
	Name    string
	Doc     string
	Effect  Effect
	Kind    option.Kind
	Default string
}

// An Effect is how the embedded engine treats an option.
type Effect uint8

// Effects.
const (
	Implemented Effect = iota
	NoEffect           // known, but has no effect here: listed by explain
	Refused            // Spark supports it, the embedded engine does not yet: an error
)

// Formats is a table of formats.
type Formats []Format

// Find looks up a format by name, ignoring case as Spark does.
func (fs Formats) Find(name string) (*Format, bool) {
	for i := range fs {
		if strings.EqualFold(fs[i].Name, name) {
			return &fs[i], true
		}
	}
	return nil, false
}

// Names lists the formats that the embedded engine supports.
func (fs Formats) Names() []string {
	var names []string
	for _, f := range fs {
		if !f.Missing {
			names = append(names, f.Name)
		}
	}
	return names
}

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
