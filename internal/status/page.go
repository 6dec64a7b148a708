package status

import (
	"bytes"
	_ "embed" // the page
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

//go:embed style.css
var style []byte

//go:embed page.html
var pageText string

// pageTemplate is parsed when the page is first asked for.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"visible": func(s string) string { return string(sparkerr.Visible([]byte(s))) },
		"title":   func(q *Query) string { return string(sparkerr.Visible([]byte(q.Title()))) },
		"bytes":   Bytes, "rate": Rate, "ms": millis, "instant": instant, "ago": ago, "chart": newChart, "parts": partsOf, "durations": durationsOf, "newest": newest,
		"api": func(q *Query) string { return "/api/queries/" + url.PathEscape(keyOf(q)) },
	}).Parse(pageText))
})

// refreshes are the intervals that the page offers, in seconds; 0 stops it.
var refreshes = []int{0, 2, 5, 30}

const refreshDefault = 5

// A view is what the page shows.
type view struct {
	*Report
	Refresh   int
	Refreshes []int
	Up        time.Duration
}

func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	v := view{Report: s.report(), Refresh: refreshDefault, Refreshes: refreshes}
	v.Up = v.Time.Sub(v.StartTime).Round(time.Second)
	if n, err := strconv.Atoi(r.URL.Query().Get("refresh")); err == nil && slices.Contains(refreshes, n) {
		v.Refresh = n
	}
	var b bytes.Buffer
	if err := pageTemplate().Execute(&b, v); err != nil {
		text(w, http.StatusInternalServerError, err.Error())
		return
	}
	answer(w, http.StatusOK, "text/html; charset=utf-8", b.Bytes())
}

// keyOf returns what finds a query at /api/queries.
func keyOf(q *Query) string {
	switch {
	case q.Name != nil:
		return *q.Name
	case q.ID != "":
		return q.ID
	}
	return q.RunID
}

// newest returns the last batches, the newest first.
func newest(list []*Progress) []*Progress {
	list = slices.Clone(list[max(len(list)-10, 0):])
	slices.Reverse(list)
	return list
}

// partsOf returns the names of the parts of batches in the order in which they happen; those that are not Spark's come last.
func partsOf(list []*Progress) []string {
	found := map[string]bool{}
	for _, p := range list {
		for part := range p.DurationMs {
			found[part] = true
		}
	}
	var parts []string
	for _, part := range append([]string{"triggerExecution", "latestOffset", "walCommit", "queryPlanning", "getBatch", "addBatch", "commitOffsets"}, slices.Sorted(maps.Keys(found))...) {
		if found[part] {
			parts = append(parts, part)
			delete(found, part)
		}
	}
	return parts
}

// durationsOf returns the durations of these parts in a batch.
func durationsOf(p *Progress, parts []string) []string {
	texts := make([]string, len(parts))
	for i, part := range parts {
		if ms, ok := p.DurationMs[part]; ok {
			texts[i] = millis(ms)
		}
	}
	return texts
}

// A chart has a bar for each recent batch, the oldest at the left.
type chart struct {
	Width, Height int
	Bars          []bar
	Longest       string // of the durations
}

type bar struct {
	X, Y, Height int
	AddY, Add    int // of the part addBatch
	Text         string
}

const (
	chartHeight = 60
	barWidth    = 6
)

func newChart(list []*Progress) *chart {
	if len(list) == 0 {
		return nil
	}
	longest := int64(1)
	for _, p := range list {
		longest = max(longest, p.BatchDuration)
	}
	c := &chart{Width: recentBatches * barWidth, Height: chartHeight, Longest: millis(longest)}
	for i, p := range list {
		height := max(int(p.BatchDuration*chartHeight/longest), 1)
		add := min(int(p.DurationMs["addBatch"]*chartHeight/longest), height)
		c.Bars = append(c.Bars, bar{
			X: i * barWidth, Y: chartHeight - height, Height: height, AddY: chartHeight - add, Add: add,
			Text: fmt.Sprintf("batch %d: %s, addBatch %s, %d rows", p.BatchID, millis(p.BatchDuration), millis(p.DurationMs["addBatch"]), p.NumInputRows),
		})
	}
	return c
}

// Bytes formats a size for people.
func Bytes(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB", "EB"}
	if n < 1000 {
		return fmt.Sprintf("%d %s", n, units[0])
	}
	v, i := float64(n), 0
	for v >= 999.5 {
		v, i = v/1000, i+1
	}
	if v < 9.95 {
		return fmt.Sprintf("%.1f %s", v, units[i])
	}
	return fmt.Sprintf("%.0f %s", v, units[i])
}

// Rate formats a number of rows per second for people: 0.5, 12, 3.4k.
func Rate(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 9.95:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	case v < 9999.5:
		return fmt.Sprintf("%.0f", v)
	case v < 1e6:
		return fmt.Sprintf("%.0fk", v/1e3)
	}
	return fmt.Sprintf("%.1fM", v/1e6)
}

func millis(ms int64) string {
	if ms < 10_000 {
		return fmt.Sprintf("%d ms", ms)
	}
	return (time.Duration(ms) * time.Millisecond).Round(100 * time.Millisecond).String()
}

func instant(t *time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// ago says how long before a moment another one was.
func ago(now time.Time, t *time.Time) string {
	return max(now.Sub(*t), 0).Round(time.Second).String() + " ago"
}
