package conformance

import (
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/vector"
)

// TestCSV reads every recorded CSV text.
func TestCSV(t *testing.T) {
	runReaderCases(t, "csv", func(in codec.Input, options map[string]string, scan *codec.Scan) (vector.Reader, error) {
		o, err := csv.ParseOptions(options)
		if err != nil {
			return nil, err
		}
		return csv.NewReader(in, o, scan)
	})
}
