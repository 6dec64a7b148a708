package csv_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/types"
)

// rowsOf parses a text into rows of two columns, "-" for NULL.
func rowsOf(t *testing.T, text string, options map[string]string) string {
	t.Helper()
	rows, _ := rowsAndLost(t, text, options)
	return rows
}

// rowsAndLost also returns the text after records within their lines, each with the offset of its line.
func rowsAndLost(t *testing.T, text string, options map[string]string) (rowText string, lost []string) {
	t.Helper()
	o, err := csv.ParseOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	schema, _ := types.ParseDDL("a STRING, b STRING")
	scan := &codec.Scan{Fields: schema.Fields, Schema: schema, OnMalformed: func(m *codec.Malformed) {
		if m.Reason == codec.LineFeed {
			lost = append(lost, fmt.Sprintf("%d %s", m.Offset, m.Record))
		}
	}}
	r, err := csv.NewReader(codec.FromBytes(nil, []byte(text)), o, scan)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return strings.Join(rows, "; "), lost
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.N {
			var cells []string
			for _, c := range b.Cols {
				if c.IsNull(i) {
					cells = append(cells, "-")
				} else {
					cells = append(cells, string(c.Bytes(i)))
				}
			}
			rows = append(rows, strings.Join(cells, " "))
		}
	}
}

// The results of Spark 4.3.0 for the same files.
func TestLineSeparatorsMatchSpark(t *testing.T) {
	for _, sep := range []string{"\n", "\r", "\r\n", "|", ";;", "é", "y", "€x"} {
		for _, multiLine := range []string{"true", "false"} {
			if multiLine == "true" && len([]rune(sep)) == 2 && sep != "\r\n" {
				continue // covered by the next test
			}
			options := map[string]string{"lineSep": sep, "multiLine": multiLine}
			for text, want := range map[string]string{
				`1,"x"{E}2,"z"{E}3,w{E}`: "1 x; 2 z; 3 w",
				`1,"x"{E}2,"z"{E}3,w`:    "1 x; 2 z; 3 w",
			} {
				if got := rowsOf(t, strings.ReplaceAll(text, "{E}", sep), options); got != want {
					t.Errorf("lineSep %q, multiLine %s, %s: %s, want %s", sep, multiLine, text, got, want)
				}
			}
		}
	}
}

// Spark's parser does not recognise a separator of two characters after a closing quote.
func TestMultiLineTwoCharacterSeparatorAfterQuoteMatchesSpark(t *testing.T) {
	if got, want := rowsOf(t, `1,"x";;2,"y";;3,z;;`, map[string]string{"lineSep": ";;", "multiLine": "true"}), `1 "x";;2`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The parser ends a record at a line feed, whatever lineSep says. Spark mixes the rest of the line up with the following
// lines.
func TestTextAfterARecordWithinItsLineIsReported(t *testing.T) {
	for _, sep := range []string{"||", "\r\n", "😀", "éé"} {
		for _, test := range []struct{ text, rows, lost string }{
			{"a,1\nrest{E}b,2{E}", "a 1; b 2", "0 rest"},
			{"b,2{E}a,1\nrest{E}c,3", "b 2; a 1; c 3", "1 rest"},
			{"é,1\nré\nst{E}b,2", "é 1; b 2", "0 ré\nst"},
			{"a,1\n{E}b,2{E}", "a 1; b 2", ""},
			{"\na,1{E}\n b,2{E}", "a 1;  b 2", ""},
			{"a,\"1\nq\"{E}b,2{E}", "a 1\nq; b 2", ""},
			{"a,1\nq,4\n5{E}b,2{E}", "a 1\nq; b 2", "0 5"},
		} {
			for _, header := range []string{"", "k,v{E}"} {
				text := strings.ReplaceAll(header+test.text, "{E}", sep)
				rows, lost := rowsAndLost(t, text, map[string]string{"lineSep": sep, "header": strconv.FormatBool(header != "")})
				for i := range lost { // report the line instead of the byte
					n, rest, _ := strings.Cut(lost[i], " ")
					offset, _ := strconv.Atoi(n)
					lost[i] = fmt.Sprint(strings.Count(text[:offset], sep)-min(len(header), 1), " ", rest)
				}
				if rows != test.rows || strings.Join(lost, "|") != test.lost {
					t.Errorf("lineSep %q, %q: %q, lost %q; want %q, %q", sep, text, rows, lost, test.rows, test.lost)
				}
			}
		}
		rows, lost := rowsAndLost(t, "h,v\nrest"+sep+"b,2"+sep, map[string]string{"lineSep": sep, "header": "true"})
		if rows != "b 2" || !slices.Equal(lost, []string{"0 rest"}) {
			t.Errorf("lineSep %q, the header's line: %q, lost %q", sep, rows, lost)
		}
	}
}

func TestMultiLineQuotedLineSeparatorIsText(t *testing.T) {
	for _, sep := range []string{"\n", "|", "é"} {
		text := strings.ReplaceAll(`1,"x{E}y"{E}2,"z"{E}`, "{E}", sep)
		if got, want := rowsOf(t, text, map[string]string{"lineSep": sep, "multiLine": "true"}), "1 x"+sep+"y; 2 z"; got != want {
			t.Errorf("lineSep %q: %s, want %s", sep, got, want)
		}
	}
}

func TestByteOrderMarksAreSkippedWithALineSeparator(t *testing.T) {
	utf16 := func(s string) string {
		var b strings.Builder
		for _, r := range s {
			b.WriteByte(byte(r))
			b.WriteByte(byte(r >> 8))
		}
		return b.String()
	}
	for _, multiLine := range []string{"true", "false"} {
		for _, text := range []string{"k,v\né,1\n", "\ufeffk,v\né,1\n"} {
			options := map[string]string{"encoding": "UTF-16LE", "lineSep": "\n", "multiLine": multiLine, "header": "true"}
			if got := rowsOf(t, utf16(text), options); got != "é 1" {
				t.Errorf("multiLine %s, %q: %s", multiLine, text, got)
			}
			delete(options, "header")
			if got := rowsOf(t, utf16(text), options); got != "k v; é 1" {
				t.Errorf("multiLine %s, without header, %q: %q", multiLine, text, got)
			}
		}
	}
}
