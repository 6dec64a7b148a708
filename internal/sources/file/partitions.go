package file

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
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

// partitionsOf gives the partition directories of a file, of which the first base elements of the path are no part, and how many
// elements of the path stand before them. They are the lowest run of neighbouring directories k=v.
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

// Partitions finds the partition columns of the directories that hold data. Their types are those that the schema, which may be
// nil, gives to their names, else what all values can be read as.
func Partitions(path string, opts job.Options, schema *types.Schema, zone *datetime.Zone) ([]types.Field, error) {
	o, err := parseOptions(opts, nil)
	if err != nil || o.recursive {
		return nil, nil // bad options are found when the query runs
	}
	d := discovery{opts: o, links: map[string]bool{}, bases: map[string]bool{}}
	if d.base, err = o.partitionBase(path); err != nil {
		return nil, err
	}
	if o.zone != nil {
		zone = o.zone
	}
	roots := []string{path}
	if isGlob(path) {
		g, err := compileGlob(path)
		if err != nil {
			return nil, nil
		}
		if roots, err = g.expand(func(string) {}); err != nil {
			return nil, unreadable(err)
		}
	}
	for _, r := range roots {
		if o.base != "" && !within(r, o.base) {
			return nil, sparkerr.Plain("Wrong basePath %s for the root path: file:%s", o.base, r)
		}
		if err := d.root(r); err != nil {
			return nil, err
		}
	}
	return d.fields(schema, zone)
}

// partitionBase is how many elements of the paths of files are above the partition directories: those of the path, or those of the
// option basePath, which Spark heeds for globs only.
func (o *options) partitionBase(path string) (int, error) {
	if o.base == "" || filepath.Clean(o.base) == filepath.Clean(path) {
		return depth(path), nil
	}
	if !isGlob(path) || !filepath.IsAbs(o.base) {
		return 0, sparkerr.Plain("the option basePath is the absolute path of a directory above those that a glob matches, not %s", o.base)
	}
	if info, err := os.Stat(o.base); err != nil || !info.IsDir() {
		return 0, sparkerr.Plain("Option 'basePath' must be a directory")
	}
	return depth(o.base), nil
}

// within reports a path that is dir or below it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

// A discovery walks through the directories of a source once.
type discovery struct {
	opts  *options
	base  int
	links map[string]bool
	bases map[string]bool    // what stands before the partition directories
	found [][]partitionValue // of each directory with data
	paths []string
}

func (d *discovery) root(path string) error {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return nil
	}
	if _, err := os.Stat(filepath.Join(path, checkpoint.SinkLogDir)); err != nil {
		return d.dir(path)
	}
	files, err := checkpoint.ReadSinkLog(atomicfile.OS, path)
	for _, f := range files {
		d.add(f.Path)
	}
	return err
}

// dir looks through a directory: it may be huge, and most have no subdirectories at all.
func (d *discovery) dir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return ignoreMissing(unreadable(err))
	}
	defer f.Close()
	values, _ := partitionsOf(filepath.Join(path, "x"), d.base)
	hasData := false
	err = eachEntry(f, path, func(e entry) error {
		switch {
		case e.mode.IsRegular():
			hasData = hasData || len(values) > 0 && !d.opts.hiddenFile(e.name) && d.isData(path, e.name)
		case !d.opts.hiddenDir(e.name):
			return d.other(path, e)
		}
		return nil
	})
	if err != nil {
		return unreadable(err)
	}
	if hasData {
		d.add(filepath.Join(path, "x"))
	}
	return nil
}

// other goes into a subdirectory.
func (d *discovery) other(dir string, e entry) error {
	if !e.isDir(dir) {
		return nil
	}
	path := filepath.Join(dir, e.name)
	if e.isLink() && !follow(d.links, path) {
		return nil
	}
	return d.dir(path)
}

// follow reports whether a link to a directory was not followed before: links can make circles.
func follow(links map[string]bool, path string) bool {
	target, err := filepath.EvalSymlinks(path)
	if err != nil || links[target] {
		return false
	}
	links[target] = true
	return true
}

func (d *discovery) isData(dir, name string) bool {
	if f := d.opts.nameFilter; f != nil && !f.match(name) {
		return false
	}
	info, err := os.Stat(filepath.Join(dir, name))
	return err == nil && info.Size() > 0
}

func (d *discovery) add(file string) {
	values, before := partitionsOf(file, d.base)
	if len(values) == 0 {
		return
	}
	dirs := strings.Split(filepath.Dir(file), "/")
	d.bases[strings.ToLower(strings.Join(dirs[:before+1], "/"))] = true
	d.found = append(d.found, values)
	d.paths = append(d.paths, filepath.Dir(file))
}

// fields settles the columns.
func (d *discovery) fields(schema *types.Schema, zone *datetime.Zone) ([]types.Field, error) {
	if len(d.found) == 0 {
		return nil, nil
	}
	if len(d.bases) > 1 && !d.opts.anyStructure {
		return nil, sparkerr.New("CONFLICTING_DIRECTORY_STRUCTURES", "discoveredBasePaths", lines(keys(d.bases)))
	}
	fields := make([]types.Field, len(d.found[0]))
	for i, v := range d.found[0] {
		fields[i] = types.Field{Name: v.name, Nullable: true}
		if f := fieldNamed(schema, v.name); f != nil {
			fields[i].Name, fields[i].Type = f.Name, f.Type
		}
	}
	for k, values := range d.found {
		if !sameNames(fields, values) {
			return nil, conflictingNames([]string{namesOf(d.found[0]), namesOf(values)}, []string{d.paths[0], d.paths[k]})
		}
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

// infer gives the type of column i that all its values have in common.
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
