package types

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/lex"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/suggest"
)

// ParseDDL parses schema text such as "a INT NOT NULL COMMENT 'c', b STRUCT<x: INT>".
func ParseDDL(text string) (*Schema, *sparkerr.Error) {
	c, err := lex.New(text)
	if err != nil {
		return nil, err
	}
	fields, err := fieldsAt(c, false)
	if err != nil {
		return nil, err
	}
	if err := c.Done(); err != nil {
		return nil, err
	}
	return &Schema{Fields: fields}, nil
}

// ParseType parses a single type such as "array<int>".
func ParseType(text string) (*Type, *sparkerr.Error) {
	c, err := lex.New(text)
	if err != nil {
		return nil, err
	}
	t, err := TypeAt(c)
	if err != nil {
		return nil, err
	}
	if err := c.Done(); err != nil {
		return nil, err
	}
	return t, nil
}

// fieldsAt parses a comma-separated list of fields. Within STRUCT, a colon may separate name and type.
func fieldsAt(c *lex.Cursor, inStruct bool) ([]Field, *sparkerr.Error) {
	var fields []Field
	for {
		f, err := fieldAt(c, inStruct)
		if err != nil {
			return nil, err
		}
		fields = append(fields, f)
		if !c.Accept(",") {
			return fields, nil
		}
	}
}

func fieldAt(c *lex.Cursor, inStruct bool) (Field, *sparkerr.Error) {
	f := Field{Nullable: true}
	var err *sparkerr.Error
	if f.Name, err = c.DefiningIdentifier(); err != nil {
		return f, err
	}
	if inStruct {
		c.Accept(":")
	}
	return f, typeAndAttributesAt(c, &f)
}

// typeAndAttributesAt parses the rest of a field after its name: type [NOT NULL] [COMMENT 'c'].
func typeAndAttributesAt(c *lex.Cursor, f *Field) (err *sparkerr.Error) {
	if f.Type, err = TypeAt(c); err != nil {
		return err
	}
	if c.Accept("NOT") || c.Accept("!") {
		if err = c.Expect("NULL"); err != nil {
			return err
		}
		f.Nullable = false
	}
	if c.Accept("COMMENT") && !c.Accept("NULL") {
		f.Comment, err = c.Strings()
	}
	return err
}

// TypeAt parses the type at the cursor.
func TypeAt(c *lex.Cursor) (*Type, *sparkerr.Error) {
	if err := c.Enter(); err != nil {
		return nil, err
	}
	defer c.Leave()
	first := c.Peek()
	if !first.IsName() {
		return nil, c.Unexpected("")
	}
	c.Next()
	name := strings.ToUpper(first.Text)
	switch name {
	case "ARRAY":
		return arrayAt(c, first)
	case "MAP":
		return mapAt(c, first)
	case "STRUCT":
		return structAt(c, first)
	case "INTERVAL":
		return intervalAt(c)
	case "STRING":
		return String, skipCollation(c)
	case "GEOMETRY", "GEOGRAPHY":
		if c.Is("(") {
			return Void, geoAt(c, first)
		}
	}
	numbers, err := numbersAt(c)
	if err != nil {
		return nil, err
	}
	t, err := namedType(name, numbers)
	if err != nil {
		c.Later(c.Error(first.Start, c.LastEnd(), err))
		return Void, nil
	}
	if t == Timestamp && c.Accept("WITHOUT", "TIME", "ZONE") {
		return TimestampNTZ, nil
	}
	if t.Kind == KindTime {
		c.Accept("WITHOUT", "TIME", "ZONE")
	}
	return t, nil
}

// geoAt refuses GEOMETRY(4326), GEOGRAPHY(ANY) and the like by name.
func geoAt(c *lex.Cursor, first lex.Token) *sparkerr.Error {
	c.Next()
	if !c.Accept("ANY") {
		if c.Peek().Kind != lex.Integer {
			return c.Unexpected("")
		}
		c.Next()
	}
	if err := c.Expect(")"); err != nil {
		return err
	}
	err := sparkerr.Plain("The type %s is not in the embedded engine yet.", strings.ToUpper(first.Text)).
		WithHint("read shapes as BINARY or STRING; --master runs the job on Apache Spark, which has it")
	c.Later(c.Error(first.Start, c.LastEnd(), err))
	return nil
}

// skipCollation consumes COLLATE and its name. Strings always compare bytewise here, so collations other than UTF8_BINARY are refused.
func skipCollation(c *lex.Cursor) *sparkerr.Error {
	if !c.Is("COLLATE") || !c.PeekAt(1).IsName() {
		return nil
	}
	start := c.Next().Start
	for {
		name, err := c.Identifier()
		if err != nil {
			return err
		}
		if c.Accept(".") {
			continue
		}
		if !strings.EqualFold(name, "UTF8_BINARY") {
			c.Later(c.Error(start, c.LastEnd(), sparkerr.Plain("The collation %s is not in the embedded engine yet.", name)))
		}
		return nil
	}
}

// numbersAt parses "(1, 2)" if it is present.
func numbersAt(c *lex.Cursor) ([]int, *sparkerr.Error) {
	if !c.Accept("(") {
		return nil, nil
	}
	var numbers []int
	for {
		t := c.Peek()
		if t.Kind != lex.Integer || t.Suffix != "" {
			return nil, c.Unexpected("")
		}
		n, err := strconv.ParseInt(c.Next().Text, 10, 32)
		if err != nil {
			c.Later(c.Error(t.Start, t.End, sparkerr.New("INVALID_NUMERIC_LITERAL_RANGE", "rawStrippedQualifier", t.Text,
				"minValue", "-2147483648", "maxValue", "2147483647", "typeName", "int")))
		}
		numbers = append(numbers, int(n))
		if c.Accept(")") {
			return numbers, nil
		}
		if err := c.Expect(","); err != nil {
			return nil, err
		}
	}
}

var simpleTypes = map[string]*Type{
	"BOOLEAN": Boolean, "TINYINT": Byte, "BYTE": Byte, "SMALLINT": Short, "SHORT": Short, "INT": Int, "INTEGER": Int,
	"BIGINT": Long, "LONG": Long, "FLOAT": Float, "REAL": Float, "DOUBLE": Double, "BINARY": Binary, "DATE": Date,
	"TIMESTAMP": Timestamp, "TIMESTAMP_LTZ": Timestamp, "TIMESTAMP_NTZ": TimestampNTZ, "VOID": Void, "VARIANT": Variant,
}

// typeNames lists the words that can begin a type, for suggestions.
var typeNames = []string{
	"ARRAY", "BIGINT", "BINARY", "BOOLEAN", "BYTE", "CHAR", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "INT", "INTEGER", "INTERVAL",
	"LONG", "MAP", "NUMERIC", "SHORT", "SMALLINT", "STRING", "STRUCT", "TIME", "TIMESTAMP", "TIMESTAMP_LTZ", "TIMESTAMP_NTZ",
	"TINYINT", "VARCHAR", "VARIANT", "VOID",
}

// namedType returns the type with an upper-case name and the numbers in parentheses after it.
func namedType(name string, numbers []int) (*Type, *sparkerr.Error) {
	switch {
	case simpleTypes[name] != nil && numbers == nil:
		return simpleTypes[name], nil
	case (name == "DECIMAL" || name == "DEC" || name == "NUMERIC") && len(numbers) <= 2:
		return decimalType(numbers)
	case name == "CHAR" || name == "CHARACTER" || name == "VARCHAR":
		return textType(name, numbers)
	case name == "TIME" && numbers == nil:
		return TimeOf(6), nil
	case name == "TIME" && len(numbers) == 1:
		if numbers[0] > 9 {
			return nil, sparkerr.New("UNSUPPORTED_TIME_PRECISION", "precision", strconv.Itoa(numbers[0]))
		}
		return TimeOf(numbers[0]), nil
	}
	return nil, unsupported(name, numbers)
}

func unsupported(name string, numbers []int) *sparkerr.Error {
	full := name
	if numbers != nil {
		parts := make([]string, len(numbers))
		for i, n := range numbers {
			parts[i] = strconv.Itoa(n)
		}
		full += "(" + strings.Join(parts, ",") + ")"
	}
	e := sparkerr.New("UNSUPPORTED_DATATYPE", "typeName", `"`+full+`"`)
	if near := suggest.Closest(name, typeNames, 1); len(near) > 0 && near[0] != name {
		e.Hint = "did you mean " + near[0] + "?"
	}
	return e
}

func decimalType(numbers []int) (*Type, *sparkerr.Error) {
	precision, scale := 10, 0
	if len(numbers) > 0 {
		precision = numbers[0]
	}
	if len(numbers) > 1 {
		scale = numbers[1]
	}
	switch {
	case scale > precision:
		return nil, sparkerr.New("DECIMAL_SCALE_EXCEEDS_PRECISION", "scale", strconv.Itoa(scale), "precision", strconv.Itoa(precision))
	case precision > 38:
		return nil, sparkerr.New("DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "precision", strconv.Itoa(precision), "maxPrecision", "38")
	}
	return DecimalOf(precision, scale), nil
}

func textType(name string, numbers []int) (*Type, *sparkerr.Error) {
	switch {
	case numbers == nil:
		return nil, sparkerr.New("DATATYPE_MISSING_SIZE", "type", `"`+name+`"`)
	case len(numbers) > 1:
		return nil, unsupported(name, numbers)
	case name == "VARCHAR":
		return &Type{Kind: KindVarchar, Precision: numbers[0]}, nil
	}
	return &Type{Kind: KindChar, Precision: numbers[0]}, nil
}

func arrayAt(c *lex.Cursor, first lex.Token) (*Type, *sparkerr.Error) {
	if !c.Accept("<") {
		return nil, incomplete(c, first, "ARRAY", "elementType", "<INT>")
	}
	elem, err := TypeAt(c)
	if err != nil {
		return nil, err
	}
	return ArrayOf(elem, true), c.Expect(">")
}

func mapAt(c *lex.Cursor, first lex.Token) (*Type, *sparkerr.Error) {
	if !c.Accept("<") {
		return nil, incomplete(c, first, "MAP", "", "")
	}
	key, err := TypeAt(c)
	if err != nil {
		return nil, err
	}
	if err := c.Expect(","); err != nil {
		return nil, err
	}
	value, err := TypeAt(c)
	if err != nil {
		return nil, err
	}
	return MapOf(key, value, true), c.Expect(">")
}

func structAt(c *lex.Cursor, first lex.Token) (*Type, *sparkerr.Error) {
	if c.Accept("<>") || c.Accept("<", ">") {
		return StructOf(), nil
	}
	if !c.Accept("<") {
		return nil, incomplete(c, first, "STRUCT", "", "")
	}
	fields, err := fieldsAt(c, true)
	if err != nil {
		return nil, err
	}
	return StructOf(fields...), c.Expect(">")
}

func incomplete(c *lex.Cursor, first lex.Token, name, param, value string) *sparkerr.Error {
	e := sparkerr.New("INCOMPLETE_TYPE_DEFINITION." + name)
	if param != "" {
		e.Params = map[string]string{param: value}
	}
	return c.Error(first.Start, first.End, e)
}

// intervalAt parses what follows INTERVAL: nothing, a field, or a range of fields.
func intervalAt(c *lex.Cursor) (*Type, *sparkerr.Error) {
	from := c.Peek()
	names, of := yearMonthFields[:], YearMonthOf
	start, ok := fieldIndex(names, from)
	if !ok {
		names, of = dayTimeFields[:], DayTimeOf
		if start, ok = fieldIndex(names, from); !ok {
			return Interval, nil
		}
	}
	c.Next()
	if !c.Accept("TO") {
		return of(start, start), nil
	}
	to := c.Peek()
	end, ok := fieldIndex(names, to)
	if !ok || end == 0 {
		return nil, c.Unexpected("")
	}
	c.Next()
	if end <= start {
		c.Later(c.Error(from.Start, to.End, sparkerr.New("_LEGACY_ERROR_TEMP_0028", "from", from.Text, "to", to.Text)))
	}
	return of(start, end), nil
}

func fieldIndex(names []string, t lex.Token) (uint8, bool) {
	for i, name := range names {
		if t.Is(name) {
			return uint8(i), true
		}
	}
	return 0, false
}
