package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

const (
	// fetchTimeout is how long a client waits for a report.
	fetchTimeout = 5 * time.Second
	// longestReport is the maximum number of bytes of a report.
	longestReport = 64 << 20
)

// ParseURL returns the address of a status page from what people write: 4040, HOST:PORT or a URL.
func ParseURL(text string) (*url.URL, error) {
	if _, err := strconv.ParseUint(text, 10, 16); err == nil {
		text = "127.0.0.1:" + text
	}
	if strings.HasPrefix(text, ":") {
		text = "127.0.0.1" + text
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, sparkerr.Plain("%q is not the address of a status page", text).WithHint("write a port, such as 4040, HOST:PORT, or the URL that the run has printed")
	}
	return u, nil
}

// Fetch asks the status page at u for a report. The token may be "".
func Fetch(ctx context.Context, u *url.URL, token string) (*Report, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	at := u.JoinPath("api", "status")
	at.RawQuery, at.Fragment = "", ""
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := plainClient().Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err
		}
		e := sparkerr.Plain("no run answers at %s: %s", u.Host, sparkerr.Reason(err)).WithHint("start a run with --status 4040, or name the address that it has printed")
		e.Cause = err
		return nil, e
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, longestReport+1))
	switch {
	case err != nil:
		return nil, sparkerr.Plain("the report of %s cannot be read: %s", u.Host, sparkerr.Reason(err))
	case answer.StatusCode == http.StatusUnauthorized:
		return nil, sparkerr.Plain("%s asks for a token", u.Host).WithHint("set STREAMCTL_STATUS_TOKEN, or --status-token '${file:PATH}'")
	case answer.StatusCode != http.StatusOK:
		return nil, sparkerr.Plain("%s answers %d: %s", u.Host, answer.StatusCode, strings.TrimSpace(string(body[:min(len(body), 200)])))
	case len(body) > longestReport:
		return nil, sparkerr.Plain("the report of %s is longer than %s", u.Host, Bytes(longestReport))
	}
	r := &Report{}
	if err := json.Unmarshal(body, r); err != nil || r.Queries == nil {
		return nil, sparkerr.Plain("%s is not a status page of streamctl", u.Host)
	}
	return r, nil
}

// plainClient returns a client that follows no redirects, since these could lead anywhere.
func plainClient() *http.Client {
	return &http.Client{
		Timeout:       fetchTimeout,
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// RowsPerSecond returns how many rows a query has read per second in the last seconds, with those of the running batch.
func (q *Query) RowsPerSecond(now time.Time) float64 {
	const window = 10 * time.Second
	rows, span := int64(0), window
	if q.Batch != nil {
		rows = q.Batch.Rows
		span = max(span, time.Duration(q.Batch.Duration)*time.Millisecond)
	}
	for _, p := range q.Recent {
		start, err := time.Parse(time.RFC3339, p.Timestamp)
		if err == nil && now.Sub(start) < span {
			rows += p.NumInputRows
		}
	}
	return float64(rows) / span.Seconds()
}

// LagText says how much input waits: "3 files, 12 kB"; "" if that is not known.
func (q *Query) LagText() string {
	var files, bytes, rows int64
	known := false
	for _, l := range q.Lag {
		known = known || l.Known
		files, bytes, rows = files+l.Files, bytes+l.Bytes, rows+l.Rows
	}
	if q.Batch != nil {
		bytes += q.Batch.BytesLeft
	}
	var parts []string
	if files > 0 {
		parts = append(parts, strconv.FormatInt(files, 10)+" files")
	}
	if bytes > 0 {
		parts = append(parts, Bytes(bytes))
	}
	if rows > 0 {
		parts = append(parts, strconv.FormatInt(rows, 10)+" rows")
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case known:
		return "none"
	}
	return ""
}

// BatchText returns the number of the running or newest batch, and how long it took; "" if there was none.
func (q *Query) BatchText() (number, took string) {
	switch {
	case q.Batch != nil:
		return strconv.FormatInt(q.Batch.ID, 10), millis(q.Batch.Duration) + "…"
	case q.Last != nil:
		return strconv.FormatInt(q.Last.BatchID, 10), millis(q.Last.BatchDuration)
	}
	return "", ""
}

// BadText returns the number of malformed and of late rows: "3 malformed, 1 late".
func (q *Query) BadText() string {
	var parts []string
	if n := q.Totals.Malformed; n > 0 {
		parts = append(parts, fmt.Sprintf("%d malformed", n))
	}
	if n := q.Totals.Late; n > 0 {
		parts = append(parts, fmt.Sprintf("%d late", n))
	}
	return strings.Join(parts, ", ")
}
