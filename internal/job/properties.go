package job

import (
	"maps"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A property is a setting of a Java properties file.
type property struct {
	name, value string
	line        int // where it begins, from 0
	malformed   bool
}

// propertyBlanks separate names from values, and are ignored at the beginning of a line.
const propertyBlanks = " \t\f"

// properties applies the settings of a properties file that nothing else has set. As in Java, the last one of a name counts.
func (b *builder) properties(file string, data []byte) {
	lines := propertyLines(data)
	given := maps.Clone(b.job.Conf)
	for _, p := range parseProperties(lines) {
		place := &sparkerr.Place{File: file, Line: p.line + 1, Col: 1, LineText: lines[p.line]}
		switch _, set := given[p.name]; {
		case p.malformed:
			b.errs.addf(place, `after \u must come four hexadecimal digits; a backslash itself is written \\`)
		case !strings.HasPrefix(p.name, "spark."):
			b.errs.addf(place, "%q is not a Spark setting: its name does not begin with spark.", p.name)
		case !set:
			b.job.SetConf(p.name, p.value, place)
		}
	}
}

// propertyLines splits a file at \n, \r and \r\n.
func propertyLines(data []byte) []string {
	text := strings.ToValidUTF8(string(data), "\uFFFD")
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
}

// parseProperties reads the lines of a properties file as spark-submit does: as java.util.Properties.load does, in UTF-8, with the blanks around
// values cut off. (Spark: Utils.getPropertiesFromFile.)
//
// The library github.com/magiconair/properties does not tell in which line a setting is, so that errors could not show it, and links net/http
// and flag for files on servers.
func parseProperties(lines []string) []property {
	var list []property
	for i := 0; i < len(lines); i++ {
		begin, text := i, strings.TrimLeft(lines[i], propertyBlanks)
		if text != "" && (text[0] == '#' || text[0] == '!') {
			continue
		}
		for continues(text) {
			text = text[:len(text)-1]
			if i++; i < len(lines) {
				text += strings.TrimLeft(lines[i], propertyBlanks)
			}
		}
		if text != "" {
			list = append(list, parseProperty(text, begin))
		}
	}
	return list
}

// continues reports whether a line ends with a backslash that no other one escapes.
func continues(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

// parseProperty splits a line at the first =, : or blank that is not escaped.
func parseProperty(text string, line int) property {
	end := 0
	for end < len(text) && !strings.ContainsRune("=:"+propertyBlanks, rune(text[end])) {
		if text[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(text))
	value := strings.TrimLeft(text[end:], propertyBlanks)
	if value != "" && (value[0] == '=' || value[0] == ':') {
		value = value[1:]
	}
	name, nameOK := unescapeProperty(text[:end])
	value, valueOK := unescapeProperty(strings.TrimLeft(value, propertyBlanks))
	value = strings.TrimFunc(value, func(r rune) bool { return r <= ' ' && r != '\r' && r != '\n' })
	return property{name: name, value: value, line: line, malformed: !nameOK || !valueOK}
}

// unescapeProperty replaces escapes; ok is false if \u comes without four hexadecimal digits.
func unescapeProperty(text string) (out string, ok bool) {
	var units []uint16 // two escapes may make one character
	for {
		before, after, found := strings.Cut(text, `\`)
		units = append(units, utf16.Encode([]rune(before))...)
		if after == "" || !found {
			return string(utf16.Decode(units)), true
		}
		if after[0] == 'u' {
			unit, err := strconv.ParseUint(after[1:min(5, len(after))], 16, 16)
			if err != nil || len(after) < 5 {
				return "", false
			}
			units, text = append(units, uint16(unit)), after[5:]
			continue
		}
		r, size := utf8.DecodeRuneInString(after)
		units, text = append(units, utf16.Encode([]rune{unescaped(r)})...), after[size:]
	}
}

// unescaped returns what a backslash and r mean.
func unescaped(r rune) rune {
	if i := strings.IndexRune("tnrf", r); i >= 0 {
		return rune("\t\n\r\f"[i])
	}
	return r
}
