package sketch

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// The layout of a Theta sketch in bytes. (PreambleUtil of Apache DataSketches.)
const (
	thetaVersion       = 3
	thetaVersionPacked = 4
	thetaFamily        = 3 // compact
	thetaReadOnly      = 2
	thetaFlagEmpty     = 4
	thetaFlagCompact   = 8
	thetaFlagSorted    = 16
	thetaFlagSingle    = 32
	thetaOne           = 0x3f800000 // the sampling probability, 1 as a float
)

// packed reports whether the sketch is written as the differences of its hashes.
func (t *Theta) packed() bool { return t.count > 1 || t.count == 1 && t.theta != all }

// entryBits returns how many bits the greatest difference of successive hashes has.
func (t *Theta) entryBits() int {
	var union, previous int64
	for _, h := range t.hashes {
		union |= h - previous
		previous = h
	}
	return bits.Len64(uint64(union))
}

// Append appends the sketch in the format of Apache DataSketches, packed if it has several hashes. (CompactSketch.toByteArrayCompressed.)
func (t *Theta) Append(dst []byte) []byte {
	le := binary.LittleEndian
	if t.packed() {
		return t.appendPacked(dst)
	}
	preamble, flags := byte(1), byte(thetaReadOnly|thetaFlagCompact|thetaFlagSorted)
	switch {
	case t.empty:
		flags |= thetaFlagEmpty
	case t.theta != all:
		preamble = 3
	case t.count == 1:
		flags |= thetaFlagSingle
	}
	dst = append(dst, preamble, thetaVersion, thetaFamily, 0, 0, flags)
	dst = le.AppendUint16(dst, t.seed)
	if preamble == 3 {
		dst = le.AppendUint32(le.AppendUint32(dst, 0), thetaOne)
		return le.AppendUint64(dst, uint64(t.theta))
	}
	for _, h := range t.hashes {
		dst = le.AppendUint64(dst, uint64(h))
	}
	return dst
}

func (t *Theta) appendPacked(dst []byte) []byte {
	le := binary.LittleEndian
	width, size := t.entryBits(), (bits.Len(uint(t.count))+7)/8
	preamble := byte(1)
	if t.theta != all {
		preamble = 2
	}
	dst = append(dst, preamble, thetaVersionPacked, thetaFamily, byte(width), byte(size), thetaReadOnly|thetaFlagCompact|thetaFlagSorted)
	dst = le.AppendUint16(dst, t.seed)
	if t.theta != all {
		dst = le.AppendUint64(dst, uint64(t.theta))
	}
	for n := t.count; size > 0; size-- {
		dst = append(dst, byte(n))
		n >>= 8
	}
	return appendDifferences(dst, t.hashes, width)
}

// appendDifferences appends the difference of each hash to the one before in width bits, most significant ones first.
func appendDifferences(dst []byte, hashes []int64, width int) []byte {
	var previous int64
	var last uint64
	used := 0 // bits of last
	for _, h := range hashes {
		x := uint64(h - previous)
		previous = h
		for left := width; left > 0; {
			n := min(8-used, left)
			left -= n
			last = last<<n | x>>left&(1<<n-1)
			if used += n; used == 8 {
				dst = append(dst, byte(last))
				last, used = 0, 0
			}
		}
	}
	if used > 0 {
		dst = append(dst, byte(last<<(8-used)))
	}
	return dst
}

// families are the kinds of sketches, by the third byte of a sketch.
var families = [...]string{1: "ALPHA", "QUICKSELECT", "COMPACT", "UNION", "INTERSECTION", "ANOTB", "HLL", "QUANTILES", "TUPLE", "FREQUENCY",
	"RESERVOIR", "RESERVOIR_UNION", "VAROPT", "VAROPT_UNION", "KLL", "CPC", "REQ", "COUNTMIN", "EBPPS", "TDIGEST", "BLOOMFILTER"}

// Family returns the name of the kind of sketch that bytes say they are; "" if they are none.
func Family(b []byte) string {
	if len(b) < 3 || int(b[2]) >= len(families) {
		return ""
	}
	return families[b[2]]
}

// ErrTheta is the error of ReadTheta for bytes that Spark, too, does not take for a sketch; it fails later for others.
var ErrTheta = errors.New("it is not a Theta sketch")

// ReadTheta reads a compact sketch of any version. It retains nothing of b. Those whose last hashes are missing are read too, since Spark
// estimates what they count; they do not take part in set operations. (CompactSketch.wrap.)
func ReadTheta(b []byte) (*Theta, error) {
	if len(b) < 8 || b[2] != thetaFamily {
		return nil, ErrTheta
	}
	switch b[1] {
	case 1:
		return readThetaV1(b)
	case 2:
		return readThetaV2(b)
	case thetaVersion:
		return readThetaV3(b)
	case thetaVersionPacked:
		return readPackedTheta(b)
	}
	return nil, ErrTheta
}

// preambleOf returns the number of 8-byte words before the hashes.
func preambleOf(b []byte) int { return int(b[0] & 0x3f) }

func readThetaV3(b []byte) (*Theta, error) {
	le := binary.LittleEndian
	preamble, flags := preambleOf(b), b[5]
	const emptyFlags, emptyBits = 0xeb, thetaReadOnly | thetaFlagCompact
	switch {
	case flags&thetaFlagEmpty != 0:
		if b[0] != 1 || flags&emptyFlags != emptyBits {
			return nil, ErrTheta
		}
		return emptyTheta(), nil
	case preamble == 1 && flags&0x1f == thetaReadOnly|thetaFlagCompact|thetaFlagSorted, flags&thetaFlagSingle != 0:
		if len(b) < 16 {
			return nil, ErrTheta
		}
		return singleTheta(b[8:], le.Uint16(b[6:])), nil
	case flags&thetaFlagCompact == 0 || flags&thetaReadOnly == 0, len(b) < 8*min(preamble, 3):
		return nil, ErrTheta
	}
	t := &Theta{theta: all, sorted: flags&thetaFlagSorted != 0, plain: true, seed: le.Uint16(b[6:])}
	if preamble == 1 {
		return t, nil
	}
	if len(b) < 16 {
		return nil, ErrTheta
	}
	t.count = int(int32(le.Uint32(b[8:])))
	if preamble > 2 {
		t.theta = int64(le.Uint64(b[16:]))
	}
	t.hashes = readHashes(b, preamble, t.count)
	return t, nil
}

func singleTheta(b []byte, seed uint16) *Theta {
	hash := int64(binary.LittleEndian.Uint64(b))
	return &Theta{hashes: []int64{hash}, count: 1, theta: all, sorted: true, single: true, seed: seed}
}

// readHashes returns n hashes, or as many of them as follow the words of the preamble.
func readHashes(b []byte, preamble, n int) []int64 {
	b = b[min(8*preamble, len(b)):]
	hashes := make([]int64, max(min(n, len(b)/8), 0))
	for i := range hashes {
		hashes[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return hashes
}

// readThetaV1 reads a sketch of the first version, which does not name its seed.
func readThetaV1(b []byte) (*Theta, error) {
	switch preamble := preambleOf(b); {
	case preamble != 3, len(b) < 24:
		return nil, ErrTheta
	case len(b) == 24:
		return emptyTheta(), nil
	}
	return readOldTheta(b, 3, seedHash)
}

func readThetaV2(b []byte) (*Theta, error) {
	switch preamble := preambleOf(b); preamble {
	case 1:
		return emptyTheta(), nil
	case 2, 3:
		return readOldTheta(b, preamble, binary.LittleEndian.Uint16(b[6:]))
	}
	return nil, ErrTheta
}

// readOldTheta reads the sorted hashes of a sketch before the third version. (ForwardCompatibility.)
func readOldTheta(b []byte, preamble int, seed uint16) (*Theta, error) {
	le := binary.LittleEndian
	if len(b) < 8*preamble {
		return nil, ErrTheta
	}
	t := &Theta{count: int(int32(le.Uint32(b[8:]))), theta: all, sorted: true, seed: seed}
	if preamble == 3 {
		t.theta = int64(le.Uint64(b[16:]))
	}
	if t.count == 0 && t.theta == all {
		return emptyTheta(), nil
	}
	t.hashes = readHashes(b, preamble, t.count)
	if t.count != len(t.hashes) {
		return nil, ErrTheta
	}
	t.single = t.count == 1 && t.theta == all
	return t, nil
}

// readPackedTheta reads a sketch that has the differences of its hashes.
func readPackedTheta(b []byte) (*Theta, error) {
	le := binary.LittleEndian
	width, size, flags, theta := int(b[3]), int(b[4]), b[5], int64(all)
	t := &Theta{theta: all, sorted: true, empty: flags&thetaFlagEmpty != 0, seed: le.Uint16(b[6:])}
	packed := b[8:]
	if preambleOf(b) > 1 {
		if len(packed) < 8 {
			return nil, ErrTheta
		}
		theta, packed = int64(le.Uint64(packed)), packed[8:]
	}
	if len(packed) < size {
		return nil, ErrTheta
	}
	var count uint32
	for i, x := range packed[:size] {
		count |= uint32(x) << (8 * i % 32)
	}
	packed = packed[size:]
	switch n := int(int32(count)); {
	case n < 0, t.empty && n > 0, n > 0 && n < 8 && width == 0:
		return nil, errThetaCorrupt
	case n >= 8 && (width == 0 || width > 63), (n*width+7)/8 > len(packed):
		return nil, ErrTheta
	default:
		t.count = n
	}
	if !t.empty {
		t.theta = theta
	}
	t.hashes = readDifferences(packed, t.count, width)
	return t, nil
}

// readDifferences returns n hashes of which b has the differences, width bits each.
func readDifferences(b []byte, n, width int) []int64 {
	hashes := make([]int64, n)
	var previous uint64
	at := 0 // bit
	for i := range hashes {
		var x uint64
		for left := width; left > 0; {
			free := 8 - at%8
			n := min(free, left)
			x = x<<n | uint64(b[at/8])>>(free-n)&(1<<n-1)
			at, left = at+n, left-n
		}
		previous += x
		hashes[i] = int64(previous)
	}
	return hashes
}
