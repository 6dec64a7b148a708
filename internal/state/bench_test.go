package state_test

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

var sums = state.Operator{Name: "stateStoreSave", Partitions: 1, Stores: []state.Layout{{
	Name:  state.DefaultStore,
	Key:   []types.Field{{Name: "k", Type: types.Long}},
	Value: []types.Field{{Name: "count", Type: types.Long}, {Name: "sum", Type: types.Long}},
}}}

func sumRow(b []byte, k int) []byte {
	b = append(b[:0], make([]byte, 24)...)
	binary.LittleEndian.PutUint64(b[8:], uint64(k))
	return b
}

// cpu returns the CPU time of the process so far.
func cpu() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkMillions measures a store of STATE_KEYS keys (default 1 M): filling it, memory, batches of 10,000 keys, and loading it.
func BenchmarkMillions(b *testing.B) {
	keys := 1_000_000
	if os.Getenv("STATE_KEYS") == "10M" {
		keys = 10_000_000
	}
	dir := b.TempDir()
	openAt := func(v int64) *state.State {
		s, err := state.Open(storage.OS, dir, []state.Operator{sums}, state.Options{Version: v})
		if err != nil {
			b.Fatal(err)
		}
		start, used := time.Now(), cpu()
		if err := s.Load(b.Context(), v); err != nil {
			b.Fatal(err)
		}
		b.Logf("load of version %d, %d keys: %v, CPU %v", v, s.Store(0, state.DefaultStore, 0).Len(), time.Since(start), cpu()-used)
		return s
	}
	s := openAt(0)
	store := s.Store(0, state.DefaultStore, 0)
	var k, v []byte
	start, used := time.Now(), cpu()
	for i := range keys {
		k, v = sumRow(k, i*7919)[:16], sumRow(v, i)
		if err := store.Put(k, v); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("fill: %v, CPU %d ns/key", time.Since(start), int(cpu()-used)/keys)
	start, used = time.Now(), cpu()
	if err := s.Commit(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("commit: %v, CPU %v; %.1f bytes/key", time.Since(start), cpu()-used, float64(store.Bytes())/float64(keys))
	runtime.GC()
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	b.Logf("heap: %.1f bytes/key", float64(ms.HeapAlloc)/float64(keys))
	random := rand.New(rand.NewPCG(0, 0))
	var times []time.Duration
	used = cpu()
	version := int64(1)
	for range 300 {
		start := time.Now()
		var data []byte
		var ends []int
		for i := range 10_000 {
			if i%512 == 0 {
				data, ends = data[:0], ends[:0]
				for range 512 {
					data = append(data, sumRow(k, random.IntN(keys)*7919)[:16]...)
					ends = append(ends, len(data))
				}
				if os.Getenv("PREFETCH") != "" {
					store.Prefetch(data, ends)
				}
			}
			k = data[i%512*16 : i%512*16+16]
			old := store.Get(k)
			v = append(v[:0], old...)
			v[8]++
			if err := store.Put(k, v); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Commit(b.Context()); err != nil {
			b.Fatal(err)
		}
		version++
		if err := s.Tidy(b.Context()); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.Logf("300 batches: CPU %v, p50 %v p90 %v p99 %v max %v", cpu()-used, times[150], times[270], times[297], times[299])
	start, used = time.Now(), cpu()
	s.Wait()
	b.Logf("tidy went on for %v, CPU %v", time.Since(start), cpu()-used)
	s.Close()
	s = nil
	runtime.GC()
	list, _ := os.ReadDir(dir + "/0/0")
	for _, e := range list {
		if info, _ := e.Info(); info.Size() > 1<<20 {
			b.Log(e.Name(), info.Size())
		}
	}
	s = openAt(version)
	s.Close()
}
