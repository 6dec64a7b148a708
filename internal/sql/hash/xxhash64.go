package hash

import (
	"encoding/binary"
	"math/bits"
)

const (
	prime1 uint64 = 0x9E3779B185EBCA87
	prime2 uint64 = 0xC2B2AE3D27D4EB4F
	prime3 uint64 = 0x165667B19E3779F9
	prime4 uint64 = 0x85EBCA77C2B2AE63
	prime5 uint64 = 0x27D4EB2F165667C5
)

func xxInt(v int32, seed uint64) uint64 {
	return xxEnd(xxFour(seed+prime5+4, uint32(v)))
}

func xxLong(v int64, seed uint64) uint64 {
	return xxEnd(xxEight(seed+prime5+8, uint64(v)))
}

func xxFour(h uint64, v uint32) uint64 {
	return bits.RotateLeft64(h^uint64(v)*prime1, 23)*prime2 + prime3
}

func xxEight(h, v uint64) uint64 {
	return bits.RotateLeft64(h^xxRound(0, v), 27)*prime1 + prime4
}

func xxRound(acc, v uint64) uint64 { return bits.RotateLeft64(acc+v*prime2, 31) * prime1 }

func xxBytes(b []byte, seed uint64) uint64 {
	n := uint64(len(b))
	h := seed + prime5
	if len(b) >= 32 {
		h, b = xxStripes(b, seed)
	}
	h += n
	for ; len(b) >= 8; b = b[8:] {
		h = xxEight(h, binary.LittleEndian.Uint64(b))
	}
	if len(b) >= 4 {
		h = xxFour(h, binary.LittleEndian.Uint32(b))
		b = b[4:]
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*prime5, 11) * prime1
	}
	return xxEnd(h)
}

func xxStripes(b []byte, seed uint64) (uint64, []byte) {
	acc := [4]uint64{seed + prime1 + prime2, seed + prime2, seed, seed - prime1}
	for ; len(b) >= 32; b = b[32:] {
		for i := range acc {
			acc[i] = xxRound(acc[i], binary.LittleEndian.Uint64(b[8*i:]))
		}
	}
	h := bits.RotateLeft64(acc[0], 1) + bits.RotateLeft64(acc[1], 7) + bits.RotateLeft64(acc[2], 12) + bits.RotateLeft64(acc[3], 18)
	for _, a := range acc {
		h = (h^xxRound(0, a))*prime1 + prime4
	}
	return h, b
}

func xxEnd(h uint64) uint64 {
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}
