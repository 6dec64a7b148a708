package group

// MeanProbes returns how many slots are read, on average, to find a key of the table.
func (t *Table) MeanProbes() float64 {
	total := 0
	for i, s := range t.slots {
		if s != 0 {
			total += 1 + int(uint64(i)-s>>32>>t.shift)&(len(t.slots)-1)
		}
	}
	return float64(total) / float64(t.n)
}
