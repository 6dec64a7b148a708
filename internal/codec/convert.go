package codec

import (
	"bytes"
	"encoding/base64"
	"math"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// Formats holds the text forms of dates and times that the options of a reader request.
type Formats struct {
	Zone         *datetime.Zone
	Now          func() int64
	Locale       string
	Date         format
	Timestamp    format
	TimestampNTZ format
	Time         format
	Exact        bool // do not parse texts such as 2000-01-01T00:00GMT+01:00, which older versions of Spark wrote
	failure      error
	stamps       datetime.Stamps
}

// A format is one of the date and time options.
type format struct {
	given    bool
	pattern  *datetime.Pattern // nil: the default form, unless a pattern was given
	err      error             // the given pattern does not compile: no text matches
	fallback bool              // text that does not match the pattern may have the default form
}

// NewFormats reads dateFormat, timestampFormat, timestampNTZFormat, timeFormat, enableDateTimeParsingFallback, timeZone and
// locale. Spark compiles a pattern when it reads the first value, so a pattern that does not compile is an error only then:
// see Failure.
func NewFormats(v Values, scan *Scan) (*Formats, error) {
	f := &Formats{Zone: scan.TimeZone(), Now: scan.NowMicros, Locale: v.Text("locale", "")}
	if id, ok := v.Lookup("timeZone"); ok {
		zone, err := datetime.LoadZone(id)
		if err != nil {
			return nil, err
		}
		f.Zone = zone
	}
	fallback, err := v.Bool("enableDateTimeParsingFallback", false)
	if err != nil {
		return nil, err
	}
	for name, to := range map[string]*format{"dateFormat": &f.Date, "timestampFormat": &f.Timestamp,
		"timestampNTZFormat": &f.TimestampNTZ, "timeFormat": &f.Time} {
		to.fallback = fallback && (to == &f.Date || to == &f.Timestamp)
		if text, ok := v.Lookup(name); ok {
			p, err := datetime.CompilePattern(text, f.Locale, true)
			to.given, to.pattern, to.err = true, p, err
		}
	}
	return f, nil
}

// Failure returns the error of a pattern that must fail the query, once a value was to be parsed with it. With any other bad
// pattern, Spark's readers return NULL for the value. (UnivocityParser.convert, JacksonParser.convertField: case e:
// SparkUpgradeException.)
func (f *Formats) Failure() error { return f.failure }

// CheckTimestamp returns the error of a timestampFormat that does not compile. Schema inference needs the pattern whatever
// the values are.
func (f *Formats) CheckTimestamp() error {
	return sparkerr.OfOption(f.Timestamp.err, "timestampFormat")
}

// CheckTimestampNTZ is CheckTimestamp for timestampNTZFormat.
func (f *Formats) CheckTimestampNTZ() error {
	return sparkerr.OfOption(f.TimestampNTZ.err, "timestampNTZFormat")
}

// Given reports whether values of a date or time type have a pattern.
func (f *Formats) Given(t *types.Type) bool {
	switch t.Kind {
	case types.KindDate:
		return f.Date.given
	case types.KindTimestamp:
		return f.Timestamp.given
	case types.KindTimestampNTZ:
		return f.TimestampNTZ.given
	}
	return f.Time.given
}

// fail records the failure of a pattern that cannot parse any value, and returns false.
func (f *Formats) fail(with *format) bool {
	if with.err != nil && f.failure == nil && datetime.MeantSomethingElse(with.err) {
		f.failure = with.err
	}
	return false
}

// ParseDate parses a date.
func (f *Formats) ParseDate(b []byte) (int32, bool) {
	if p := f.Date.pattern; p != nil {
		if days, err := p.ParseDate(b); err == nil {
			return days, true
		}
	}
	if f.Date.given && !f.Date.fallback {
		return 0, f.fail(&f.Date)
	}
	if days, ok := datetime.ParseDate(b); ok {
		return days, true
	}
	if clean, ok := f.withoutGMT(b); ok {
		if days, ok := datetime.ParseDate(clean); ok {
			return days, true
		}
	}
	return 0, f.fail(&f.Date)
}

// ParseTimestamp parses a timestamp.
func (f *Formats) ParseTimestamp(b []byte) (int64, bool) {
	if p := f.Timestamp.pattern; p != nil {
		if micros, err := p.ParseTimestamp(b, f.Zone); err == nil {
			return micros, true
		}
	}
	if f.Timestamp.given && !f.Timestamp.fallback {
		return 0, f.fail(&f.Timestamp)
	}
	if micros, ok := f.stamps.Parse(b, f.Zone, f.Now); ok {
		return micros, true
	}
	if clean, ok := f.withoutGMT(b); ok {
		if micros, ok := f.stamps.Parse(clean, f.Zone, f.Now); ok {
			return micros, true
		}
	}
	return 0, f.fail(&f.Timestamp)
}

// UsualTimestamps parses the timestamps in the given rows (nil: all) that have a common form, and appends the other rows to others. There must be no
// pattern for them.
func (f *Formats) UsualTimestamps(to []int64, texts []vector.View, data []byte, rows, others vector.Selection) vector.Selection {
	n := len(to)
	if rows != nil {
		n = len(rows)
	}
	for i := range n {
		row := i
		if rows != nil {
			row = int(rows[i])
		}
		if k := texts[row]; k.Len > 0 {
			if micros, ok := f.stamps.Usual(data[k.Off:k.Off+k.Len], f.Zone); ok {
				to[row] = micros
				continue
			}
		}
		others = append(others, int32(row))
	}
	return others
}

// ParseTimestampNTZ parses a timestamp without zone.
func (f *Formats) ParseTimestampNTZ(b []byte) (int64, bool) {
	switch with := &f.TimestampNTZ; {
	case with.err != nil: // Spark has no legacy formatter for this type
		return 0, false
	case with.given:
		micros, err := with.pattern.ParseNTZ(b)
		return micros, err == nil
	}
	return datetime.ParseTimestampNTZ(b, false)
}

// ParseTime parses a time of day.
func (f *Formats) ParseTime(b []byte) (int64, bool) {
	const nanosPerMicro, microsPerDay = 1000, 86_400_000_000
	switch with := &f.Time; {
	case with.err != nil:
		return 0, false
	case with.given:
		micros, err := with.pattern.ParseNTZ(b)
		return (micros%microsPerDay + microsPerDay) % microsPerDay * nanosPerMicro, err == nil
	}
	return datetime.ParseTime(b)
}

// withoutGMT removes the first GMT from texts such as 2000-01-01T00:00GMT+01:00 (Spark: cleanLegacyTimestampStr).
func (f *Formats) withoutGMT(b []byte) ([]byte, bool) {
	i := bytes.Index(b, []byte("GMT"))
	if i < 0 || f.Exact {
		return nil, false
	}
	return append(append([]byte(nil), b[:i]...), b[i+3:]...), true
}

// ParseTimeOrInterval converts text to a date, time or interval type. It returns false for other types too.
func (f *Formats) ParseTimeOrInterval(v *vector.Vector, row int, b []byte) (ok bool) {
	t := v.Type
	var err error
	switch t.Kind {
	case types.KindDate:
		v.I32[row], ok = f.ParseDate(b)
	case types.KindTimestamp:
		v.I64[row], ok = f.ParseTimestamp(b)
	case types.KindTimestampNTZ:
		v.I64[row], ok = f.ParseTimestampNTZ(b)
	case types.KindTime:
		v.I64[row], ok = f.ParseTime(b)
		v.I64[row] -= v.I64[row] % timeUnit(t.Precision)
	case types.KindYearMonth:
		v.I32[row], err = datetime.ParseYearMonth(string(b), t.Start, t.End)
		ok = err == nil
	case types.KindDayTime:
		v.I64[row], err = datetime.ParseDayTime(string(b), t.Start, t.End)
		ok = err == nil
	case types.KindInterval:
		c := &v.Cal[row]
		c.Months, c.Days, c.Micros, err = datetime.ParseCalendar(string(b))
		ok = err == nil
	}
	return ok
}

// timeUnit returns the nanoseconds per unit of the last digit of time(precision).
func timeUnit(precision int) int64 {
	unit := int64(1)
	for ; precision < 9; precision++ {
		unit *= 10
	}
	return unit
}

// SetInteger stores n in a vector of an integral type. It returns false if n does not fit.
func SetInteger(v *vector.Vector, row int, n int64) bool {
	switch v.Type.Kind {
	case types.KindByte:
		v.I8[row] = int8(n)
		return n == int64(int8(n))
	case types.KindShort:
		v.I16[row] = int16(n)
		return n == int64(int16(n))
	case types.KindInt:
		v.I32[row] = int32(n)
		return n == int64(int32(n))
	}
	v.I64[row] = n
	return true
}

// A DecimalParser parses decimals as written in a reader's locale.
type DecimalParser struct {
	point, group string // empty for en-US, where the text without commas is parsed as by Java's BigDecimal
	scratch      []byte
}

// NewDecimalParser returns a parser for a language tag; "" is en-US.
func NewDecimalParser(locale string) *DecimalParser {
	point, group := separators(locale)
	if locale == "" || strings.EqualFold(locale, "en-US") {
		point = ""
	}
	return &DecimalParser{point: point, group: group}
}

// separators returns the decimal and grouping separators of a locale (from CLDR, as in Java 17).
func separators(locale string) (point, group string) {
	language, region, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
	switch language + "-" + region {
	case "de-ch", "de-li", "it-ch":
		return ".", "’"
	case "de-at", "pt-pt", "en-za", "es-cr":
		return ",", "\u00a0"
	case "es-mx", "es-us", "es-gt", "es-hn", "es-ni", "es-pa", "es-pe", "es-pr", "es-sv", "es-do", "es-cu":
		return ".", ","
	}
	switch language {
	case "de", "es", "it", "nl", "pt", "id", "in", "tr", "da", "el", "hr", "ro", "sl", "sr", "vi", "bs", "is", "mk", "gl", "ca", "eu", "az", "ka":
		return ",", "."
	case "fr":
		return ",", "\u202f"
	case "ru", "uk", "be", "bg", "cs", "sk", "pl", "sv", "nb", "nn", "no", "fi", "hu", "lt", "lv", "et", "kk", "hy", "uz", "sq":
		return ",", "\u00a0"
	}
	return ".", ","
}

// Parse parses b as decimal(precision, scale).
func (p *DecimalParser) Parse(b []byte, precision, scale int) (decimal.Int128, bool) {
	plain, ok := p.Plain(b)
	if !ok {
		return decimal.Int128{}, false
	}
	v, ok, _ := decimal.ParseAs(plain, precision, scale)
	return v, ok
}

// Plain rewrites a number of the locale so that Java's BigDecimal parses it, or rejects it. The result is valid until the next call.
func (p *DecimalParser) Plain(b []byte) ([]byte, bool) {
	if p.point != "" {
		return p.plain(b)
	}
	if bytes.IndexByte(b, ',') < 0 {
		return b, true
	}
	p.scratch = p.scratch[:0]
	for _, c := range b {
		if c != ',' {
			p.scratch = append(p.scratch, c)
		}
	}
	return p.scratch, true
}

// plain rewrites a number of the locale with a point and without grouping. It rejects what Java's DecimalFormat does not
// parse.
func (p *DecimalParser) plain(b []byte) ([]byte, bool) {
	out := p.scratch[:0]
	s := b
	if len(s) > 0 && s[0] == '-' {
		out, s = append(out, '-'), s[1:]
	}
	digits, fraction := 0, false
	for len(s) > 0 {
		switch {
		case s[0] >= '0' && s[0] <= '9':
			out, s = append(out, s[0]), s[1:]
			digits++
		case !fraction && bytes.HasPrefix(s, []byte(p.point)):
			out, s, fraction = append(out, '.'), s[len(p.point):], true
		case !fraction && digits > 0 && bytes.HasPrefix(s, []byte(p.group)):
			s = s[len(p.group):]
		case digits > 0 && s[0] == 'E':
			out = append(out, s...)
			s = nil
		default:
			return nil, false
		}
	}
	p.scratch = out
	return out, digits > 0
}

// FloatWords holds the words that a reader accepts for special values of FLOAT and DOUBLE.
type FloatWords struct{ NaN, PositiveInf, NegativeInf string }

// Lookup returns the value of b if it is one of the words.
func (w *FloatWords) Lookup(b []byte) (float64, bool) {
	switch string(b) {
	case w.NaN:
		return valuetext.NaN, true
	case w.NegativeInf:
		return math.Inf(-1), true
	case w.PositiveInf:
		return math.Inf(1), true
	}
	return 0, false
}

// ParseFloatText parses a FLOAT or DOUBLE by Java's rules.
func ParseFloatText(v *vector.Vector, row int, b []byte) (ok bool) {
	if v.Type.Kind == types.KindFloat {
		v.F32[row], ok = valuetext.ParseFloatStrict(b)
		return ok
	}
	v.F64[row], ok = valuetext.ParseDoubleStrict(b)
	return ok
}

// AppendBase64 decodes base64 like Jackson: in padded groups of four, with blanks allowed between groups.
func AppendBase64(dst, b []byte) ([]byte, bool) {
	for {
		for len(b) > 0 && b[0] <= ' ' {
			b = b[1:]
		}
		if len(b) < 4 {
			return dst, len(b) == 0
		}
		var group [3]byte
		n, err := base64.StdEncoding.Decode(group[:], b[:4])
		if err != nil {
			return dst, false
		}
		dst, b = append(dst, group[:n]...), b[4:]
	}
}

// UnsupportedType returns the error for a column that a format cannot store.
func UnsupportedType(format string, f types.Field) error {
	return sparkerr.New("UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "format", format, "columnName", types.Quote(f.Name),
		"columnType", `"`+f.Type.SQL()+`"`)
}

// Special values of FLOAT and DOUBLE.
var (
	NaN         = valuetext.NaN
	PositiveInf = math.Inf(1)
	NegativeInf = math.Inf(-1)
)

// SetFloat stores x in a vector of type FLOAT or DOUBLE. It returns true.
func SetFloat(v *vector.Vector, row int, x float64) bool {
	if v.Type.Kind == types.KindFloat {
		v.F32[row] = float32(x)
	} else {
		v.F64[row] = x
	}
	return true
}

// DateFallback reports whether text that does not have the form of a date may be parsed in legacy forms.
func (f *Formats) DateFallback() bool {
	return f.Date.err == nil && (!f.Date.given || f.Date.fallback)
}
