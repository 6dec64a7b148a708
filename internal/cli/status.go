package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/status"
)

// line formats the status line: what each stream is doing, totals, and the time left or elapsed.
func (p *progress) line(running time.Duration) string {
	sum := p.model.Sum()
	done := fmt.Sprintf("%s, %s", count(sum.Batches, "batch", "batches"), count(sum.InputRows, "row", "rows"))
	state := stateLine(&sum)
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
	text := fmt.Sprintf("batch %d: %s of %s (%d%%)", s.Batch, status.Bytes(s.Read), status.Bytes(s.Total), int(float64(s.Read)/float64(s.Total)*100))
	if s.Read == 0 || s.Took < time.Second/2 {
		return text
	}
	perSecond := float64(s.Read) / s.Took.Seconds()
	left := time.Duration(float64(s.Total-s.Read) / perSecond * float64(time.Second))
	return fmt.Sprintf("%s, %s/s, %s to go", text, status.Bytes(int64(perSecond)), left.Round(time.Second))
}

// stateLine formats the state of all queries for the status line and the summary: "12 state rows (3.1 kB), 2 late rows dropped, watermark
// 2024-01-01T00:05:00Z"; "" if none has any.
func stateLine(sum *status.Totals) string {
	if !sum.Stateful {
		return ""
	}
	parts := []string{fmt.Sprintf("%s (%s)", count(sum.StateRows, "state row", "state rows"), status.Bytes(sum.StateBytes))}
	if sum.Late > 0 {
		parts = append(parts, count(sum.Late, "late row", "late rows")+" dropped")
	}
	if sum.Watermark != nil {
		parts = append(parts, "watermark "+sum.Watermark.UTC().Format(time.RFC3339Nano))
	}
	return strings.Join(parts, ", ")
}
