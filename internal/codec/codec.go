// Package codec holds what the readers and writers (csv, json, text) share: splitting a partition of an input into chunks of
// whole lines, the interface between planner and reader, options, character sets, and the handling of malformed records.
package codec

import (
	"io"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Input is one partition of one file, or a piece of a stream.
//
// Partitions follow Hadoop's rule: a partition that starts at 0 owns the records that begin in [0, Length]; any other owns
// those that begin in (Start, Start+Length]. Formats that cannot be split have a single partition that starts at 0 with
// Length -1.
type Input struct {
	File *vector.File // nil for streams
	// Open returns the bytes from the beginning of the file. If Start > 0 the reader must be an io.ReaderAt or io.Seeker.
	Open          func() (io.ReadCloser, error)
	Start, Length int64 // Length -1: to the end
	// AtRecord is set if a record begins at Start, which the partition then owns.
	AtRecord bool
	// Continues is set if the bytes continue another input of the stream, so that there is no header.
	Continues bool
	// Chunk is the number of bytes read at a time; 0 means ChunkBytes.
	Chunk int
	// Carry is what the readers of the inputs of one stream pass on to each other; nil if inputs are independent, as files are.
	Carry *Carry
	data  []byte
}

// A Carry is what a reader remembers of the text before the current position, for VARIANT columns of CSV: the types of their last values,
// and the names in the header. Inputs that share it must be read one after the other.
type Carry struct {
	Types  []uint8 // by position in the record; the values are those of the format
	Header []string
}

// FromBytes returns an input over data, which must hold whole records and must not change while it is read. file may be nil.
func FromBytes(file *vector.File, data []byte) Input {
	return Input{File: file, Length: -1, data: data}
}

// InMemory reports whether the input was created by FromBytes.
func (in *Input) InMemory() bool { return in.Open == nil }

// Bytes returns the data of an input created by FromBytes.
func (in *Input) Bytes() []byte { return in.data }

// Block returns the byte range for the Origin of batches.
func (in *Input) Block() vector.Block {
	length := in.Length
	if length < 0 && in.File != nil {
		length = in.File.Size - in.Start
	}
	return vector.Block{Start: in.Start, Length: length}
}

// A Restarter is a reader that can switch to another input. It keeps what it has set up for its scan, above all its memory.
type Restarter interface {
	vector.Reader
	// Restart closes the current input and continues with in.
	Restart(in Input)
}

// A Scan describes what a reader delivers. Each reader needs a separate Scan, because predicates own memory.
type Scan struct {
	// Fields lists the wanted columns, in the order of the batches and of conversion.
	Fields []types.Field
	// Schema is the complete schema of the data, in the order of the data.
	Schema *types.Schema
	// Filters are the conjuncts pushed down; their columns are positions in Fields. As in Spark, they decide which records
	// can be malformed. Some rows pass unchecked, where a column could not be converted, so the plan must keep the
	// conditions.
	Filters []vector.Predicate
	// Conditions lists the conjuncts that can be checked against statistics.
	Conditions []*Condition
	// PruneColumns allows a reader to parse the wanted columns only (spark.sql.csv.parser.columnPruning.enabled).
	PruneColumns bool
	// Zone is the session's time zone; nil means UTC.
	Zone *datetime.Zone
	// Now returns the current time in microseconds since the epoch, for times without a date; nil means the epoch.
	Now func() int64
	// MaxLineBytes limits the memory for one record; 0 means DefaultMaxLineBytes.
	MaxLineBytes int
	// OnMalformed, if set, is called with each malformed record that does not fail the query.
	OnMalformed func(*Malformed)
	// OnLoss, if set, is called with input that is dropped or becomes NULL although no record is malformed.
	OnLoss func(*Loss)
	// Presence, if set, records which of Fields occur in the data. Only json does this.
	Presence *Presence
	// OnWarning, if set, is called with conditions that Spark only logs.
	OnWarning func(message string)
}

// DefaultMaxLineBytes is the default for the longest record accepted.
const DefaultMaxLineBytes = 256 << 20

// A Malformed is a record that does not match the schema. Its slices are valid only during the call.
type Malformed struct {
	File    *vector.File
	Offset  int64 // of the record in the file; -1 if unknown
	Line    int64 // 1-based; 0 if unknown, see FindLine
	Record  []byte
	Column  string      // the first column that could not be converted; "" if the record as a whole is malformed
	Type    *types.Type // of Column
	Value   []byte      // the text in its place, if known
	Values  int         // number of values in the record, if that differs from the number of columns in the schema
	Reason  string
	Dropped bool
	// LineAt returns the line of an offset, in time proportional to the offset; nil if lines cannot be found.
	LineAt func(offset int64) int64
}

// FindLine fills in Line, which stays 0 if it cannot be found.
func (m *Malformed) FindLine() {
	if m.Line == 0 && m.Offset >= 0 && m.LineAt != nil {
		m.Line = m.LineAt(m.Offset)
	}
}

// TooLong is the reason for a record that is longer than MaxLineBytes.
const TooLong = "the record is longer than maxLineBytes"

// LineFeed is the reason for the rest of a line after a record that ended before the line does.
const LineFeed = "a line feed ends a record within its line, and what follows it is lost"

// InBadArray is the reason for a record that is dropped because another record of the same array is malformed.
const InBadArray = "another record of the same array has a value that cannot be read"

// TimeZone returns s.Zone, or UTC if it is nil.
func (s *Scan) TimeZone() *datetime.Zone {
	if s.Zone == nil {
		return datetime.UTC
	}
	return s.Zone
}

// NowMicros returns the current time, for texts without a date.
func (s *Scan) NowMicros() int64 {
	if s.Now == nil {
		return 0
	}
	return s.Now()
}

// LineLimit returns MaxLineBytes or its default.
func (s *Scan) LineLimit() int {
	if s.MaxLineBytes <= 0 {
		return DefaultMaxLineBytes
	}
	return s.MaxLineBytes
}

// Warn reports a condition that Spark only logs.
func (s *Scan) Warn(message string) {
	if s.OnWarning != nil {
		s.OnWarning(message)
	}
}
