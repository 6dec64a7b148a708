package cli

import (
	"testing"

	"github.com/streamctl/streamctl/internal/engine"
)

func TestTheStateOfAllStreamsIsSummedUp(t *testing.T) {
	a, b := "a", "b"
	var v stateView
	if v.text() != "" {
		t.Errorf("%q without state", v.text())
	}
	for _, e := range []engine.Progress{
		{Name: &a, EventTime: &engine.EventTime{Watermark: "1970-01-01T00:00:00.000Z"}, StateOperators: []engine.StateProgress{{NumRowsTotal: 9, NumRowsDroppedByWatermark: 1}}},
		{Name: &b, StateOperators: []engine.StateProgress{{NumRowsTotal: 1, MemoryUsedBytes: 500}}},
		{Name: &a, EventTime: &engine.EventTime{Watermark: "2024-01-01T00:03:00.250Z"}, StateOperators: []engine.StateProgress{{NumRowsTotal: 2, MemoryUsedBytes: 1000, NumRowsDroppedByWatermark: 2}, {NumRowsTotal: 3}}},
		{},
	} {
		v.add(&e)
	}
	if got, want := v.text(), "6 state rows (1.5 kB), 3 late rows dropped, watermark 2024-01-01T00:03:00.25Z"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
