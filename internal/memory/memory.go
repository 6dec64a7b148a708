// Package memory counts what the parts of a run hold, against one limit of the process: the records and pages of readers, results of
// expressions, rows that wait to be written. Parts reserve buffers as a whole, before or when they grow, never rows.
package memory

import (
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
)

// Unlimited is the room of a process without a limit.
const Unlimited = math.MaxInt64

// counted is what all holdings may have together, and have, in bytes; a limit of 0 is none.
var counted struct{ limit, used atomic.Int64 }

// Limit bounds the sum of all holdings of the process, in bytes; 0 means no limit.
func Limit(bytes int64) { counted.limit.Store(bytes) }

// Limited reports that there is a limit.
func Limited() bool { return counted.limit.Load() > 0 }

// Share returns the size of a buffer: def bytes without a limit, else at most a part of the limit,
// but never less than a kilobyte.
func Share(def, part int) int {
	if limit := counted.limit.Load(); limit > 0 {
		return int(min(int64(def), max(limit/int64(part), 1<<10)))
	}
	return def
}

// A Holding is what one part holds. The zero value holds nothing. It belongs to one goroutine at a time.
type Holding struct{ bytes int64 }

// Room returns how many bytes the holding may have in all; Unlimited when no limit is set.
func (h *Holding) Room() int64 {
	limit := counted.limit.Load()
	if limit == 0 {
		return Unlimited
	}
	return max(limit-counted.used.Load()+h.bytes, 0)
}

// collectFrom is the part of the limit from which on a holding that grows has garbage collected first: the runtime begins too late for
// allocations that are not small against its own limit.
const collectFrom = 16

// Hold sets how many bytes the holding has. The error is an *Exceeded, and the holding is what it was.
func (h *Holding) Hold(bytes int) error {
	limit := counted.limit.Load()
	if limit == 0 && h.bytes == 0 {
		return nil
	}
	more := int64(bytes) - h.bytes
	if more == 0 {
		return nil
	}
	used := counted.used.Add(more)
	if limit > 0 && more > 0 && used > limit {
		counted.used.Add(-more)
		return &Exceeded{Bytes: int64(bytes), Left: max(limit-used+int64(bytes), 0)}
	}
	h.bytes = int64(bytes)
	if limit > 0 && more > limit/collectFrom {
		runtime.GC()
	}
	return nil
}

// Release returns all of the holding's bytes.
func (h *Holding) Release() { _ = h.Hold(0) }

// Bytes is what the holding has.
func (h *Holding) Bytes() int64 { return h.bytes }

// An Exceeded is the error of what would hold more than the limit leaves.
type Exceeded struct{ Bytes, Left int64 }

func (e *Exceeded) Error() string {
	return fmt.Sprintf("%d bytes of memory are needed, more than the %d that the memory limit leaves", e.Bytes, e.Left)
}

// Remedy is what helps against an Exceeded.
const Remedy = "raise --memory, half of which is for records, results and rows that wait; --workers 1 has one task at a time"
