package function

import (
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// shuffleFunctions shuffle the items of arrays.
func shuffleFunctions() []*expr.Function {
	return []*expr.Function{{
		Name: "shuffle", Group: "array_funcs", Usage: "shuffle(array[, seed])", Doc: "The items of the array in random order.",
		MinArgs: 1, MaxArgs: 2, Nondeterministic: true, Resolve: resolveShuffle, Compile: compileShuffle,
	}}
}

// resolveShuffle removes the seed from the arguments, because names do not show it.
func resolveShuffle(call *expr.Expr) error {
	args := call.Args
	call.Args = args[:1]
	if err := coerce.Params(call, coerce.AnyArray); err != nil {
		return err
	}
	if len(args) > 1 {
		if err := literalSeed(call, "shuffle", args[1]); err != nil {
			return err
		}
	}
	coerce.Returns(call, call.Args[0].Type)
	return nil
}

func compileShuffle(call *expr.Expr) (expr.Kernel, error) {
	d := dice{call: call}
	var twister mersenneTwister
	var order []int
	return rowKernel(func(r *row) error {
		if d.next.due(r.ctx) {
			twister = newMersenneTwister(d.seed(r.ctx))
		}
		items, off, n := r.list(0)
		order = twister.permutation(order[:0], n)
		from := r.listStart()
		for _, k := range order {
			r.addItem(items, off+k)
		}
		r.listEnd(from)
		return nil
	}), nil
}

// A mersenneTwister is MT19937, the generator of Matsumoto and Nishimura (1998), seeded with a 64-bit number like Apache
// Commons Math. (Spark: RandomIndicesGenerator.)
type mersenneTwister struct {
	state [624]uint32
	at    int
}

func newMersenneTwister(seed int64) mersenneTwister {
	m := mersenneTwister{at: 624}
	s := &m.state
	s[0] = 19650218
	for i := 1; i < 624; i++ {
		s[i] = 1812433253*(s[i-1]^s[i-1]>>30) + uint32(i)
	}
	key := [2]uint32{uint32(uint64(seed) >> 32), uint32(seed)}
	i := 1
	step := func(f func(mixed uint32) uint32) {
		s[i] = f((s[i-1] ^ s[i-1]>>30))
		if i++; i == 624 {
			s[0], i = s[623], 1
		}
	}
	for k := range 624 {
		step(func(mixed uint32) uint32 { return (s[i] ^ mixed*1664525) + key[k%2] + uint32(k%2) })
	}
	for range 623 {
		step(func(mixed uint32) uint32 { return (s[i] ^ mixed*1566083941) - uint32(i) })
	}
	s[0] = 1 << 31
	return m
}

func (m *mersenneTwister) uint32() uint32 {
	s := &m.state
	if m.at == 624 {
		for i := range s {
			y := s[i]&(1<<31) | s[(i+1)%624]&(1<<31-1)
			s[i] = s[(i+397)%624] ^ y>>1 ^ y&1*0x9908b0df
		}
		m.at = 0
	}
	y := s[m.at]
	m.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// below returns a random number in [0, n), like java.util.Random.
func (m *mersenneTwister) below(n int) int {
	if n&-n == n {
		return int(int64(n) * int64(m.uint32()>>1) >> 31)
	}
	for {
		bits := int(m.uint32() >> 1)
		if v := bits % n; bits-v+n-1 <= 1<<31-1 {
			return v
		}
	}
}

// permutation appends the numbers from 0 to n-1 in random order. (Fisher-Yates, inside-out.)
func (m *mersenneTwister) permutation(order []int, n int) []int {
	for i := range n {
		order = append(order, i)
		j := m.below(i + 1)
		order[i], order[j] = order[j], i
	}
	return order
}
