package sketch

import (
	"encoding/binary"
	"math/bits"
)

// updateSeed is the seed with which Apache DataSketches hashes values. (Util.DEFAULT_UPDATE_SEED.)
const updateSeed = 9001

const (
	murmurFirst  = 0x87c37b91114253d5
	murmurSecond = 0x4cf5ad432745937f
)

// murmur3 returns the 128-bit MurmurHash3 of bytes for 64-bit machines, with the seed of Apache DataSketches.
func murmur3(b []byte, seed uint64) (h1, h2 uint64) {
	h1, h2 = seed, seed
	n := uint64(len(b))
	for ; len(b) >= 16; b = b[16:] {
		h1 ^= murmurMix1(binary.LittleEndian.Uint64(b))
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + 0x52dce729
		h2 ^= murmurMix2(binary.LittleEndian.Uint64(b[8:]))
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + 0x38495ab5
	}
	var tail [16]byte
	copy(tail[:], b)
	h2 ^= murmurMix2(binary.LittleEndian.Uint64(tail[8:]))
	h1 ^= murmurMix1(binary.LittleEndian.Uint64(tail[:]))
	h1 ^= n
	h2 ^= n
	h1 += h2
	h2 += h1
	h1, h2 = mix64(h1), mix64(h2)
	h1 += h2
	return h1, h2 + h1
}

func murmurMix1(k uint64) uint64 { return bits.RotateLeft64(k*murmurFirst, 31) * murmurSecond }

func murmurMix2(k uint64) uint64 { return bits.RotateLeft64(k*murmurSecond, 33) * murmurFirst }

// mix64 is the finalizer of MurmurHash3.
func mix64(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
