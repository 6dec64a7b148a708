package compress

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/streamctl/streamctl/internal/memory"
)

func packXZ(t *testing.T, data []byte, c xz.WriterConfig) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := c.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The dictionary of every block is looked at, in whatever stream of the file, before memory is taken for it.
func TestDictionariesOfXZFilesAreBounded(t *testing.T) {
	const dict = 1 << 20
	padding := make([]byte, 8)
	for kind, data := range texts() {
		for _, check := range []byte{xz.CRC32, xz.CRC64, xz.SHA256} {
			for _, block := range []int64{0, 100_000} {
				small := packXZ(t, data, xz.WriterConfig{DictCap: dict, CheckSum: check, BlockSize: block})
				large := packXZ(t, data, xz.WriterConfig{DictCap: 2 * dict, CheckSum: check, BlockSize: block})
				read := func(file []byte) (*xzWatch, error) {
					w := &xzWatch{in: bytes.NewReader(file), most: dict, want: 4, next: (*xzWatch).magic}
					_, err := io.Copy(io.Discard, w)
					return w, err
				}
				w, err := read(append(append(append([]byte(nil), small...), padding...), small...))
				if err != nil || w.skip != 0 || len(w.have) != 0 || w.want != 4 {
					t.Errorf("%s, check %d, blocks of %d: the watch is not where the file ends: %+v, %v", kind, check, block, w, err)
				}
				_, err = read(append(append(append([]byte(nil), small...), padding...), large...))
				if len(data) > 0 && (err == nil || !strings.Contains(err.Error(), "a window of more than 1048576 bytes (xz --lzma2=dict=)")) {
					t.Errorf("%s, check %d, blocks of %d: a larger dictionary in the second stream: %v", kind, check, block, err)
				}
			}
		}
	}
}

func TestWindowsBeyondTheLimitAreRefusedWithARemedyThatHelps(t *testing.T) {
	data := bytes.Repeat(texts()["noise"], 4)
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, zstd.WithWindowSize(4<<20))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write(data)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"f.zst": b.Bytes(), "f.xz": packXZ(t, data, xz.WriterConfig{DictCap: 4 << 20})}
	for path, file := range files {
		if got, err := unpack(ByPath(path), file); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s without a limit: %d bytes, %v", path, len(got), err)
		}
	}
	memory.Limit(2 << 20)
	defer memory.Limit(0)
	for path, file := range files {
		_, err := unpack(ByPath(path), file)
		if err == nil || !strings.Contains(err.Error(), "a window of more than 1048576 bytes") || !strings.Contains(err.Error(), "raise --memory") {
			t.Errorf("%s: %v", path, err)
		}
	}
	memory.Limit(0)
	if err := tooFarBack("zstd --long", 1<<29); strings.Contains(err.Error(), "memory") {
		t.Errorf("without a limit: %v", err)
	}
}
