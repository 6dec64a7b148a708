package evaluate

import (
	"fmt"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/transform"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// ReadTable reads CSV text with the given schema and reader options and applies a select list.
func ReadTable(ddl, text string, options map[string]string, items []string) (*Table, error) {
	schema, serr := types.ParseDDL(ddl)
	if serr != nil {
		return nil, serr
	}
	q, plan, fail := Query(schema, "csv", options, items)
	if fail != nil {
		return nil, fail.Err
	}
	r, err := csvReader(schema, plan, []byte(text), options)
	if err != nil {
		return nil, err
	}
	batches, err := Collect(plan, r)
	if err != nil {
		return nil, err
	}
	if len(batches) != 1 {
		return nil, fmt.Errorf("%d batches", len(batches))
	}
	return &Table{&types.Schema{Fields: q.Output}, batches[0]}, nil
}

func csvReader(schema *types.Schema, plan *transform.Plan, text []byte, options map[string]string) (vector.Reader, error) {
	o, err := csv.ParseOptions(options)
	if err != nil {
		return nil, err
	}
	filters, err := inputOf(plan).NewFilters()
	if err != nil {
		return nil, err
	}
	return csv.NewReader(codec.FromBytes(nil, text), o, &codec.Scan{
		Fields: inputOf(plan).Fields, Schema: schema, Filters: filters, PruneColumns: true, Zone: datetime.UTC,
	})
}
