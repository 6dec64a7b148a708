package engine

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
)

const (
	// recordKept is the maximum number of bytes of a malformed record that are kept to find its cause.
	recordKept = 4 << 10
	// valueShown is the maximum number of characters of a value in a message.
	valueShown = 60
	// filesNamed is the maximum number of files that a message names.
	filesNamed = 3
)

// A badRecord is the malformed record that a message describes.
type badRecord struct {
	file         string // "" if the record is not from a file
	offset, line int64
	column       string
	typ          *types.Type // of the column
	values       int         // number of values in the record, if it is the wrong number
	value        string      // the text that was read for the column
	reason       string
	record       string
}

func newBadRecord(m *codec.Malformed) *badRecord {
	m.FindLine()
	b := &badRecord{
		offset: m.Offset, line: m.Line, column: m.Column, typ: m.Type, values: m.Values, value: string(cutText(m.Value, recordKept)), reason: m.Reason,
		record: string(cutText(m.Record, recordKept)),
	}
	if m.File != nil {
		b.file = m.File.Path
	}
	return b
}

// after reports whether a message should describe m instead of b: if b is nil, if only m is itself malformed, or if m comes first in
// the input. Workers read concurrently, but the message must be deterministic.
func (b *badRecord) after(m *codec.Malformed) bool {
	if b == nil {
		return true
	}
	if blamed, innocent := b.reason != codec.InBadArray, m.Reason == codec.InBadArray; blamed == innocent {
		return !blamed
	}
	if m.File == nil {
		return m.Offset >= 0 && m.Offset < b.offset
	}
	return m.File.Path < b.file || m.File.Path == b.file && m.Offset < b.offset
}

// shown returns the malformed value, or the record if no single column is malformed.
func (b *badRecord) shown() string {
	if b.column != "" {
		return b.value
	}
	return b.record
}

// quoted returns the value in quotes, truncated to valueShown characters. A JSON string already has its quotes.
func (b *badRecord) quoted() string {
	value := []rune(b.value)
	switch {
	case len(value) > valueShown:
		return strconv.Quote(string(value[:valueShown]) + "…")
	case len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"':
		return b.value
	}
	return strconv.Quote(b.value)
}

func withArticle(name string) string {
	if strings.ContainsRune("AEIOU", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// place describes where a record is: the file or other input, and the line if it is known.
func (r *rejects) place(b *badRecord) string {
	at := "the " + strings.ToLower(r.source.Format)
	switch {
	case b.file != "":
		at = r.name(b.file)
	case r.source.Path == "-":
		at = "standard input"
	}
	if b.line > 0 {
		return fmt.Sprintf("%s line %d", at, b.line)
	}
	return at
}

// name returns a file's path relative to the source directory, or its base name if it is elsewhere.
func (r *rejects) name(path string) string {
	if rest, ok := strings.CutPrefix(path, r.root+"/"); ok && r.root != "" {
		return rest
	}
	return filepath.Base(path)
}

// fileDone ends the count for a file from which a reader returned rows, and records whether most of its records are malformed.
func (r *rejects) fileDone(path string, rows int64) {
	if !r.some.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	bad := r.perFile[path]
	delete(r.perFile, path)
	if r.dropped > 0 {
		rows += bad
	}
	if 2*bad > rows {
		r.mostlyMalformed(path)
	}
}

func (r *rejects) mostlyMalformed(path string) {
	switch name := r.name(path); {
	case slices.Contains(r.mostly, name):
	case len(r.mostly) < filesNamed:
		r.mostly = append(slices.Clip(r.mostly), name)
	default:
		r.more++
	}
}

// batchDone ends a batch. Files that still have a count in perFile did not yield any rows.
func (r *rejects) batchDone() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = false
	r.stopTimer()
	for _, path := range slices.Sorted(maps.Keys(r.perFile)) {
		r.mostlyMalformed(path)
	}
	clear(r.perFile)
}

// A notice is a message about lost input: text describes the loss, and hint a remedy.
type notice struct{ text, hint string }

// message returns the first notice about malformed records, or nil if there are none or a notice was already sent. rows is the number
// of rows that the readers have returned.
func (r *rejects) message(rows int64) *notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told > 0 || r.count == 0 {
		return nil
	}
	r.told = r.count
	return r.about(rows)
}

// tellEarly reports the malformed records of a long batch while it runs.
func (r *rejects) tellEarly() {
	r.mu.Lock()
	if !r.open || r.told > 0 || r.count == 0 {
		r.mu.Unlock()
		return
	}
	r.told = r.count
	n := r.about(0)
	n.text = "so far " + n.text
	r.mu.Unlock()
	r.tell(n)
}

// stopTimer cancels a pending tellEarly.
func (r *rejects) stopTimer() {
	if r.early != nil {
		r.early.Stop()
		r.early = nil
	}
}

// lastMessage returns a notice with the final count, or nil if that count was already reported.
func (r *rejects) lastMessage(rows int64) *notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count == r.told {
		return nil
	}
	if r.told == 0 {
		r.told = r.count
		return r.about(rows)
	}
	r.told = r.count
	return &notice{text: "in all, " + r.counted(rows) + r.files(), hint: r.listing()}
}

func (r *rejects) about(rows int64) *notice {
	n := &notice{text: r.counted(rows) + r.files() + r.firstOne(), hint: r.listing()}
	if r.first == nil {
		return n
	}
	if cause := r.cause(r.first); cause != "" {
		n.hint = cause + "; " + n.hint
	}
	return n
}

// firstOne describes the first malformed record: where it is, and what is wrong with it.
func (r *rejects) firstOne() string {
	b := r.first
	switch {
	case b == nil:
		return ""
	case b.column != "":
		return fmt.Sprintf("; first: %s, %s: %s is not %s", r.place(b), b.column, b.quoted(), withArticle(b.typ.SQL()))
	case b.values > 0:
		return fmt.Sprintf("; first: %s: %s for %s", r.place(b), plural(b.values, "value"), plural(len(r.dataColumns()), "column"))
	}
	return "; first: " + r.place(b) + ": " + b.reason
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func (r *rejects) corruptColumn() string {
	if name, ok := r.source.Options.Get("columnNameOfCorruptRecord"); ok {
		return name
	}
	return codec.CorruptRecordColumn
}

// dataColumns returns the columns that records contain: the schema without partition columns and the corrupt record column.
func (r *rejects) dataColumns() []string {
	corrupt := r.corruptColumn()
	var names []string
	if r.schema == nil {
		return nil
	}
	for _, f := range r.schema.Fields[:len(r.schema.Fields)-r.partitions] {
		if f.Name != corrupt {
			names = append(names, f.Name)
		}
	}
	return names
}

// counted returns text such as "2 of 3 rows are malformed (kept as NULL)". While a batch is open, the total is unknown and omitted.
func (r *rejects) counted(rows int64) string {
	fate := "kept as NULL"
	if r.dropped > 0 {
		fate, rows = "dropped", rows+r.dropped
	}
	of, noun, verb := "", "rows", "are"
	if r.open {
		rows = r.count
	} else {
		of = fmt.Sprintf(" of %d", rows)
	}
	if rows == 1 {
		noun = "row"
	}
	if r.count == 1 {
		verb = "is"
	}
	return fmt.Sprintf("%d%s %s %s malformed (%s)", r.count, of, noun, verb, fate)
}

// files names the files whose records are mostly malformed. It returns "" if firstOne already names the only one.
func (r *rejects) files() string {
	if len(r.mostly) == 0 || len(r.mostly) == 1 && r.first != nil && r.mostly[0] == r.name(r.first.file) {
		return ""
	}
	text := ", among them most of " + strings.Join(r.mostly, ", ")
	if r.more > 0 {
		text += fmt.Sprintf(" and %d more files", r.more)
	}
	return text
}

// listing says where the user finds the list of records, or how to get one.
func (r *rejects) listing() string {
	switch {
	case !r.listed():
		return "--rejects FILE lists them"
	case r.unlisted > 0:
		return fmt.Sprintf("the list %s is as long as it may be: %d of them are not in it", r.where(), r.unlisted)
	}
	return "they are listed in " + r.where()
}
