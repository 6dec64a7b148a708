package state

import (
	"strconv"
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// An account limits the memory of all stores of a query.
type account struct {
	used  atomic.Int64
	limit int64 // bytes; 0 means none
	query string
}

// A holding is the part of one store. It counts against the limit of the query and that of the process.
type holding struct {
	account *account
	process memory.Holding
	bytes   int64
}

// hold sets the size of the holding in bytes. An error is about a limit; the size is then as before.
func (h *holding) hold(bytes int) error {
	more := int64(bytes) - h.bytes
	if more == 0 {
		return nil
	}
	a := h.account
	if used := a.used.Add(more); more > 0 && a.limit > 0 && used > a.limit {
		a.used.Add(-more)
		return sparkerr.Plain("%s needs more than --state-memory %s", a.name(), size(a.limit)).
			WithHint("raise --state-memory if the machine has the memory; a watermark lets the query remove old state. " +
				"The batch was not committed: the next run goes on from the one before it")
	}
	if err := h.process.Hold(bytes); err != nil {
		a.used.Add(-more)
		return sparkerr.Plain("%s does not fit into memory: %s", a.name(), err).WithHint("%s", memory.Remedy())
	}
	h.bytes = int64(bytes)
	return nil
}

// name names the state in messages.
func (a *account) name() string {
	if a.query == "" {
		return "the state"
	}
	return "the state of the query " + a.query
}

// size formats a number of bytes like the flag.
func size(bytes int64) string {
	for i, unit := range []string{"GiB", "MiB", "KiB"} {
		if shift := 30 - 10*i; bytes > 0 && bytes&(1<<shift-1) == 0 {
			return strconv.FormatInt(bytes>>shift, 10) + unit
		}
	}
	return strconv.FormatInt(bytes, 10)
}
