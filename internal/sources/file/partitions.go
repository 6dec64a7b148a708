package file

import (
	"encoding/hex"
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// Directories named k=v give the files below them a column k. Which columns there are is settled when a stream is defined, by
// the directories that hold data then. (Spark: PartitioningUtils, PartitioningAwareFileIndex.)

// nullPartition is the value of a directory whose column is NULL.
const nullPartition = "__HIVE_DEFAULT_PARTITION__"

// A partitionValue is a directory k=v: the name decoded, the value as it is written.
type partitionValue struct{ name, raw string }

// depth is how many elements a path has.
func depth(path string) int { return strings.Count(filepath.Clean(path), "/") }

// partitionsOf returns the partition directories of a file, the lowest run of adjacent directories k=v after the first base elements of
// the path, and the number of path elements before them.
func partitionsOf(path string, base int) (values []partitionValue, before int) {
	dirs := strings.Split(filepath.Dir(path), "/")[1:]
	for i := len(dirs) - 1; i >= base; i-- {
		name, raw, ok := strings.Cut(dirs[i], "=")
		switch {
		case strings.EqualFold(dirs[i], "_temporary"):
			return nil, 0
		case ok:
			values = append(values, partitionValue{unescape(name), raw})
			before = i
		case len(values) > 0:
			slices.Reverse(values)
			return values, before
		}
	}
	slices.Reverse(values)
	return values, before
}

// unescape decodes the %XX of a directory name.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				b = append(b, c...)
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// Partitions finds the partition columns of a source by a bounded look (see discovery.bounded). Their types are those that the schema,
// which may be nil, gives to their names, else what all values can be read as. Directories that do not form one layout, none of
// whose columns the schema names, are not partitions: there are no columns then, and the lister leaves their files out.
func Partitions(fsys storage.FS, path string, opts job.Options, schema *types.Schema, zone *datetime.Zone) ([]types.Field, error) {
	return partitions(tree{fsys}, path, opts, schema, zone, (*discovery).bounded)
}

// PartitionsOnSpark finds the partition columns that Apache Spark finds, which looks through everything below the path, or the error
// with which it refuses the directories.
func PartitionsOnSpark(fsys storage.FS, path string, opts job.Options, schema *types.Schema, zone *datetime.Zone) ([]types.Field, error) {
	return partitions(tree{fsys}, path, opts, schema, zone, (*discovery).everything)
}

func partitions(t tree, path string, opts job.Options, schema *types.Schema, zone *datetime.Zone, look func(*discovery, []string) error) ([]types.Field, error) {
	o, err := parseOptions(opts, nil)
	if err != nil || o.recursive {
		return nil, nil // bad options are found when the query runs
	}
	d := discovery{tree: t, opts: o, schema: schema, glob: isGlob(path), links: map[string]bool{}, bases: map[string]bool{}}
	if d.base, err = o.partitionBase(t, path); err != nil {
		return nil, err
	}
	if o.zone != nil {
		zone = o.zone
	}
	roots, err := t.roots(path)
	if err != nil {
		return nil, err
	}
	for _, r := range roots {
		if o.base != "" && !within(r, o.base) {
			return nil, sparkerr.Plain("Wrong basePath %s for the root path: file:%s", o.base, r)
		}
	}
	if err := look(&d, roots); err != nil {
		return nil, err
	}
	return d.fields(zone)
}

// roots lists the files and directories that a path names: itself, unless it is a glob.
func (t tree) roots(path string) ([]string, error) {
	if !isGlob(path) {
		return []string{path}, nil
	}
	g, err := compileGlob(path)
	if err != nil {
		return nil, err
	}
	return g.expand(globWalk{tree: t, barred: func(string, error) {}}) // the lister tells of what cannot be read
}

// partitionBase is how many elements of the paths of files are above the partition directories: those of the path, or those of the
// option basePath, which Spark heeds for globs only.
func (o *options) partitionBase(t tree, path string) (int, error) {
	if o.base == "" || filepath.Clean(o.base) == filepath.Clean(path) {
		return depth(path), nil
	}
	if !isGlob(path) || !filepath.IsAbs(o.base) {
		return 0, sparkerr.Plain("the option basePath is the absolute path of a directory above those that a glob matches, not %s", o.base)
	}
	if st, err := t.Stat(o.base); err != nil || !st.IsDir() {
		return 0, sparkerr.Plain("Option 'basePath' must be a directory")
	}
	return depth(o.base), nil
}

// within reports a path that is dir or below it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

// fields settles the columns.
func (d *discovery) fields(zone *datetime.Zone) ([]types.Field, error) {
	if len(d.found) == 0 {
		return nil, nil
	}
	fields, err := d.layout()
	if err != nil {
		if !d.strict && !d.namesAny() {
			return nil, nil
		}
		return nil, err
	}
	for i := range fields {
		if fields[i].Type == nil {
			fields[i].Type = d.infer(i, zone)
		}
		for _, values := range d.found {
			if _, err := readPartition(fields[i], values[i].raw, zone); err != nil {
				return nil, err
			}
		}
	}
	return fields, nil
}

// namesAny reports whether the schema names the column of any directory.
func (d *discovery) namesAny() bool {
	return slices.ContainsFunc(d.found, func(values []partitionValue) bool {
		return slices.ContainsFunc(values, func(v partitionValue) bool { return fieldNamed(d.schema, v.name) != nil })
	})
}

// layout is the columns of all directories, those that the schema names with their types; it is an error when the directories disagree.
func (d *discovery) layout() ([]types.Field, error) {
	if len(d.bases) > 1 && !d.opts.anyStructure {
		return nil, sparkerr.New("CONFLICTING_DIRECTORY_STRUCTURES", "discoveredBasePaths", lines(keys(d.bases)))
	}
	fields := make([]types.Field, len(d.found[0]))
	for i, v := range d.found[0] {
		fields[i] = types.Field{Name: v.name, Nullable: true}
		if f := fieldNamed(d.schema, v.name); f != nil {
			fields[i].Name, fields[i].Type = f.Name, f.Type
		}
	}
	for k, values := range d.found {
		if !sameNames(fields, values) {
			return nil, conflictingNames([]string{namesOf(d.found[0]), namesOf(values)}, []string{d.paths[0], d.paths[k]})
		}
	}
	return fields, nil
}

// infer returns the type of column i that all its values have in common.
func (d *discovery) infer(i int, zone *datetime.Zone) *types.Type {
	t := types.Void
	for _, values := range d.found {
		t = commonPartitionType(t, inferPartition(values[i].raw, zone))
	}
	if t.Kind == types.KindVoid {
		return types.String
	}
	return t
}

func conflictingNames(lists, paths []string) error {
	return sparkerr.New("CONFLICTING_PARTITION_COLUMN_NAMES", "distinctPartColLists", lines(lists), "suspiciousPaths", lines(paths))
}

func lines(s []string) string { return "\n\t" + strings.Join(s, "\n\t") + "\n" }

func keys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func fieldNamed(schema *types.Schema, name string) *types.Field {
	if schema != nil {
		for i := range schema.Fields {
			if strings.EqualFold(schema.Fields[i].Name, name) {
				return &schema.Fields[i]
			}
		}
	}
	return nil
}

// NamesAny reports whether a schema, which may be nil, names one of the columns.
func NamesAny(schema *types.Schema, columns []types.Field) bool {
	return slices.ContainsFunc(columns, func(f types.Field) bool { return fieldNamed(schema, f.Name) != nil })
}

func sameNames(fields []types.Field, values []partitionValue) bool {
	return slices.EqualFunc(fields, values, func(f types.Field, v partitionValue) bool { return strings.EqualFold(f.Name, v.name) })
}

func namesOf(values []partitionValue) string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = v.name
	}
	return strings.Join(names, ", ")
}

// WithPartitions puts partition columns behind the columns of the data, which are those of the schema that they do not name.
func WithPartitions(schema *types.Schema, partitions []types.Field) *types.Schema {
	data := slices.DeleteFunc(slices.Clone(schema.Fields), func(f types.Field) bool {
		return fieldNamed(&types.Schema{Fields: partitions}, f.Name) != nil
	})
	return &types.Schema{Fields: append(data, partitions...)}
}

// dataSchema is the schema of the files themselves when n columns come from directories.
func dataSchema(schema *types.Schema, n int) *types.Schema {
	if n == 0 {
		return schema
	}
	return &types.Schema{Fields: schema.Fields[:len(schema.Fields)-n]}
}
