package sketch

import (
	"encoding/binary"
	"errors"
	"math"
	"unsafe"
)

// The layout of a KLL in bytes. (KllPreambleUtil of Apache DataSketches.)
const (
	kllFamily      = 15
	kllShortHead   = 2 // words of a sketch of at most one value
	kllHead        = 5
	kllLevelsStart = 20

	kllVersion       = 1
	kllVersionSingle = 2
	kllVersionWhole  = 3 // with the unused part of the capacity

	kllFlagEmpty  = 1
	kllFlagSorted = 2
	kllFlagSingle = 4
)

// Append appends the sketch in the compact format of Apache DataSketches.
func (s *KLL[T]) Append(dst []byte) []byte {
	le := binary.LittleEndian
	head := func(words, version, flags byte) {
		if s.sorted {
			flags |= kllFlagSorted
		}
		dst = append(dst, words, version, kllFamily, flags, byte(s.k), byte(s.k>>8), leastLevel, 0)
	}
	switch s.n {
	case 0:
		head(kllShortHead, kllVersion, kllFlagEmpty)
		return dst
	case 1:
		head(kllShortHead, kllVersionSingle, kllFlagSingle)
		return appendItem(dst, s.level(0)[0])
	}
	head(kllHead, kllVersion, 0)
	dst = le.AppendUint64(dst, uint64(s.n))
	dst = append(dst, byte(s.leastK), byte(s.leastK>>8), byte(s.top()), 0)
	for _, at := range s.levels[:s.top()] {
		dst = le.AppendUint32(dst, uint32(at))
	}
	dst = appendItem(appendItem(dst, s.low), s.high)
	for _, x := range s.items[len(s.items)-s.retained():] {
		dst = appendItem(dst, x)
	}
	return dst
}

func appendItem[T KLLItem](dst []byte, x T) []byte {
	switch x := any(x).(type) {
	case int64:
		return binary.LittleEndian.AppendUint64(dst, uint64(x))
	case float32:
		return binary.LittleEndian.AppendUint32(dst, math.Float32bits(x))
	case float64:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
	}
	return dst
}

func readItem[T KLLItem](b []byte) (x T) {
	switch p := any(&x).(type) {
	case *int64:
		*p = int64(binary.LittleEndian.Uint64(b))
	case *float32:
		*p = math.Float32frombits(binary.LittleEndian.Uint32(b))
	case *float64:
		*p = math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return x
}

func itemSize[T KLLItem]() int { return int(unsafe.Sizeof(*new(T))) }

var errKLL = errors.New("it is not a KLL sketch")

// maxLevels is the most levels of a sketch.
const maxLevels = 61

// ReadKLL reads a sketch, whose bytes do not say of which type its values are. It retains nothing of b.
func ReadKLL[T KLLItem](b []byte) (*KLL[T], error) {
	if len(b) < 8 || b[2] != kllFamily || b[6] != leastLevel {
		return nil, errKLL
	}
	s := NewKLL[T](int(binary.LittleEndian.Uint16(b[4:])))
	if s.k < LeastKLL {
		return nil, errKLL
	}
	empty := b[3]&kllFlagEmpty != 0
	s.sorted = b[3]&kllFlagSorted != 0
	switch [2]byte{b[0], b[1]} {
	case [2]byte{kllShortHead, kllVersion}:
		if empty {
			return s, nil
		}
	case [2]byte{kllShortHead, kllVersionSingle}:
		if !empty {
			return s, s.readSingle(b)
		}
	case [2]byte{kllHead, kllVersion}:
		if !empty {
			return s, s.readLevels(b, false)
		}
	case [2]byte{kllHead, kllVersionWhole}:
		return s, s.readLevels(b, true)
	}
	return nil, errKLL
}

func (s *KLL[T]) readSingle(b []byte) error {
	if len(b) < 8+itemSize[T]() {
		return errKLL
	}
	sorted := s.sorted
	s.Add(readItem[T](b[8:]))
	s.sorted = sorted
	return nil
}

func (s *KLL[T]) readLevels(b []byte, whole bool) error {
	if len(b) < kllLevelsStart {
		return errKLL
	}
	n := int(b[18])
	s.n, s.leastK = int64(binary.LittleEndian.Uint64(b[8:])), int(binary.LittleEndian.Uint16(b[16:]))
	if n < 1 || n > maxLevels || s.n < 2 {
		return errKLL
	}
	s.levels = make([]int, n+1)
	s.levels[n] = totalCapacity(s.k, n)
	stored := n
	if whole {
		stored++
	}
	if b = b[kllLevelsStart:]; len(b) < 4*stored {
		return errKLL
	}
	for i := range s.levels[:n] {
		s.levels[i] = int(binary.LittleEndian.Uint32(b[4*i:]))
		if i > 0 && s.levels[i] < s.levels[i-1] || s.levels[i] > s.levels[n] {
			return errKLL
		}
	}
	return s.readItems(b[4*stored:], whole)
}

func (s *KLL[T]) readItems(b []byte, whole bool) error {
	size, skip := itemSize[T](), 2
	if whole {
		skip += s.levels[0]
	}
	if len(b) < size*(skip+s.retained()) {
		return errKLL
	}
	s.low, s.high = readItem[T](b), readItem[T](b[size:])
	s.items = make([]T, s.retained())
	for i := range s.items {
		s.items[i] = readItem[T](b[size*(skip+i):])
	}
	return nil
}
