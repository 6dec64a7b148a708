package accumulate

import (
	"math/rand/v2"
	"testing"
)

func TestTheGreaterOfEachPairOfRegistersIsKept(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func() (w uint64) {
		for range registersWord {
			w = w<<registerBits | []uint64{0, 1, registerMask, registerMask - 1, random.Uint64N(registerMask + 1)}[random.IntN(5)]
		}
		return w | random.Uint64N(16)<<(registersWord*registerBits) // which belong to no register
	}
	for range 10_000 {
		a, b := word(), []uint64{0, word()}[random.IntN(2)]
		want := uint64(0)
		for shift := 0; shift < registersWord*registerBits; shift += registerBits {
			want |= max(a>>shift&registerMask, b>>shift&registerMask) << shift
		}
		if got := greatestRegisters(a, b); got != want {
			t.Fatalf("%x, %x: %x, want %x", a, b, got, want)
		}
		if got := greatestRegisters(b, a); got != want {
			t.Fatalf("%x, %x: %x, want %x", b, a, got, want)
		}
	}
}
