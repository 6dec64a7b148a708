package group

import (
	"hash/maphash"
	"math/bits"
)

// hash computes the hashes of the keys.
func (c *chunk) hash(l *layout, seed uint64, salt maphash.Seed) {
	switch w := l.words; w {
	case 0:
		for k := range c.hashes {
			c.hashes[k] = seed
		}
	case 1:
		for k, x := range c.words[:len(c.hashes)] {
			c.hashes[k] = mix(seed ^ x)
		}
	default:
		for k := range c.hashes {
			h := seed
			for _, x := range c.words[k*w : k*w+w] {
				h = mix(h ^ x)
			}
			c.hashes[k] = h
		}
	}
	if l.varies() {
		for k := range c.hashes {
			c.hashes[k] = mix(c.hashes[k] ^ maphash.Bytes(salt, c.text(k)))
		}
	}
	for k, nulls := range c.nulls {
		if nulls != 0 {
			c.hashes[k] = mix(c.hashes[k] ^ uint64(nulls))
		}
	}
}

// mix spreads the bits of x. (wyhash's: both halves of a product.)
func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x, 0x9e3779b97f4a7c15)
	return hi ^ lo
}
