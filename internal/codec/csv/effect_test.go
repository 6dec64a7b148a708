package csv_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
)

// read returns all rows of a text, or the error, as text.
func read(t *testing.T, text, ddl string, options map[string]string) (out string) {
	t.Helper()
	o, err := csv.ParseOptions(options)
	if err != nil {
		return err.Error()
	}
	schema, perr := types.ParseDDL(ddl)
	if perr != nil {
		t.Fatal(perr)
	}
	fields := schema.Fields[:1] // request the first column only
	r, err := csv.NewReader(codec.FromBytes(nil, []byte(text)), o, &codec.Scan{Fields: fields, Schema: schema, PruneColumns: true})
	if err != nil {
		return err.Error()
	}
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			return out + err.Error()
		}
		for i := range b.Rows() {
			row := i
			if b.Sel != nil {
				row = int(b.Sel[i])
			}
			if b.Cols[0].IsNull(row) {
				out += "NULL\n"
			} else {
				out += string(valuetext.AppendValue(nil, b.Cols[0], row, valuetext.Options{Zone: datetime.UTC})) + "\n"
			}
		}
	}
}

// An accepted option that does nothing misleads users: each option in the table that applies to reading has an example of
// what it changes.
func TestEveryReaderOptionHasAnEffect(t *testing.T) {
	type example struct {
		text, schema, value string
		with                map[string]string
	}
	examples := map[string]example{
		"sep":                           {"1;2\n", "a STRING, b STRING", ";", nil},
		"encoding":                      {"\xe9\n", "a STRING", "ISO-8859-1", nil},
		"quote":                         {"'a,b'\n", "a STRING, b STRING", "'", nil},
		"escape":                        {"\"a^\"b\"\n", "a STRING", "^", nil},
		"charToEscapeQuoteEscaping":     {"\"a#^\"\n", "a STRING", "#", map[string]string{"escape": "^"}},
		"comment":                       {"#x\n1\n", "a STRING", "#", nil},
		"header":                        {"a\n1\n", "a STRING", "true", nil},
		"enforceSchema":                 {"b\n1\n", "a STRING", "false", map[string]string{"header": "true"}},
		"ignoreLeadingWhiteSpace":       {"  1\n", "a STRING", "true", nil},
		"ignoreTrailingWhiteSpace":      {"1  \n", "a STRING", "true", nil},
		"nullValue":                     {"-\n", "a STRING", "-", nil},
		"emptyValue":                    {"\"\"\n", "a STRING", "-", nil},
		"nanValue":                      {"none\n", "a DOUBLE", "none", nil},
		"positiveInf":                   {"most\n", "a DOUBLE", "most", nil},
		"negativeInf":                   {"least\n", "a DOUBLE", "least", nil},
		"dateFormat":                    {"02.01.2020\n", "a DATE", "dd.MM.yyyy", nil},
		"timestampFormat":               {"02.01.2020\n", "a TIMESTAMP", "dd.MM.yyyy", nil},
		"timestampNTZFormat":            {"02.01.2020\n", "a TIMESTAMP_NTZ", "dd.MM.yyyy", nil},
		"timeFormat":                    {"01.02\n", "a TIME", "HH.mm", nil},
		"enableDateTimeParsingFallback": {"2020-01-02\n", "a DATE", "true", map[string]string{"dateFormat": "dd.MM.yyyy"}},
		"timeZone":                      {"2020-01-02 03:04:05\n", "a TIMESTAMP", "Asia/Kolkata", nil},
		"locale":                        {"2 Jan 2020\n", "a DATE", "de-DE", map[string]string{"dateFormat": "d MMM yyyy"}},
		"mode":                          {"x\n", "a INT", "DROPMALFORMED", nil},
		"columnNameOfCorruptRecord":     {"x,y\n", "bad STRING, b INT", "bad", nil},
		"columnPruning":                 {"1\n", "a INT, b INT", "false", map[string]string{"mode": "DROPMALFORMED"}},
		"multiLine":                     {"\"a\nb\"\n", "a STRING", "true", nil},
		"lineSep":                       {"1|2|", "a STRING", "|", nil},
		"maxColumns":                    {"1,2,3\n", "a STRING, b STRING, c STRING", "2", map[string]string{"columnPruning": "false"}},
		"maxCharsPerColumn":             {"12345\n", "a STRING", "3", nil},
		"unescapedQuoteHandling":        {"\"a\"b,c\n", "a STRING, b STRING", "SKIP_VALUE", nil},
		"preferDate":                    {"2020-01-02\n", "a VARIANT", "false", nil},
		"singleVariantColumn":           {"1,2\n", "a VARIANT", "a", nil},
	}
	for _, o := range csv.Table {
		if o.Effect&codec.Read == 0 {
			continue
		}
		e, ok := examples[o.Name]
		if !ok {
			t.Errorf("%s has no example", o.Name)
			continue
		}
		with := map[string]string{o.Name: e.value}
		maps.Copy(with, e.with)
		if before, after := read(t, e.text, e.schema, e.with), read(t, e.text, e.schema, with); before == after {
			t.Errorf("%s=%s changes nothing of %q: %q", o.Name, e.value, e.text, after)
		}
	}
}
