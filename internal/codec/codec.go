// Package codec holds what the readers and writers of bytes (csv, json, text) share: a partition of an input cut into
// chunks of whole lines, what planning asks of a reader, options, character sets, and the handling of malformed records.
package codec

import (
	"io"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Input is one partition of one file, or a piece of a stream.
//
// Partitions follow Hadoop's rule: one that starts at 0 owns the records that begin at 0 … Length, any other those that begin
// in (Start, Start+Length]. Formats that cannot be split read partitions that start at 0 with Length -1.
type Input struct {
	File *vector.File // nil for streams
	// Open gives the bytes from the beginning of the file. If Start > 0 the reader must be an io.ReaderAt or io.Seeker.
	Open          func() (io.ReadCloser, error)
	Start, Length int64 // Length -1: to the end
	// Continues says that the bytes go on where those of another input of the stream ended: there is no header.
	Continues bool
	// Chunk is how much is read at a time; 0 is ChunkBytes.
	Chunk int
	data  []byte
}

// FromBytes makes an input of data, which must hold whole records and stay unchanged while it is read. file may be nil.
func FromBytes(file *vector.File, data []byte) Input {
	return Input{File: file, Length: -1, data: data}
}

// InMemory reports whether the input was made by FromBytes.
func (in *Input) InMemory() bool { return in.Open == nil }

// Bytes is the data of an input made by FromBytes.
func (in *Input) Bytes() []byte { return in.data }

// Block is the byte range as batches report it.
func (in *Input) Block() vector.Block {
	length := in.Length
	if length < 0 && in.File != nil {
		length = in.File.Size - in.Start
	}
	return vector.Block{Start: in.Start, Length: length}
}

// A Restarter is a reader that can go on with another input. What it has made for its scan, above all memory, stays.
type Restarter interface {
	vector.Reader
	// Restart closes the reader and begins with in.
	Restart(in Input)
}

// A Scan says what a reader is to deliver. Each reader gets one of its own, since predicates own memory.
type Scan struct {
	// Fields are the wanted columns in the order of the batches, and in which values are converted.
	Fields []types.Field
	// Schema is the whole schema of the data, in the order of the data.
	Schema *types.Schema
	// Filters are conjuncts pushed down; their columns are positions in Fields. They decide which records can be malformed,
	// as in Spark, but some rows pass unchecked (a column could not be converted): the plan must keep the conditions.
	Filters []vector.Predicate
	// Conditions are those of them that can be held against statistics.
	Conditions []*Condition
	// PruneColumns lets a reader look at the wanted columns only (spark.sql.csv.parser.columnPruning.enabled).
	PruneColumns bool
	// Zone is the session's time zone; nil is UTC.
	Zone *datetime.Zone
	// Now gives microseconds since the epoch, for times without a date; nil is the epoch.
	Now func() int64
	// MaxLineBytes bounds the memory that one record may take; 0 is DefaultMaxLineBytes.
	MaxLineBytes int
	// OnMalformed, when set, is called with each malformed record that does not fail the query.
	OnMalformed func(*Malformed)
	// OnLoss, when set, is called with what is left out or turned NULL although no record is malformed.
	OnLoss func(*Loss)
	// Presence, when set, is told which of Fields the records have. Only json looks.
	Presence *Presence
	// OnWarning, when set, is called with conditions that Spark only logs.
	OnWarning func(message string)
}

// DefaultMaxLineBytes is the longest record accepted unless a Scan says otherwise.
const DefaultMaxLineBytes = 256 << 20

// A Malformed is a record that could not be read as the schema says. Its slices are valid during the call only.
type Malformed struct {
	File    *vector.File
	Offset  int64 // of the record in the file; -1 when unknown
	Line    int64 // 1-based; 0: FindLine may know it
	Record  []byte
	Column  string      // the first column that could not be converted; "" when the record as a whole is wrong
	Type    *types.Type // of Column
	Value   []byte      // the text in its place, as far as it is known
	Values  int         // how many the record has, when they are not as many as the schema has columns
	Reason  string
	Dropped bool
	// LineAt finds the line of an offset, in time that grows with the offset; nil: nothing can.
	LineAt func(offset int64) int64
}

// FindLine fills in Line, which stays 0 when nothing can find it.
func (m *Malformed) FindLine() {
	if m.Line == 0 && m.Offset >= 0 && m.LineAt != nil {
		m.Line = m.LineAt(m.Offset)
	}
}

// TooLong is the reason of a record that is longer than MaxLineBytes.
const TooLong = "the record is longer than maxLineBytes"

// LineFeed is the reason of the rest of a line that a record in it has ended before.
const LineFeed = "a line feed ends a record within its line, and what follows it is lost"

// InBadArray is the reason of a record that is dropped because another one of the same array is malformed.
const InBadArray = "another record of the same array has a value that cannot be read"

// TimeZone is s.Zone or UTC.
func (s *Scan) TimeZone() *datetime.Zone {
	if s.Zone == nil {
		return datetime.UTC
	}
	return s.Zone
}

// NowMicros is the current time for texts that have no date.
func (s *Scan) NowMicros() int64 {
	if s.Now == nil {
		return 0
	}
	return s.Now()
}

// LineLimit is MaxLineBytes with its default.
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
