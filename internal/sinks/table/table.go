// Package table draws the tables of Spark's console sink (Dataset.showString) byte for byte, using tablewriter with a custom
// renderer, because Spark measures widths differently.
package table

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/olekukonko/ll"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// minWidth is the minimum width of a column.
const minWidth = 3

// Write draws a table. Cells are values formatted by package valuetext with Options.Show; Write escapes and truncates them.
// truncate is the maximum number of UTF-16 units in a cell; 0 means no limit and aligns to the left. clean also escapes the
// control characters that Spark passes through, for terminals.
func Write(w io.Writer, header []string, rows [][]string, truncate int, clean bool) error {
	r := newRenderer(header, rows, truncate, clean)
	defer r.held.Release()
	if err := r.reserve(w); err != nil {
		return err
	}
	t := tablewriter.NewTable(w, tablewriter.WithRenderer(r), tablewriter.WithConfig(plain))
	t.Header(r.header)
	for _, row := range r.rows {
		if err := t.Append(row); err != nil {
			return err
		}
	}
	if err := t.Render(); err != nil {
		return err
	}
	return r.err
}

// More returns the line below a table that does not show all rows.
func More(numRows int) string {
	if numRows == 1 {
		return "only showing top 1 row"
	}
	return "only showing top " + strconv.Itoa(numRows) + " rows"
}

// plain prevents tablewriter from modifying cells: no trimming, wrapping, padding or formatting.
var plain = tablewriter.Config{
	Header: plainCells, Row: plainCells,
	Behavior: tw.Behavior{TrimSpace: tw.Off, TrimTab: tw.Off, TrimLine: tw.Off, AutoHide: tw.Off},
}

var plainCells = tw.CellConfig{
	Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
	Padding:    tw.CellPadding{Global: tw.PaddingNone},
}

// A renderer draws a tablewriter table as Spark does. Widths are computed before drawing begins.
type renderer struct {
	w      io.Writer
	header []string
	rows   [][]string
	widths []int
	left   bool // align to the left
	border []byte
	line   []byte
	err    error
	held   memory.Holding
}

// maxBytes limits the size of a table. (In the JVM it is a string, which has the same limit in characters.)
const maxBytes = 1<<31 - 1

// reserve reserves the memory for the drawn table, in which each row is as wide as the widest cells.
func (r *renderer) reserve(w io.Writer) error {
	size := len(r.border) * (len(r.rows) + 4)
	err := r.held.Hold(2 * size)
	if err == nil && size > maxBytes {
		err = fmt.Errorf("a table may have at most %d", maxBytes)
	}
	if err != nil {
		e := sparkerr.Plain("a table of %d rows and %d characters in a row has %d bytes: %s", len(r.rows), len(r.border)-1, size, err).
			WithHint("print fewer rows (--num-rows) or narrower cells (--truncate, --max-width), or choose a sink that does not draw tables (-o csv)")
		e.Cause = err
		return e
	}
	if b, ok := w.(*bytes.Buffer); ok {
		b.Grow(size)
	}
	return nil
}

func newRenderer(header []string, rows [][]string, truncate int, clean bool) *renderer {
	r := &renderer{header: make([]string, len(header)), rows: make([][]string, len(rows)), left: truncate <= 0}
	r.widths = make([]int, len(header))
	for i, name := range header {
		r.header[i] = Escape(name, clean)
		r.widths[i] = max(minWidth, Width(r.header[i]))
	}
	for i, row := range rows {
		r.rows[i] = make([]string, len(row))
		for j, cell := range row {
			cell = cut(Escape(cell, clean), truncate)
			r.rows[i][j] = cell
			r.widths[j] = max(r.widths[j], Width(cell))
		}
	}
	r.border = append(r.border, '+')
	for _, n := range r.widths {
		r.border = append(append(r.border, strings.Repeat("-", n)...), '+')
	}
	if len(header) == 0 {
		r.border = append(r.border, '+')
	}
	r.border = append(r.border, '\n')
	return r
}

// Start begins a table.
func (r *renderer) Start(w io.Writer) error {
	r.w = w
	if len(r.header) == 0 { // tablewriter draws no table without columns, but Spark does
		r.bareTable()
	}
	return r.err
}

func (r *renderer) bareTable() {
	r.write(r.border)
	r.write([]byte("||\n"))
	r.write(r.border)
	r.write(bytes.Repeat([]byte("||\n"), len(r.rows)))
}

// Header draws the upper border, the column names and the border below them.
func (r *renderer) Header(lines [][]string, _ tw.Formatting) {
	r.write(r.border)
	for _, names := range lines {
		r.cells(names)
	}
	r.write(r.border)
}

// Row draws one row.
func (r *renderer) Row(row []string, _ tw.Formatting) { r.cells(row) }

// Footer draws nothing: Spark's tables have no footer.
func (r *renderer) Footer([][]string, tw.Formatting) {}

// Line draws nothing: Header and Close draw the borders.
func (r *renderer) Line(tw.Formatting) {}

// Config tells tablewriter not to draw borders.
func (r *renderer) Config() tw.Rendition { return tw.Rendition{} }

// Close draws the lower border.
func (r *renderer) Close() error {
	r.write(r.border)
	return r.err
}

// Logger does nothing.
func (r *renderer) Logger(*ll.Logger) {}

func (r *renderer) cells(row []string) {
	r.line = append(r.line[:0], '|')
	for i, cell := range row {
		if i >= len(r.widths) {
			break
		}
		pad := strings.Repeat(" ", max(0, r.widths[i]-Width(cell)))
		if r.left {
			r.line = append(append(r.line, cell...), pad...)
		} else {
			r.line = append(append(r.line, pad...), cell...)
		}
		r.line = append(r.line, '|')
	}
	r.write(append(r.line, '\n'))
}

func (r *renderer) write(b []byte) {
	if r.err == nil {
		_, r.err = r.w.Write(b)
	}
}

// Escape replaces the control characters that Spark escapes in cells and names and, with clean, all others, so that data
// cannot send commands to a terminal.
func Escape(s string, clean bool) string {
	if strings.IndexFunc(s, sparkerr.ActsOnTerminal) < 0 {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		switch {
		case c >= '\a' && c <= '\r':
			b.WriteByte('\\')
			b.WriteByte("abtnvfr"[c-'\a'])
		case clean && sparkerr.ActsOnTerminal(c):
			fmt.Fprintf(&b, "\\u%04X", c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// cut truncates a cell to n UTF-16 units, the last three of which are dots if n is at least 4. Half of a surrogate pair
// prints as a question mark, as by the JVM's output encoder.
func cut(s string, n int) string {
	if n <= 0 || len(s) <= n {
		return s
	}
	units := utf16.Encode([]rune(s))
	if len(units) <= n {
		return s
	}
	keep, dots := n, ""
	if n >= 4 {
		keep, dots = n-3, "..."
	}
	units = units[:keep]
	if keep > 0 && utf16.IsSurrogate(rune(units[keep-1])) && units[keep-1] < 0xDC00 {
		units[keep-1] = '?'
	}
	return string(utf16.Decode(units)) + dots
}

// Width returns Spark's width of a string: the number of UTF-16 units, counting full-width ones twice.
func Width(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			n++
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		n++
		if r > 0xFFFF || isFullWidth(r) {
			n++
		}
	}
	return n
}

// isFullWidth reports whether r is one of Spark's full-width characters (Utils.fullWidthRegex).
func isFullWidth(r rune) bool {
	switch {
	case r < 0x1100:
		return false
	case r <= 0x115F, r >= 0x2E80 && r <= 0xA4CF, r >= 0xAC00 && r <= 0xD7A3, r >= 0xF900 && r <= 0xFAFF,
		r >= 0xFE10 && r <= 0xFE19, r >= 0xFE30 && r <= 0xFE6F, r >= 0xFF00 && r <= 0xFF60, r >= 0xFFE0 && r <= 0xFFE6:
		return true
	}
	return false
}
