package rate

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
)

func given(pairs ...string) job.Options {
	var o job.Options
	for i := 0; i < len(pairs); i += 2 {
		o = append(o, job.Option{Name: pairs[i], Value: pairs[i+1]})
	}
	return o
}

// rows reads (from, to] as value@milliseconds since base.
func rows(t *testing.T, s sources.Source, from, to sources.Offset, base int64) string {
	t.Helper()
	ctx := context.Background()
	parts, err := s.Plan(ctx, from, to, &sources.Scan{Scan: codec.Scan{Fields: Schema().Fields}})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range parts {
		r, err := p.Open(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for {
			b, err := r.Next(ctx)
			if err == io.EOF {
				break
			}
			for i := range b.N {
				out = append(out, fmt.Sprintf("%d@%d", b.Cols[1].I64[i], b.Cols[0].I64[i]/1000-base))
			}
		}
	}
	return strings.Join(out, " ")
}

func TestRateSpreadsRowsOverTheSeconds(t *testing.T) {
	log, err := checkpoint.Open(storage.OS, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		o, err := parsePerSecond(given("rowsPerSecond", "4"))
		if err != nil {
			t.Fatal(err)
		}
		env := &sources.Env{Now: time.Now, Checkpoint: log}
		s, err := New(o, env)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		base := time.Now().UnixMilli()
		first, err := s.LatestOffset(ctx, "", false)
		if err != nil || first != "0" || rows(t, s, "", first, base) != "" {
			t.Errorf("first offset %s, %v", first, err)
		}
		if next, err := s.LatestOffset(ctx, first, false); err != nil || next != first {
			t.Errorf("at once: offset %s, %v", next, err)
		}
		<-s.Wake()
		next, err := s.LatestOffset(ctx, first, false)
		if err != nil || next != "1" || time.Now().UnixMilli()-base != 1000 {
			t.Errorf("after a second: offset %s, %v", next, err)
		}
		if got := rows(t, s, first, next, base); got != "0@0 1@250 2@500 3@750" {
			t.Errorf("rows %s", got)
		}
		again, err := New(o, env)
		if err != nil || again.start != base {
			t.Errorf("after a restart the start is %d, %v", again.start-base, err)
		}
	})
}

func TestRateRampsUp(t *testing.T) {
	o, err := parsePerSecond(given("rowsPerSecond", "10", "rampUpTime", "4s"))
	if err != nil {
		t.Fatal(err)
	}
	for second, want := range []int64{0, 2, 6, 12, 20, 30, 40} {
		if got := o.valueAt(int64(second)); got != want {
			t.Errorf("%d rows before second %d, want %d", got, second, want)
		}
	}
}

func TestRateMicroBatchGivesEveryBatchItsTime(t *testing.T) {
	o, err := parsePerBatch(given("rowsPerBatch", "3", "startTimestamp", "5000", "numPartitions", "2"))
	if err != nil {
		t.Fatal(err)
	}
	s := NewMicroBatch(o)
	ctx := context.Background()
	first, _ := s.LatestOffset(ctx, "", false)
	second, _ := s.LatestOffset(ctx, first, false)
	if first != `{"offset":3,"timestamp":6000}` || second != `{"offset":6,"timestamp":7000}` {
		t.Errorf("offsets %s, %s", first, second)
	}
	if got := rows(t, s, first, second, 0); got != "3@6000 5@6000 4@6000" {
		t.Errorf("rows %s", got)
	}
	if err := s.FreezeEnd(ctx); err != nil {
		t.Fatal(err)
	}
	third, _ := s.LatestOffset(ctx, second, false)
	if end, _ := s.LatestOffset(ctx, third, false); end != third {
		t.Errorf("frozen: %s after %s", end, third)
	}
}

func TestOptionErrors(t *testing.T) {
	for want, opts := range map[string]job.Options{
		"The option 'rowsPerSecond' must be positive": given("rowsPerSecond", "0"),
		"The option 'rampUpTime' must be a time":      given("rampUpTime", "soon"),
		"The option 'numPartitions' must be positive": given("numPartitions", "x"),
	} {
		if _, err := parsePerSecond(opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := parsePerBatch(nil); err == nil || !strings.Contains(err.Error(), "rowsPerBatch") {
		t.Errorf("error %v", err)
	}
}
