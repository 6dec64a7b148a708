package codec

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/streamctl/streamctl/internal/types"
)

// A Suspect is a malformed record whose likely cause is searched for.
type Suspect struct {
	Name    string      // of the file and its line, for messages
	Head    []byte      // how the file begins, or a stream if the record is its first
	Line    int64       // 0 if unknown
	Record  string      // its beginning, if it is long
	Cut     bool        // Record is not the whole record
	Column  string      // "" if the record as a whole is malformed
	Type    *types.Type // of Column
	Value   string      // in the place of Column
	Reason  string
	Options Values
	Columns []string // of the data
}

// A Diagnosis knows why records of a format are malformed. An answer names the option that helps; "" is none.
type Diagnosis struct {
	// Causes are tried in this order.
	Causes []func(*Suspect) string
	// ValueCause explains a value that is not of the type of its column; value is its text without quotes and blanks around it.
	ValueCause func(s *Suspect, value string) string
	// FollowsMarks reports that multiLine=true reads files in the character set of their byte order mark.
	FollowsMarks bool
}

// IsJSON reports whether the file seems to hold objects or arrays.
func (s *Suspect) IsJSON() bool {
	head := s.trimmedHead()
	return len(head) > 0 && (head[0] == '{' || head[0] == '[' && len(head) > 1 && strings.ContainsRune("{[\n\r \"", rune(head[1])))
}

// IsSeparated reports whether the first line of the file has characters that separate values.
func (s *Suspect) IsSeparated() bool {
	line := s.trimmedHead()
	if i := bytes.IndexAny(line, "\r\n"); i >= 0 {
		line = line[:i]
	}
	return !s.IsJSON() && bytes.ContainsAny(line, ",;\t|")
}

func (s *Suspect) trimmedHead() []byte {
	return bytes.TrimSpace(s.Head[min(len(s.Head), SkipBOM(s.Head)):])
}

var number = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// IsNumber reports whether text is a number in digits, with or without a fraction and an exponent.
func IsNumber(text string) bool { return number.MatchString(text) }
