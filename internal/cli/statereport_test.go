package cli

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// sparkCheckpoint is the checkpoint of a query that Spark ran.
func sparkCheckpoint(name string) string {
	return filepath.Join("..", "..", "test", "conformance", "testdata", "checkpoints", name, "ckpt")
}

func TestTheStateOfSparksCheckpointsIsReported(t *testing.T) {
	for name, want := range map[string][]string{
		"ck-session": {
			"sessionWindowStateStoreSaveExec: 2 rows, 208 bytes, version 4, 1 partition",
			"oldest session_window 2024-01-01T00:04:00Z to 2024-01-01T00:08:00Z, newest 2024-01-01T00:12:00Z to 2024-01-01T00:16:00Z",
			"the oldest session_window closes when the watermark reaches 2024-01-01T00:08:00Z: 1m0s to go, so a row must come that is this much newer than the newest one so far",
		},
		"ck-dedup-within": {
			"dedupeWithinWatermark: 1 row, 40 bytes, version 4, 1 partition", "expiresAtMicros from 2024-01-01T00:09:00Z to 2024-01-01T00:09:00Z",
			"the first of them is forgotten when the watermark reaches 2024-01-01T00:09:00Z: 2m0s to go, so a row must come that is this much newer than the newest one so far",
		},
		"ck-limit": {"globalLimit: 1 row, 32 bytes, version 1, 1 partition"},
	} {
		r, err := checkpoint.Inspect(storage.OS, sparkCheckpoint(name))
		if err != nil {
			t.Fatal(err)
		}
		states, err := stateReports(context.Background(), r)
		if err != nil || len(states) != 1 {
			t.Fatalf("%s: %v, %v", name, states, err)
		}
		if got := states[0].text(time.UnixMilli(r.Watermark).UTC()); !slices.Equal(got, want) {
			t.Errorf("%s\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestTheStateOfSparksCheckpointsIsPrinted(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"ck-session"}, "k,sessionStartTime,session_window,k_2,count,sum\nb,2024-01-01T00:04:00.000Z,\"{2024-01-01 00:04:00, 2024-01-01 00:08:00}\",b,1,2\n"},
		{[]string{"ck-limit"}, "value\n2\n"},
		{[]string{"ck-join-leftouter", "--store", "left-keyToNumValues", "-o", "json", "--where", "false"}, ""},
		{[]string{"ck-dedup-within", "-o", "json"}, `{"k":"b","expiresAtMicros":1704067740000000}` + "\n"},
	} {
		code, out, messages := command(t, append([]string{"checkpoint", "state", sparkCheckpoint(c.args[0])}, c.args[1:]...)...)
		if code != 0 || !strings.HasPrefix(out, c.want) {
			t.Errorf("%q: exit code %d, %q, %q", c.args, code, out, messages)
		}
	}
}

func TestColumnsOfTheSameNameAreNumbered(t *testing.T) {
	var names []string
	for _, f := range unique([]types.Field{{Name: "sum"}, {Name: "k"}, {Name: "SUM"}, {Name: "sum_2"}, {Name: "sum"}}) {
		names = append(names, f.Name)
	}
	if want := []string{"sum", "k", "SUM_2", "sum_2_2", "sum_3"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}
