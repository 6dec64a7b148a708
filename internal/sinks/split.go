package sinks

import (
	"context"
	"encoding/binary"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/vector"
)

// Rows that go into several files are encoded concurrently and written in order like all others. The output of a task is a
// sequence of frames, each with the number of a directory and encoded rows for it; the splitter distributes the frames when
// they are due.

const (
	frameHead = 12
	// maxOpenFiles limits the files that a task has open at a time.
	maxOpenFiles = 32
	// pendingBytes limits what a task buffers for files that are not open, pendingFile what it buffers for one file.
	pendingBytes = 8 << 20
	pendingFile  = 256 << 10
)

// A splitPartition encodes one partition as frames.
type splitPartition struct {
	*orderedPartition
	layout   *layout
	dirs     *directories
	key      []byte
	known    map[string]int // by key: position in groups
	groups   []group
	touched  []int // groups with rows in the current batch
	data     vector.Batch
	encoding *codec.Encoding
	ctx      context.Context // of the task
}

// A group holds the rows of a batch that go into the same directory.
type group struct {
	id   uint32
	rows vector.Selection
	// an encoder that buffers rows, for formats whose encoders do, and the number of buffered rows
	keeper codec.Encoder
	kept   int
}

// keptBytes limits the memory of a task's keepers.
const keptBytes = 32 << 20

func newSplitPartition(t *orderedPartition, b *fileBatch) *splitPartition {
	return &splitPartition{orderedPartition: t, layout: b.sink.layout, dirs: b.dirs, known: map[string]int{}, encoding: b.sink.encoding}
}

// Write encodes the selected rows, directory by directory.
func (t *splitPartition) Write(ctx context.Context, b *vector.Batch) error {
	t.ctx = ctx
	t.watch(ctx, t.encoder)
	t.collect(b)
	cols := t.data.Cols[:0]
	for _, c := range t.layout.columns {
		cols = append(cols, b.Cols[c])
	}
	t.data = *b
	t.data.Cols = cols
	for _, i := range t.touched {
		g := &t.groups[i]
		if err := t.frames(g); err != nil {
			return err
		}
		g.rows = g.rows[:0]
	}
	t.touched = t.touched[:0]
	if err := t.endKeepers(memory.Share(keptBytes, 8)); err != nil {
		return err
	}
	return t.flush(ctx, t.keepers()...)
}

// keepers returns the encoders of all groups, if they buffer rows.
func (t *splitPartition) keepers() []codec.Encoder {
	if t.encoding.Joiner == nil || !memory.Limited() {
		return nil
	}
	out := make([]codec.Encoder, len(t.groups))
	for i := range t.groups {
		out[i] = t.groups[i].keeper
	}
	return out
}

// Close appends the buffered rows and ends the partition.
func (t *splitPartition) Close(ctx context.Context) error {
	if err := t.endKeepers(0); err != nil {
		return err
	}
	return t.orderedPartition.Close(ctx)
}

// endKeepers appends the buffered rows if they exceed limit.
func (t *splitPartition) endKeepers(limit int) error {
	if t.encoding.Joiner == nil {
		return nil
	}
	held := 0
	for i := range t.groups {
		held += t.groups[i].keeper.(codec.Ender).Held()
	}
	if held <= limit {
		return nil
	}
	for i := range t.groups {
		if err := t.endKeeper(&t.groups[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t *splitPartition) endKeeper(g *group) (err error) {
	from := t.begin()
	if t.buf, err = g.keeper.(codec.Ender).AppendEnd(t.buf); err == nil {
		t.endKept(from, g)
	}
	return err
}

// endKept completes a frame with the rows that a keeper has appended, if any.
func (t *splitPartition) endKept(from int, g *group) {
	if len(t.buf) == from+frameHead {
		t.buf = t.buf[:from]
		return
	}
	t.end(from, g.id, g.kept)
	g.kept = 0
}

// keep passes the rows of a group to its keeper.
func (t *splitPartition) keep(g *group) (err error) {
	if t.layout.maxRows == 0 {
		from := t.begin()
		t.data.Sel = g.rows
		g.kept += len(g.rows)
		if t.buf, err = g.keeper.AppendBatch(t.buf, &t.data); err == nil {
			t.endKept(from, g)
		}
		return err
	}
	for _, row := range g.rows {
		from := t.begin()
		g.kept++
		if t.buf, err = g.keeper.AppendRow(t.buf, &t.data, int(row)); err != nil {
			return err
		}
		t.endKept(from, g)
		if int64(g.kept) == t.layout.maxRows {
			if err := t.endKeeper(g); err != nil {
				return err
			}
		}
	}
	return nil
}

// collect determines the groups of a batch.
func (t *splitPartition) collect(b *vector.Batch) {
	for i := range b.Rows() {
		row := i
		if b.Sel != nil {
			row = int(b.Sel[i])
		}
		t.key = t.layout.key(t.key[:0], b, row)
		at, ok := t.known[string(t.key)]
		if !ok {
			at = len(t.groups)
			t.known[string(t.key)] = at
			t.groups = append(t.groups, group{id: t.dirs.id(b, row)})
		}
		if len(t.groups[at].rows) == 0 {
			t.touched = append(t.touched, at)
		}
		t.groups[at].rows = append(t.groups[at].rows, int32(row))
	}
}

// frames appends the rows of a group: one frame, or one per row if rows are counted.
func (t *splitPartition) frames(g *group) (err error) {
	if t.encoding.Joiner != nil {
		if g.keeper == nil {
			if g.keeper, err = t.encoding.Encoder(); err != nil {
				return err
			}
			t.watch(t.ctx, g.keeper)
		}
		return t.keep(g)
	}
	if t.layout.maxRows == 0 {
		from := t.begin()
		t.data.Sel = g.rows
		if t.buf, err = t.encoder.AppendBatch(t.buf, &t.data); err == nil {
			t.end(from, g.id, len(g.rows))
		}
		return err
	}
	for _, row := range g.rows {
		from := t.begin()
		if t.buf, err = t.encoder.AppendRow(t.buf, &t.data, int(row)); err != nil {
			return err
		}
		t.end(from, g.id, 1)
	}
	return nil
}

func (t *splitPartition) begin() int {
	from := len(t.buf)
	t.buf = append(t.buf, make([]byte, frameHead)...)
	return from
}

func (t *splitPartition) end(from int, id uint32, rows int) {
	binary.LittleEndian.PutUint32(t.buf[from:], id)
	binary.LittleEndian.PutUint32(t.buf[from+4:], uint32(rows))
	binary.LittleEndian.PutUint32(t.buf[from+8:], uint32(len(t.buf)-from-frameHead))
}

// A splitter distributes frames over the files of a part.
type splitter struct {
	part    *part
	streams map[uint32]*splitStream
	order   []*splitStream
	open    []*partFile // the longest open first
	pending int
}

// A splitStream is the output for one directory.
type splitStream struct {
	dir     string
	file    *partFile
	number  int // number of files started
	pending []byte
}

// write processes complete frames.
func (s *splitter) write(p []byte) error {
	for len(p) > 0 {
		id, rows, n := binary.LittleEndian.Uint32(p), binary.LittleEndian.Uint32(p[4:]), binary.LittleEndian.Uint32(p[8:])
		if err := s.add(id, int64(rows), p[frameHead:frameHead+n]); err != nil {
			return err
		}
		p = p[frameHead+n:]
	}
	return nil
}

func (s *splitter) add(id uint32, rows int64, text []byte) error {
	st, ok := s.streams[id]
	if !ok {
		st = &splitStream{dir: s.part.batch.dirs.name(id)}
		s.streams[id] = st
		s.order = append(s.order, st)
	}
	if limit := s.part.batch.sink.layout.maxRows; st.file == nil || limit > 0 && st.file.rows+rows > limit {
		if err := s.next(st); err != nil {
			return err
		}
	}
	st.file.rows += rows
	st.pending = append(st.pending, text...)
	s.pending += len(text)
	if s.pending >= memory.Share(pendingBytes, 16) {
		return s.flush()
	}
	if len(st.pending) >= pendingFile {
		return s.flushOne(st)
	}
	return nil
}

// next starts the next file of a directory.
func (s *splitter) next(st *splitStream) error {
	if st.file != nil {
		if err := s.flushOne(st); err != nil {
			return err
		}
	}
	if err := s.makeRoom(); err != nil {
		return err
	}
	var err error
	st.file, err = s.part.newFile(st.dir, st.number)
	st.number++
	s.open = append(s.open, st.file)
	return err
}

// makeRoom closes the file that has been open longest if too many are open.
func (s *splitter) makeRoom() error {
	if len(s.open) < maxOpenFiles {
		return nil
	}
	f := s.open[0]
	s.open = s.open[1:]
	return f.suspend()
}

func (s *splitter) flushOne(st *splitStream) error {
	if len(st.pending) == 0 {
		return nil
	}
	if st.file.file == nil {
		if err := s.makeRoom(); err != nil {
			return err
		}
		s.open = append(s.open, st.file)
	}
	err := st.file.write(st.pending)
	s.pending -= len(st.pending)
	st.pending = st.pending[:0]
	return err
}

// flush writes all pending data.
func (s *splitter) flush() error {
	for _, st := range s.order {
		if err := s.flushOne(st); err != nil {
			return err
		}
		st.pending = nil
	}
	return nil
}
