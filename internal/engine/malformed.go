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
	// recordKept is how much of a malformed record is kept to find its cause.
	recordKept = 4 << 10
	// valueShown is how many characters of a value a message shows.
	valueShown = 60
	// filesNamed is how many files a message names.
	filesNamed = 3
)

// A badRecord is a malformed record that a message is about.
type badRecord struct {
	file         string // "" when it came from a stream
	offset, line int64
	column       string
	typ          *types.Type // of the column
	values       int         // how many the record has, when that is what is wrong
	value        string      // in the place of the column's value
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

// after reports that m comes before b, or that b is nil. Workers read concurrently, and the message must be deterministic.
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

// shown is the value, or the record when it is malformed as a whole.
func (b *badRecord) shown() string {
	if b.column != "" {
		return b.value
	}
	return b.record
}

// quoted is the value in quotes, cut to what a message shows. A text in JSON has its quotes.
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

// place names file and line.
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

// name is a file's path below the directory of the source.
func (r *rejects) name(path string) string {
	if rest, ok := strings.CutPrefix(path, r.root+"/"); ok && r.root != "" {
		return rest
	}
	return filepath.Base(path)
}

// fileDone notes how many rows a reader has had from a file.
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

// batchDone ends a batch. Of files that still have malformed records no row came out.
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

// A notice is a message about lost input: what is lost, and what to do.
type notice struct{ text, hint string }

// message tells of malformed records for the first time; nil when there is nothing to tell, or it was told. rows is how many the
// readers have delivered.
func (r *rejects) message(rows int64) *notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told > 0 || r.count == 0 {
		return nil
	}
	r.told = r.count
	return r.about(rows)
}

// tellEarly reports the malformed records of a batch that takes long.
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

// lastMessage reports the final number, unless it was already reported.
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

// firstOne says where the first malformed record is, and what is wrong with it.
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

// dataColumns are those of the schema that are in the data.
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

// counted is "2 of 3 rows are malformed (kept as NULL)". While a batch is open nothing is known of its rows.
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

// files names those of which most records are malformed, unless it is the one that is named anyway.
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

// listing says where the records are listed.
func (r *rejects) listing() string {
	switch {
	case !r.listed():
		return "--rejects FILE lists them"
	case r.unlisted > 0:
		return fmt.Sprintf("the list %s is as long as it may be: %d of them are not in it", r.path, r.unlisted)
	}
	return "they are listed in " + r.path
}
