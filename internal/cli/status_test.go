package cli

import (
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
)

func TestTheLiveLineSaysWhatStreamsAreDoing(t *testing.T) {
	waits := engine.Status{Stream: "a", Waiting: "waiting for files in in/"}
	reads := engine.Status{Stream: "b", Batch: 3, Took: 4 * time.Second, Read: 1_200_000_000, Total: 4_800_000_000}
	same := waits
	same.Stream = "c"
	for _, test := range []struct {
		streams []engine.Status
		want    string
	}{
		{nil, ""},
		{[]engine.Status{waits}, "waiting for files in in/"},
		{[]engine.Status{reads}, "batch 3: 1.2 GB of 4.8 GB (25%), 300 MB/s, 12s to go"},
		{[]engine.Status{waits, reads, same}, "a, c: waiting for files in in/; b: batch 3: 1.2 GB of 4.8 GB (25%), 300 MB/s, 12s to go"},
		{[]engine.Status{{Batch: 7, Rows: 1}}, "batch 7: 1 row"},
		{[]engine.Status{{Total: 12, Took: time.Hour}}, "batch 0: 0 bytes of 12 bytes (0%)"},
	} {
		if got := doing(test.streams); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestTheStateOfAllStreamsIsSummedUp(t *testing.T) {
	a, b := "a", "b"
	m := emptyModel()
	if sum := m.Sum(); stateLine(&sum) != "" {
		t.Errorf("%q without state", stateLine(&sum))
	}
	for _, e := range []engine.Progress{
		{Name: &a, EventTime: &engine.EventTime{Watermark: "1970-01-01T00:00:00.000Z"}, StateOperators: []engine.StateProgress{{NumRowsTotal: 9, NumRowsDroppedByWatermark: 1}}},
		{Name: &b, StateOperators: []engine.StateProgress{{NumRowsTotal: 1, MemoryUsedBytes: 500}}},
		{Name: &a, EventTime: &engine.EventTime{Watermark: "2024-01-01T00:03:00.250Z"}, StateOperators: []engine.StateProgress{{NumRowsTotal: 2, MemoryUsedBytes: 1000, NumRowsDroppedByWatermark: 2}, {NumRowsTotal: 3}}},
		{},
	} {
		m.Progress(&e)
	}
	sum := m.Sum()
	if got, want := stateLine(&sum), "6 state rows (1.5 kB), 3 late rows dropped, watermark 2024-01-01T00:03:00.25Z"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
