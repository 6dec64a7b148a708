package datetime

import (
	"bytes"
	"math"
)

// A parsing holds the fields parsed so far. Positions are byte offsets; methods return the position after what they parsed
// or, as in Java, the complement of the position of the failure.
type parsing struct {
	text   []byte
	values [fieldCount]int64
	known  uint32 // bits of values that are set
	zone   *Zone
}

// read fills s from the complete text.
func (p *Pattern) read(s *parsing, b []byte) error {
	s.text = b
	pos := s.all(p.elements, 0)
	if pos < 0 {
		index := utf16Length(b[:^pos])
		return &ParseError{Text: string(b), Index: index, Reason: " at index " + quoteInt(int64(index))}
	}
	if pos < len(b) {
		index := utf16Length(b[:pos])
		return &ParseError{Text: string(b), Index: index, Reason: ", unparsed text found at index " + quoteInt(int64(index))}
	}
	return nil
}

func utf16Length(b []byte) int {
	n := 0
	for _, r := range string(b) {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// all parses the elements in sequence.
func (s *parsing) all(elements []element, pos int) int {
	return s.section(elements, 0, len(elements), pos)
}

func (s *parsing) section(elements []element, from, to, pos int) int {
	for i := from; i < to; i++ {
		e := &elements[i]
		if e.op == opOptional {
			before := *s
			if end := s.section(elements, i+1, e.end, pos); end >= 0 {
				pos = end
			} else {
				*s = before
			}
			i = e.end - 1
			continue
		}
		if pos = s.element(e, pos); pos < 0 {
			return pos
		}
	}
	return pos
}

func (s *parsing) element(e *element, pos int) int {
	switch e.op {
	case opLiteral:
		if !s.hasFold(pos, e.text) {
			return ^pos
		}
		return pos + len(e.text)
	case opNumber, opReduced:
		return s.number(e, pos)
	case opFraction:
		return s.fraction(e, pos)
	case opText:
		return s.name(e, pos)
	case opOffset:
		return s.offset(e, pos)
	case opLocalizedOffset:
		return s.localizedOffset(e, pos)
	}
	return s.zoneID(e, pos)
}

// hasFold reports whether text occurs at pos, ignoring case.
func (s *parsing) hasFold(pos int, text string) bool {
	return len(s.text)-pos >= len(text) && bytes.EqualFold(s.text[pos:pos+len(text)], []byte(text))
}

// set stores a value. A second, different value fails at errorPos.
func (s *parsing) set(f field, v int64, errorPos, pos int) int {
	if s.has(f) && s.values[f] != v {
		return ^errorPos
	}
	s.values[f] = v
	s.known |= 1 << f
	return pos
}

func (s *parsing) has(f field) bool { return s.known&(1<<f) != 0 }

func (s *parsing) number(e *element, pos int) int {
	if pos == len(s.text) {
		return ^pos
	}
	negative, positive := false, false
	switch s.text[pos] {
	case '+':
		if e.sign != signExceedsPad {
			return ^pos
		}
		positive = true
		pos++
	case '-':
		if e.sign == signNever {
			return ^pos
		}
		negative = true
		pos++
	}
	n := s.width(e, pos)
	if n < e.min {
		return ^pos
	}
	v, ok := decimalValue(s.text[pos : pos+n])
	if !ok {
		return ^pos
	}
	switch {
	case negative:
		if v == 0 {
			return ^(pos - 1)
		}
		v = -v
	case e.sign == signExceedsPad && positive && n <= e.min:
		return ^(pos - 1)
	case e.sign == signExceedsPad && !positive && n > e.min:
		return ^pos
	}
	if e.op == opReduced {
		v += 2000
	}
	return s.set(e.field, v, pos, pos+n)
}

// width counts the digits of a number, without those that adjacent numbers after it need.
func (s *parsing) width(e *element, pos int) int {
	limit := e.max + max(e.following, 0)
	n := digits(s.text[pos:min(len(s.text), pos+limit)])
	if e.following > 0 {
		n = min(n, max(e.min, n-e.following))
	}
	return n
}

// decimalValue fails only for values that do not fit any field.
func decimalValue(b []byte) (v int64, ok bool) {
	for _, c := range b {
		if v > (math.MaxInt64-9)/10 {
			return 0, false
		}
		v = v*10 + int64(c-'0')
	}
	return v, true
}

func (s *parsing) fraction(e *element, pos int) int {
	n := digits(s.text[pos:min(len(s.text), pos+e.max)])
	if n < e.min {
		return ^pos
	}
	nanos, _ := decimalValue(s.text[pos : pos+n])
	for range 9 - n {
		nanos *= 10
	}
	return s.set(fieldNano, nanos, pos, pos+n)
}

func (s *parsing) name(e *element, pos int) int {
	for i, name := range e.names {
		if s.hasFold(pos, name) {
			return s.set(e.field, int64(i+e.base), pos, pos+len(name))
		}
	}
	return ^pos
}

// offset parses X, x and Z.
func (s *parsing) offset(e *element, pos int) int {
	if pos == len(s.text) {
		return ^pos
	}
	if s.hasFold(pos, e.text) {
		return s.set(fieldOffset, 0, pos, pos+len(e.text))
	}
	shape := offsetShapes[e.count-1]
	seconds, end := readOffset(s.text, pos, shape.separator, shape.minutes, shape.seconds)
	if end < 0 {
		return ^pos
	}
	return s.set(fieldOffset, int64(seconds), pos, end)
}

// readOffset parses ±HH, then minutes, optional unless mustMinutes is set, then seconds if allowed.
func readOffset(b []byte, pos int, separator byte, mustMinutes, seconds bool) (total, end int) {
	if pos >= len(b) || !isSign(b[pos]) {
		return 0, -1
	}
	hour, end, ok := offsetPart(b, pos+1, 0)
	if !ok {
		return 0, -1
	}
	total = hour * 3600
	if minute, next, ok := offsetPart(b, end, separator); ok {
		total, end = total+minute*60, next
		if second, next, ok := offsetPart(b, end, separator); ok && seconds {
			total, end = total+second, next
		}
	} else if mustMinutes {
		return 0, -1
	}
	if total > maxOffsetSeconds {
		return 0, -1
	}
	if b[pos] == '-' {
		total = -total
	}
	return total, end
}

// offsetPart parses two digits below 60 after the separator.
func offsetPart(b []byte, pos int, separator byte) (v, end int, ok bool) {
	if separator != 0 {
		if pos >= len(b) || b[pos] != separator {
			return 0, pos, false
		}
		pos++
	}
	if pos+2 > len(b) {
		return 0, pos, false
	}
	v = two(b[pos:])
	return v, pos + 2, v >= 0 && v <= 59
}

// localizedOffset parses GMT, GMT+8, GMT+08:00.
func (s *parsing) localizedOffset(e *element, pos int) int {
	if !s.hasFold(pos, "GMT") {
		return ^pos
	}
	at := pos + 3
	if at == len(s.text) || !isSign(s.text[at]) {
		return s.set(fieldOffset, 0, pos, at)
	}
	full := e.count == 4
	hour, n := number(s.text[at+1 : min(len(s.text), at+3)])
	if n == 0 || full && n < 2 {
		return ^pos
	}
	end, seconds := at+1+n, hour*3600
	for _, unit := range [2]int{60, 1} {
		if end+3 > len(s.text) || s.text[end] != ':' || two(s.text[end+1:]) < 0 {
			if full && unit == 60 {
				return ^pos
			}
			break
		}
		seconds += unit * two(s.text[end+1:]) // may exceed 59: Java does not check
		end += 3
	}
	if s.text[at] == '-' {
		seconds = -seconds
	}
	return s.set(fieldOffset, int64(seconds), pos, end)
}

// zoneID parses VV and z: offsets; UTC, GMT and UT with or without an offset; region ids and, for z, names.
func (s *parsing) zoneID(e *element, pos int) int {
	if pos == len(s.text) {
		return ^pos
	}
	if isSign(s.text[pos]) {
		seconds, end := readOffset(s.text, pos, ':', true, true)
		if end < 0 {
			return ^pos
		}
		return s.setZone(offsetID(seconds), pos, end)
	}
	for _, prefix := range [3]string{"UTC", "GMT", "UT"} {
		if !s.hasFold(pos, prefix) {
			continue
		}
		at := pos + len(prefix)
		if seconds, end := readOffset(s.text, at, ':', true, true); end >= 0 {
			return s.setZone(prefix+offsetSuffix(seconds), pos, end)
		}
		if prefix == "GMT" && at < len(s.text) && s.text[at] == '0' {
			at++
		}
		return s.setZone(prefix, pos, at)
	}
	text := string(s.text[pos:min(len(s.text), pos+64)])
	id, n := prefixRegion(text)
	if e.op == opZoneName {
		if named, m := prefixZoneName(text, e.count == 4); m >= n {
			id, n = named, m
		}
	}
	if n > 0 {
		return s.setZone(id, pos, pos+n)
	}
	if s.text[pos]|0x20 == 'z' {
		return s.setZone("Z", pos, pos+1)
	}
	return ^pos
}

func offsetSuffix(seconds int) string {
	if seconds == 0 {
		return ""
	}
	return offsetID(seconds)
}

func (s *parsing) setZone(id string, pos, end int) int {
	z, ok := lookupZone(id)
	if !ok {
		return ^pos
	}
	s.zone = z
	return end
}
