package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
)

// optionHelp describes an option for each format that has it. ok is false if none does.
func optionHelp(w io.Writer, name string) (ok bool) {
	for _, t := range []struct {
		what  string
		table job.Formats
	}{{"source", formats.Sources}, {"sink", formats.Sinks}} {
		for _, f := range t.table.All() {
			o, found := f.Find(name)
			if !found {
				continue
			}
			ok = true
			effect := ""
			switch o.Effect {
			case job.NoEffect:
				effect = " (no effect here)"
			case job.Refused:
				effect = " (not in the embedded engine)"
			}
			fmt.Fprintf(w, "%s of the %s %s%s: %s\n  %s\n", o.Name, f.Name, t.what, effect, o.Doc, takes(*o))
		}
	}
	return ok
}

// takes describes the values of an option.
func takes(o job.OptionSpec) string {
	text := "takes " + o.Kind.Form
	if o.Default != "" {
		text += "; default: " + o.Default
	}
	return text
}

func optionsWith(f *job.Format, effect job.Effect) []string {
	var names []string
	for _, o := range f.Options {
		if o.Effect == effect {
			names = append(names, o.Name)
		}
	}
	return names
}

// optionValues completes NAME=VALUE: option names first, then the values of the option.
func optionValues(f *job.Format, typed string) []string {
	var out []string
	name, _, named := strings.Cut(typed, "=")
	if !named {
		for _, o := range f.OptionNames() {
			out = append(out, o+"=")
		}
		return out
	}
	if o, ok := f.Find(name); ok {
		for _, v := range o.Kind.Values {
			out = append(out, name+"="+v)
		}
	}
	return out
}
