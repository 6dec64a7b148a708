package conformance

import (
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/vector"
)

// TestJSON reads every recorded JSON text.
func TestJSON(t *testing.T) {
	runReaderCases(t, "json", func(in codec.Input, options map[string]string, scan *codec.Scan) (vector.Reader, error) {
		o, err := json.ParseOptions(options)
		if err != nil {
			return nil, err
		}
		return json.NewReader(in, o, scan)
	})
}
