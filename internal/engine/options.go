package engine

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// checkOptions finds the options of a stream that its source or sink would refuse when it starts. Spark refuses some of them only
// when the first batch is read or written.
func checkOptions(j *job.Job, s *job.Stream) error {
	source, sink := sourceOptions(j, &s.Source), sinkOptions(j, s)
	return errors.Join(append(source.refusals(), sink.refusals()...)...)
}

// CheckSource finds the options that a source refuses when it starts.
func CheckSource(j *job.Job, s *job.Source) error {
	return errors.Join(sourceOptions(j, s).refusals()...)
}

// checkTable finds the options that a table refuses.
func checkTable(j *job.Job, s *job.Source) error {
	g := sourceOptions(j, s)
	if f, ok := formats.Sources.Find(s.Format); ok && f.Tables != nil {
		g.check = func(options job.Options) error { return f.Tables.CheckOptions(options, j.Conf) }
	}
	return errors.Join(g.refusals()...)
}

// AtOption adds the place of the value to an error about a source's option.
func AtOption(j *job.Job, s *job.Source, err error) error { return sourceOptions(j, s).placed(err) }

// given holds the options that a source or sink was given.
type given struct {
	find    func(option string) (*job.OptionSpec, bool)
	options job.Options
	place   *sparkerr.Place // of the source or sink
	check   func(options job.Options) error
}

func sourceOptions(j *job.Job, s *job.Source) given {
	f, ok := formats.Sources.Find(s.Format)
	if !ok {
		f = &sources.Format{} // which is reported when its columns are asked for
	}
	return given{f.Find, s.Options, s.Place, func(options job.Options) error {
		if f.CheckOptions == nil {
			return f.CheckValues(options)
		}
		return f.CheckOptions(options, j.Conf)
	}}
}

// checkPatterns refuses date and time patterns with which the query would fail, and reports those with which every value would be NULL.
// Spark finds out with the first value.
func (q *query) checkPatterns(in *input) error {
	s := in.spec
	options := sourceOptions(q.job, s)
	var errs []error
	if in.format.Codec == nil {
		return nil
	}
	for _, bad := range in.format.Codec.BadPatterns(s.Options.Values(), in.columns.Schema.Fields) {
		if bad.Fails {
			errs = append(errs, reported(options.placed(sparkerr.OfOption(bad.Err, bad.Option))))
			continue
		}
		pattern, _, _ := s.Options.Given(bad.Option)
		q.notify(&notice{
			text: fmt.Sprintf("%s=%s is not a pattern that reads %s: %s is NULL in every row", bad.Option, strconv.Quote(pattern), bad.Type.SQL(), bad.Column),
			hint: sparkerr.Reason(bad.Err),
		})
	}
	return errors.Join(errs...)
}

// checkDataColumns refuses a column that cannot keep the text of malformed records, or whole records. Spark finds out with the first batch.
func (in *input) checkDataColumns() error {
	c, options, fields := in.format.Codec, in.spec.Options.Values(), in.columns.Data()
	if c == nil {
		return nil
	}
	return sparkerr.At(cmp.Or(c.CheckCorruptRecord(options, fields), c.CheckSingleVariant(options, fields)), in.spec.Schema.Place)
}

func sinkOptions(j *job.Job, s *job.Stream) given {
	f, ok := formats.Sinks.Find(s.Sink.Format)
	if !ok {
		f = unknownSink(s)
	}
	return given{f.Find, s.Sink.Options, s.Sink.Place, func(options job.Options) error {
		if f.CheckOptions == nil {
			return f.CheckValues(options)
		}
		return f.CheckOptions(j, s, options)
	}}
}

// unknownSink returns a format that refuses a sink whose format is unknown.
func unknownSink(s *job.Stream) *sinks.Format {
	return &sinks.Format{Open: func(*job.Stream, *types.Schema, sinks.Env) (sinks.Sink, error) {
		return nil, sparkerr.At(sparkerr.New("DATA_SOURCE_NOT_FOUND", "provider", s.Sink.Format), s.Sink.Place)
	}}
}

// newSink makes the sink that a stream names.
func newSink(s *job.Stream, schema *types.Schema, env sinks.Env) (sinks.Sink, error) {
	f, ok := formats.Sinks.Find(s.Sink.Format)
	if !ok {
		f = unknownSink(s)
	}
	return f.New(s, schema, env)
}

// refusals finds all refused options in the order in which they are given. What was refused is left out before the rest is looked
// at again.
func (g given) refusals() []error {
	found := map[int]error{} // by position
	rest := slices.Clone(g.options)
	for {
		err := g.check(rest)
		var e *sparkerr.Error
		if err == nil || !errors.As(err, &e) || e.Option == "" {
			break
		}
		named := func(o job.Option) bool { return strings.EqualFold(o.Name, e.Option) }
		i := slices.IndexFunc(g.options, named)
		if i < 0 || found[i] != nil {
			break // it is missing, maybe because it was left out
		}
		found[i] = g.placed(e)
		rest = slices.DeleteFunc(rest, named)
	}
	if len(found) == 0 {
		if err := g.check(rest); err != nil {
			return []error{g.placed(err)}
		}
	}
	var errs []error
	for _, i := range slices.Sorted(maps.Keys(found)) {
		errs = append(errs, found[i])
	}
	return errs
}

// placed adds the place of an option's value to its error, and a hint with the values that the option accepts.
func (g given) placed(err error) error {
	var e *sparkerr.Error
	if !errors.As(err, &e) || e.Option == "" {
		return sparkerr.At(err, g.place)
	}
	c := *e
	value, place, ok := g.options.Given(e.Option)
	if c.Place == nil && ok {
		c.Place = place
	}
	if spec, known := g.find(e.Option); known && c.Hint == "" && spec.Kind.Form != "" {
		c.Hint = spec.Kind.Takes(spec.Name, value)
	}
	return sparkerr.At(&c, g.place)
}
