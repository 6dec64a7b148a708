package memory

import "testing"

func TestSlotsAreZero(t *testing.T) {
	for _, n := range []int{0, 1, pageWords, pageWords + 1, 1 << 20} {
		// The second time, the memory may be what the first one left behind.
		for range 2 {
			words := Slots(n)
			if len(words) != n {
				t.Fatalf("%d words instead of %d", len(words), n)
			}
			for i := range words {
				if words[i] != 0 {
					t.Fatalf("word %d of %d is %d", i, n, words[i])
				}
				words[i] = 1
			}
		}
	}
}
