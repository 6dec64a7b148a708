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

func TestSizesForPeople(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB", 9_949: "9.9 kB", 9_950: "10 kB", 999_499: "999 kB", 999_500: "1.0 MB", 12e12: "12 TB"} {
		if got := bytesText(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
