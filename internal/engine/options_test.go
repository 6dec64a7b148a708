package engine

import (
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// anyText are the forms of options that take every text, or whose value validation of the job judges.
var anyText = []string{"any text", "a path", "a directory", "the name of a column", "a language tag", "one of PERMISSIVE",
	"a file", "the name or address of a machine", "[HOST]:PORT", "one of the character sets", "a glob", "a pattern", "one or more characters", "certificates in PEM format", "a key in PEM format", "the end of a line, of one character or more"}

// Each option of the tables says what it takes, and a value of another kind is refused with the name of the option.
func TestEveryOptionRefusesValuesOfAnotherKind(t *testing.T) {
	const bad = "[what" // neither a number nor a word, pattern or regular expression
	for _, f := range formats.Sources {
		for _, o := range f.Options {
			s := &job.Stream{Source: job.Source{Format: f.Name, Options: badOption(f.Name, o.Name, bad)}, Sink: job.Sink{Format: "noop"}}
			refusesBad(t, f.Name+" source", o, checkOptions(&job.Job{}, s))
		}
	}
	for _, f := range formats.Sinks {
		if !f.Files && f.Stdout || f.Missing {
			continue // of standard output, which has no options
		}
		for _, o := range f.Options {
			s := &job.Stream{Source: job.Source{Format: "text"}, Sink: job.Sink{Format: f.Name, Options: badOption(f.Name+" sink", o.Name, bad)}}
			refusesBad(t, f.Name+" sink", o, checkOptions(&job.Job{}, s))
		}
	}
}

// badOption returns an option in addition to those that the format needs.
func badOption(format, name, value string) job.Options {
	options := job.Options{{Name: name, Value: value, Place: &sparkerr.Place{Path: name}}}
	for _, need := range map[string]job.Options{
		"socket":           {{Name: "host", Value: "h"}, {Name: "port", Value: "1"}},
		"rate-micro-batch": {{Name: "rowsPerBatch", Value: "1"}},
		"kafka":            {{Name: "kafka.bootstrap.servers", Value: "h:1"}, {Name: "subscribe", Value: "t"}},
		"kafka sink":       {{Name: "kafka.bootstrap.servers", Value: "h:1"}, {Name: "topic", Value: "t"}},
	}[format] {
		if need.Name != name && name != "listen" && (need.Name != "subscribe" || name != "subscribePattern" && name != "assign") {
			options = append(options, need)
		}
	}
	return options
}

func refusesBad(t *testing.T, format string, o job.OptionSpec, err error) {
	t.Helper()
	if o.Effect == job.Refused || o.Name == job.MaxLineBytes || o.Name == job.MaxBadRows {
		return
	}
	if o.Kind.Form == "" {
		t.Errorf("%s: the option %s has no kind", format, o.Name)
		return
	}
	for _, form := range anyText {
		if strings.HasPrefix(o.Kind.Form, form) {
			return
		}
	}
	if err == nil || placeOf(err) != o.Name {
		t.Errorf("%s: %s: error %v at %q", format, o.Name, err, placeOf(err))
	}
}

func placeOf(err error) string {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		err = list.Unwrap()[0]
	}
	if e, ok := err.(*sparkerr.Error); ok && e.Place != nil {
		return e.Place.Path
	}
	return ""
}
