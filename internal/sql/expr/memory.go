package expr

import (
	"errors"
	"fmt"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/vector"
)

// MaxText is the limit in bytes for one string or binary value.
const MaxText = 1 << 28

// A Holding is the memory of one expression's result.
type Holding struct{ memory.Holding }

// Room returns how many bytes the result may take; limited is false if the process has no limit.
func (h *Holding) Room() (room int, limited bool) {
	left := h.Holding.Room()
	return int(min(max(left, 1), vector.MaxBytes)), left != memory.Unlimited
}

// Hold records that the result now takes the given number of bytes.
func (h *Holding) Hold(ctx *Context, bytes int) error {
	if ctx.Held != nil && h.Bytes() == 0 {
		*ctx.Held = append(*ctx.Held, h)
	}
	var e *memory.Exceeded
	if errors.As(h.Holding.Hold(bytes), &e) {
		return &TooLarge{Bytes: e.Bytes, Most: e.Left, Memory: true}
	}
	return nil
}

// Release frees what an evaluation holds once its results are no longer used.
func Release(held []*Holding) {
	for _, h := range held {
		h.Release()
	}
}

// A TooLarge is the error of a result that exceeds the engine's limits or the memory left to the process. Package eval turns
// it into an error of the call. The try_ functions do not turn it into NULL.
type TooLarge struct {
	Bytes, Most int64
	Memory      bool // Most is the memory left to the process
}

func (e *TooLarge) Error() string {
	return fmt.Sprintf("a result of %d bytes, of which %d are allowed", e.Bytes, e.Most)
}

// CheckText rejects a string of the given length that would follow others bytes in a vector with the limit most.
func CheckText(bytes, others, most int) error {
	switch all := others + bytes; {
	case bytes > MaxText:
		return &TooLarge{Bytes: int64(bytes), Most: MaxText}
	case all > most:
		return &TooLarge{Bytes: int64(all), Most: int64(most), Memory: most < vector.MaxBytes}
	}
	return nil
}

// Sentence describes the failed call of a function.
func (e *TooLarge) Sentence(function string) (text, hint string) {
	switch {
	case e.Memory:
		return fmt.Sprintf("%s would make results of %d bytes, more than the %d that the memory limit leaves", function, e.Bytes, e.Most),
			memory.Raise() + ", half of which is for results, records and rows that wait, or make fewer or smaller values"
	case e.Most <= MaxText:
		return fmt.Sprintf("%s would make a text of %d bytes, which is too long", function, e.Bytes), fmt.Sprintf("a string or binary value may have at most %d bytes", e.Most)
	}
	return fmt.Sprintf("%s would make %d bytes of results for a batch of rows", function, e.Bytes), fmt.Sprintf("the results of a batch may have at most %d bytes", e.Most)
}
