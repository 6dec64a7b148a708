package vector

import "github.com/streamctl/streamctl/internal/decimal"

// The following functions return the slice in use of a vector of their type. Generic loops over columns take one of them as an
// argument. The slice belongs to the vector.

// Bools returns the values of a BOOLEAN vector.
func Bools(v *Vector) []bool { return v.Bool }

// Int8s returns the values of a TINYINT vector.
func Int8s(v *Vector) []int8 { return v.I8 }

// Int16s returns the values of a SMALLINT vector.
func Int16s(v *Vector) []int16 { return v.I16 }

// Int32s returns the values of an INT, DATE or year-month interval vector.
func Int32s(v *Vector) []int32 { return v.I32 }

// Int64s returns the values of a BIGINT, TIMESTAMP, TIMESTAMP_NTZ, TIME or day-time interval vector.
func Int64s(v *Vector) []int64 { return v.I64 }

// Float32s returns the values of a FLOAT vector.
func Float32s(v *Vector) []float32 { return v.F32 }

// Float64s returns the values of a DOUBLE vector.
func Float64s(v *Vector) []float64 { return v.F64 }

// Decimals returns the unscaled values of a DECIMAL vector.
func Decimals(v *Vector) []decimal.Int128 { return v.Dec }

// Intervals returns the values of a legacy INTERVAL vector.
func Intervals(v *Vector) []CalendarInterval { return v.Cal }
