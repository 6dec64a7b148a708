package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
)

// line formats the status line: what each stream is doing, totals, and the time left or elapsed.
func (p *progress) line(running time.Duration) string {
	p.mu.Lock()
	done := fmt.Sprintf("%s, %s", count(p.batches, "batch", "batches"), count(p.rows, "row", "rows"))
	state := p.state.text()
	p.mu.Unlock()
	parts := []string{}
	if now := doing(p.monitor.Streams()); now != "" {
		parts = append(parts, now)
	}
	parts = append(parts, done)
	if state != "" {
		parts = append(parts, state)
	}
	if p.timeout > 0 {
		parts = append(parts, max(p.timeout-running, 0).Round(time.Second).String()+" left")
	} else {
		parts = append(parts, running.Round(time.Second).String())
	}
	return strings.Join(parts, " | ")
}

// doing describes what the streams are doing. Streams that do the same share one phrase.
func doing(streams []engine.Status) string {
	var texts []string
	names := map[string][]string{}
	for i := range streams {
		text := activityText(&streams[i])
		if names[text] == nil {
			texts = append(texts, text)
		}
		names[text] = append(names[text], streams[i].Stream)
	}
	for i, text := range texts {
		if len(streams) > 1 {
			texts[i] = strings.Join(names[text], ", ") + ": " + text
		}
	}
	return strings.Join(texts, "; ")
}

// activityText describes what one stream is doing: "batch 3: 1.2 GB of 5.0 GB (24%), 410 MB/s, 9s to go".
func activityText(s *engine.Status) string {
	switch {
	case s.Waiting != "":
		return s.Waiting
	case s.Total == 0:
		return fmt.Sprintf("batch %d: %s", s.Batch, count(s.Rows, "row", "rows"))
	}
	text := fmt.Sprintf("batch %d: %s of %s (%d%%)", s.Batch, bytesText(s.Read), bytesText(s.Total), int(float64(s.Read)/float64(s.Total)*100))
	if s.Read == 0 || s.Took < time.Second/2 {
		return text
	}
	perSecond := float64(s.Read) / s.Took.Seconds()
	left := time.Duration(float64(s.Total-s.Read) / perSecond * float64(time.Second))
	return fmt.Sprintf("%s, %s/s, %s to go", text, bytesText(int64(perSecond)), left.Round(time.Second))
}

// bytesText formats a size for people.
func bytesText(n int64) string {
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
