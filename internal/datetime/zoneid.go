package datetime

import "strings"

// shortIDs holds the three-letter names of java.time.ZoneId.SHORT_IDS.
var shortIDs = map[string]string{
	"ACT": "Australia/Darwin", "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires", "ART": "Africa/Cairo",
	"AST": "America/Anchorage", "BET": "America/Sao_Paulo", "BST": "Asia/Dhaka", "CAT": "Africa/Harare",
	"CNT": "America/St_Johns", "CST": "America/Chicago", "CTT": "Asia/Shanghai", "EAT": "Africa/Addis_Ababa",
	"ECT": "Europe/Paris", "EST": "-05:00", "HST": "-10:00", "IET": "America/Indiana/Indianapolis", "IST": "Asia/Kolkata",
	"JST": "Asia/Tokyo", "MIT": "Pacific/Apia", "MST": "-07:00", "NET": "Asia/Yerevan", "NST": "Pacific/Auckland",
	"PLT": "Asia/Karachi", "PNT": "America/Phoenix", "PRT": "America/Puerto_Rico", "PST": "America/Los_Angeles",
	"SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh",
}

// newZone parses an id by the rules of java.time.ZoneId.of, after Spark's padding of one-digit hours and minutes. It returns
// nil if the id is invalid.
func newZone(id string) *Zone {
	id = padOffset(id)
	if full, ok := shortIDs[id]; ok {
		id = full
	}
	switch {
	case id == "Z" || len(id) > 1 && (id[0] == '+' || id[0] == '-'):
		return offsetZone("", id)
	case id == "UTC" || id == "GMT" || id == "UT":
		return fixedZone(id, 0)
	case hasOffsetPrefix(id, "UTC"), hasOffsetPrefix(id, "GMT"):
		return offsetZone(id[:3], id[3:])
	case hasOffsetPrefix(id, "UT"):
		return offsetZone(id[:2], id[2:])
	}
	return regionZone(id)
}

func hasOffsetPrefix(id, prefix string) bool {
	return strings.HasPrefix(id, prefix) && len(id) > len(prefix) && (id[len(prefix)] == '+' || id[len(prefix)] == '-')
}

func offsetZone(prefix, text string) *Zone {
	seconds, ok := parseOffset(text)
	if !ok {
		return nil
	}
	if seconds == 0 && prefix != "" {
		return fixedZone(prefix, 0)
	}
	return fixedZone(prefix+offsetID(seconds), seconds)
}

// padOffset pads the first +2:30 to +02:30, and a final +02:3 to +02:03; Spark accepts both.
func padOffset(id string) string {
	for i := 0; i+2 < len(id); i++ {
		if isSign(id[i]) && isDigit(id[i+1]) && id[i+2] == ':' {
			id = id[:i+1] + "0" + id[i+1:]
			break
		}
	}
	if n := len(id); n >= 5 && isSign(id[n-5]) && isDigit(id[n-4]) && isDigit(id[n-3]) && id[n-2] == ':' && isDigit(id[n-1]) {
		id = id[:n-1] + "0" + id[n-1:]
	}
	return id
}

// parseOffset parses Z, ±h, ±hh, ±hh:mm, ±hhmm, ±hh:mm:ss and ±hhmmss, up to 18 hours.
func parseOffset(s string) (seconds int, ok bool) {
	if s == "Z" {
		return 0, true
	}
	if len(s) < 2 || !isSign(s[0]) {
		return 0, false
	}
	digits := s[1:]
	switch len(digits) {
	case 1:
		digits = "0" + digits
	case 5:
		if digits[2] != ':' {
			return 0, false
		}
		digits = digits[:2] + digits[3:]
	case 8:
		if digits[2] != ':' || digits[5] != ':' {
			return 0, false
		}
		digits = digits[:2] + digits[3:5] + digits[6:]
	}
	if n := len(digits); n != 2 && n != 4 && n != 6 {
		return 0, false
	}
	var parts [3]int
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return 0, false
		}
		parts[i/2] = parts[i/2]*10 + int(digits[i]-'0')
	}
	seconds = parts[0]*3600 + parts[1]*60 + parts[2]
	if parts[1] > 59 || parts[2] > 59 || seconds > maxOffsetSeconds {
		return 0, false
	}
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// offsetID is Java's name of an offset: Z, +02:00, -08:30:15.
func offsetID(seconds int) string {
	if seconds == 0 {
		return "Z"
	}
	return string(appendOffset(nil, seconds, ':', true, seconds%60 != 0))
}

// appendOffset appends ±hh, then mm and ss if requested, separated by sep (0 for none).
func appendOffset(dst []byte, seconds int, sep byte, minutes, secs bool) []byte {
	sign := byte('+')
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	dst = append2(append(dst, sign), seconds/3600)
	if minutes {
		if sep != 0 {
			dst = append(dst, sep)
		}
		dst = append2(dst, seconds/60%60)
	}
	if secs {
		if sep != 0 {
			dst = append(dst, sep)
		}
		dst = append2(dst, seconds%60)
	}
	return dst
}

// plausibleRegion rejects names that exist as zone files but that Java does not know.
func plausibleRegion(id string) bool {
	if len(id) < 2 || !isLetter(id[0]) {
		return false
	}
	for i := range len(id) {
		if c := id[i]; !isLetter(c) && !isDigit(c) && strings.IndexByte("~/._+-", c) < 0 {
			return false
		}
	}
	switch id {
	case "Local", "Factory", "localtime", "posixrules", "ROC":
		return false
	}
	return !strings.HasPrefix(id, "posix/") && !strings.HasPrefix(id, "right/")
}

func isSign(c byte) bool   { return c == '+' || c == '-' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
