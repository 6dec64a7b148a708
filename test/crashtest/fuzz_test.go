package crashtest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/engine"
)

// damageable lists the files of a query that has run three batches with one file each.
var damageable = []string{
	ckptDir + "0/metadata", ckptDir + "0/offsets/1", ckptDir + "0/offsets/2", ckptDir + "0/commits/1", ckptDir + "0/commits/2",
	ckptDir + "0/sources/0/0", ckptDir + "0/sources/0/1", ckptDir + "0/sources/0/2", outDir + "0/_spark_metadata/1",
	outDir + "0/_spark_metadata/2",
}

// FuzzDamagedCheckpoint replaces the contents of one file with arbitrary bytes. The next run may refuse to
// continue, but it must not start from the beginning: what other files record as done stays done.
func FuzzDamagedCheckpoint(f *testing.F) {
	w := &world{scenario: scenario{name: "fuzz", formats: []string{"csv"}}, in: f.TempDir(), start: newDisk()}
	w.drop(f, 3)
	w.mustRun(f, w.start, firstFiles)
	w.dropFile(f, "late")
	for i, name := range damageable {
		text, err := atomicfile.Read(w.start, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), text)
		f.Add(uint8(i), text[:len(text)/2])
		f.Add(uint8(i), text[:len("v1")])
		f.Add(uint8(i), append(slices.Clone(text), "\nrubbish"...))
		for _, damage := range []string{"", "v1\n", "v1\n\n", "v1\n{}", "v2\n{}", "v1\n{}\n-", "v1\n{}\n{\"logOffset\":-1}", "v1\n{}\n{\"logOffset\":0}", "null", "{}", "{\"id\":1}",
			"v1\n{\"path\":\"x\",\"timestamp\":1,\"batchId\":9}"} {
			f.Add(uint8(i), []byte(damage))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		d := w.start.mount(0, false)
		d.walk(damageable[int(which)%len(damageable)]).data = text
		if _, err := checkpoint.Inspect(d, ckptDir+"0"); err != nil {
			t.Errorf("inspection: %v", err)
		}
		first, rows := int64(-1), int64(0)
		_, err := engine.Run(context.Background(), w.job(allFiles), engine.Env{FS: d, Workers: 1, OnProgress: func(p *engine.Progress) {
			if first < 0 {
				first = p.BatchID
			}
			rows += p.NumInputRows
		}})
		if first >= 0 && first < 2 || rows > 2 {
			t.Errorf("the run went on with batch %d and read %d rows, error %v", first, rows, err)
		}
		if err != nil && strings.Contains(err.Error(), "invalid memory") {
			t.Error(err)
		}
	})
}
