package sinks

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// A layout describes how the rows of a file sink are distributed over files.
type layout struct {
	data    *types.Schema // schema of the files
	columns []int         // positions in the rows of the columns in data
	names   []string      // partition columns, escaped
	by      []int         // positions in the rows of the partition columns
	maxRows int64         // maximum number of records per file; 0: no limit
	zone    *datetime.Zone
}

// partitioned reports whether rows are partitioned into directories.
func (l *layout) partitioned() bool { return len(l.by) > 0 }

// splits reports whether a task may write several files.
func (l *layout) splits() bool { return l.partitioned() || l.maxRows > 0 }

func newLayout(s *job.Stream, schema *types.Schema, env Env) (*layout, error) {
	l := &layout{data: &types.Schema{}, zone: env.Zone}
	for _, name := range s.Sink.PartitionBy {
		i := slices.IndexFunc(schema.Fields, func(f types.Field) bool { return strings.EqualFold(f.Name, name) })
		if i < 0 {
			e := sparkerr.Plain("the partition column %s is not among the columns of the result: %s", name, strings.Join(columnNames(schema), ", "))
			e.Place = s.Sink.Place
			return nil, e
		}
		if err := checkPartition(schema.Fields[i], slices.Contains(l.by, i)); err != nil {
			err.Place = s.Sink.Place
			return nil, err
		}
		l.by = append(l.by, i)
		l.names = append(l.names, string(appendEscaped(nil, []byte(schema.Fields[i].Name))))
	}
	for i, f := range schema.Fields {
		if !slices.Contains(l.by, i) {
			l.data.Fields = append(l.data.Fields, f)
			l.columns = append(l.columns, i)
		}
	}
	if l.partitioned() && len(l.columns) == 0 {
		return nil, &sparkerr.Error{Condition: "ALL_PARTITION_COLUMNS_NOT_ALLOWED", Place: s.Sink.Place}
	}
	var err error
	l.maxRows, err = maxRecords(s, env.Job.Conf)
	return l, err
}

func columnNames(schema *types.Schema) []string {
	names := make([]string, len(schema.Fields))
	for i, f := range schema.Fields {
		names[i] = f.Name
	}
	return names
}

func checkPartition(f types.Field, twice bool) *sparkerr.Error {
	switch f.Type.Kind {
	case types.KindArray, types.KindMap, types.KindStruct, types.KindVariant, types.KindVoid, types.KindInterval:
		return sparkerr.New("INVALID_PARTITION_COLUMN_DATA_TYPE", "type", `"`+f.Type.SQL()+`"`)
	}
	if twice {
		return sparkerr.New("COLUMN_ALREADY_EXISTS", "columnName", types.Quote(f.Name))
	}
	return nil
}

// maxRecords returns the option maxRecordsPerFile, or else the setting; values up to 0 mean no limit.
func maxRecords(s *job.Stream, conf map[string]string) (int64, error) {
	text, ok := s.Sink.Options.Get("maxRecordsPerFile")
	if !ok {
		if text, ok = conf["spark.sql.files.maxRecordsPerFile"]; !ok {
			return 0, nil
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0, sparkerr.OfOption(option.NotANumber("", text), "maxRecordsPerFile")
	}
	return max(n, 0), nil
}

// directory appends the directory of a row, such as k=1/c=x.
func (l *layout) directory(dst []byte, b *vector.Batch, row int) []byte {
	const null = "__HIVE_DEFAULT_PARTITION__"
	for i, column := range l.by {
		if i > 0 {
			dst = append(dst, '/')
		}
		dst = append(append(dst, l.names[i]...), '=')
		v := b.Cols[column]
		if v.IsNull(row) {
			dst = append(dst, null...)
			continue
		}
		text := valuetext.AppendValue(nil, v, row, valuetext.Options{Zone: l.zone})
		if len(text) == 0 {
			dst = append(dst, null...)
		} else {
			dst = appendEscaped(dst, text)
		}
	}
	return dst
}

// key appends bytes that distinguish the directories of rows; it is faster than directory.
func (l *layout) key(dst []byte, b *vector.Batch, row int) []byte {
	for _, column := range l.by {
		v := b.Cols[column]
		if v.IsNull(row) {
			dst = append(dst, 0)
			continue
		}
		from := len(dst)
		dst = valuetext.AppendValue(append(dst, 0, 0, 0, 0, 0), v, row, valuetext.Options{Zone: l.zone})
		n := len(dst) - from - 5
		if n == 0 {
			dst = append(dst[:from], 0)
			continue
		}
		copy(dst[from:], []byte{1, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	}
	return dst
}

// appendEscaped escapes characters that directory names cannot contain. (Spark: ExternalCatalogUtils.escapePathName.)
func appendEscaped(dst, text []byte) []byte {
	const hex = "0123456789ABCDEF"
	for _, c := range text {
		if c < ' ' || c == 0x7f || strings.IndexByte("\"#%'*/:=?\\{[]^", c) >= 0 {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// Directories numbers the directories of a batch consistently for all tasks.
type directories struct {
	layout *layout
	mu     sync.Mutex
	ids    map[string]uint32
	names  []string
}

func newDirectories(l *layout) *directories {
	return &directories{layout: l, ids: map[string]uint32{}}
}

// id returns the number of a row's directory.
func (d *directories) id(b *vector.Batch, row int) uint32 {
	name := string(d.layout.directory(nil, b, row))
	d.mu.Lock()
	defer d.mu.Unlock()
	id, ok := d.ids[name]
	if !ok {
		id = uint32(len(d.names))
		d.ids[name], d.names = id, append(d.names, name)
	}
	return id
}

func (d *directories) name(id uint32) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.names[id]
}
