package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/status"
)

// A liveColumn is a column of the live view. Those that do not fit are left out, from the last one on.
type liveColumn struct {
	title string
	right bool // aligned to the right
	text  func(r *status.Report, q *status.Query) string
}

// liveColumns are the columns of the live view, the most important first.
var liveColumns = []liveColumn{
	{"stream", false, func(_ *status.Report, q *status.Query) string { return q.Title() }},
	{"state", false, func(_ *status.Report, q *status.Query) string { return q.State }},
	{"rows/s", true, func(r *status.Report, q *status.Query) string {
		return status.Rate(q.RowsPerSecond(r.Time))
	}},
	{"waiting", true, func(_ *status.Report, q *status.Query) string { return q.LagText() }},
	{"batch", true, func(_ *status.Report, q *status.Query) string {
		number, _ := q.BatchText()
		return number
	}},
	{"took", true, func(_ *status.Report, q *status.Query) string {
		_, took := q.BatchText()
		return took
	}},
	{"bad rows", false, func(_ *status.Report, q *status.Query) string { return q.BadText() }},
	{"watermark", false, func(_ *status.Report, q *status.Query) string {
		if w := q.Totals.Watermark; w != nil {
			return w.UTC().Format(time.RFC3339)
		}
		return ""
	}},
	{"state rows", true, func(_ *status.Report, q *status.Query) string {
		if q.Totals.Stateful {
			return fmt.Sprint(q.Totals.StateRows)
		}
		return ""
	}},
	{"rows in", true, func(_ *status.Report, q *status.Query) string { return fmt.Sprint(q.Totals.InputRows) }},
	{"rows out", true, func(_ *status.Report, q *status.Query) string {
		if q.Totals.OutputRows < 0 {
			return ""
		}
		return fmt.Sprint(q.Totals.OutputRows)
	}},
}

const (
	// longestCell is the maximum width of a cell of the live view.
	longestCell = 30
	// liveGap is between its columns.
	liveGap = "  "
)

// liveView formats a report as lines of at most a width: a title, a table with a line for each query, and the errors of those that have failed.
func liveView(r *status.Report, width int) []string {
	title := fmt.Sprintf("streamctl %s, up %s", sparkerr.Printable(r.Job), r.Time.Sub(r.StartTime).Round(time.Second))
	if r.Job == "" {
		title = fmt.Sprintf("streamctl, up %s", r.Time.Sub(r.StartTime).Round(time.Second))
	}
	if r.EndTime != nil {
		title += fmt.Sprintf(", %s left", max(r.EndTime.Sub(r.Time), 0).Round(time.Second))
	}
	lines := append([]string{title}, liveTable(r, width)...)
	for _, q := range r.Queries {
		if q.Exception != nil {
			lines = append(lines, sparkerr.Printable(q.Title())+": "+sparkerr.Printable(*q.Exception))
		}
	}
	for i, line := range lines {
		lines[i] = fitting(line, width)
	}
	return lines
}

// liveTable formats the columns that have something and fit.
func liveTable(r *status.Report, width int) []string {
	lines := make([]string, len(r.Queries)+1)
	used := 0
	for at, c := range liveColumns {
		cells := make([]string, len(lines))
		cells[0] = c.title
		widest, some := twwidth.Width(c.title), at < 2
		for i, q := range r.Queries {
			cells[i+1] = fitting(sparkerr.Printable(c.text(r, q)), longestCell)
			some = some || cells[i+1] != ""
			widest = max(widest, twwidth.Width(cells[i+1]))
		}
		if !some {
			continue
		}
		if used > 0 {
			used += len(liveGap)
		}
		if used += widest; used > width && at > 0 {
			break
		}
		for i, cell := range cells {
			pad := strings.Repeat(" ", widest-twwidth.Width(cell))
			if c.right {
				cell = pad + cell
			} else {
				cell += pad
			}
			if lines[i] != "" {
				lines[i] += liveGap
			}
			lines[i] += cell
		}
	}
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// fitting returns a text, or its beginning with an ellipsis, so that it is not wider than a width.
func fitting(text string, width int) string {
	if twwidth.Width(text) <= width {
		return text
	}
	used := 0
	for i, c := range text {
		if used += twwidth.Width(string(c)); used > width-1 {
			return text[:i] + "…"
		}
	}
	return text
}
