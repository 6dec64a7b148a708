package transform

import (
	"context"
	"errors"
	"testing"

	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/types"
)

func TestPlanningCanBeStopped(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	source := SourceInfo{Schema: &types.Schema{Fields: []types.Field{{Name: "a", Type: types.Int}}}, Format: "csv", Codec: csv.Codec}
	list := steps(t, "filter a > 1", "withColumn b = a + 1")
	if _, err := AnalyzeSteps(ended, source, list, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the analysis goes on: %v", err)
	}
	q, err := AnalyzeSteps(t.Context(), source, list, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Optimize(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("the optimiser goes on: %v", err)
	}
}
