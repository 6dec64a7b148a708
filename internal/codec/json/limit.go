package json

import (
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/vector"
)

// bound keeps the vectors, whose lists grow with the data, within the memory limit.
func (r *reader) bound() {
	room := r.held.Room()
	if room == memory.Unlimited {
		return
	}
	most := int(min(max(room, 1), vector.MaxBytes))
	for _, v := range r.vectors {
		v.Bound(most)
	}
	for _, v := range r.dry {
		v.Bound(most)
	}
}

// hold reserves the memory of the vectors, and checks whether the buffer has grown too large.
func (r *reader) hold() error {
	err := r.chunks.Err()
	if err == nil && memory.Limited() {
		size := 0
		for _, v := range r.vectors {
			size += v.Slots()
		}
		for _, v := range r.dry {
			size += v.Slots()
		}
		err = r.held.Hold(size)
	}
	if err != nil {
		return r.tooLarge(err)
	}
	return nil
}

// overflown turns the panic of a vector that would exceed its limit into an error.
func (r *reader) overflown(err *error) {
	switch p := recover().(type) {
	case nil:
	case vector.Overflow:
		*err = r.tooLarge(&memory.Exceeded{Bytes: int64(p.Bytes), Left: int64(p.Most)})
	default:
		panic(p)
	}
}

// tooLarge returns the error for the record that needs too much memory.
func (r *reader) tooLarge(err error) error {
	r.done = true
	return codec.ReadFailed(r.in.File, &vector.RecordError{File: r.in.File, Offset: r.offset + int64(r.lineFrom-r.chunkFrom), Err: err})
}
