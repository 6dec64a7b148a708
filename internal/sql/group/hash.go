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
	case 2:
		words := c.words[:2*len(c.hashes)]
		for k := range c.hashes {
			c.hashes[k] = mix(mix(seed^words[2*k]) ^ words[2*k+1])
		}
	case 3: // such as a time window and a number
		words := c.words[:3*len(c.hashes)]
		for k := range c.hashes {
			c.hashes[k] = mix(mix(mix(seed^words[3*k])^words[3*k+1]) ^ words[3*k+2])
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
	switch {
	case l.text >= 0 && !c.long:
	case l.text >= 0:
		w := l.words
		for k := range c.hashes {
			if isLong(c.words[k*w : k*w+w]) {
				c.hashes[k] = mix(c.hashes[k] ^ maphash.Bytes(salt, c.text(k)))
			}
		}
	case l.varies():
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
