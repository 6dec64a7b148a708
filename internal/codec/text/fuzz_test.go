package text

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
	"github.com/streamctl/streamctl/test/codectest"
)

// fuzzOptions are the options that the fuzzer selects from.
var fuzzOptions = []map[string]string{
	nil,
	{"lineSep": "\n"},
	{"lineSep": "ab"},
	{"lineSep": "||"}, // a file with it cannot be split
	{"lineSep": "|", "encoding": "UTF-16LE"},
	{"lineSep": "é", "encoding": "ISO-8859-1"},
	{"wholetext": "true"},
}

// long is the limit for line lengths, if the fuzzer sets one.
const long = 20

func fuzzed(t testing.TB, options uint8, limit bool) (codectest.Format, *Options) {
	o, err := ParseOptions(fuzzOptions[int(options)%len(fuzzOptions)])
	if err != nil {
		t.Fatal(err)
	}
	return func(in codec.Input, _ string, report func(*codec.Malformed)) (vector.Reader, error) {
		fields := []types.Field{{Name: "value", Type: types.String, Nullable: true}}
		scan := &codec.Scan{Schema: &types.Schema{Fields: fields}, Fields: fields, OnMalformed: report}
		if limit {
			scan.MaxLineBytes = long
		}
		return NewReader(in, o, scan)
	}, o
}

// checkLines checks that the rows and the dropped lines together are the lines of the text.
func checkLines(t *testing.T, data []byte, options uint8, limit bool) {
	f, o := fuzzed(t, options, limit)
	got := f.Read(t, codectest.File(data, 0, -1, 0), "")
	if o.wholeText && limit && len(data) > long {
		if got.Err == nil || len(got.Rows) > 0 {
			t.Errorf("%q: %s", data, got)
		}
		return
	}
	want := &codectest.Result{}
	cut(data, o, func(line []byte, at int) {
		if limit && len(line) > long {
			want.Malformed = append(want.Malformed, fmt.Sprintf("%q at %d:  %s", line[:long], at, codec.TooLong))
		} else {
			want.Rows = append(want.Rows, fmt.Sprintf("at %d: %q", at, line))
		}
	})
	if got.String() != want.String() {
		t.Errorf("%q: %s\nwant %s", data, got, want)
	}
}

// cut splits a text in the simplest way.
func cut(data []byte, o *Options, line func(line []byte, at int)) {
	at := 0
	if !o.wholeText && bytes.HasPrefix(data, []byte("\ufeff")) {
		at = codec.MarkBytes
	}
	for at < len(data) {
		end, next := len(data), len(data)
		for i := at; i < len(data); i++ {
			if n := separator(data[i:], o); n > 0 {
				end, next = i, i+n
				break
			}
		}
		line(data[at:end], at)
		at = next
	}
}

// separator returns the length of the line end at the beginning of a text.
func separator(text []byte, o *Options) int {
	ends := []string{"\r\n", "\r", "\n"}
	switch {
	case o.wholeText:
		return 0
	case o.lineSep != nil:
		ends = []string{string(o.lineSep)}
	}
	for _, end := range ends {
		if bytes.HasPrefix(text, []byte(end)) {
			return len(end)
		}
	}
	return 0
}

func checkCuts(t *testing.T, data []byte, options uint8, limit bool, chunk uint8, first, second uint16) {
	f, o := fuzzed(t, options, limit)
	var cuts []int64
	if !o.wholeText && !codec.Overlaps(o.lineSep) {
		cuts = []int64{int64(first) % int64(len(data)+1), int64(second) % int64(len(data)+1)}
	}
	f.Cuts(t, data, 8+int(chunk), cuts...)
}

func FuzzLines(f *testing.F) {
	for options := range uint8(len(fuzzOptions)) {
		f.Add([]byte("\ufeffa\n\nb\r\nc\rab|||\xe9a line that is too long\n|\x00"), options, options%2 == 0)
	}
	f.Fuzz(checkLines)
}

func FuzzCuts(f *testing.F) {
	for options := range uint8(len(fuzzOptions)) {
		f.Add([]byte("\ufeffa\n\nb\r\nc\rab|||\xe9a line that is too long\n|\x00"), options, options%2 == 1, options, uint16(options), uint16(20))
	}
	f.Fuzz(checkCuts)
}

func FuzzRestart(f *testing.F) {
	f.Add([]byte("\ufeffa\nb"), []byte("c\n"), uint8(0), false, uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, before, data []byte, options uint8, limit bool, chunk, batches uint8) {
		format, _ := fuzzed(t, options, limit)
		format.Restarts(t, before, data, int(batches%4), 8+int(chunk))
	})
}

func TestRandomFiles(t *testing.T) {
	pieces := []string{"\n", "\r", "\r\n", "a", "b", "ab", "|", "|\x00", "||", "\xe9", "é", "\ufeff", "\xff", "a line that is too long", "exactly long enough!"}
	codectest.Random(2000, pieces, func(random *rand.Rand, text func() []byte) {
		data, options, limit, chunk := text(), uint8(random.IntN(len(fuzzOptions))), random.IntN(2) == 0, uint8(random.IntN(64))
		checkLines(t, data, options, limit)
		checkCuts(t, data, options, limit, chunk, uint16(random.Uint32()), uint16(random.Uint32()))
		f, _ := fuzzed(t, options, limit)
		f.Restarts(t, text(), data, random.IntN(4), 8+int(chunk))
	})
}
