package transform

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/state"
)

// A HeldState counts what stateful operators would do if the watermark moved.
type HeldState struct {
	Windows, Groups int // that would come out: groups by a time window, and others
	Rows            int // that outer joins would return since they have no match
	Kept            int // further rows that joins would forget
}

// Held counts what the state would emit or forget at a watermark of the query in milliseconds.
func (p *Plan) Held(s *state.State, watermark int64) (h HeldState) {
	marks := p.OperatorWatermarks(watermark)
	walk(p.root, func(n node) {
		number, ok := p.numbers[n]
		if !ok {
			return
		}
		mark := watermark
		if marks != nil && number < len(marks) {
			mark = marks[number]
		}
		switch n := n.(type) {
		case *merged:
			if p.mode == operator.Append && n.time.column != nil {
				h.addGroups(s, number, n, mark)
			}
		case *symmetric:
			h.addRows(s, number, n, mark)
		}
	})
	return h
}

// OpenWindows returns how many groups by a time window the state has; false if no step groups by one.
func (p *Plan) OpenWindows(s *state.State) (n int, some bool) {
	walk(p.root, func(x node) {
		m, ok := x.(*merged)
		if !ok || m.time.column == nil || !eventTimeAt(columnsOf(m.keys), m.time).Window {
			return
		}
		number, ok := p.numbers[x]
		if !ok {
			return
		}
		some = true
		for part := range m.in.(*repartition).partitions {
			n += s.Store(number, state.DefaultStore, part).Len()
		}
	})
	return n, some
}

func (h *HeldState) addGroups(s *state.State, number int, m *merged, watermark int64) {
	n := 0
	for part := range m.in.(*repartition).partitions {
		n += operator.Held(s, number, part, watermark)
	}
	if eventTimeAt(columnsOf(m.keys), m.time).Window {
		h.Windows += n
	} else {
		h.Groups += n
	}
}

func (h *HeldState) addRows(s *state.State, number int, j *symmetric, watermark int64) {
	for side := range j.sides {
		if !j.evicts(side) {
			continue
		}
		for part := range j.in[0].(*repartition).partitions {
			matched, others := operator.HeldRows(s, number, side, part, len(j.sides[side].cols), &j.expires[side], watermark)
			if j.kind.Returns(side) {
				h.Rows += others
				h.Kept += matched
			} else {
				h.Kept += matched + others
			}
		}
	}
}

// streamsBelow returns the numbers of the streams that the rows of a node come from.
func streamsBelow(n node) (list []int) {
	for _, r := range relations(n) {
		if !r.static && !slices.Contains(list, r.source) {
			list = append(list, r.source)
		}
	}
	return list
}

// WatermarkText says how the watermarks of several inputs make that of the query; "" if there are not several. name returns what a stream is called, by
// its number, and latest reports the policy max.
func (p *Plan) WatermarkText(name func(source int) string, latest bool) string {
	if len(p.Watermarks) < 2 {
		return ""
	}
	texts := make([]string, len(p.Watermarks))
	for i, delay := range p.Watermarks {
		var names []string
		for _, source := range p.WatermarkSources[i] {
			names = append(names, name(source))
		}
		texts[i] = fmt.Sprintf("%s (%s, %s)", strings.Join(names, ", "), p.EventTimes[i], time.Duration(delay)*time.Millisecond)
	}
	list := strings.Join(texts, " and ")
	if latest {
		return "the latest one of " + list + " counts: rows of an input that is behind are late"
	}
	return "the earliest one of " + list + " counts: an input without new rows holds it back"
}
