package codec

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Encoder encodes batches as the bytes of a file or of standard output. It is used by one goroutine.
type Encoder interface {
	// Header appends the beginning of every file, which may be empty.
	Header(dst []byte) []byte
	// AppendBatch appends the selected rows of b, whose columns must be those that the encoder was created for.
	AppendBatch(dst []byte, b *vector.Batch) ([]byte, error)
	// AppendRow appends one row.
	AppendRow(dst []byte, b *vector.Batch, row int) ([]byte, error)
	// Watch sets what the encoder looks at while it appends, and what counts its memory; nil: nothing does. Either can end it with a
	// halt.Panic.
	Watch(stop halt.Stopper, b Buffer)
}

// A TimeWriter writes dates and times in the forms that the options of a writer request.
type TimeWriter struct {
	zone                          *datetime.Zone
	date, timestamp, ntz, timeDay *datetime.Pattern // nil: the default form
}

// NewTimeWriter reads dateFormat, timestampFormat, timestampNTZFormat, timeFormat, timeZone and locale.
func NewTimeWriter(v Values, zone *datetime.Zone) (*TimeWriter, error) {
	w := &TimeWriter{zone: zone}
	if zone == nil {
		w.zone = datetime.UTC
	}
	if id, ok := v.Lookup("timeZone"); ok {
		var err error
		if w.zone, err = datetime.LoadZone(id); err != nil {
			return nil, err
		}
	}
	for name, to := range map[string]**datetime.Pattern{"dateFormat": &w.date, "timestampFormat": &w.timestamp,
		"timestampNTZFormat": &w.ntz, "timeFormat": &w.timeDay} {
		text, ok := v.Lookup(name)
		if !ok {
			continue
		}
		p, err := datetime.CompilePattern(text, v.Text("locale", ""), false)
		if err != nil {
			return nil, sparkerr.OfOption(err, name)
		}
		*to = p
	}
	return w, nil
}

// IsTime reports whether Append can write values of type t.
func IsTime(t *types.Type) bool {
	switch t.Kind {
	case types.KindDate, types.KindTimestamp, types.KindTimestampNTZ, types.KindTime, types.KindYearMonth, types.KindDayTime, types.KindInterval:
		return true
	}
	return false
}

// Append appends the date, time or interval at position i of v.
func (w *TimeWriter) Append(dst []byte, v *vector.Vector, i int) []byte {
	switch v.Type.Kind {
	case types.KindDate:
		if w.date != nil {
			return w.date.FormatDate(dst, v.I32[i])
		}
		return datetime.AppendDate(dst, v.I32[i])
	case types.KindTimestamp:
		if w.timestamp != nil {
			return w.timestamp.Format(dst, v.I64[i], w.zone)
		}
		offset := w.zone.OffsetSeconds(v.I64[i])
		return appendOffset(appendMillis(dst, v.I64[i]+int64(offset)*microsPerSecond), offset)
	case types.KindTimestampNTZ:
		if w.ntz != nil {
			return w.ntz.FormatLocal(dst, v.I64[i])
		}
		return appendMillis(dst, v.I64[i])
	case types.KindTime:
		if w.timeDay != nil {
			return w.timeDay.FormatLocal(dst, v.I64[i]/1000)
		}
		return datetime.AppendTime(dst, v.I64[i], v.Type.Precision)
	}
	return valuetext.AppendValue(dst, v, i, valuetext.Options{Zone: w.zone})
}

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86_400 * microsPerSecond
)

// appendMillis appends yyyy-MM-dd'T'HH:mm:ss.SSS.
func appendMillis(dst []byte, local int64) []byte {
	days := local / microsPerDay
	clock := local % microsPerDay
	if clock < 0 {
		days--
		clock += microsPerDay
	}
	dst = append(datetime.AppendDate(dst, int32(days)), 'T')
	millis := int(clock / 1000)
	seconds := millis / 1000
	dst = append(append2(dst, seconds/3600), ':')
	dst = append(append2(dst, seconds/60%60), ':')
	dst = append(append2(dst, seconds%60), '.')
	return append2(append(dst, '0'+byte(millis/100%10)), millis%100)
}

// appendOffset appends Z, +05:30 or +05:21:10.
func appendOffset(dst []byte, seconds int) []byte {
	if seconds == 0 {
		return append(dst, 'Z')
	}
	sign := byte('+')
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	dst = append(append2(append(dst, sign), seconds/3600), ':')
	dst = append2(dst, seconds/60%60)
	if s := seconds % 60; s != 0 {
		dst = append2(append(dst, ':'), s)
	}
	return dst
}

func append2(dst []byte, n int) []byte { return append(dst, '0'+byte(n/10), '0'+byte(n%10)) }

// AppendDecimal appends a decimal like Java's BigDecimal.toString, the form in Spark's files: 1.50, but 1E-7 if at least six
// zeros follow the point.
func AppendDecimal(dst []byte, d decimal.Int128, scale int) []byte {
	start := len(dst)
	if scale <= 6 {
		return decimal.Append(dst, d, scale)
	}
	dst = decimal.Append(dst, d, 0)
	first := start
	if dst[first] == '-' {
		first++
	}
	digits := len(dst) - first
	exponent := digits - 1 - scale
	if exponent >= -6 {
		return decimal.Append(dst[:start], d, scale)
	}
	if digits > 1 {
		dst = append(dst, 0)
		copy(dst[first+2:], dst[first+1:])
		dst[first+1] = '.'
	}
	return strconv.AppendInt(append(dst, 'E'), int64(exponent), 10)
}
