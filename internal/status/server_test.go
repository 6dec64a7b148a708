package status

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hostile is a name that would act on pages, terminals and metrics.
const hostile = "<script>alert(1)</script>\x1b[2J\u202e\"\\\n'&"

// busyModel is a model of two queries, one of which has run batches.
func busyModel(t *testing.T, mask func(string) string) *Model {
	t.Helper()
	name := hostile
	j := &job.Job{Name: hostile, Streams: []*job.Stream{
		{Name: hostile, Source: job.Source{Format: "csv", Path: "in", Options: job.Options{{Name: "apiToken", Value: "abcdef"}, {Name: "sep", Value: "s3cr3t"}}}, Sink: job.Sink{Format: "noop"}},
		{Name: "idle", Source: job.Source{Format: "socket"}, Sink: job.Sink{Format: "noop"}},
	}}
	m := NewModel(j, Options{Version: "1", Monitor: &engine.Monitor{}, Mask: mask, Recent: true, Settings: func() []Setting { return []Setting{{"workers", "2", "default"}} }})
	open := 4
	for i := range int64(recentBatches + 20) {
		m.Progress(&Progress{
			ID: "id", RunID: "run", Name: &name, BatchID: i, BatchDuration: 10 * i, NumInputRows: 3, ProcessedRowsPerSecond: 1500, OpenWindows: &open,
			DurationMs: map[string]int64{"addBatch": 5 * i, "triggerExecution": 10 * i}, EventTime: &engine.EventTime{Watermark: "2024-01-01T00:00:00.000Z"},
			StateOperators: []engine.StateProgress{{OperatorName: "dedupe", NumRowsTotal: 7, MemoryUsedBytes: 900, NumRowsDroppedByWatermark: 1}},
			Sources:        []engine.SourceProgress{{Description: "File[" + hostile + "]", EndOffset: json.RawMessage(`{"key":"s3cr3t"}`)}}, Sink: engine.SinkProgress{NumOutputRows: 2},
		})
	}
	m.Warn(hostile, "trouble with s3cr3t "+hostile, "do this")
	m.Warn(hostile, "trouble with s3cr3t "+hostile, "do this")
	m.Warn("", "of the process", "")
	return m
}

func listen(t *testing.T, address, token string, m *Model) *Server {
	t.Helper()
	s, err := Listen(address, token, m, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// client does not follow redirects, nor keep connections.
func client() *http.Client {
	return &http.Client{
		Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// get returns the status code and the body at a path.
func get(t *testing.T, s *Server, path string, change ...func(*http.Request)) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.URL()+strings.TrimPrefix(path, "/"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(r)
	}
	answer, err := client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body), answer.Header
}

func TestThePageEscapesWhatQueriesAreCalled(t *testing.T) {
	s := listen(t, "0", "", busyModel(t, nil))
	code, page, header := get(t, s, "/")
	if code != 200 || strings.Contains(page, "<script") || strings.ContainsAny(page, "\x1b\u202e") {
		t.Fatalf("%d: %s", code, page)
	}
	for _, want := range []string{
		"&lt;script&gt;alert(1)&lt;/script&gt;\\u001b[2J\\u202e", `<meta http-equiv="refresh" content="5">`, "<svg viewBox=\"0 0 600 60\"", "batch 119: 1190 ms, addBatch 595 ms, 3 rows",
		"(2 times)", "2024-01-01T00:00:00Z", "7 rows, 900 bytes", "<th class=\"n\">addBatch</th>", "of the process", "<dd>4</dd>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "abcdef") || !strings.Contains(page, hidden) {
		t.Errorf("the option apiToken is shown")
	}
	if strings.Contains(page, "batch 19:") || !strings.Contains(page, "batch 20:") {
		t.Errorf("not the newest %d batches", recentBatches)
	}
	policy := header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; style-src 'self'") || strings.Contains(policy, "unsafe") || strings.Contains(page, "style=") {
		t.Errorf("the policy is %q", policy)
	}
	if _, page, _ := get(t, s, "/?refresh=0"); strings.Contains(page, "http-equiv") {
		t.Errorf("the page refreshes itself although that is off")
	}
}

func TestTheAPIHasSparksNames(t *testing.T) {
	s := listen(t, "0", "", busyModel(t, nil))
	var list struct {
		Queries []map[string]any `json:"queries"`
	}
	_, body, header := get(t, s, "/api/queries")
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Queries) != 2 || header.Get("Content-Type") != "application/json" {
		t.Fatalf("%v: %s", err, body)
	}
	if q := list.Queries[0]; q["name"] != hostile || q["recentProgress"] != nil || q["lastProgress"].(map[string]any)["batchId"] != 119.0 {
		t.Errorf("%v", q)
	}
	for path, code := range map[string]int{
		"/api/queries/idle": 200, "/api/queries/none": 404, "/api/queries/%3Cscript%3Ealert(1)%3C%2Fscript%3E%1B%5B2J%E2%80%AE%22%5C%0A'&": 200, "/nothing": 404,
		"/api/status": 200, "/style.css": 200, "/healthz": 200, "/readyz": 503,
	} {
		if got, body, _ := get(t, s, path); got != code {
			t.Errorf("%s: %d, want %d: %s", path, got, code, body)
		}
	}
	if _, body, _ := get(t, s, "/readyz"); body != "2 of 2 queries have not started yet\n" {
		t.Errorf("%q", body)
	}
}

func TestSecretsAreMaskedEverywhere(t *testing.T) {
	s := listen(t, "0", "", busyModel(t, func(text string) string { return strings.ReplaceAll(text, "s3cr3t", "***") }))
	for _, path := range []string{"/", "/api/status", "/api/queries", "/api/queries/id", "/metrics"} {
		if code, body, _ := get(t, s, path); strings.Contains(body, "s3cr3t") || code == 500 {
			t.Errorf("%s: %s", path, body)
		}
	}
	if _, body, _ := get(t, s, "/api/status"); !strings.Contains(body, `"endOffset":{"key":"***"}`) || !strings.Contains(body, `"batchId":119`) {
		t.Errorf("%s", body)
	}
}

func TestOnlyStringsAreMasked(t *testing.T) {
	mask := func(s string) string { return strings.NewReplacer("true", "x", "12", "\"y\"").Replace(s) }
	if got := string(maskStrings([]byte(`{"true":true,"n":12,"s":"a\"true\\","t":["12","b"]}`), mask)); got != `{"true":true,"n":12,"s":"a\"x\\","t":["\"y\"","b"]}` {
		t.Error(got)
	}
	if got := maskStrings([]byte(`{"true":12}`), mask); got != nil {
		t.Errorf("%s", got)
	}
}

func TestOtherHostsAreRefused(t *testing.T) {
	s := listen(t, "localhost:0", "", busyModel(t, nil))
	for host, code := range map[string]int{"localhost:1": 200, "LOCALHOST": 200, "127.0.0.1": 200, "[::1]:80": 200, "evil.example:4040": 403, "127.0.0.1.evil.example": 403, "10.0.0.1": 403, "": 200} {
		if got, body, _ := get(t, s, "/healthz", func(r *http.Request) { r.Host = host }); got != code {
			t.Errorf("Host %s: %d %s", host, got, body)
		}
	}
	r, err := http.NewRequest(http.MethodPost, s.URL(), strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client().Do(r)
	if err != nil || answer.StatusCode != 405 || answer.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %v %v", answer, err)
	}
	_ = answer.Body.Close()
}

func TestTheTokenIsAskedFor(t *testing.T) {
	const token = "0123456789abcdef"
	s := listen(t, "0", token, busyModel(t, nil))
	bearer := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", value) }
	}
	for _, c := range []struct {
		path string
		with func(*http.Request)
		code int
	}{
		{"/", nil, 401}, {"/metrics", nil, 401}, {"/api/queries", nil, 401}, {"/nothing", nil, 401}, {"/healthz", nil, 200}, {"/readyz", nil, 503},
		{"/", bearer("Bearer " + token), 200}, {"/", bearer("Bearer " + token + "x"), 401}, {"/", bearer("Basic " + token), 401}, {"/", bearer("Bearer "), 401},
		{"/?token=wrong", nil, 401}, {"/?token=", nil, 401}, {"/?token=" + token, nil, 303},
		{"/api/queries", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: s.cookie, Value: token}) }, 401},
	} {
		if c.with == nil {
			c.with = func(*http.Request) {}
		}
		if code, body, _ := get(t, s, c.path, c.with); code != c.code {
			t.Errorf("%s: %d, want %d: %s", c.path, code, c.code, body)
		}
	}
	code, _, header := get(t, s, "//evil.example/?refresh=2&token="+token, func(r *http.Request) { r.Host = "somewhere" })
	if code == 303 && strings.HasPrefix(header.Get("Location"), "//") {
		t.Errorf("the redirect goes to %s", header.Get("Location"))
	}
	_, _, header = get(t, s, "/?refresh=2&token="+token)
	cookie := header.Get("Set-Cookie")
	if header.Get("Location") != "/?refresh=2" || !strings.Contains(cookie, "HttpOnly; SameSite=Strict") || strings.Contains(cookie, token) {
		t.Errorf("%v", header)
	}
	value, _, _ := strings.Cut(cookie, ";")
	if code, _, _ := get(t, s, "/", func(r *http.Request) { r.Header.Set("Cookie", value) }); code != 200 {
		t.Errorf("with the cookie: %d", code)
	}
}

func TestAddresses(t *testing.T) {
	const token = "0123456789abcdef"
	for _, c := range []struct{ address, token, want string }{
		{"4040", "", ""}, {":4040", "", ""}, {"localhost:0", "", ""}, {"[::1]:4040", "", ""}, {"127.9.9.9:1", "", ""}, {"0.0.0.0:4040", token, ""}, {"example.org:80", token, ""},
		{"0.0.0.0:4040", "", "needs a token"}, {"[::]:4040", "", "needs a token"}, {"example.org:80", "", "needs a token"}, {"10.0.0.1:4040", "", "needs a token"},
		{"4040", "short", "at least 16"}, {"65536", "", "not an address"}, {"localhost", "", "not an address"}, {"localhost:http", "", "not an address"}, {"", "", "not an address"},
	} {
		err := CheckAddress(c.address, c.token)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.address, err, c.want)
		}
	}
	s := listen(t, "0", "", busyModel(t, nil))
	_, err := Listen(s.listener.Addr().String(), "", s.model, s.log)
	if err == nil || !strings.Contains(err.Error(), "the status page cannot listen on 127.0.0.1:") || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("%v", err)
	}
}

// TestStuckClientsDoNotMatter fills the server with clients that send nothing, or read nothing.
func TestStuckClientsDoNotMatter(t *testing.T) {
	m := busyModel(t, nil)
	s := listen(t, "0", "", m)
	var stuck []net.Conn
	dial := func() net.Conn {
		c, err := net.Dial("tcp", s.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		stuck = append(stuck, c)
		return c
	}
	defer func() {
		for _, c := range stuck {
			_ = c.Close()
		}
	}()
	for i := range mostClients {
		c := dial()
		if i%2 == 0 { // asks for all there is, again and again, and reads nothing
			go func() {
				_ = c.SetWriteDeadline(time.Now().Add(10 * time.Second))
				_, _ = io.WriteString(c, strings.Repeat("GET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n", 200))
			}()
		} else {
			_, _ = io.WriteString(c, "GET / HT")
		}
	}
	refused := dial() // there is no room: it is closed
	_ = refused.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := bufio.NewReader(refused).ReadByte(); err == nil || errors.Is(err, net.ErrClosed) {
		t.Errorf("one client too many: %v", err)
	}
	start, name := time.Now(), hostile
	for i := range int64(1000) { // the query goes on
		m.Progress(&Progress{Name: &name, BatchID: i})
		m.Warn(hostile, fmt.Sprint(i), "")
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("1000 events took %v", took)
	}
	_ = stuck[1].Close() // makes room
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		answer, err := client().Get(s.URL() + "healthz")
		if err == nil {
			_ = answer.Body.Close()
			break
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	start = time.Now()
	s.Close()
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("closing took %v", took)
	}
}

func TestHeadersAreBounded(t *testing.T) {
	s := listen(t, "0", "", busyModel(t, nil))
	r, err := http.NewRequest(http.MethodGet, s.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X", strings.Repeat("x", 4*longestHeaders))
	answer, err := client().Do(r)
	if err != nil {
		return // the server has closed the connection before it had read all of it
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%d", answer.StatusCode)
	}
}

func TestMetricsAreWellFormed(t *testing.T) {
	s := listen(t, "0", "", busyModel(t, nil))
	_, body, header := get(t, s, "/metrics")
	if header.Get("Content-Type") != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("%v", header)
	}
	query := `{query="<script>alert(1)</script>` + "\x1b[2J\u202e" + `\"\\\n'&"`
	for _, want := range []string{
		"streamctl_batches_total" + query + "} 120\n", "streamctl_late_rows_total" + query + "} 120\n", "streamctl_watermark_timestamp_seconds" + query + "} 1.7040672e+09\n",
		"streamctl_batch_duration_seconds_bucket" + query + `,le="0.01"} 2` + "\n", "streamctl_batch_duration_seconds_bucket" + query + `,le="+Inf"} 120` + "\n",
		"streamctl_batch_duration_seconds_sum" + query + "} 71.4\n", "streamctl_batch_part_seconds_total" + query + `,part="addBatch"} 35.7` + "\n", "streamctl_open_windows" + query + "} 4\n",
		`streamctl_query_state{query="idle",state="starting"} 1` + "\n", "streamctl_state_rows" + query + `,operator="0",name="dedupe"} 7` + "\n", "streamctl_warnings_total" + query + "} 2\n",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed")
	}
	cmd := exec.Command(promtool, "check", "metrics")
	cmd.Stdin = strings.NewReader(body)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestDifferentWarningsAreBounded(t *testing.T) {
	var n noted
	for i := range 3 * mostWarnings {
		n.add(Warning{Text: fmt.Sprint(i % (mostWarnings + 5)), Count: 1})
	}
	if len(n.list) != mostWarnings || len(bounded(strings.Repeat("é", 3*longestText))) > 2*longestText+len("…") {
		t.Errorf("%d warnings", len(n.list))
	}
}

func TestReadiness(t *testing.T) {
	q := func(state string, started bool) *Query {
		return &Query{State: state, Status: Activity{Started: started}}
	}
	for _, c := range []struct {
		queries []*Query
		want    string
	}{
		{[]*Query{q(engine.Starting, false)}, "the query has not started yet"}, {[]*Query{q(engine.Running, true), q(engine.Broken, true)}, "1 of 2 queries has failed"},
		{[]*Query{q(engine.Waiting, true), q(engine.Over, true)}, "ready"}, {[]*Query{q(engine.Over, false)}, "ready"},
	} {
		if ok, got := (&Report{Queries: c.queries}).Ready(); got != c.want || ok != (c.want == "ready") {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
