package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
)

// generatePeople writes n rows with invented people. The same n produces the same bytes.
func generatePeople(path string, n int) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	first := []string{"Annabell", "Bogdan", "Cornelia", "Dmitri", "Elisabeth", "Fredegard", "Grace", "Hedwig", "Ingeborg", "Johannes"}
	last := []string{"Andersen", "Bakerfield", "Chowdhury", "Dvorakova", "Eklund", "Fontainebleau", "Garcia", "Holmgren"}
	r := rand.New(rand.NewPCG(1, 2))
	w := bufio.NewWriterSize(f, 1<<20)
	var line []byte
	for range n {
		line = append(line[:0], first[r.IntN(len(first))]...)
		line = append(line, ',', byte('A'+r.IntN(26)), ',')
		line = append(line, last[r.IntN(len(last))]...)
		line = fmt.Appendf(line, ",%d,900-%02d-%04d\n", r.IntN(100), r.IntN(100), r.IntN(10000))
		if _, err := w.Write(line); err != nil {
			return 0, err
		}
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
