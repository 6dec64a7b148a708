package hash

import (
	"encoding/binary"
	"math/bits"
)

// Murmur3Int returns the Murmur3 hash of an INT.
func Murmur3Int(v int32, seed uint32) uint32 { return uint32(murmurInt(v, uint64(seed))) }

// Murmur3Bytes returns the Murmur3 hash of a string or of binary data. With Seed, it is the hashCode of Spark's UTF8String.
func Murmur3Bytes(b []byte, seed uint32) uint32 { return uint32(murmurBytes(b, uint64(seed))) }

func murmurInt(v int32, seed uint64) uint64 {
	return murmurEnd(murmurMix(uint32(seed), uint32(v)), 4)
}

func murmurLong(v int64, seed uint64) uint64 {
	return murmurEnd(murmurMix(murmurMix(uint32(seed), uint32(v)), uint32(v>>32)), 8)
}

// Murmur3Longs sets out to the hashes of numbers with a seed.
func Murmur3Longs(out []int32, numbers []int64, seed uint64) {
	out = out[:len(numbers)]
	for i, v := range numbers {
		out[i] = int32(uint32(murmurLong(v, seed)))
	}
}

// murmurBytes hashes each byte after the last group of four as a separate number, unlike standard Murmur3.
func murmurBytes(b []byte, seed uint64) uint64 {
	h, n := uint32(seed), len(b)
	for ; len(b) >= 4; b = b[4:] {
		h = murmurMix(h, binary.LittleEndian.Uint32(b))
	}
	for _, c := range b {
		h = murmurMix(h, uint32(int8(c)))
	}
	return murmurEnd(h, uint32(n))
}

func murmurMix(h, k uint32) uint32 {
	k = bits.RotateLeft32(k*0xcc9e2d51, 15) * 0x1b873593
	return bits.RotateLeft32(h^k, 13)*5 + 0xe6546b64
}

func murmurEnd(h, length uint32) uint64 {
	h ^= length
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return uint64(h ^ h>>16)
}
