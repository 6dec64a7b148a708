package spark

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// An inputFile is an input file of a comparison: its location, and the name and time it gets in the directory
// that an engine reads.
type inputFile struct {
	from, name string
	time       time.Time
}

// firstTime is the modification time of the first file. Each further file is a second later, so that both
// engines read the files in the same order.
var firstTime = time.Unix(1704067200, 0) // 2024-01-01

// inputSteps lists the files in data step by step, in name order. Each subdirectory with a number as its name
// is a step. If there are none, each file is a step, or all files are one step if together is set because the
// source limits batches itself.
func inputSteps(data string, together bool) ([][]inputFile, error) {
	abs, err := filepath.Abs(data)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(abs)
	if err != nil {
		return nil, sparkerr.Plain("the input of the comparison, %s, cannot be read: %s", data, sparkerr.Reason(err)).
			WithHint("--data names a directory of files, or of one directory per stream")
	}
	var steps [][]inputFile
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil || !e.IsDir() {
			continue
		}
		files, err := filesBelow(filepath.Join(abs, e.Name()))
		if err != nil {
			return nil, err
		}
		steps = append(steps, files)
	}
	if len(steps) == 0 {
		files, err := filesBelow(abs)
		if err != nil {
			return nil, err
		}
		for i := range files {
			if i == 0 || !together {
				steps = append(steps, nil)
			}
			steps[len(steps)-1] = append(steps[len(steps)-1], files[i])
		}
	}
	if len(steps) == 0 {
		return nil, sparkerr.Plain("%s holds no files", data).WithHint("put sample input files for the source there")
	}
	number := 0
	for _, files := range steps {
		for i := range files {
			files[i].time = firstTime.Add(time.Duration(number) * time.Second)
			number++
		}
	}
	return steps, nil
}

// filesBelow lists the files below a directory by path, skipping names that begin with a dot.
func filesBelow(root string) ([]inputFile, error) {
	var files []inputFile
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		name, err := filepath.Rel(root, path)
		files = append(files, inputFile{from: path, name: name})
		return err
	})
	return files, err
}

// put copies the file into a directory.
func (f *inputFile) put(dir string) error {
	path := filepath.Join(dir, f.name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	in, err := os.Open(f.from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Chtimes(path, f.time, f.time)
}
