package expr

import (
	"errors"
	"fmt"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/vector"
)

// MaxText is how many bytes one text or binary value may have.
const MaxText = 1 << 28

// A Holding is the memory of one expression's result.
type Holding struct{ memory.Holding }

// Room returns how many bytes the result may take; limited is false when the process has no limit.
func (h *Holding) Room() (room int, limited bool) {
	left := h.Holding.Room()
	return int(min(max(left, 1), vector.MaxBytes)), left != memory.Unlimited
}

// Hold notes that the result takes so many bytes now.
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

// Release gives back what an evaluation holds whose results are not used any more.
func Release(held []*Holding) {
	for _, h := range held {
		h.Release()
	}
}

// A TooLarge is the error of a result that is larger than the engine makes one, or than the limit of the process leaves. Package eval makes
// an error of the call of it. No try_ function makes NULL of it.
type TooLarge struct {
	Bytes, Most int64
	Memory      bool // Most is what the limit of the process leaves
}

func (e *TooLarge) Error() string {
	return fmt.Sprintf("a result of %d bytes, of which %d are allowed", e.Bytes, e.Most)
}

// CheckText refuses a text of so many bytes that is about to follow other bytes in a vector whose bound is most.
func CheckText(bytes, others, most int) error {
	switch all := others + bytes; {
	case bytes > MaxText:
		return &TooLarge{Bytes: int64(bytes), Most: MaxText}
	case all > most:
		return &TooLarge{Bytes: int64(all), Most: int64(most), Memory: most < vector.MaxBytes}
	}
	return nil
}

// Sentence says what the call of a function would do.
func (e *TooLarge) Sentence(function string) (text, hint string) {
	switch {
	case e.Memory:
		return fmt.Sprintf("%s would make results of %d bytes, more than the %d that the memory limit leaves", function, e.Bytes, e.Most),
			"raise --memory, half of which is for results, records and rows that wait, or make fewer or smaller values"
	case e.Most <= MaxText:
		return fmt.Sprintf("%s would make a text of %d bytes, which is too long", function, e.Bytes), fmt.Sprintf("a text or binary value may have %d bytes", e.Most)
	}
	return fmt.Sprintf("%s would make %d bytes of results for a batch of rows", function, e.Bytes), fmt.Sprintf("the results of a batch may have %d bytes", e.Most)
}
