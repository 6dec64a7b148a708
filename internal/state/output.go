package state

import (
	"errors"
	"path/filepath"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/storage"
)

// An output is a delta or snapshot that is being written. It compresses entries as they come, and writes them under a temporary name when they are
// many, so that a large batch takes little memory.
type output struct {
	folder *folder
	path   string // of the file when it is complete
	plain  []byte // entries that are not in a block yet
	packed []byte // blocks that are not in the file yet
	bytes  int64  // of all entries
	temp   string // name of the file until it is complete; empty before it is created
	file   storage.File
	err    error // the first one
}

// outputBytes is the number of bytes of blocks that an output keeps in memory.
const outputBytes = 1 << 20

// start prepares an empty file.
func (o *output) start(f *folder, name string) {
	*o = output{folder: f, path: filepath.Join(f.path, name), plain: o.plain[:0], packed: o.packed[:0]}
}

// add appends an entry. A nil value is a removal. Errors are reported by finish.
func (o *output) add(key, value []byte) {
	o.plain = appendEntry(o.plain, key, value)
	if len(o.plain) >= blockBytes {
		o.pack()
	}
}

// pack puts the entries into blocks, but for a rest that is smaller than a block.
func (o *output) pack() {
	rest := o.plain
	for len(rest) >= blockBytes {
		o.packed = appendBlock(o.packed, rest[:blockBytes])
		rest = rest[blockBytes:]
		if len(o.packed) >= outputBytes {
			o.write()
		}
	}
	o.bytes += int64(len(o.plain) - len(rest))
	if o.plain = o.plain[:copy(o.plain, rest)]; cap(o.plain) > 2*outputBytes {
		o.plain = append([]byte(nil), o.plain...)
	}
}

// write writes the blocks to the file.
func (o *output) write() {
	if o.err == nil && o.file == nil {
		o.err = o.create()
	}
	if o.err == nil {
		_, o.err = o.file.Write(o.packed)
	}
	o.packed = o.packed[:0]
}

func (o *output) create() error {
	if err := o.folder.make(); err != nil {
		return err
	}
	temp := atomicfile.TempName(o.path)
	file, err := o.folder.fs.Create(temp)
	if err == nil {
		o.file, o.temp = file, temp
	}
	return err
}

// finish completes the file under its temporary name and makes it durable.
func (o *output) finish() error {
	o.pack()
	o.bytes += int64(len(o.plain))
	o.packed = appendBlock(o.packed, bigEndian.AppendUint32(o.plain, noEntry))
	o.packed = appendBlock(o.packed, nil)
	o.write()
	if o.file != nil {
		if o.err == nil {
			o.err = o.file.Sync()
		}
		o.err = errors.Join(o.err, o.file.Close())
		o.file = nil
	}
	return o.err
}

// discard removes the temporary file, if there is one.
func (o *output) discard() {
	if o.file != nil {
		_ = o.file.Close()
	}
	if o.temp != "" {
		_ = o.folder.fs.Remove(o.temp)
	}
	o.file, o.temp = nil, ""
}
