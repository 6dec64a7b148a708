package json

import (
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/vector"
	"github.com/streamctl/streamctl/test/codectest"
)

// The fuzzer selects one entry of each.
var (
	fuzzOptions = []map[string]string{
		nil,
		{"allowComments": "true", "allowUnquotedFieldNames": "true", "allowNumericLeadingZeros": "true", "allowBackslashEscapingAnyCharacter": "true", "allowUnquotedControlChars": "true"},
		{"allowSingleQuotes": "false", "allowNonNumericNumbers": "false", "columnNameOfCorruptRecord": "s"},
		{"lineSep": "ab"},
		{"lineSep": "}}"}, // a file with it cannot be split
		{"encoding": "ISO-8859-1", "lineSep": "\n"},
		{"encoding": "UTF-16LE", "lineSep": "\n"},
		{"multiLine": "true"},
	}
	fuzzSchemas = []string{
		"a INT, s STRING, d DOUBLE, _corrupt_record STRING",
		"d DOUBLE, a INT, s STRING",
		"x ARRAY<STRUCT<a: INT, s: STRING>>, m MAP<STRING, DECIMAL(5,2)>, a INT, y STRUCT<s: BINARY, t: TIMESTAMP>, _corrupt_record STRING",
	}
)

// fuzzed returns the format selected by the fuzzer's numbers.
func fuzzed(t testing.TB, options uint8, how uint8, slow bool) codectest.Format {
	schema := fuzzSchemas[how%4%3]
	return func(in codec.Input, mode string, report func(*codec.Malformed)) (vector.Reader, error) {
		given := maps.Clone(fuzzOptions[int(options)%len(fuzzOptions)])
		if mode != "" {
			if given == nil {
				given = map[string]string{}
			}
			given["mode"] = mode
		}
		o, err := ParseOptions(given)
		if err != nil {
			t.Fatal(err)
		}
		o.slow = slow
		scan := scanOf(t, schema)
		scan.OnMalformed = report
		if how&8 != 0 { // only the columns that a filter needs
			scan.Fields = nil
			for _, f := range scan.Schema.Fields {
				if f.Name == "a" || how&16 != 0 && f.Name == "_corrupt_record" {
					scan.Fields = append(scan.Fields, f)
				}
			}
		}
		if how&32 != 0 {
			for i, f := range scan.Fields {
				if f.Name == "a" {
					scan.Filters = append(scan.Filters, even{i})
				}
			}
		}
		if how&64 != 0 {
			scan.MaxLineBytes = 20
		}
		if how&128 != 0 && how&(8|32) == 0 { // rows are only counted
			scan.Fields = nil
		}
		return NewReader(in, o, scan)
	}
}

// addSeeds adds the cases recorded on Spark, and past failures.
func addSeeds(f *testing.F, add func(data []byte, options, how uint8)) {
	for i, c := range recordedCases(f)[:60] {
		add(c.data(), 0, uint8(i))
		add(c.data(), uint8(i), uint8(i*37))
	}
	for how := range uint8(255) {
		add([]byte("{\"a\":1,\"s\":\"x\"}\n{\"a\":2,\"s\":\"y\"}\n{\"s\":\"z\",\"a\":4}\n\n{\"a\":\"x\"}\n[{\"a\":2},{\"a\":{}}]\n[{}]\n{\"a\":3,\"s\":"), how>>4, how)
	}
}

// checkFastPath compares the fast paths with the scanner.
func checkFastPath(t *testing.T, data []byte, options, how uint8) {
	in := codectest.File(data, 0, -1, 0)
	fast, slow := fuzzed(t, options, how, false).Read(t, in, ""), fuzzed(t, options, how, true).Read(t, in, "")
	if fast.String() != slow.String() {
		t.Errorf("%q: %s\nslow: %s", data, fast, slow)
	}
}

func checkModes(t *testing.T, data []byte, options, how uint8) {
	if how&(8|32) == 0 {
		how &^= 128 // in mode PERMISSIVE Spark does not parse records that are only counted
	}
	fuzzed(t, options, how, false).Modes(t, data)
}

func checkCuts(t *testing.T, data []byte, options, how, chunk uint8, first, second uint16) {
	var cuts []int64
	if given := fuzzOptions[int(options)%len(fuzzOptions)]; given["multiLine"] == "" && given["lineSep"] != "}}" && !strings.HasPrefix(given["encoding"], "UTF-16") {
		cuts = []int64{int64(first) % int64(len(data)+1), int64(second) % int64(len(data)+1)}
	}
	fuzzed(t, options, how, false).Cuts(t, data, 8+int(chunk), cuts...)
}

func FuzzFastPath(f *testing.F) {
	addSeeds(f, func(data []byte, options, how uint8) { f.Add(data, options, how) })
	f.Fuzz(checkFastPath)
}

func FuzzModes(f *testing.F) {
	addSeeds(f, func(data []byte, options, how uint8) { f.Add(data, options, how) })
	f.Fuzz(checkModes)
}

func FuzzCuts(f *testing.F) {
	addSeeds(f, func(data []byte, options, how uint8) { f.Add(data, options, how, how, uint16(options), uint16(how)) })
	f.Fuzz(checkCuts)
}

func FuzzRestart(f *testing.F) {
	addSeeds(f, func(data []byte, options, how uint8) {
		f.Add([]byte("\n[{\"a\":1},{\"b\":2}]\n{\"s\":\"x\"}\n{\"a\":\n"), data, options, how, how, options)
	})
	f.Fuzz(func(t *testing.T, before, data []byte, options, how, chunk, batches uint8) {
		fuzzed(t, options, how, false).Restarts(t, before, data, int(batches%4), 8+int(chunk))
	})
}

func TestRandomFiles(t *testing.T) {
	pieces := []string{`{"a":1}`, `{"a":`, `"a":2,`, `"s":"x"`, `"s":"a\"bé"`, `{"s":'q'}`, `{"a":2,"s":null}`, "\n", "\n", "\n", "\r\n", "\r", " ", "}", "}", "[", "]", "{", ",", `"x":[{"a":1,"s":"k"}]`,
		`"m":{"k":1.5,"":"2"}`, `"y":{"s":"AAEC","t":"2024-01-01"}`, `"t":7`, "1e3", "-0", "NaN", "true", "nul", "\\", `"`, "\xff", "é", "\x00", "ab", "/* */", "//", `"d":0.5`, `"d":"NaN"`, `{"d":1,"a":4,"s":"long enough to be too long"}`, "\xef\xbb\xbf"}
	codectest.Random(2000, pieces, func(random *rand.Rand, text func() []byte) {
		data, options, how, chunk := text(), uint8(random.IntN(len(fuzzOptions))), uint8(random.Uint32()), uint8(random.IntN(64))
		checkFastPath(t, data, options, how)
		checkModes(t, data, options, how)
		checkCuts(t, data, options, how, chunk, uint16(random.Uint32()), uint16(random.Uint32()))
		fuzzed(t, options, how, false).Restarts(t, text(), data, random.IntN(4), 8+int(chunk))
	})
}
