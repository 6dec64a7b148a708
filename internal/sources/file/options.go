package file

import (
	"math"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/javaregexp"
)

// Options are the streaming options of a file source, checked. (Spark: FileStreamOptions.)
type options struct {
	maxFiles      int64 // 0: no limit
	maxBytes      int64 // 0: no limit
	latestFirst   bool
	maxAge        int64 // milliseconds
	nameOnly      bool  // files are the same when their names are
	maxCached     int
	discardRatio  float64
	nameFilter    *glob
	recursive     bool
	ignoreMissing bool
	ignoreCorrupt bool
	ignored       *javaregexp.Regexp // names that do not count; nil: those that begin with _ or .
	noneHidden    bool
	base          string         // basePath: where partition directories begin
	anyStructure  bool           // partition directories may begin at several places
	zone          *datetime.Zone // of timestamps in the names of partition directories; nil: that of the session
}

// parseOptions reads the options. Spark finds bad values when the query starts, in this order.
func parseOptions(opts job.Options, conf map[string]string) (*options, error) {
	for _, name := range []string{"modifiedBefore", "modifiedAfter"} {
		if _, ok := opts.Get(name); ok {
			return nil, sparkerr.OfOption(sparkerr.Plain("option '%s' is not allowed in file stream sources", strings.ToLower(name)).
				WithHint("leave it out; maxFileAge leaves old files out of a stream"), name)
		}
	}
	p := parser{opts: opts, conf: conf}
	o := &options{
		maxFiles:      p.positive("maxFilesPerTrigger", math.MaxInt32, "must be a positive integer"),
		maxBytes:      p.positive("maxBytesPerTrigger", math.MaxInt64, "must be a positive integer"),
		maxAge:        p.duration("maxFileAge", 7*24*3600*1000),
		latestFirst:   p.boolean("latestFirst", ""),
		nameOnly:      p.boolean("fileNameOnly", ""),
		recursive:     p.boolean("recursiveFileLookup", ""),
		anyStructure:  p.boolean("ignoreInvalidPartitionPaths", ""),
		ignoreMissing: p.boolean("ignoreMissingFiles", "spark.sql.files.ignoreMissingFiles"),
		ignoreCorrupt: p.boolean("ignoreCorruptFiles", "spark.sql.files.ignoreCorruptFiles"),
		maxCached:     int(p.number("maxCachedFiles", 10000, 0, math.MaxInt32)),
		discardRatio:  p.ratio("discardCachedInputRatio", 0.2),
	}
	if text, ok := opts.Get("pathGlobFilter"); ok && p.err == nil {
		o.nameFilter, p.err = compileGlob(text)
		p.err = sparkerr.OfOption(p.err, "pathGlobFilter")
	}
	if text, ok := opts.Get("ignoredPathSegmentRegex"); ok && p.err == nil {
		p.err = sparkerr.OfOption(o.readIgnored(text), "ignoredPathSegmentRegex")
	}
	if id, ok := opts.Get("timeZone"); ok && p.err == nil {
		o.zone, p.err = datetime.LoadZone(id)
		p.err = sparkerr.OfOption(p.err, "timeZone")
	}
	o.base, _ = opts.Get("basePath")
	if o.maxFiles > 0 && o.maxBytes > 0 && p.err == nil {
		p.err = sparkerr.OfOption(sparkerr.Plain("Options 'maxFilesPerTrigger' and 'maxBytesPerTrigger' can't be both set at the same time").
			WithHint("keep one"), "maxBytesPerTrigger")
	}
	if o.latestFirst && (o.maxFiles > 0 || o.maxBytes > 0) {
		o.maxAge = math.MaxInt64 // Spark: old files could never be reached otherwise
	}
	return o, p.err
}

// CheckOptions finds what New refuses of the options.
func CheckOptions(opts job.Options, conf map[string]string) error {
	if _, err := parseOptions(opts, conf); err != nil {
		return err
	}
	_, _, err := readClean(opts)
	return err
}

// A parser keeps the first error.
type parser struct {
	opts job.Options
	conf map[string]string
	err  error
}

func (p *parser) invalid(name, value, must string) {
	if p.err == nil {
		p.err = sparkerr.OfOption(sparkerr.Plain("Invalid value '%s' for option '%s', %s", value, name, must), name)
	}
}

func (p *parser) positive(name string, limit int64, must string) int64 {
	text, ok := p.opts.Get(name)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n > limit {
		p.invalid(name, text, must)
	}
	return n
}

func (p *parser) number(name string, def, low, high int64) int64 {
	text, ok := p.opts.Get(name)
	if !ok {
		return def
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		p.invalid(name, text, "must be an integer greater than or equal to 0")
	}
	return n
}

func (p *parser) ratio(name string, def float64) float64 {
	text, ok := p.opts.Get(name)
	if !ok {
		return def
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		p.invalid(name, text, "must be a positive double between 0 and 1")
	}
	return f
}

func (p *parser) boolean(name, setting string) bool {
	text, ok := p.opts.Get(name)
	if !ok {
		return strings.EqualFold(p.conf[setting], "true")
	}
	value, ok := option.ParseBoolean(text)
	if !ok {
		p.invalid(name, text, "must be 'true' or 'false'")
	}
	return value
}

func (p *parser) duration(name string, def int64) int64 {
	text, ok := p.opts.Get(name)
	if !ok {
		return def
	}
	millis, ok := sources.ParseTime(text, 1)
	if !ok {
		p.invalid(name, text, "must be a time with a unit: us, ms, s, m, min, h or d")
	}
	return millis
}
