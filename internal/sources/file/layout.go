package file

import (
	"path/filepath"

	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/types"
)

// A layout says what the directories k=v of a source mean to a listing. The zero layout takes the files of all of them.
type layout struct {
	base     int           // how many elements of a path are above the partition directories
	fields   []types.Field // the partition columns; none: there were no partition directories when the stream was defined
	inferred bool          // the schema names none of them
	schema   *types.Schema // of the rows; nil: not known
}

func layoutOf(env *sources.Env) layout {
	all := env.Schema
	if all == nil {
		return layout{}
	}
	return layout{fields: all.Fields[len(all.Fields)-env.Partitions:], inferred: env.Inferred, schema: all}
}

// partitioned: there are partition columns.
func (l *layout) partitioned() bool { return len(l.fields) > 0 }

// takes reports whether a directory k=v of a source without partition columns may hold data: one that came later does if the schema
// names its column.
func (l *layout) takes(dir string) bool { return l.schema == nil || namesPartition(l.schema, dir) }

// misfit returns why the files of a directory do not fit the layout. As in Spark, directories that contradict a column of the schema fail
// the batch.
func (l *layout) misfit(dir string) (why reason, misfits bool) {
	if !l.partitioned() {
		return 0, false
	}
	values, _ := partitionsOf(filepath.Join(dir, "x"), l.base)
	switch {
	case len(values) == 0:
		return besidePartitions, true
	case l.inferred && !sameNames(l.fields, values):
		return otherPartitions, true
	}
	return 0, false
}
