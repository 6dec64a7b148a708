package compress

import (
	"bytes"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// texts returns file contents: empty, short, repetitive over several blocks, incompressible.
func texts() map[string][]byte {
	noise := make([]byte, 600<<10)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(noise)
	return map[string][]byte{
		"empty": nil, "short": []byte("a,1\n"), "long": bytes.Repeat([]byte("one,two,three\n"), 60_000), "noise": noise,
	}
}

func pack(t *testing.T, c *Codec, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := c.NewWriter(&b)
	for len(data) > 0 { // in portions of odd sizes
		n := min(len(data), 70_001)
		if _, err := w.Write(data[:n]); err != nil {
			t.Fatal(err)
		}
		data = data[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpack(c *Codec, data []byte) ([]byte, error) {
	r, err := c.NewReader(io.NopCloser(bytes.NewReader(data)))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestRoundTrips(t *testing.T) {
	for _, name := range []string{"none", "uncompressed", "GZIP", "deflate", "snappy", "lz4", "bzip2"} {
		c, err := ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := ByPath("x.csv" + c.Extension); got != c {
			t.Errorf("%s: files that end in %s are %s", name, c.Extension, got.Name)
		}
		for kind, data := range texts() {
			packed := pack(t, c, data)
			if got, err := unpack(c, packed); (err != nil || !bytes.Equal(got, data)) && len(packed) > 0 {
				t.Errorf("%s, %s: %d bytes, %v", name, kind, len(got), err)
			}
			twice := append(append([]byte(nil), packed...), packed...)
			if got, err := unpack(c, twice); (err != nil || len(got) != 2*len(data)) && len(packed) > 0 {
				t.Errorf("%s, %s twice: %d bytes, %v", name, kind, len(got), err)
			}
		}
	}
}

func TestSnappyFilesOfHadoopAreRead(t *testing.T) {
	// a block of 8 bytes in two pieces, then one of 4
	text := "000000080000000604" + "0c61626364" + "0000000604" + "0c65666768" + "00000004" + "0000000604" + "0c696a6b6c"
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := unpack(ByPath("f.snappy"), data); err != nil || string(got) != "abcdefghijkl" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestFilesOfCommandLineToolsAreRead(t *testing.T) {
	var a, b bytes.Buffer
	var c, d bytes.Buffer
	l, s := lz4.NewWriter(&a), s2.NewWriter(&b, s2.WriterSnappyCompat())
	z, err := zstd.NewWriter(&c)
	if err != nil {
		t.Fatal(err)
	}
	x, err := xz.NewWriter(&d)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []io.WriteCloser{l, s, z, x} {
		if _, err := io.WriteString(w, "a,1\n"); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for path, data := range map[string][]byte{"f.lz4": a.Bytes(), "f.snappy": b.Bytes(), "f.zst": c.Bytes(), "f.XZ": d.Bytes()} {
		if got, err := unpack(ByPath(path), data); err != nil || string(got) != "a,1\n" {
			t.Errorf("%s: %q, %v", path, got, err)
		}
		if path == "f.snappy" || path == "f.lz4" {
			continue
		}
		if got, err := unpack(ByPath(path), append(data, data...)); err != nil || string(got) != "a,1\na,1\n" {
			t.Errorf("%s twice: %q, %v", path, got, err)
		}
		if got, err := unpack(ByPath(path), data[:len(data)-3]); err == nil {
			t.Errorf("%s cut: %q", path, got)
		}
	}
}

func TestUnsupportedCodecsAreNamed(t *testing.T) {
	for name, want := range map[string]string{
		"brotli": "CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION", "zstd": "CODEC_NOT_AVAILABLE", "": "CODEC_NOT_AVAILABLE", "xz": "CODEC_NOT_AVAILABLE",
	} {
		if _, err := ByName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDamageIsAnError(t *testing.T) {
	for _, name := range []string{"gzip", "deflate", "snappy", "lz4", "bzip2"} {
		c, _ := ByName(name)
		packed := pack(t, c, texts()["long"])
		for _, cut := range []int{1, 5, len(packed) / 2, len(packed) - 1} {
			if _, err := unpack(c, packed[:cut]); err == nil {
				t.Errorf("%s cut after %d bytes is no error", name, cut)
			}
		}
	}
}

func FuzzReaders(f *testing.F) {
	for _, c := range codecs {
		if c.write != nil {
			var b bytes.Buffer
			w := c.NewWriter(&b)
			_, _ = w.Write([]byte("one,two,two,two\n"))
			_ = w.Close()
			f.Add(c.Name, b.Bytes())
		}
	}
	f.Fuzz(func(_ *testing.T, name string, data []byte) {
		for _, c := range codecs {
			if c.Name == name && c != None {
				r, err := c.NewReader(io.NopCloser(bytes.NewReader(data)))
				if err == nil {
					_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<20))
				}
			}
		}
	})
}
