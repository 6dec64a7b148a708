package transform

import (
	"context"
	"fmt"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// BenchmarkPipeline reads CSV, transforms it and drops the result; SetBytes counts the input.
func BenchmarkPipeline(b *testing.B) {
	var text []byte
	for i := range 50_000 {
		text = fmt.Appendf(text, "Grace,%c,Andersen,%d,900-%02d-%04d\n", 'A'+i%26, i%100, i%100, i%10000)
	}
	schema, serr := types.ParseDDL("fname STRING, mname STRING, lname STRING, age INT, ssn STRING")
	if serr != nil {
		b.Fatal(serr)
	}
	for _, c := range []struct {
		name string
		step job.Step
	}{
		{"concat+upper", job.Select{Exprs: []job.Text{{Text: "concat(fname, '-', age) AS result"}, {Text: "upper(fname) AS u"}}}},
		{"filter", job.Filter{Condition: job.Text{Text: "age > 90"}}},
		{"passthrough", job.Select{Exprs: []job.Text{{Text: "fname"}, {Text: "ssn"}}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			q, err := AnalyzeSteps(context.Background(), SourceInfo{Schema: schema, Format: "csv", Codec: csv.Codec}, []job.Step{c.step}, nil)
			if err != nil {
				b.Fatal(err)
			}
			plan, err := q.Optimize(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			pipe, err := plan.Stages[0].NewPipeline()
			if err != nil {
				b.Fatal(err)
			}
			opts, err := csv.ParseOptions(nil)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				filters, _ := plan.Inputs[0].NewFilters()
				r, err := csv.NewReader(codec.FromBytes(nil, text), opts, &codec.Scan{
					Fields: plan.Inputs[0].Fields, Schema: schema, Filters: filters, PruneColumns: true, Zone: datetime.UTC,
				})
				if err != nil {
					b.Fatal(err)
				}
				if err := pipe.Run(context.Background(), operator.Partition{Batch: &operator.BatchContext{}}, []operator.Feed{{Rows: r}}, func(*vector.Batch) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkManyFilters plans a job with many steps.
func BenchmarkManyFilters(b *testing.B) {
	schema, serr := types.ParseDDL("a INT, b INT")
	if serr != nil {
		b.Fatal(serr)
	}
	for _, n := range []int{1000, 5000} {
		var steps []job.Step
		for i := range n {
			steps = append(steps, job.Filter{Condition: job.Text{Text: fmt.Sprintf("a > -%d", i)}})
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				q, err := AnalyzeSteps(context.Background(), SourceInfo{Schema: schema, Format: "csv", Codec: csv.Codec}, steps, nil)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := q.Optimize(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
