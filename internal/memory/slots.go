package memory

// Slots returns n zero words for a hash table, which looks at words all over before it writes to them. In memory that is new to the process,
// this is expensive: for the first look the kernel maps a page of zeros, and for the first write it replaces that page and interrupts all
// processors that may have seen it. So each page is written to first. Huge pages were tried as well; clearing them took longer.
func Slots(n int) []uint64 {
	words := make([]uint64, n)
	for i := 0; i < n; i += pageWords {
		words[i] = 0
	}
	return words
}

const pageWords = 4096 / 8
