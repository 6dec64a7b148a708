package sketch

import "math"

// A Random is java.util.Random: a 48-bit linear congruential generator.
type Random struct{ state uint64 }

const (
	javaMultiplier = 0x5DEECE66D
	javaMask       = 1<<48 - 1
)

// NewRandom returns a generator with a seed.
func NewRandom(seed int64) Random {
	return Random{(uint64(seed) ^ javaMultiplier) & javaMask}
}

func (r *Random) next(bits int) uint64 {
	r.state = (r.state*javaMultiplier + 0xB) & javaMask
	return r.state >> (48 - bits)
}

// Float64 returns a number in [0, 1). (Java: nextDouble.)
func (r *Random) Float64() float64 {
	high := r.next(26)
	return float64(high<<27+r.next(27)) * (1.0 / (1 << 53))
}

// Int31 returns a number in [0, 2^31-1). (Java: nextInt(Integer.MAX_VALUE).)
func (r *Random) Int31() int64 {
	for {
		if x := r.next(31); x != math.MaxInt32 {
			return int64(x)
		}
	}
}
