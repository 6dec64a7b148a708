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

// An inputFile is a file of a comparison: where it is, and its name and time in the directory that an engine reads.
type inputFile struct {
	from, name string
	time       time.Time
}

// firstTime is the modification time of the first file of a comparison; the others follow second by second, so that both
// engines see one order.
var firstTime = time.Unix(1704067200, 0) // 2024-01-01

// inputSteps lists the files of a directory in the order of their names, step by step: a directory whose name is a number is
// a step; without such directories each file is one, or all files together when the source itself cuts batches.
func inputSteps(data string, together bool) ([][]inputFile, error) {
	abs, err := filepath.Abs(data)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(abs)
	if err != nil {
		return nil, sparkerr.Plain("the input of the comparison, %s, cannot be read: %s", data, sparkerr.Reason(err)).
			WithHint("--data names a directory of files, with a directory for each stream when there are several")
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
		return nil, sparkerr.Plain("%s holds no files", data).WithHint("put sample input there, in files as the source reads them")
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

// filesBelow lists the files below a directory in the order of their paths; what begins with a dot is not input.
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
