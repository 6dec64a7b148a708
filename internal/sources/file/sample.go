package file

import (
	"slices"

	"github.com/streamctl/streamctl/internal/job"
)

// Files lists the files of a source that are there now and are not empty, sorted by name: those that a schema can be inferred
// from.
func Files(path string, opts job.Options) ([]string, error) {
	o, err := parseOptions(opts, nil)
	if err != nil {
		return nil, err
	}
	l, err := newLister(path, o)
	if err != nil {
		return nil, err
	}
	found, err := l.list()
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, c := range found {
		if c.size > 0 {
			paths = append(paths, c.path)
		}
	}
	slices.Sort(paths)
	return paths, nil
}
