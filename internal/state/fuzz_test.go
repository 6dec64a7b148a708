package state

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// addCorpus adds the files of a name that Spark wrote.
func addCorpus(f *testing.F, match func(name string) bool) {
	f.Helper()
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, "/state/") || !match(d.Name()) {
			return err
		}
		data, err := os.ReadFile(path)
		f.Add(data)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
}

// FuzzEntries reads arbitrary bytes as a delta or snapshot. What is read without an error can be written and read again.
func FuzzEntries(f *testing.F) {
	addCorpus(f, isStateFile)
	l := Layout{Key: []types.Field{{Name: "k", Type: types.String}}, Value: []types.Field{{Name: "n", Type: types.Long}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, r := range []rows{{}, l.rows()} {
			var plain []byte
			_, err := readEntries(t.Context(), bytes.NewReader(data), false, r, func(key, value []byte) error {
				plain = appendEntry(plain, key, value)
				return nil
			})
			if errors.Is(err, io.EOF) || err != nil && !isDamage(err) {
				t.Fatalf("%v is not about the contents", err)
			}
			if err != nil {
				continue
			}
			o := output{folder: &folder{fs: storage.OS, path: t.TempDir()}}
			if _, err := readEntries(t.Context(), bytes.NewReader(data), false, r, func(key, value []byte) error {
				o.add(key, value)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			o.path = filepath.Join(o.folder.path, "1.delta")
			if err := o.finish(); err != nil {
				t.Fatal(err)
			}
			checkEntries(t, o.temp, plain)
		}
	})
}

func checkEntries(t *testing.T, path string, want []byte) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var again []byte
	_, err = readEntries(context.Background(), file, false, rows{}, func(key, value []byte) error {
		again = appendEntry(again, key, value)
		return nil
	})
	if err != nil || !bytes.Equal(want, again) {
		t.Fatalf("the entries changed when they were written again: %v", err)
	}
}

// FuzzPlainEntries is FuzzEntries without the blocks, whose checksums keep the fuzzer out.
func FuzzPlainEntries(f *testing.F) {
	f.Add(appendEntry(appendEntry(nil, []byte("12345678"), []byte("value")), []byte("k"), nil))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, plain []byte) {
		var data []byte
		for part := plain; len(part) > 0; part = part[min(len(part), 5):] {
			data = appendBlock(data, part[:min(len(part), 5)])
		}
		data = appendBlock(data, nil)
		var again []byte
		_, err := readEntries(t.Context(), bytes.NewReader(data), false, rows{}, func(key, value []byte) error {
			again = appendEntry(again, key, value)
			return nil
		})
		if err == nil && !bytes.Equal(bigEndian.AppendUint32(again, noEntry), plain) {
			t.Fatalf("%x was read as %x", plain, again)
		}
		if err != nil && !isDamage(err) {
			t.Fatal(err)
		}
	})
}

// FuzzSchema reads arbitrary bytes as a schema file, and writes what it read.
func FuzzSchema(f *testing.F) {
	addCorpus(f, func(name string) bool { return name == "schema" })
	f.Fuzz(func(t *testing.T, data []byte) {
		key, value, err := parseSchema(data)
		if err != nil {
			return
		}
		l := Layout{Key: key, Value: value}
		key, value, err = parseSchema(l.schema())
		if err != nil || !sameTypes(key, l.Key) || !sameTypes(value, l.Value) {
			t.Fatalf("%v %v is read as %v %v: %v", l.Key, l.Value, key, value, err)
		}
	})
}

// FuzzMetadata reads arbitrary bytes as the metadata of an operator.
func FuzzMetadata(f *testing.F) {
	addCorpus(f, func(name string) bool { return name == "metadata" })
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseMetadata(data)
		if err == nil && (m.Info.Name == "" || len(m.Stores) == 0) {
			t.Fatalf("%+v", m)
		}
	})
}
