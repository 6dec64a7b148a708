package csv

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
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
		{"header": "true"},
		{"escape": `"`},
		{"escape": `"`, "charToEscapeQuoteEscaping": `\`},
		{"nullValue": "1", "comment": "#", "escape": `"`},
		{"escape": `"`, "emptyValue": "E", "charToEscapeQuoteEscaping": `\`},
		{"sep": "||", "quote": "'"},
		{"ignoreLeadingWhiteSpace": "true", "ignoreTrailingWhiteSpace": "true", "columnNameOfCorruptRecord": "b"},
		{"multiLine": "true"},
		{"multiLine": "true", "header": "true", "escape": `"`, "comment": "#"},
		{"lineSep": "\n"},
		{"lineSep": "ab"},
		{"lineSep": ",,"}, // a file with it cannot be split
		{"encoding": "ISO-8859-1"},
		{"encoding": "UTF-16LE", "lineSep": "\n"},
		{"unescapedQuoteHandling": "STOP_AT_CLOSING_QUOTE"},
		{"unescapedQuoteHandling": "SKIP_VALUE", "header": "true", "enforceSchema": "false"},
		{"unescapedQuoteHandling": "BACK_TO_DELIMITER"},
		{"unescapedQuoteHandling": "RAISE_ERROR", "columnPruning": "false"},
		{"maxColumns": "3", "maxCharsPerColumn": "5"},
		{"sep": "é", "quote": "", "columnPruning": "false"},
	}
	fuzzColumns = [][]string{nil, {"a"}, {"c"}, {"b", "_corrupt_record"}, {"none"}, {"a", "c", "_corrupt_record"}}
)

// fuzzed returns the format selected by the fuzzer's numbers.
func fuzzed(t testing.TB, options, how uint8, slow bool) codectest.Format {
	return func(in codec.Input, mode string, report func(*codec.Malformed)) (vector.Reader, error) {
		given := maps.Clone(optionsOf(options))
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
		scan := scanOf(t, "a INT, b STRING, c DOUBLE, _corrupt_record STRING", fuzzColumns[int(how)%len(fuzzColumns)]...)
		scan.OnMalformed = report
		if o.corruptColumn == "b" && slices.Equal(fuzzColumns[int(how)%len(fuzzColumns)], []string{"b"}) {
			scan.Fields = scan.Fields[:0]
		}
		if how&64 != 0 {
			scan.MaxLineBytes = 20
		}
		if how&128 != 0 {
			for i, f := range scan.Fields {
				if f.Name == "a" {
					scan.Filters = append(scan.Filters, even{i})
				}
			}
		}
		return NewReader(in, o, scan)
	}
}

func optionsOf(n uint8) map[string]string { return fuzzOptions[int(n)%len(fuzzOptions)] }

// addSeeds adds the cases recorded on Spark.
func addSeeds(f *testing.F, add func(data []byte, options, how uint8)) {
	for i, c := range recordedCases(f)[:60] {
		add(c.data(), 0, uint8(i))
		add(c.data(), uint8(i), uint8(i*37))
	}
	add([]byte("1,2,3\n\"a\\\\\",1\",2\n"), 0, 2) // the second record takes another path than the first
	add([]byte("x,1\r\nx,2\r"), 10, 0)
	add([]byte("x,\"a\x00b\"\nx,\"a\\b\"\n"), 2, 0)
	add([]byte("x,\"a\x00b\"\nx,\"a\\b\"\n"), 3, 0)
	for i := range uint8(255) {
		add([]byte("a,b,c\n1,x,2\n\n2,\"y\",\"3\"\n4,\"a \"\"b\"\"\",NaN\r\n#,1\n6,\"q,\nx,1,2\n8,y,z,\n,,\n\"10\",\"\",1||'2'||3"), i, i*29)
	}
}

// checkFastPath compares the fast path with the tokenizer.
func checkFastPath(t *testing.T, data []byte, options, how uint8) {
	in := codectest.File(data, 0, -1, 0)
	fast, slow := fuzzed(t, options, how, false).Read(t, in, ""), fuzzed(t, options, how, true).Read(t, in, "")
	if fast.String() != slow.String() {
		t.Errorf("%q, %v: %s\nslow: %s", data, optionsOf(options), fast, slow)
	}
}

func checkModes(t *testing.T, data []byte, options, how uint8) {
	fuzzed(t, options, how, false).Modes(t, data)
}

func checkCuts(t *testing.T, data []byte, options, how, chunk uint8, first, second uint16) {
	given := optionsOf(options)
	var cuts []int64
	// Spark's parser learns from its first record which columns it can skip, and skipping differs from reading.
	same := fuzzColumns[int(how)%len(fuzzColumns)] == nil
	// Only the first partition searches for a header; blank lines may hide it from that partition.
	begin := bytes.TrimPrefix(data, []byte("\ufeff"))
	same = same && (given["header"] == "" || len(begin) > 0 && begin[0] > ' ' && begin[0] != '#')
	if same && given["multiLine"] == "" && given["lineSep"] != ",," && !strings.HasPrefix(given["encoding"], "UTF-16") {
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
		f.Add([]byte("a,b,c\n\"x\n1,\"2\"x\",3\n\n4,5\n"), data, options, how, how, options)
	})
	f.Fuzz(func(t *testing.T, before, data []byte, options, how, chunk, batches uint8) {
		fuzzed(t, options, how, false).Restarts(t, before, data, int(batches%4), 8+int(chunk))
	})
}

func TestRandomFiles(t *testing.T) {
	pieces := []string{"1", "2", "-4", "x", "é", ",", ",", ",", "\n", "\n", "\r\n", "\r", `"`, `"`, `""`, `"q"`, `"a,b"`, `\"`, `\`, " ", "\t", "#", "'", "||", "|", "ab", "NaN", "1.5", "a,b,c\n", "2,y,1.5\n", "4,\"z\",2\n",
		"3,x\n", "\xff", "\x00", "\xef\xbb\xbf", "a text that is too long", ",,", "E", "\n\n"}
	codectest.Random(1000, pieces, func(random *rand.Rand, text func() []byte) {
		data, options, how, chunk := text(), uint8(random.IntN(len(fuzzOptions))), uint8(random.Uint32()), uint8(random.IntN(64))
		checkFastPath(t, data, options, how)
		checkFastPath(t, bytes.ReplaceAll(data, []byte("x"), bytes.Repeat([]byte("x"), 100)), options, how) // wide lines
		checkModes(t, data, options, how)
		checkCuts(t, data, options, how, chunk, uint16(random.Uint32()), uint16(random.Uint32()))
		fuzzed(t, options, how, false).Restarts(t, text(), data, random.IntN(4), 8+int(chunk))
	})
}
