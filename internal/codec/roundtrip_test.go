package codec_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
	"github.com/streamctl/streamctl/test/codectest"
)

// A trip writes random batches with the encoder of a sink to a compressed file and reads them back. Its loss describes what
// gets lost on the way, which is also lost in Spark.
type trip struct {
	name   string
	write  map[string]string
	read   map[string]string // additional options of the reader
	pieces []string          // substrings of strings
	loss   codectest.Loss
}

// rounds is the number of files that each trip writes; fuzzing writes more.
const rounds = 50

// flat lists the types that CSV can hold except BINARY, which is written as [61 62] and read back as the bytes of that text.
const flat = "b BOOLEAN, i8 TINYINT, i16 SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, d9 DECIMAL(9,2), d18 DECIMAL(18,18), d38 DECIMAL(38,10), " +
	"day DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, ym INTERVAL YEAR TO MONTH, dt INTERVAL DAY TO SECOND, s STRING, s2 STRING"

// nested adds the types that JSON expressions, but not JSON files, can read and write.
const nested = nestedInFiles + ", time TIME(6), t3 TIME(3), cal INTERVAL"

const nestedInFiles = ", bin BINARY, a ARRAY<INT>, aa ARRAY<ARRAY<STRING>>, m MAP<STRING, DECIMAL(20,3)>, st STRUCT<x: INT, y: STRUCT<z: STRING, ts: TIMESTAMP>>, " +
	"ast ARRAY<STRUCT<k: STRING, v: DOUBLE>>, mm MAP<STRING, MAP<STRING, ARRAY<DATE>>>"

// formats holds patterns that preserve the complete value.
var formats = map[string]string{"timestampFormat": "yyyy-MM-dd HH:mm:ss.SSSSSSXXX", "timestampNTZFormat": "dd/MM/yyyy HH:mm:ss.SSSSSS",
	"dateFormat": "yyyyMMdd", "timeFormat": "HH-mm-ss.SSSSSS"}

// keep returns s unchanged.
func keep(s string) *string { return &s }

// orNull returns NULL for the empty string: by default "" represents both.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// trimmed returns what CSV writers keep of a string.
func trimmed(s string) string { return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) }

var (
	plain   = []string{"a", "b", "é", "😀", "0", "null", "NaN", "#", "'", "[1]", "\ufeff", "<"}
	marked  = append([]string{" ", "\t", `"`, `\`, ",", ";", "\x7f"}, plain...)
	special = append([]string{"\x00"}, marked...)
	breaks  = append([]string{"\n"}, special...)
)

// check writes and reads back batches of random values.
func (c *trip) check(t testing.TB, ddl string, seed uint64, encoder func(fields []types.Field, options map[string]string) (codec.Encoder, error),
	reader func(in codec.Input, options map[string]string, scan *codec.Scan) (vector.Reader, error)) {
	t.Helper()
	schema, parseErr := types.ParseDDL(ddl)
	if parseErr != nil {
		t.Fatal(parseErr)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	values := &codectest.Values{Rand: random, Texts: c.pieces}
	e, err := encoder(schema.Fields, c.write)
	if err != nil {
		t.Fatal(err)
	}
	method := methods[random.IntN(len(methods))]
	file := &packed{codec: method}
	file.write(t, e.Header(nil))
	var want []string
	for range 1 + random.IntN(3) {
		b := values.Batch(schema.Fields, random.IntN(20))
		want = append(want, c.loss.Rows(b)...)
		out, err := e.AppendBatch(nil, b)
		if err != nil {
			t.Fatal(err)
		}
		file.write(t, out)
	}
	options := map[string]string{}
	maps.Copy(options, c.write)
	maps.Copy(options, c.read)
	scan := &codec.Scan{Schema: schema, Fields: schema.Fields}
	in := codec.Input{File: &vector.File{Path: "/part" + method.Extension}, Length: -1, Chunk: 1 + random.IntN(2000), Open: file.open}
	r, err := reader(in, options, scan)
	if err != nil {
		t.Fatal(err)
	}
	got, err := rowsOf(r)
	if err != nil || len(got) != len(want) {
		t.Errorf("%s, %s: %d rows, want %d; error %v; file\n%q", c.name, method.Name, len(got), len(want), err, file.plain)
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s, %s:\n got %s\nwant %s\nfile\n%q", c.name, method.Name, got[i], want[i], file.plain)
			break
		}
	}
}

func rowsOf(r vector.Reader) (rows []string, err error) {
	defer func() { _ = r.Close() }()
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, (&codectest.Loss{}).Rows(b)...)
	}
}

// methods lists all compression codecs that Spark supports.
var methods = func() (all []*compress.Codec) {
	for _, name := range []string{"none", "bzip2", "deflate", "gzip", "lz4", "snappy"} {
		c, err := compress.ByName(name)
		if err != nil {
			panic(err)
		}
		all = append(all, c)
	}
	return all
}()

// A packed file is compressed; each write is a separate compressed stream, as in a part file that was closed in between.
type packed struct {
	codec *compress.Codec
	file  bytes.Buffer
	plain []byte
}

func (p *packed) write(t testing.TB, b []byte) {
	t.Helper()
	p.plain = append(p.plain, b...)
	w := p.codec.NewWriter(&p.file)
	_, err := w.Write(b)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
}

func (p *packed) open() (io.ReadCloser, error) {
	return compress.ByPath("part" + p.codec.Extension).NewReader(io.NopCloser(bytes.NewReader(p.file.Bytes())))
}

func csvEncoder(fields []types.Field, options map[string]string) (codec.Encoder, error) {
	o, err := csv.ParseWriteOptions(options)
	if err != nil {
		return nil, err
	}
	return csv.NewEncoder(fields, o, datetime.UTC)
}

func csvReader(in codec.Input, options map[string]string, scan *codec.Scan) (vector.Reader, error) {
	o, err := csv.ParseOptions(options)
	if err != nil {
		return nil, err
	}
	return csv.NewReader(in, o, scan)
}

func jsonEncoder(fields []types.Field, options map[string]string) (codec.Encoder, error) {
	o, err := json.ParseWriteOptions(options)
	if err != nil {
		return nil, err
	}
	return json.NewEncoder(fields, o, datetime.UTC)
}

func jsonReader(in codec.Input, options map[string]string, scan *codec.Scan) (vector.Reader, error) {
	o, err := json.ParseOptions(options)
	if err != nil {
		return nil, err
	}
	return json.NewReader(in, o, scan)
}

func textEncoder(fields []types.Field, options map[string]string) (codec.Encoder, error) {
	o, err := text.ParseOptions(options)
	if err != nil {
		return nil, err
	}
	return text.NewEncoder(fields, o)
}

func textReader(in codec.Input, options map[string]string, scan *codec.Scan) (vector.Reader, error) {
	o, err := text.ParseOptions(options)
	if err != nil {
		return nil, err
	}
	return text.NewReader(in, o, scan)
}

// trim trims s; an empty result is NULL.
func trim(s string) *string { return orNull(trimmed(s)) }

// csvTrips lists ways to write CSV. By default, times lose digits after milliseconds, and strings lose surrounding blanks;
// empty strings become NULL. Line ends in strings need multiLine. If the quote is also the escape, Spark's parser loses NUL
// characters in the last field.
var csvTrips = []trip{
	{name: "defaults", pieces: special, loss: codectest.Loss{Millis: true, Text: trim}},
	{name: "header", write: map[string]string{"header": "true"}, pieces: special, loss: codectest.Loss{Millis: true, Text: trim}},
	{name: "blanks kept", write: map[string]string{"ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false"}, pieces: special,
		loss: codectest.Loss{Millis: true, Text: orNull}},
	{name: "quoteAll", write: map[string]string{"quoteAll": "true", "escape": `"`}, pieces: marked, loss: codectest.Loss{Millis: true, Text: trim}},
	{name: "escape", write: map[string]string{"escape": `"`, "sep": ";"}, pieces: marked, loss: codectest.Loss{Millis: true, Text: trim}},
	{name: "quoteAll backslash", write: map[string]string{"quoteAll": "true"}, pieces: special, loss: codectest.Loss{Millis: true, Text: trim}},
	{name: "long separator", write: map[string]string{"sep": "<>", "quote": "'", "emptyValue": "''"}, read: map[string]string{"emptyValue": ""}, pieces: append([]string{">", "<>"}, special...), loss: codectest.Loss{Millis: true, Text: trim}},
	{name: "nullValue", write: map[string]string{"nullValue": "null", "emptyValue": "e"}, pieces: special, loss: codectest.Loss{Millis: true, Text: func(s string) *string {
		switch s = trimmed(s); s {
		case "null":
			return nil
		case "": // it is written as the letter, without quotes that would tell it
			return keep("e")
		}
		return keep(s)
	}}},
	{name: "lines in texts", write: map[string]string{"ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false"}, read: map[string]string{"multiLine": "true", "lineSep": "\n"}, pieces: breaks,
		loss: codectest.Loss{Millis: true, Text: orNull}},
	{name: "lineSep", write: map[string]string{"lineSep": "%;"}, pieces: special, loss: codectest.Loss{Millis: true, Text: trim}},
	{name: "UTF-16LE", write: map[string]string{"encoding": "UTF-16LE", "lineSep": "\n"}, pieces: special, loss: codectest.Loss{Millis: true, Text: trim}},
	{name: "UTF-16 as a whole", write: map[string]string{"encoding": "UTF-16", "header": "true"}, read: map[string]string{"multiLine": "true"}, pieces: special, loss: codectest.Loss{Millis: true, Text: trim}},
	{name: "ISO-8859-1", write: map[string]string{"encoding": "ISO-8859-1", "lineSep": "\n"}, pieces: special, loss: codectest.Loss{Millis: true, Text: func(s string) *string { return orNull(latin(trimmed(s))) }}},
	{name: "formats", write: formats, pieces: special,
		loss: codectest.Loss{Text: trim}},
}

// latin replaces characters outside ISO-8859-1 by ?.
func latin(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFF {
			return '?'
		}
		return r
	}, s)
}

// jsonTrips lists ways to write JSON. Only maps with STRING keys survive: other keys are written as text and no reader
// converts them back.
var jsonTrips = []trip{
	{name: "defaults", pieces: breaks, loss: codectest.Loss{Millis: true}},
	{name: "NULL fields", write: map[string]string{"ignoreNullFields": "false"}, pieces: breaks, loss: codectest.Loss{Millis: true}},
	{name: "ASCII", write: map[string]string{"writeNonAsciiCharacterAsCodePoint": "true", "encoding": "US-ASCII", "lineSep": "\n"}, pieces: breaks, loss: codectest.Loss{Millis: true}},
	{name: "lineSep", write: map[string]string{"lineSep": "ab|"}, pieces: breaks, loss: codectest.Loss{Millis: true}},
	{name: "UTF-16LE", write: map[string]string{"encoding": "UTF-16LE", "lineSep": "\n"}, pieces: breaks, loss: codectest.Loss{Millis: true}},
	{name: "ISO-8859-1", write: map[string]string{"encoding": "ISO-8859-1", "lineSep": "\n"}, pieces: breaks, loss: codectest.Loss{Millis: true, Text: func(s string) *string { return keep(latin(s)) }}},
	{name: "formats", write: formats, pieces: breaks},
	{name: "zone", write: map[string]string{"timeZone": "America/St_Johns"}, pieces: breaks, loss: codectest.Loss{Millis: true}},
}

// textTrips lists ways to write text. NULL becomes an empty line, and a byte order mark at the beginning of a file is lost.
var textTrips = []trip{
	{name: "defaults", pieces: withoutMark(special), loss: noNull},
	{name: "lineSep", write: map[string]string{"lineSep": "<>"}, pieces: withoutMark(breaks), loss: noNull},
	{name: "UTF-16", write: map[string]string{"lineSep": "|", "encoding": "UTF-16"}, pieces: withoutMark(breaks), loss: noNull},
}

var noNull = codectest.Loss{Null: `""`}

func withoutMark(pieces []string) []string {
	return slices.DeleteFunc(slices.Clone(pieces), func(s string) bool { return s == "\ufeff" })
}

func (c *trip) csv(t testing.TB, seed uint64) {
	c.check(t, flat, seed, csvEncoder, csvReader)
}

func (c *trip) json(t testing.TB, seed uint64) {
	c.check(t, flat+nested, seed, jsonEncoder, jsonReader)
}

func (c *trip) text(t testing.TB, seed uint64) {
	c.check(t, "value STRING", seed, textEncoder, textReader)
}

func fuzz(f *testing.F, trips []trip, check func(c *trip, t testing.TB, seed uint64)) {
	for i := range trips {
		f.Add(uint8(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, i uint8, seed uint64) { check(&trips[int(i)%len(trips)], t, seed) })
}

func FuzzCSVRoundTrip(f *testing.F)  { fuzz(f, csvTrips, (*trip).csv) }
func FuzzJSONRoundTrip(f *testing.F) { fuzz(f, jsonTrips, (*trip).json) }
func FuzzTextRoundTrip(f *testing.F) { fuzz(f, textTrips, (*trip).text) }

func TestRoundTrips(t *testing.T) {
	for _, format := range []struct {
		trips []trip
		check func(c *trip, t testing.TB, seed uint64)
	}{{csvTrips, (*trip).csv}, {jsonTrips, (*trip).json}, {textTrips, (*trip).text}} {
		for i := range format.trips {
			for seed := range uint64(rounds) {
				if format.check(&format.trips[i], t, seed); t.Failed() {
					return
				}
			}
		}
	}
}
