package sinks

import (
	"errors"
	"io"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/storage"
)

// A partFile is a file of a part while it is written under its temporary name. It can be closed temporarily, so that any
// number of files can be written with few open at a time; a compressed file then consists of several compressed streams,
// which all readers concatenate.
type partFile struct {
	fsys      storage.FS
	codec     *compress.Codec
	name, tmp string
	size      int64 // on disk
	rows      int64 // counted by a splitter
	made      bool
	joiner    codec.Joiner // nil: encoder output is the file
	ended     bool
	file      storage.File   // nil while closed
	out       io.WriteCloser // compresses into file
}

// write appends text.
func (f *partFile) write(text []byte) error {
	if f.file == nil {
		if err := f.open(); err != nil {
			return err
		}
	}
	if f.joiner != nil {
		return f.joiner.Join(text, f.put)
	}
	return f.put(text)
}

func (f *partFile) put(p []byte) error {
	_, err := f.out.Write(p)
	return err
}

// finish writes the end of the file, makes it durable and closes it.
func (f *partFile) finish() error {
	if f == nil || f.joiner == nil || f.ended {
		return f.suspend()
	}
	f.ended = true
	if f.file == nil {
		if err := f.open(); err != nil {
			return err
		}
	}
	return errors.Join(f.joiner.End(f.put), f.suspend())
}

func (f *partFile) open() (err error) {
	if f.made {
		f.file, err = f.fsys.Append(f.tmp)
	} else {
		f.file, err = f.fsys.Create(f.tmp)
	}
	if err != nil {
		f.file = nil
		return err
	}
	f.made = true
	f.out = f.codec.NewWriter(&counter{f.file, &f.size})
	return nil
}

// suspend makes the written data durable and closes the file until more is written.
func (f *partFile) suspend() error {
	if f == nil || f.file == nil {
		return nil
	}
	err := errors.Join(f.out.Close(), f.file.Sync(), f.file.Close())
	f.file, f.out = nil, nil // a compressor takes up to a megabyte
	return err
}

// remove deletes an unfinished file.
func (f *partFile) remove() {
	if f.file != nil {
		_ = f.file.Close()
		f.file = nil
	}
	if f.made {
		_ = f.fsys.Remove(f.tmp)
	}
}

// A counter counts bytes.
type counter struct {
	io.Writer
	n *int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	*c.n += int64(n)
	return n, err
}
