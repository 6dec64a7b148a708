package state

import "math/bits"

// xxHash32's constants.
const (
	xxPrime1 = 2654435761
	xxPrime2 = 2246822519
	xxPrime3 = 3266489917
	xxPrime4 = 668265263
	xxPrime5 = 374761393
)

// xxHash32 returns the xxHash of 32 bits, which guards each block.
func xxHash32(b []byte, seed uint32) uint32 {
	n := uint32(len(b))
	h := seed + xxPrime5
	if len(b) >= 16 {
		v1, v2, v3, v4 := seed+xxPrime1, seed, seed, seed
		v1 += xxPrime2
		v2 += xxPrime2
		v4 -= xxPrime1
		for ; len(b) >= 16; b = b[16:] {
			v1 = bits.RotateLeft32(v1+little.Uint32(b)*xxPrime2, 13) * xxPrime1
			v2 = bits.RotateLeft32(v2+little.Uint32(b[4:])*xxPrime2, 13) * xxPrime1
			v3 = bits.RotateLeft32(v3+little.Uint32(b[8:])*xxPrime2, 13) * xxPrime1
			v4 = bits.RotateLeft32(v4+little.Uint32(b[12:])*xxPrime2, 13) * xxPrime1
		}
		h = bits.RotateLeft32(v1, 1) + bits.RotateLeft32(v2, 7) + bits.RotateLeft32(v3, 12) + bits.RotateLeft32(v4, 18)
	}
	h += n
	for ; len(b) >= 4; b = b[4:] {
		h = bits.RotateLeft32(h+little.Uint32(b)*xxPrime3, 17) * xxPrime4
	}
	for _, c := range b {
		h = bits.RotateLeft32(h+uint32(c)*xxPrime5, 11) * xxPrime1
	}
	h = (h ^ h>>15) * xxPrime2
	h = (h ^ h>>13) * xxPrime3
	return h ^ h>>16
}
