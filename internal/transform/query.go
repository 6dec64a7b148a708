package transform

import (
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Settings are the Spark settings that planning depends on.
type Settings struct {
	Zone           *datetime.Zone
	FilterPushdown bool // the source's reader takes filters (csv, json) and its setting is on
	Streaming      bool
}

// A Plan is an optimised query: what the source has to read, and the operators above it.
type Plan struct {
	Fields  []types.Field      // columns to read, in batch order
	Filters []vector.Predicate // conjuncts for the reader
	Empty   bool               // the plan has no rows; nothing is opened
	Output  []types.Field      // columns of the result
}
