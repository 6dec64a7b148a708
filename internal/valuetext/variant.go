package valuetext

import (
	"encoding/base64"
	"strconv"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/variant"
)

// AppendVariant appends a variant as JSON, with timestamps in zone. (Spark: Variant.toJson.)
func AppendVariant(dst []byte, v variant.Value, zone *datetime.Zone) []byte {
	switch v.Kind() {
	case variant.Object:
		return append(appendMembers(append(dst, '{'), v, zone), '}')
	case variant.Array:
		return append(appendMembers(append(dst, '['), v, zone), ']')
	case variant.Null:
		return append(dst, "null"...)
	case variant.Boolean:
		return strconv.AppendBool(dst, v.Bool())
	case variant.Long:
		return AppendInt(dst, v.Int())
	case variant.Double:
		return AppendJSONNumber(dst, v.Double(), AppendDouble(nil, v.Double()))
	case variant.Float:
		return AppendJSONNumber(dst, float64(v.Float()), AppendFloat(nil, v.Float()))
	case variant.Decimal:
		return AppendVariantDecimal(dst, v)
	case variant.String:
		return AppendJSONText(dst, v.Text(), false)
	}
	dst = append(dst, '"')
	switch v.Kind() {
	case variant.Binary:
		dst = base64.StdEncoding.AppendEncode(dst, v.Text())
	case variant.Date:
		dst = datetime.AppendDate(dst, int32(v.Int()))
	case variant.TimestampNTZ:
		dst = datetime.AppendTimestampNTZ(dst, v.Int())
	default:
		dst = appendWithOffset(dst, v.Int(), zone)
	}
	return append(dst, '"')
}

func appendMembers(dst []byte, v variant.Value, zone *datetime.Zone) []byte {
	v.Members(func(i int, name []byte, member variant.Value) bool {
		if i > 0 {
			dst = append(dst, ',')
		}
		if name != nil {
			dst = append(AppendJSONText(dst, name, false), ':')
		}
		dst = AppendVariant(dst, member, zone)
		return true
	})
	return dst
}

// AppendVariantDecimal appends a decimal without trailing zeros and without an exponent.
func AppendVariantDecimal(dst []byte, v variant.Value) []byte {
	unscaled, scale := v.Decimal()
	dst = decimal.Append(dst, unscaled, max(scale, 0))
	for ; scale < 0; scale++ {
		dst = append(dst, '0')
	}
	return dst
}

// appendWithOffset appends a timestamp followed by its zone's offset from UTC in hours and minutes.
func appendWithOffset(dst []byte, micros int64, zone *datetime.Zone) []byte {
	if zone == nil {
		zone = datetime.UTC
	}
	dst = datetime.AppendTimestamp(dst, micros, zone)
	minutes := zone.OffsetSeconds(micros) / 60
	sign := byte('+')
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	h, m := minutes/60, minutes%60
	return append(dst, sign, '0'+byte(h/10), '0'+byte(h%10), ':', '0'+byte(m/10), '0'+byte(m%10))
}
