package replay

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A File is an input file of a step: its contents, its name, and the time that it has for the engines.
type File struct {
	Name string // relative to the directory that the source reads
	Data []byte
	Time time.Time
}

// firstTime is the modification time of the first file. Each further file is a second later, so that all
// engines read the files in the same order.
var firstTime = time.Unix(1704067200, 0) // 2024-01-01

// ReadSteps reads the files in data step by step, in name order. Each subdirectory with a number as its name
// is a step. If there are none, each file is a step, or all files are one step if together is set because the
// source limits batches itself.
func ReadSteps(data string, together bool) ([][]File, error) {
	abs, err := filepath.Abs(data)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(abs)
	if err != nil {
		return nil, sparkerr.Plain("the input, %s, cannot be read: %s", data, sparkerr.Reason(err)).
			WithHint("name a directory of files, or of one directory per input")
	}
	var steps [][]File
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
	return steps, nil
}

// filesBelow reads the files below a directory by path, skipping names that begin with a dot.
func filesBelow(root string) ([]File, error) {
	var files []File
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		files = append(files, File{Name: name, Data: data})
		return err
	})
	return files, err
}

// Write writes the file into a directory of the machine.
func (f *File) Write(dir string) error {
	path := filepath.Join(dir, f.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, f.Data, 0o600); err != nil {
		return err
	}
	return os.Chtimes(path, f.Time, f.Time)
}
