package file

import (
	"slices"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// Files lists the files of a source that are there now and are not empty, sorted by name: those that a schema can be inferred
// from.
func Files(fsys storage.FS, path string, opts job.Options) ([]string, error) {
	o, err := parseOptions(opts, nil)
	if err != nil {
		return nil, err
	}
	fields, err := Partitions(fsys, path, opts, nil, datetime.UTC)
	if err != nil {
		return nil, err
	}
	l, err := newLister(tree{fsys}, path, o, layout{fields: fields, inferred: true, schema: &types.Schema{}})
	if err != nil {
		return nil, err
	}
	if what, write := l.unmatched(); what != "" {
		return nil, sparkerr.Plain("%s: %s", path, what).WithHint("write '%s'", write)
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
