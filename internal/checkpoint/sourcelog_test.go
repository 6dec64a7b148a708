package checkpoint

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/storage"
)

func openAt(t *testing.T, dir string) *Checkpoint {
	t.Helper()
	c, err := Open(storage.OS, dir)
	must(t, err)
	return c
}

func TestADamagedEntryOfTheSourceLogIsNamedWithFileAndLine(t *testing.T) {
	const good = `{"path":"file:///in/a","timestamp":1,"batchId":0}`
	for want, line := range map[string]string{
		"is cut off or damaged":                        `{"path":"file:///in/a","timestamp":1,"ba`,
		"the entry \"{\\\"path\\\":\\\"file:///in/%zz": `{"path":"file:///in/%zz","timestamp":1,"batchId":0}`,
		`"in/a" is not the absolute path`:              `{"path":"in/a","timestamp":1,"batchId":0}`,
		`"hdfs://h/in/a" is not the absolute path`:     `{"path":"hdfs://h/in/a","timestamp":1,"batchId":0}`,
		"holds a NUL":                    `{"path":"file:///in/a%00","timestamp":1,"batchId":0}`,
		"is negative":                    `{"path":"file:///in/a","timestamp":-1,"batchId":0}`,
		"which the file 0 does not hold": `{"path":"file:///in/a","timestamp":1,"batchId":1}`,
		"follows entry 0":                `{"path":"file:///in/a","timestamp":1,"batchId":-1}`,
		"outside":                        `{"path":"file:///other/a","timestamp":1,"batchId":0}`,
	} {
		c := openAt(t, t.TempDir())
		path := filepath.Join(c.SourceDir(0), "0")
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte("v1\n"+good+"\n"+line), 0o644))
		l, err := c.SourceLog(0, 0)
		must(t, err)
		l.Check = func(path string) string {
			if !strings.HasPrefix(path, "/in/") {
				return "it lies outside"
			}
			return ""
		}
		err = l.Each(func(SourceFile) {})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "line 3: ") {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestTheChecksumOfHadoopIsCompared(t *testing.T) {
	text := []byte("v1\n" + strings.Repeat(`{"path":"file:///in/a","timestamp":1,"batchId":0}`+"\n", 30))
	text = text[:len(text)-1]
	sums := binary.BigEndian.AppendUint32([]byte("crc\x00"), 512)
	for part := range slices.Chunk(text, 512) {
		sums = binary.BigEndian.AppendUint32(sums, crc32.ChecksumIEEE(part))
	}
	for name, change := range map[string]func([]byte) []byte{
		"":            func(b []byte) []byte { return b },
		"a letter":    func(b []byte) []byte { b[20] ^= 1; return b },
		"near theend": func(b []byte) []byte { b[len(b)-30] ^= 1; return b },
		"a line":      func(b []byte) []byte { return b[:len(b)-50] },
	} {
		c := openAt(t, t.TempDir())
		dir := c.SourceDir(0)
		must(t, os.MkdirAll(dir, 0o755))
		must(t, os.WriteFile(filepath.Join(dir, "0"), change(slices.Clone(text)), 0o644))
		must(t, os.WriteFile(filepath.Join(dir, ".0.crc"), sums, 0o644))
		l, err := c.SourceLog(0, 0)
		must(t, err)
		err = l.Each(func(SourceFile) {})
		if bad := err != nil && strings.Contains(err.Error(), "damaged"); bad != (name != "") {
			t.Errorf("%q: error %v", name, err)
		}
	}
}

func TestFileIdentitiesAreStored(t *testing.T) {
	dir := t.TempDir()
	l, err := openAt(t, dir).SourceLog(0, 0)
	must(t, err)
	a, b := Identity{"/in/a \"x\"\n", 1, 2, 3, 4, 5}, Identity{"/in/b", 6, 7, 0, 8, -9}
	must(t, l.Identify([]Identity{a}))
	must(t, l.Identify([]Identity{b, a}))
	file := filepath.Join(dir, "sources", "0", identitiesName)
	text, err := os.ReadFile(file)
	must(t, err)
	must(t, os.WriteFile(file, append(text, "12 13 "...), 0o644)) // cut off by a power failure
	again, err := openAt(t, dir).SourceLog(0, 0)
	must(t, err)
	got, err := again.Identities()
	must(t, err)
	if !slices.Equal(got, []Identity{a, b, a}) {
		t.Errorf("%v", got)
	}
}

func TestStoredIdentitiesAreBounded(t *testing.T) {
	l, err := openAt(t, t.TempDir()).SourceLog(0, 0)
	must(t, err)
	many := make([]Identity, mostIdentities)
	for i := range many {
		many[i] = Identity{Path: "/in/x", Inode: uint64(i)}
	}
	for range 5 {
		must(t, l.Identify(many))
	}
	must(t, l.Identify([]Identity{{Path: "/in/last"}}))
	got, err := l.Identities()
	must(t, err)
	if len(got) != mostIdentities || got[len(got)-1].Path != "/in/last" || l.identities > 2*mostIdentities+1 {
		t.Errorf("%d entries, the last %v, %d lines", len(got), got[len(got)-1], l.identities)
	}
}
