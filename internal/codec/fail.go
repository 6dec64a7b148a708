package codec

import (
	"errors"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/fileuri"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// ReadFailed wraps the error that ended the reading of a file, with Spark's condition and a text that states the cause.
func ReadFailed(file *vector.File, cause error) *sparkerr.Error {
	path := "-"
	if file != nil {
		path = FileURI(file.Path)
	}
	e := sparkerr.New("FAILED_READ_FILE.NO_HINT", "path", path)
	e.Cause = cause
	e.Text = "The file " + path + " cannot be read: " + strings.TrimSuffix(sparkerr.Reason(cause), ".") + "."
	if _, limited := errors.AsType[*memory.Exceeded](cause); limited {
		e.Hint = memory.Remedy()
	}
	return e
}

// FailedFast returns the error for a malformed record in mode FAILFAST. row holds the values that could be parsed. cause says
// what is wrong with the record; it may be nil.
func FailedFast(file *vector.File, row string, cause error) error {
	e := sparkerr.New("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "badRecord", row, "failFastMode", "FAILFAST")
	e.Cause = cause
	e.Hint = "mode PERMISSIVE reads malformed records as NULL, DROPMALFORMED drops them"
	return ReadFailed(file, e)
}

// FileURI returns a path in Spark's notation: file:/a%20b.csv.
func FileURI(path string) string { return "file:" + fileuri.Escape(path) }

// RowText returns a row as Spark's internal rows print: [1,null,x]. Dates are day numbers; timestamps are microseconds.
func RowText(cols []*vector.Vector, row int) string { return string(appendInternalRow(nil, cols, row)) }

func appendInternalRow(b []byte, cols []*vector.Vector, row int) []byte {
	if len(cols) == 0 {
		return append(b, "[empty row]"...)
	}
	b = append(b, '[')
	for i, v := range cols {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendInternal(b, v, row)
	}
	return append(b, ']')
}

// AppendInternal appends a value as Spark's internal values print.
func AppendInternal(b []byte, v *vector.Vector, row int) []byte {
	if v.IsNull(row) || v.Type.Kind == types.KindVoid {
		return append(b, "null"...)
	}
	i := v.At(row)
	switch v.Type.Kind {
	case types.KindDate, types.KindYearMonth:
		return strconv.AppendInt(b, int64(v.I32[i]), 10)
	case types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		return strconv.AppendInt(b, v.I64[i], 10)
	case types.KindDecimal:
		return AppendDecimal(b, v.Dec[i], v.Type.Scale)
	case types.KindStruct:
		return appendInternalRow(b, v.Children, i)
	case types.KindArray:
		return appendInternalItems(b, v.Children[0], v.Views[i])
	case types.KindMap:
		b = appendInternalItems(append(b, "keys: "...), v.Children[0], v.Views[i])
		return appendInternalItems(append(b, ", values: "...), v.Children[1], v.Views[i])
	}
	return valuetext.AppendValue(b, v, row, valuetext.Options{})
}

func appendInternalItems(b []byte, items *vector.Vector, w vector.View) []byte {
	b = append(b, '[')
	for k := range int(w.Len) {
		if k > 0 {
			b = append(b, ',')
		}
		b = AppendInternal(b, items, int(w.Off)+k)
	}
	return append(b, ']')
}

// CheckColumns rejects columns that no source supports: CHAR and VARCHAR, whose length Spark keeps only in tables; two
// columns with the same name; and TIME, which Spark 4.3 hides behind a setting.
func CheckColumns(s *types.Schema) error {
	for _, f := range s.Fields {
		if f.Type.Has(types.KindChar, types.KindVarchar) {
			return sparkerr.New("UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING")
		}
	}
	if err := CheckNames(s); err != nil {
		return err
	}
	for _, f := range s.Fields {
		if f.Type.Has(types.KindTime) {
			return sparkerr.New("UNSUPPORTED_TIME_TYPE").WithHint("read the column as STRING")
		}
	}
	return nil
}

// CheckCorruptRecord rejects a column for the text of malformed records that cannot hold it. (Spark: ExprUtils.
// verifyColumnNameOfCorruptRecord, which the first batch calls, whether or not the query uses the column.)
func CheckCorruptRecord(column string, fields []types.Field) error {
	for _, f := range fields {
		if f.Name == column && !f.Type.IsText() {
			return sparkerr.New("INVALID_CORRUPT_RECORD_TYPE", "columnName", types.Quote(f.Name), "actualType", `"`+f.Type.SQL()+`"`).
				WithHint("make it STRING, or name another column with the option columnNameOfCorruptRecord")
		}
	}
	return nil
}

// CheckNames rejects schemas with two columns, and structs with two fields, whose names are equal ignoring case. (Spark:
// SchemaUtils.checkSchemaColumnNameDuplication.)
func CheckNames(s *types.Schema) error { return checkFields(s.Fields) }

func checkFields(fields []types.Field) error {
	seen := make(map[string]bool, len(fields))
	for _, f := range fields {
		if err := checkType(f.Type); err != nil {
			return err
		}
		name := strings.ToLower(f.Name)
		if seen[name] {
			return sparkerr.New("COLUMN_ALREADY_EXISTS", "columnName", types.Quote(name))
		}
		seen[name] = true
	}
	return nil
}

func checkType(t *types.Type) error {
	switch t.Kind {
	case types.KindStruct:
		return checkFields(t.Fields)
	case types.KindArray:
		return checkType(t.Elem)
	case types.KindMap:
		return errors.Join(checkType(t.Key), checkType(t.Elem))
	}
	return nil
}
