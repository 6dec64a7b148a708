package expr

import (
	"fmt"
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/vector"
)

// MaxText is how many bytes one text or binary value may have.
const MaxText = 1 << 28

// memory is what the results of all expressions of the process may take together, and take; a limit of 0 is none.
var memory struct{ limit, used atomic.Int64 }

// LimitMemory bounds the memory that results of expressions take in this process, in bytes.
func LimitMemory(bytes int64) { memory.limit.Store(bytes) }

// A Holding is the memory of one expression's result.
type Holding struct{ bytes int64 }

// Room is how many bytes the result may take; limited is false when the process has no limit.
func (h *Holding) Room() (room int, limited bool) {
	limit := memory.limit.Load()
	if limit == 0 {
		return vector.MaxBytes, false
	}
	return int(min(max(limit-memory.used.Load()+h.bytes, 1), vector.MaxBytes)), true
}

// Hold notes that the result takes so many bytes now.
func (h *Holding) Hold(ctx *Context, bytes int) error {
	used := memory.used.Add(int64(bytes) - h.bytes)
	if ctx.Held != nil {
		*ctx.Held += int64(bytes) - h.bytes
	}
	h.bytes = int64(bytes)
	if limit := memory.limit.Load(); used > limit {
		return &TooLarge{Bytes: int64(bytes), Most: max(limit-used+h.bytes, 0), Memory: true}
	}
	return nil
}

// Release gives back what an evaluation holds whose results are not used any more.
func Release(held *int64) { memory.used.Add(-*held) }

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
			"raise --memory, half of which is for the results of expressions, or make fewer or smaller values"
	case e.Most <= MaxText:
		return fmt.Sprintf("%s would make a text of %d bytes, which is too long", function, e.Bytes), fmt.Sprintf("a text or binary value may have %d bytes", e.Most)
	}
	return fmt.Sprintf("%s would make %d bytes of results for a batch of rows", function, e.Bytes), fmt.Sprintf("the results of a batch may have %d bytes", e.Most)
}
