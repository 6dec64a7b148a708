package javatext

import (
	"bytes"
	"iter"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// An Argument is an argument of a format: what Formatter needs to know of a Java object.
type Argument struct {
	Null     bool
	Class    string  // Java class, for errors
	False    bool    // it is the Boolean false
	Bits     int     // width of an integer: 8, 16, 32 or 64; 0: not an integer
	Integer  int64   // value of an integer
	Floating bool    // it is a Float or Double
	Float    float64 // its value
}

// Arguments are the arguments of one application of a format. They are numbered from 1.
type Arguments interface {
	Count() int
	Argument(k int) Argument
	Text(k int) string // String.valueOf
	Hash(k int) uint32 // hashCode
	Upper(s string) string
	// Reserve is called before argument k, if it is not 0, or n bytes of padding and digits are appended to dst. It may panic if the
	// result would be too long.
	Reserve(dst []byte, k, n int)
}

// Format appends the format with its specifiers replaced by arguments to dst. It formats as java.util.Formatter does for the US
// locale; errors have the message of the exception. The result is incomplete if there is an error.
func Format(dst, format []byte, args Arguments) ([]byte, error) {
	f := formatter{args: args, dst: dst}
	err := f.run(format)
	return f.dst, err
}

// Shown yields the arguments that the specifiers of a format show, each with the conversion in lower case, up to the first invalid
// specifier.
func Shown(format []byte) iter.Seq2[int, byte] {
	return func(yield func(k int, conversion byte) bool) {
		var f formatter
		for {
			at := bytes.IndexByte(format, '%')
			if at < 0 {
				return
			}
			s, size, ok := readSpecifier(format[at:])
			if !ok {
				return
			}
			format = format[at+size:]
			if s.conversion != '%' && s.conversion != 'n' && !yield(f.argument(s), s.conversion|0x20) {
				return
			}
		}
	}
}

// A formatter applies one format.
type formatter struct {
	args Arguments
	dst  []byte
	next int // argument for the next specifier without an index
	last int // argument of the previous specifier, for %<s
}

// A specifier is %[index$][flags][width][.precision]conversion.
type specifier struct {
	text             string
	index            int // 0: the next argument, -1: the last one
	flags            string
	width, precision int // -1: none
	conversion       byte
}

func (f *formatter) run(format []byte) error {
	for len(format) > 0 {
		at := bytes.IndexByte(format, '%')
		if at < 0 {
			at = len(format)
		}
		f.dst = append(f.dst, format[:at]...)
		if format = format[at:]; len(format) == 0 {
			break
		}
		s, size, ok := readSpecifier(format)
		if !ok {
			return unknownConversion(format)
		}
		if err := f.specifier(s); err != nil {
			return err
		}
		format = format[size:]
	}
	return nil
}

func unknownConversion(format []byte) error {
	for _, c := range format[1:] {
		if !strings.ContainsRune("-#+ 0,(<.$", rune(c)) && (c < '0' || c > '9') {
			return sparkerr.Plain("Conversion = '%c'", c)
		}
	}
	return sparkerr.Plain("Conversion = '%%'")
}

func readSpecifier(s []byte) (spec specifier, size int, ok bool) {
	spec = specifier{width: -1, precision: -1}
	i := 1
	number := func() (n int, found bool) {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(string(s[start:i]))
		return n, err == nil
	}
	if n, found := number(); found && i < len(s) && s[i] == '$' {
		spec.index = n
		i++
	} else {
		i = 1
	}
	start := i
	for i < len(s) && strings.IndexByte("-#+ 0,(<", s[i]) >= 0 {
		if s[i] == '<' {
			spec.index = -1
		}
		i++
	}
	spec.flags = string(s[start:i])
	if n, found := number(); found {
		spec.width = n
	}
	if i < len(s) && s[i] == '.' {
		i++
		n, found := number()
		if !found {
			return spec, 0, false
		}
		spec.precision = n
	}
	if i == len(s) || strings.IndexByte("bBhHsScCdoxXeEfgGaA%n", s[i]) < 0 {
		return spec, 0, false
	}
	spec.conversion, spec.text = s[i], string(s[:i+1])
	return spec, i + 1, true
}

func (s specifier) has(flag byte) bool { return strings.IndexByte(s.flags, flag) >= 0 }

func (f *formatter) specifier(s specifier) error {
	switch {
	case (s.has('-') || s.has('0')) && s.width < 0:
		return sparkerr.Plain("%s", s.text)
	case s.conversion == '%':
		f.pad(s, "%")
		return nil
	case s.conversion == 'n':
		f.dst = append(f.dst, '\n')
		return nil
	}
	f.args.Reserve(f.dst, 0, max(s.width, s.precision))
	k := f.argument(s)
	if k < 1 || k > f.args.Count() {
		return sparkerr.Plain("Format specifier '%s'", s.text)
	}
	f.args.Reserve(f.dst, k, 0)
	text, err := f.convert(s, k)
	if err != nil {
		return err
	}
	if unicode.IsUpper(rune(s.conversion)) {
		text = f.args.Upper(text)
	}
	f.pad(s, text)
	return nil
}

// argument returns the number of the argument that a specifier shows.
func (f *formatter) argument(s specifier) int {
	switch s.index {
	case 0:
		f.next++
		f.last = f.next
	case -1:
	default:
		f.last = s.index
	}
	return f.last
}

// pad appends text padded to the width; zeros have been added before.
func (f *formatter) pad(s specifier, text string) {
	fill := 0
	if s.width > 0 {
		fill = s.width - javaLength(text)
	}
	if s.has('-') {
		f.dst = append(f.dst, text...)
	}
	for ; fill > 0; fill-- {
		f.dst = append(f.dst, ' ')
	}
	if !s.has('-') {
		f.dst = append(f.dst, text...)
	}
}

func (f *formatter) convert(s specifier, k int) (string, error) {
	a := f.args.Argument(k)
	conversion := s.conversion | 0x20
	switch {
	case conversion == 'b':
		return cut(strconv.FormatBool(!a.Null && !a.False), s.precision), nil
	case a.Null:
		return cut("null", s.precision), nil
	case conversion == 's':
		return cut(f.args.Text(k), s.precision), nil
	case conversion == 'h':
		return cut(strconv.FormatUint(uint64(f.args.Hash(k)), 16), s.precision), nil
	case conversion == 'c' && a.Bits > 0 && a.Bits <= 32:
		return string(rune(a.Integer)), nil
	case conversion == 'd' && a.Bits > 0:
		if s.precision >= 0 {
			return "", sparkerr.Plain("%d", s.precision)
		}
		return s.number(a.Integer < 0, strconv.FormatUint(magnitudeOf(a.Integer), 10)), nil
	case (conversion == 'o' || conversion == 'x') && a.Bits > 0:
		return s.unsigned(uint64(a.Integer)&(1<<(a.Bits-1)<<1-1), conversion), nil
	case strings.IndexByte("efga", conversion) >= 0 && a.Floating:
		return s.float(a.Float, conversion), nil
	}
	return "", sparkerr.Plain("%c != %s", s.conversion, a.Class)
}

// cut truncates s to n UTF-16 units.
func cut(s string, n int) string {
	if n < 0 {
		return s
	}
	for i, c := range s {
		if n -= max(utf16.RuneLen(c), 1); n < 0 {
			return s[:i]
		}
	}
	return s
}

// javaLength returns the length in UTF-16 units, as Java counts it.
func javaLength(s string) (n int) {
	for _, c := range s {
		n += max(utf16.RuneLen(c), 1)
	}
	return n
}

func magnitudeOf(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// number adds sign, grouping and leading zeros to the digits of a number.
func (s specifier) number(negative bool, digits string) string {
	whole, fraction, point := strings.Cut(digits, ".")
	exponent := ""
	if at := strings.IndexByte(whole, 'e'); at >= 0 {
		whole, exponent = whole[:at], whole[at:]
	}
	if s.has(',') {
		whole = string(group(nil, whole, 3))
	}
	digits = whole + exponent
	if point {
		digits += "." + fraction
	}
	before, after := "", ""
	switch {
	case negative && s.has('('):
		before, after = "(", ")"
	case negative:
		before = "-"
	case s.has('+'):
		before = "+"
	case s.has(' '):
		before = " "
	}
	if missing := s.width - len(before+digits+after); s.has('0') && missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	return before + digits + after
}

// group appends the digits with a comma between groups of the given size.
func group(dst []byte, digits string, size int) []byte {
	for i, c := range []byte(digits) {
		if i > 0 && size > 0 && (len(digits)-i)%size == 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, c)
	}
	return dst
}

func (s specifier) unsigned(v uint64, conversion byte) string {
	digits, prefix := strconv.FormatUint(v, 16), "0x"
	if conversion == 'o' {
		digits, prefix = strconv.FormatUint(v, 8), "0"
	}
	if !s.has('#') {
		prefix = ""
	}
	if missing := s.width - len(prefix+digits); s.has('0') && missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	return prefix + digits
}
