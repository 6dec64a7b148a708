package coerce_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// operators lists, for an operator and the type of its left operand, what real Spark answers for types of the right one: the
// type of the result, with ? if it is nullable, or ! and the kind of DATATYPE_MISMATCH. No operand is nullable except NULL (void).
var operators = []struct{ op, left, results string }{
	{"-", "void", "void, double=double?; boolean=!BINARY_OP_DIFF_TYPES; tinyint=tinyint?; smallint=smallint?; timestamp_ntz=interval day to second?; interval day=interval day?; interval month=interval month?"},
	{"-", "boolean", "void=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE; date=!UNEXPECTED_INPUT_TYPE"},
	{"-", "tinyint", "boolean=!BINARY_OP_DIFF_TYPES; tinyint=tinyint; smallint=smallint; int=int; bigint=bigint; float, double=double; date=!UNEXPECTED_INPUT_TYPE"},
	{"-", "smallint", "void=smallint?; boolean=!BINARY_OP_DIFF_TYPES; double=double; string=bigint?; date=!UNEXPECTED_INPUT_TYPE"},
	{"-", "int", "void=int?; tinyint=int; double=double; string=bigint?; date=!UNEXPECTED_INPUT_TYPE; array<int>=!BINARY_OP_DIFF_TYPES"},
	{"-", "bigint", "void, string=bigint?; tinyint, int=bigint; float, double=double; date=!UNEXPECTED_INPUT_TYPE; interval month=!BINARY_OP_DIFF_TYPES"},
	{"-", "float", "boolean=!BINARY_OP_DIFF_TYPES; tinyint, int, bigint, double, decimal(3,2), decimal(38,10)=double; float=float"},
	{"-", "double", "void=double?; smallint, double=double; binary=!BINARY_OP_DIFF_TYPES; timestamp_ntz=!UNEXPECTED_INPUT_TYPE"},
	{"-", "decimal(3,2)", "void=decimal(4,2)?; boolean=!BINARY_OP_DIFF_TYPES; double=double; decimal(3,2)=decimal(4,2); date=!UNEXPECTED_INPUT_TYPE"},
	{"-", "decimal(38,10)", "boolean=!BINARY_OP_DIFF_TYPES; float=double; decimal(3,2)=decimal(38,9); date=!UNEXPECTED_INPUT_TYPE"},
	{"-", "string", "void=!BINARY_OP_WRONG_TYPE; tinyint, int, bigint=bigint?; float, double, decimal(3,2)=double?; timestamp=interval day to second?; interval month=!BINARY_OP_DIFF_TYPES"},
	{"-", "binary", "void=!BINARY_OP_DIFF_TYPES; timestamp=!UNEXPECTED_INPUT_TYPE"},
	{"-", "date", "boolean=!UNEXPECTED_INPUT_TYPE; smallint, int=date; date=interval day; timestamp=interval day to second"},
	{"-", "timestamp", "tinyint=!UNEXPECTED_INPUT_TYPE; timestamp=interval day to second; interval day=timestamp"},
	{"-", "timestamp_ntz", "void, date=interval day to second?; tinyint=!UNEXPECTED_INPUT_TYPE; timestamp=interval day to second; interval day, interval month=timestamp_ntz"},
	{"-", "interval day", "tinyint=!BINARY_OP_DIFF_TYPES; timestamp_ntz=!UNEXPECTED_INPUT_TYPE; interval day=interval day"},
	{"-", "interval month", "void=interval month?; boolean=!BINARY_OP_DIFF_TYPES; timestamp=!UNEXPECTED_INPUT_TYPE; interval month=interval month"},
	{"-", "array<int>", "void=!BINARY_OP_DIFF_TYPES; timestamp=!UNEXPECTED_INPUT_TYPE; array<int>=!BINARY_OP_WRONG_TYPE"},
	{"*", "void", "void=double?; boolean=!BINARY_OP_DIFF_TYPES; tinyint=tinyint?; int=int?; bigint=bigint?; decimal(38,10)=decimal(38,6)?; interval day=interval day to second?"},
	{"*", "boolean", "bigint=!BINARY_OP_DIFF_TYPES; interval day=!UNEXPECTED_INPUT_TYPE"},
	{"*", "tinyint", "boolean=!BINARY_OP_DIFF_TYPES; tinyint=tinyint; int=int; interval day=interval day to second; interval month=interval year to month"},
	{"*", "smallint", "boolean=!BINARY_OP_DIFF_TYPES; smallint=smallint; bigint=bigint; float=double; interval day=interval day to second; interval month=interval year to month"},
	{"*", "int", "void=int?; boolean=!BINARY_OP_DIFF_TYPES; tinyint=int; double=double; interval day=interval day to second"},
	{"*", "bigint", "void, string=bigint?; smallint, int, bigint=bigint; float=double; binary=!BINARY_OP_DIFF_TYPES; interval month=interval year to month"},
	{"*", "float", "boolean=!BINARY_OP_DIFF_TYPES; tinyint, smallint, decimal(38,10)=double; float=float; string=double?; interval day=interval day to second; interval month=interval year to month"},
	{"*", "double", "void=double?; float, decimal(3,2), decimal(38,10)=double; date=!BINARY_OP_DIFF_TYPES; interval day=interval day to second; interval month=interval year to month"},
	{"*", "decimal(3,2)", "float=double; decimal(38,10)=decimal(38,8); string=double?; interval day=interval day to second"},
	{"*", "decimal(38,10)", "void=decimal(38,6)?; decimal(38,10)=decimal(38,6); binary=!BINARY_OP_DIFF_TYPES"},
	{"*", "string", "void=!BINARY_OP_WRONG_TYPE; smallint=bigint?; double, decimal(3,2), decimal(38,10)=double?"},
	{"*", "binary", "tinyint=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE; interval day=!UNEXPECTED_INPUT_TYPE"},
	{"*", "date", "void=!BINARY_OP_DIFF_TYPES; date=!BINARY_OP_WRONG_TYPE; interval day=!UNEXPECTED_INPUT_TYPE"},
	{"*", "timestamp", "void=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE; interval day=!UNEXPECTED_INPUT_TYPE"},
	{"*", "timestamp_ntz", "tinyint=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE; interval day=!UNEXPECTED_INPUT_TYPE"},
	{"*", "interval day", "bigint, float, double, decimal(38,10)=interval day to second; string=interval day to second?; timestamp=!UNEXPECTED_INPUT_TYPE"},
	{"*", "interval month", "void, string=interval year to month?; boolean=!UNEXPECTED_INPUT_TYPE; smallint, decimal(38,10)=interval year to month"},
	{"*", "array<int>", "void=!BINARY_OP_DIFF_TYPES"},
	{"||", "void", "void, int, bigint=string?"},
	{"||", "boolean", "void=string?; tinyint, int, double=string"},
	{"||", "tinyint", "boolean, tinyint, bigint=string"},
	{"||", "smallint", "tinyint, smallint, double=string; array<int>=!DATA_DIFF_TYPES"},
	{"||", "int", "boolean, smallint, int=string"},
	{"||", "bigint", "boolean, tinyint, int=string"},
	{"||", "float", "boolean, smallint, bigint=string; array<int>=!DATA_DIFF_TYPES"},
	{"||", "double", "void=string?; boolean, smallint, bigint=string"},
	{"||", "decimal(3,2)", "boolean, double, decimal(3,2)=string"},
	{"||", "decimal(38,10)", "boolean, decimal(3,2), string=string"},
	{"||", "string", "void=string?; boolean, smallint, bigint=string; array<int>=!DATA_DIFF_TYPES"},
	{"||", "binary", "boolean, tinyint, smallint=string; binary=binary"},
	{"||", "date", "boolean, tinyint, smallint=string; array<int>=!DATA_DIFF_TYPES"},
	{"||", "timestamp", "smallint, int, bigint=string; array<int>=!DATA_DIFF_TYPES"},
	{"||", "timestamp_ntz", "boolean, double, string=string"},
	{"||", "interval day", "boolean, int, bigint=string"},
	{"||", "interval month", "smallint, bigint, float=string"},
	{"||", "array<int>", "void=!DATA_DIFF_TYPES; array<int>=array<int>"},
	{"<", "void", "void, smallint, string, interval month=boolean?"},
	{"<", "boolean", "tinyint=!BINARY_OP_DIFF_TYPES"},
	{"<", "tinyint", "tinyint, int, bigint, float, double=boolean; string=boolean?; timestamp_ntz=!BINARY_OP_DIFF_TYPES"},
	{"<", "smallint", "string=boolean?; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"<", "int", "void, string=boolean?; smallint, int=boolean"},
	{"<", "bigint", "void, string=boolean?; smallint=boolean; timestamp_ntz=!BINARY_OP_DIFF_TYPES"},
	{"<", "float", "void=boolean?; float=boolean; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"<", "double", "smallint, int, float, double=boolean; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"<", "decimal(3,2)", "void=boolean?; float, double=boolean; interval day=!BINARY_OP_DIFF_TYPES"},
	{"<", "decimal(38,10)", "void, string=boolean?; decimal(3,2), decimal(38,10)=boolean; binary=!BINARY_OP_DIFF_TYPES"},
	{"<", "string", "string=boolean; interval month=!BINARY_OP_DIFF_TYPES"},
	{"<", "binary", "tinyint=!BINARY_OP_DIFF_TYPES; string=boolean"},
	{"<", "date", "smallint=!BINARY_OP_DIFF_TYPES; string, timestamp_ntz=boolean?; date, timestamp=boolean"},
	{"<", "timestamp", "interval month=!BINARY_OP_DIFF_TYPES"},
	{"<", "timestamp_ntz", "void, string=boolean?; smallint=!BINARY_OP_DIFF_TYPES; timestamp, timestamp_ntz=boolean"},
	{"<", "interval day", "void=boolean?; int=!BINARY_OP_DIFF_TYPES; interval day=boolean"},
	{"<", "interval month", "interval month=boolean"},
	{"<", "array<int>", "boolean=!BINARY_OP_DIFF_TYPES"},
	{"<=>", "void", "void, string, timestamp=boolean"},
	{"<=>", "boolean", "void=boolean; int=!BINARY_OP_DIFF_TYPES"},
	{"<=>", "tinyint", "void, smallint, int=boolean; date=!BINARY_OP_DIFF_TYPES"},
	{"<=>", "smallint", "timestamp=!BINARY_OP_DIFF_TYPES"},
	{"<=>", "int", "void, int, bigint=boolean; timestamp_ntz=!BINARY_OP_DIFF_TYPES"},
	{"<=>", "bigint", "void, smallint, bigint=boolean; timestamp_ntz=!BINARY_OP_DIFF_TYPES"},
	{"<=>", "float", "void, int, bigint=boolean; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"<=>", "double", "void, int, bigint=boolean; timestamp_ntz=!BINARY_OP_DIFF_TYPES"},
	{"<=>", "decimal(3,2)", "void, float, double=boolean; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"<=>", "decimal(38,10)", "boolean=!BINARY_OP_DIFF_TYPES; decimal(38,10), string=boolean"},
	{"<=>", "string", "string, timestamp=boolean"},
	{"<=>", "binary", "boolean=!BINARY_OP_DIFF_TYPES; string=boolean"},
	{"<=>", "date", "int=!BINARY_OP_DIFF_TYPES; string, date, timestamp=boolean"},
	{"<=>", "timestamp_ntz", "void, string, timestamp_ntz=boolean; smallint=!BINARY_OP_DIFF_TYPES"},
	{"<=>", "interval day", "smallint=!BINARY_OP_DIFF_TYPES; interval day=boolean"},
	{"<=>", "interval month", "interval month=boolean"},
	{"<=>", "array<int>", "int=!BINARY_OP_DIFF_TYPES"},
	{"and", "void", "void=boolean?; string=!BINARY_OP_WRONG_TYPE; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"and", "boolean", "void=boolean?; boolean=boolean; tinyint=!BINARY_OP_DIFF_TYPES"},
	{"and", "tinyint", "smallint=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"and", "smallint", "timestamp=!BINARY_OP_DIFF_TYPES"},
	{"and", "int", "void=!BINARY_OP_DIFF_TYPES; int=!BINARY_OP_WRONG_TYPE"},
	{"and", "bigint", "timestamp=!BINARY_OP_DIFF_TYPES"},
	{"and", "float", "void=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"and", "double", "void=!BINARY_OP_DIFF_TYPES; double=!BINARY_OP_WRONG_TYPE"},
	{"and", "decimal(3,2)", "smallint=!BINARY_OP_DIFF_TYPES; decimal(3,2)=!BINARY_OP_WRONG_TYPE"},
	{"and", "decimal(38,10)", "boolean=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"and", "string", "string=!BINARY_OP_WRONG_TYPE"},
	{"and", "binary", "int=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"and", "date", "void=!BINARY_OP_DIFF_TYPES"},
	{"and", "timestamp", "timestamp=!BINARY_OP_WRONG_TYPE"},
	{"and", "timestamp_ntz", "smallint=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"and", "interval day", "void=!BINARY_OP_DIFF_TYPES; interval day=!BINARY_OP_WRONG_TYPE"},
	{"and", "array<int>", "smallint=!BINARY_OP_DIFF_TYPES; array<int>=!BINARY_OP_WRONG_TYPE"},
	{"+", "void", "boolean=!BINARY_OP_DIFF_TYPES; tinyint=tinyint?; smallint=smallint?; double=double?; date, timestamp=timestamp?; interval day=interval day?; interval month=interval month?"},
	{"+", "boolean", "boolean=!BINARY_OP_WRONG_TYPE; tinyint=!BINARY_OP_DIFF_TYPES"},
	{"+", "tinyint", "boolean=!BINARY_OP_DIFF_TYPES; float, double=double; interval day=!UNEXPECTED_INPUT_TYPE"},
	{"+", "smallint", "boolean=!BINARY_OP_DIFF_TYPES; tinyint=smallint; int=int; bigint=bigint; string=bigint?; interval day=!UNEXPECTED_INPUT_TYPE"},
	{"+", "int", "smallint, int=int; bigint=bigint; float, double=double; binary=!BINARY_OP_DIFF_TYPES; interval day=!UNEXPECTED_INPUT_TYPE"},
	{"+", "bigint", "boolean=!BINARY_OP_DIFF_TYPES; smallint, int, bigint=bigint; double=double; string=bigint?; date=!UNEXPECTED_INPUT_TYPE"},
	{"+", "float", "void=float?; tinyint, smallint, int, decimal(3,2)=double; float=float; binary=!BINARY_OP_DIFF_TYPES; date=!UNEXPECTED_INPUT_TYPE"},
	{"+", "double", "boolean=!BINARY_OP_DIFF_TYPES; smallint, int, bigint, decimal(3,2), decimal(38,10)=double; string=double?; date=!UNEXPECTED_INPUT_TYPE"},
	{"+", "decimal(3,2)", "void=decimal(4,2)?; boolean=!BINARY_OP_DIFF_TYPES; float, double=double; decimal(3,2)=decimal(4,2); decimal(38,10)=decimal(38,9); date=!UNEXPECTED_INPUT_TYPE"},
	{"+", "decimal(38,10)", "boolean=!BINARY_OP_DIFF_TYPES; float=double; decimal(3,2), decimal(38,10)=decimal(38,9); string=double?; interval day=!UNEXPECTED_INPUT_TYPE"},
	{"+", "string", "void=!BINARY_OP_WRONG_TYPE; smallint, int, bigint=bigint?; double, decimal(38,10)=double?; date=!UNEXPECTED_INPUT_TYPE; interval month=!BINARY_OP_DIFF_TYPES"},
	{"+", "binary", "void=!BINARY_OP_DIFF_TYPES; binary=!BINARY_OP_WRONG_TYPE"},
	{"+", "date", "bigint=!UNEXPECTED_INPUT_TYPE; interval day=date"},
	{"+", "timestamp", "void=timestamp?; boolean=!BINARY_OP_DIFF_TYPES; timestamp=!BINARY_OP_WRONG_TYPE; interval month=timestamp"},
	{"+", "timestamp_ntz", "void=timestamp_ntz?; tinyint=!BINARY_OP_DIFF_TYPES; date=!UNEXPECTED_INPUT_TYPE; interval day, interval month=timestamp_ntz"},
	{"+", "interval day", "boolean=!UNEXPECTED_INPUT_TYPE; timestamp=timestamp; timestamp_ntz=timestamp_ntz"},
	{"+", "interval month", "void=interval month?; boolean=!BINARY_OP_DIFF_TYPES; date=date; timestamp=timestamp; timestamp_ntz=timestamp_ntz"},
	{"+", "array<int>", "void=!BINARY_OP_DIFF_TYPES; interval day=!UNEXPECTED_INPUT_TYPE; array<int>=!BINARY_OP_WRONG_TYPE"},
	{"/", "void", "boolean=!BINARY_OP_DIFF_TYPES; smallint, decimal(3,2), decimal(38,10)=double?"},
	{"/", "boolean", "tinyint=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"/", "tinyint", "void, smallint, int, bigint=double?; boolean=!BINARY_OP_DIFF_TYPES"},
	{"/", "smallint", "void, tinyint, smallint, int, bigint, double=double?; boolean=!BINARY_OP_DIFF_TYPES"},
	{"/", "int", "boolean=!BINARY_OP_DIFF_TYPES; smallint, int, string=double?"},
	{"/", "bigint", "boolean=!BINARY_OP_DIFF_TYPES; tinyint, smallint, float, string=double?"},
	{"/", "float", "void, bigint, double, decimal(3,2), decimal(38,10), string=double?; boolean=!BINARY_OP_DIFF_TYPES"},
	{"/", "double", "void, smallint, double, decimal(3,2), decimal(38,10), string=double?; boolean=!BINARY_OP_DIFF_TYPES"},
	{"/", "decimal(3,2)", "boolean=!BINARY_OP_DIFF_TYPES; float, double=double?; decimal(3,2)=decimal(9,6)?"},
	{"/", "decimal(38,10)", "boolean=!BINARY_OP_DIFF_TYPES; float, string=double?"},
	{"/", "string", "tinyint, smallint, int, bigint=double?; string=!BINARY_OP_WRONG_TYPE; interval day=!BINARY_OP_DIFF_TYPES"},
	{"/", "binary", "void=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"/", "date", "smallint=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"/", "timestamp", "void=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"/", "timestamp_ntz", "smallint=!BINARY_OP_DIFF_TYPES"},
	{"/", "interval day", "boolean=!UNEXPECTED_INPUT_TYPE; bigint=interval day to second"},
	{"/", "interval month", "void=interval year to month?; smallint, int, bigint, float, decimal(3,2), decimal(38,10)=interval year to month; timestamp_ntz=!UNEXPECTED_INPUT_TYPE"},
	{"/", "array<int>", "void=!BINARY_OP_DIFF_TYPES"},
	{"=", "void", "smallint, bigint, double=boolean?"},
	{"=", "boolean", "void=boolean?; boolean=boolean; tinyint=!BINARY_OP_DIFF_TYPES"},
	{"=", "tinyint", "tinyint, int, bigint=boolean; string=boolean?; binary=!BINARY_OP_DIFF_TYPES"},
	{"=", "smallint", "boolean=!BINARY_OP_DIFF_TYPES; smallint, bigint=boolean; string=boolean?"},
	{"=", "int", "void=boolean?; smallint=boolean; binary=!BINARY_OP_DIFF_TYPES"},
	{"=", "bigint", "void, string=boolean?; boolean=!BINARY_OP_DIFF_TYPES; tinyint, smallint, int=boolean"},
	{"=", "float", "void=boolean?; tinyint, bigint, double=boolean; binary=!BINARY_OP_DIFF_TYPES"},
	{"=", "double", "void, string=boolean?; tinyint, smallint, int=boolean; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"=", "decimal(3,2)", "decimal(3,2)=boolean; date=!BINARY_OP_DIFF_TYPES"},
	{"=", "decimal(38,10)", "boolean=!BINARY_OP_DIFF_TYPES; string=boolean?"},
	{"=", "string", "void, smallint, int=boolean?; interval day=!BINARY_OP_DIFF_TYPES"},
	{"=", "binary", "void=boolean?; boolean=!BINARY_OP_DIFF_TYPES; string=boolean"},
	{"=", "date", "void=boolean?; boolean=!BINARY_OP_DIFF_TYPES"},
	{"=", "timestamp", "tinyint=!BINARY_OP_DIFF_TYPES; timestamp, timestamp_ntz=boolean"},
	{"=", "timestamp_ntz", "void, string, date=boolean?; boolean=!BINARY_OP_DIFF_TYPES; timestamp_ntz=boolean"},
	{"=", "interval day", "void=boolean?; tinyint=!BINARY_OP_DIFF_TYPES"},
	{"=", "interval month", "void=boolean?; boolean=!BINARY_OP_DIFF_TYPES"},
	{"=", "array<int>", "void=boolean?; boolean=!BINARY_OP_DIFF_TYPES; array<int>=boolean"},
	{"div", "void", "smallint=bigint?"},
	{"div", "boolean", "tinyint=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"div", "tinyint", "void, tinyint, int, bigint, string=bigint?; double=!BINARY_OP_DIFF_TYPES"},
	{"div", "smallint", "smallint, string=bigint?; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"div", "int", "int, bigint, string=bigint?; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"div", "bigint", "string=bigint?; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"div", "float", "void=!BINARY_OP_DIFF_TYPES; float=!BINARY_OP_WRONG_TYPE"},
	{"div", "double", "float=!BINARY_OP_DIFF_TYPES; double=!BINARY_OP_WRONG_TYPE"},
	{"div", "decimal(3,2)", "void, decimal(3,2)=bigint?; float=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"div", "decimal(38,10)", "double=!BINARY_OP_WRONG_TYPE; decimal(3,2)=bigint?; binary=!BINARY_OP_DIFF_TYPES"},
	{"div", "string", "string=!BINARY_OP_WRONG_TYPE"},
	{"div", "binary", "tinyint=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"div", "date", "void=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"div", "timestamp", "timestamp=!BINARY_OP_WRONG_TYPE; interval month=!BINARY_OP_DIFF_TYPES"},
	{"div", "timestamp_ntz", "string=!BINARY_OP_WRONG_TYPE; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"div", "interval day", "void, interval day=bigint?; int=!BINARY_OP_DIFF_TYPES"},
	{"div", "interval month", "interval month=bigint?"},
	{"div", "array<int>", "boolean=!BINARY_OP_DIFF_TYPES; array<int>=!BINARY_OP_WRONG_TYPE"},
	{"&", "void", "smallint=smallint?"},
	{"&", "boolean", "tinyint=!BINARY_OP_DIFF_TYPES"},
	{"&", "tinyint", "void=tinyint?; smallint=smallint; bigint=bigint; double=!BINARY_OP_DIFF_TYPES"},
	{"&", "smallint", "smallint=smallint; string=bigint?; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"&", "int", "void=int?; smallint=int; timestamp_ntz=!BINARY_OP_DIFF_TYPES"},
	{"&", "bigint", "void, string=bigint?; smallint=bigint; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"&", "float", "smallint=!BINARY_OP_DIFF_TYPES; float=!BINARY_OP_WRONG_TYPE"},
	{"&", "double", "float=!BINARY_OP_DIFF_TYPES; double=!BINARY_OP_WRONG_TYPE"},
	{"&", "decimal(3,2)", "bigint=!BINARY_OP_DIFF_TYPES; double=!BINARY_OP_WRONG_TYPE"},
	{"&", "decimal(38,10)", "void=!BINARY_OP_DIFF_TYPES; double=!BINARY_OP_WRONG_TYPE"},
	{"&", "string", "interval month=!BINARY_OP_DIFF_TYPES"},
	{"&", "binary", "boolean=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"&", "date", "void=!BINARY_OP_DIFF_TYPES; date=!BINARY_OP_WRONG_TYPE"},
	{"&", "timestamp", "interval month=!BINARY_OP_DIFF_TYPES"},
	{"&", "timestamp_ntz", "string=!BINARY_OP_WRONG_TYPE"},
	{"&", "interval day", "int=!BINARY_OP_DIFF_TYPES"},
	{"&", "array<int>", "boolean=!BINARY_OP_DIFF_TYPES; array<int>=!BINARY_OP_WRONG_TYPE"},
	{"%", "void", "interval month=!BINARY_OP_DIFF_TYPES"},
	{"%", "boolean", "boolean=!BINARY_OP_WRONG_TYPE; int=!BINARY_OP_DIFF_TYPES"},
	{"%", "tinyint", "tinyint=tinyint?; bigint, string=bigint?; float, double=double?; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"%", "smallint", "timestamp=!BINARY_OP_DIFF_TYPES"},
	{"%", "int", "void, smallint=int?; interval month=!BINARY_OP_DIFF_TYPES"},
	{"%", "bigint", "smallint, bigint, string=bigint?"},
	{"%", "float", "void, float=float?; smallint, int=double?; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"%", "double", "smallint, int, float=double?; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"%", "decimal(3,2)", "float, string=double?; timestamp=!BINARY_OP_DIFF_TYPES"},
	{"%", "decimal(38,10)", "void=decimal(38,10)?; decimal(3,2)=decimal(11,10)?; string=double?; binary=!BINARY_OP_DIFF_TYPES"},
	{"%", "string", "interval month=!BINARY_OP_DIFF_TYPES"},
	{"%", "binary", "void=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"%", "date", "smallint=!BINARY_OP_DIFF_TYPES; string=!BINARY_OP_WRONG_TYPE"},
	{"%", "timestamp", "timestamp=!BINARY_OP_WRONG_TYPE"},
	{"%", "timestamp_ntz", "smallint=!BINARY_OP_DIFF_TYPES"},
	{"%", "interval day", "void=!BINARY_OP_DIFF_TYPES; interval day=!BINARY_OP_WRONG_TYPE"},
	{"%", "interval month", "interval month=!BINARY_OP_WRONG_TYPE"},
	{"%", "array<int>", "tinyint=!BINARY_OP_DIFF_TYPES"},
}

func parseType(t *testing.T, text string) *types.Type {
	t.Helper()
	typ, err := types.ParseType(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return typ
}

// operand returns a column that is not nullable, or the literal NULL.
func operand(t *testing.T, typ string) *expr.Expr {
	t.Helper()
	if typ == "void" {
		return expr.Null(types.Void)
	}
	return column(parseType(t, typ))
}

// callOf returns a call with operands of the given types.
func callOf(t *testing.T, function string, operands ...string) *expr.Expr {
	t.Helper()
	c := call(function)
	for _, typ := range operands {
		c.Args = append(c.Args, operand(t, typ))
	}
	return c
}

// answer describes the type of a resolved call, or its error, as the tables do.
func answer(call *expr.Expr, err error) string {
	var e *sparkerr.Error
	switch {
	case errors.As(err, &e):
		return "!" + strings.TrimPrefix(e.Condition, "DATATYPE_MISMATCH.")
	case err != nil:
		return "!" + err.Error()
	case call.Nullable:
		return call.Type.String() + "?"
	}
	return call.Type.String()
}

func resolve(call *expr.Expr) error {
	switch call.Fn.Name {
	case "=", "<=>", "<":
		return coerce.Comparison(call)
	case "||":
		return coerce.Concat(call)
	}
	return coerce.Arithmetic(call)
}

func TestOperatorsResolveLikeSpark(t *testing.T) {
	for _, o := range operators {
		for r := range strings.SplitSeq(o.results, "; ") {
			rights, want, _ := strings.Cut(r, "=")
			for right := range strings.SplitSeq(rights, ", ") {
				c := callOf(t, o.op, o.left, right)
				err := resolve(c)
				if got := answer(c, err); got != want {
					t.Errorf("%s %s %s is %s, want %s", o.left, o.op, right, got, want)
				}
			}
		}
	}
}
