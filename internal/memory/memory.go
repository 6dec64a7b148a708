// Package memory enforces one memory limit for the process. The parts of a run account for what they hold:
// records and pages of readers, results of expressions, and rows waiting to be written. They reserve whole
// buffers, before or when these grow, and never account for single rows.
package memory

import (
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
)

// Unlimited is the room of a process without a limit.
const Unlimited = math.MaxInt64

// counted holds the limit and the current total of all holdings, in bytes. A limit of 0 means none.
var counted struct{ limit, used atomic.Int64 }

// Limit sets the limit for the sum of all holdings in the process, in bytes. 0 means no limit.
func Limit(bytes int64) { counted.limit.Store(bytes) }

// Limited reports whether there is a limit.
func Limited() bool { return counted.limit.Load() > 0 }

// Share returns the size for a buffer of def bytes. If there is a limit, it is at most 1/part of the limit,
// which counts as at least 1 KiB.
func Share(def, part int) int {
	if limit := counted.limit.Load(); limit > 0 {
		return int(min(int64(def), max(limit/int64(part), 1<<10)))
	}
	return def
}

// A Holding accounts for the memory of one part. The zero value holds nothing. It must be used by one goroutine
// at a time.
type Holding struct{ bytes int64 }

// Room returns the maximum size that the holding may have now, or Unlimited.
func (h *Holding) Room() int64 {
	limit := counted.limit.Load()
	if limit == 0 {
		return Unlimited
	}
	return max(limit-counted.used.Load()+h.bytes, 0)
}

// collectFrom is the fraction of the limit from which Hold collects garbage when a holding grows: the runtime
// starts too late if an allocation is large compared with its own limit.
const collectFrom = 16

// Hold sets the size of the holding in bytes. On an *Exceeded error, the holding is unchanged.
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

// Release sets the size of the holding to zero.
func (h *Holding) Release() { _ = h.Hold(0) }

// Bytes returns the size of the holding.
func (h *Holding) Bytes() int64 { return h.bytes }

// An Exceeded is the error for a holding that would exceed the limit.
type Exceeded struct{ Bytes, Left int64 }

func (e *Exceeded) Error() string {
	return fmt.Sprintf("%d bytes of memory are needed, more than the %d that the memory limit leaves", e.Bytes, e.Left)
}

// setting is what sets the limit, under the name that users know. It changes only before work begins.
var setting = "--memory"

// SetBy names what sets the limit if it is not --memory. It must be called before any work begins.
func SetBy(name string) { setting = name }

// Raise returns the start of the hint for an Exceeded: what to raise.
func Raise() string { return "raise " + setting }

// Remedy returns the hint for an Exceeded.
func Remedy() string {
	return Raise() + ", half of which is for records, results and waiting rows; --workers 1 runs one task at a time"
}
