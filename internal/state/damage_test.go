package state_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
)

// TestDamagedStateIsRefused damages each file in many ways: a version is what was committed, or an error that names the file and the remedy.
func TestDamagedStateIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, 0, state.Options{Retain: 10})
	random := rand.New(rand.NewPCG(5, 5))
	for range 12 {
		change(t, s, random, 100)
		commit(t, s)
		_ = s.Tidy(t.Context())
		s.Wait()
	}
	want := all(s)
	_ = s.Close()
	for _, name := range []string{"0/0/11.delta", "0/1/12.delta", "0/0/10.snapshot", "0/_metadata/metadata", "0/0/_metadata/schema"} {
		path := filepath.Join(dir, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for how, damaged := range damages(data, random) {
			if damaged == nil {
				_ = os.Remove(path)
			} else if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			checkRefused(t, dir, path, how, want)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s := start(t, dir, 12, state.Options{}); !maps.Equal(all(s), want) {
		t.Error("the restored files do not have the state")
	}
}

func damages(data []byte, random *rand.Rand) map[string][]byte {
	m := map[string][]byte{
		"missing": nil, "empty": {}, "something after it": append(slices.Clone(data), 0), "twice": append(slices.Clone(data), data...),
		"text": []byte("hello\n"), "cut by one": data[:len(data)-1], "half": data[:len(data)/2], "without end mark": data[:max(len(data)-21, 0)],
	}
	for i := range 40 {
		d := slices.Clone(data)
		d[random.IntN(len(d))] ^= 1 << random.IntN(8)
		m[fmt.Sprint("bit ", i)] = d
	}
	return m
}

func checkRefused(t *testing.T, dir, path, how string, want map[string]string) {
	t.Helper()
	s, err := state.Open(storage.OS, dir, []state.Operator{counts}, state.Options{Version: 12})
	if err == nil {
		err = s.Load(t.Context(), 12)
		defer s.Close()
	}
	if err == nil {
		if !maps.Equal(all(s), want) {
			t.Errorf("%s, %s: another state was read", path, how)
		} else if rebuilt := strings.HasSuffix(path, ".snapshot") && how == "missing"; !rebuilt && !strings.HasPrefix(how, "bit ") {
			t.Errorf("%s, %s: nothing was noticed", path, how)
		}
		return
	}
	if s != nil {
		if again := s.Commit(t.Context()); again == nil {
			t.Errorf("%s, %s: the next version was written although this one was not read", path, how)
		}
	}
	e, ok := errors.AsType[*sparkerr.Error](err)
	if !ok || e.Hint == "" {
		t.Errorf("%s, %s: %v without a hint", path, how, err)
		return
	}
	if !strings.Contains(e.Error(), path) && !strings.HasPrefix(e.Condition, "ST") {
		t.Errorf("%s, %s: %v does not name the file", path, how, err)
	}
}
