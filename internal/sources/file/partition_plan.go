package file

import (
	"cmp"
	"path/filepath"
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A partitioning gives the files of a batch their partition columns, and leaves out the files that conditions on these columns
// reject.
type partitioning struct {
	src     *Source
	scan    *sources.Scan
	base    int
	zone    *datetime.Zone
	fields  []types.Field      // the partition columns, none when the batch has none
	wanted  []int              // of fields, those that the scan asks for, in its order
	filters []vector.Predicate // on the wanted columns
	dirs    map[string]*directory
}

// A directory is what all its files have in common.
type directory struct {
	values []*vector.Vector // of the wanted partition columns
	read   bool             // its files are read
}

// newPartitioning prepares for the files of a batch. A source that had no partition directories when the stream was defined
// takes those that come later if the schema ends in their columns.
func (s *Source) newPartitioning(scan *sources.Scan, files []candidate) (*partitioning, error) {
	p := &partitioning{src: s, scan: scan, zone: cmp.Or(s.opts.zone, scan.TimeZone()), dirs: map[string]*directory{}}
	if s.opts.recursive {
		return p, nil
	}
	var err error
	if p.base, err = s.opts.partitionBase(tree{s.env.FS}, s.path); err != nil {
		return nil, err
	}
	n := s.env.Partitions
	for i := 0; n == 0 && i < len(files); i++ {
		values, _ := partitionsOf(files[i].path, p.base)
		n = len(values)
	}
	all := scan.Schema.Fields
	if n == 0 {
		return p, nil
	}
	if n > len(all) {
		return nil, lateColumns(s.path)
	}
	p.fields = all[len(all)-n:]
	for _, f := range scan.Fields {
		if i := slices.IndexFunc(p.fields, func(c types.Field) bool { return c.Name == f.Name }); i >= 0 {
			p.wanted = append(p.wanted, i)
		}
	}
	if scan.NewFileFilters != nil {
		if p.filters, err = scan.NewFileFilters(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func lateColumns(path string) error {
	return sparkerr.Plain("%s has got partition directories since the query was defined, and the schema does not end in their columns", path).
		WithHint("start the query again")
}

// plainDirectory is that of all files without partition columns.
var plainDirectory = &directory{read: true}

// of returns the directory of a file.
func (p *partitioning) of(file string) (*directory, error) {
	if len(p.fields) == 0 {
		return plainDirectory, nil
	}
	dir := filepath.Dir(file)
	d, ok := p.dirs[dir]
	if ok {
		return d, nil
	}
	d, err := p.open(file)
	p.dirs[dir] = d
	return d, err
}

func (p *partitioning) open(file string) (*directory, error) {
	values, _ := partitionsOf(file, p.base)
	if len(values) == 0 { // Spark loses these rows without a word
		p.src.warnLost(file)
		return &directory{}, nil
	}
	if !sameNames(p.fields, values) {
		if p.src.env.Partitions == 0 {
			return nil, lateColumns(p.src.path)
		}
		want := make([]partitionValue, len(p.fields))
		for i, f := range p.fields {
			want[i].name = f.Name
		}
		return nil, conflictingNames([]string{namesOf(want), namesOf(values)}, []string{p.src.path, filepath.Dir(file)})
	}
	consts := make([]*vector.Vector, len(values))
	for i, v := range values {
		var err error
		if consts[i], err = readPartition(p.fields[i], v.raw, p.zone); err != nil {
			return nil, err
		}
	}
	d := &directory{}
	for _, i := range p.wanted {
		d.values = append(d.values, consts[i])
	}
	return d, p.filter(d)
}

// filter decides whether the files of a directory are read.
func (p *partitioning) filter(d *directory) error {
	d.read = true
	b := vector.Batch{N: 1, Cols: make([]*vector.Vector, len(p.scan.Fields))}
	copy(b.Cols[len(b.Cols)-len(d.values):], d.values)
	for _, f := range p.filters {
		rows, err := f.Select(&b, nil, nil)
		if err != nil {
			return err
		}
		d.read = d.read && len(rows) > 0
	}
	return nil
}

// forFiles is what the reader of a file delivers: the columns that are in the file.
func (p *partitioning) forFiles(scan *codec.Scan) {
	if len(p.fields) == 0 {
		return
	}
	scan.Schema = dataSchema(scan.Schema, len(p.fields))
	n := len(scan.Fields) - len(p.wanted)
	scan.Fields = scan.Fields[:n:n]
	scan.Filters = slices.DeleteFunc(scan.Filters, func(f vector.Predicate) bool {
		return slices.ContainsFunc(f.Columns(), func(c int) bool { return c >= n })
	})
}

// warnLost warns once that files next to partition directories are not read.
func (s *Source) warnLost(file string) {
	if !s.warnedLost {
		s.warnedLost = true
		s.env.Log.Warn("files beside partition directories have no rows, as in Spark", "file", file)
	}
}
