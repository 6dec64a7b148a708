package transform

import (
	"context"
	"testing"

	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/types"
)

// The sizes are those of files in recorded cases, in which the order of rows shows which side Spark took for the smaller one.
func TestTheLargerSideOfAnInnerJoinDecidesOnTheOrder(t *testing.T) {
	const cross, right = "SELECT stream.k, v, label FROM stream CROSS JOIN dim", "SELECT * FROM dim JOIN stream ON dim.k = stream.k"
	for _, c := range []struct {
		query         string
		stream, table int64
		conf          string
		want          bool
	}{
		{cross, 48, 55, "", false}, // 48 × 32/40 > 55 × 28/52
		{cross, 30, 55, "", true},
		{right, 48, 55, "", true},
		{right, 95, 55, "", false},
		{right, 55, 55, "", true},
		{"SELECT * FROM stream JOIN dim ON dim.k = stream.k", 55, 55, "", false},
		{right, -1, 20 << 20, "", false},
		{right, 9 << 20, 20 << 20, "", true},
		{right, 11 << 20, 20 << 20, "", false},
		{right, 11 << 20, 20 << 20, "30MB", true},
		{"SELECT * FROM stream LEFT JOIN dim ON dim.k = stream.k", 30, 55, "", false},
	} {
		j := &job.Job{Conf: map[string]string{}, Tables: []*job.Relation{{Name: "dim", Source: job.Source{Format: "csv", Path: "dim"}}}}
		if c.conf != "" {
			j.Conf["spark.sql.autoBroadcastJoinThreshold"] = c.conf
		}
		q, err := Analyze(context.Background(), j, &job.Stream{Steps: []job.Step{job.SQL{Query: job.Text{Text: c.query}}}}, func(_ *job.Source, static bool) (SourceInfo, error) {
			ddl := "ts TIMESTAMP, k STRING, v INT"
			if static {
				ddl = "k STRING, label STRING, w INT"
			}
			schema, _ := types.ParseDDL(ddl)
			return SourceInfo{Schema: schema, Format: "csv", Codec: csv.Codec}, nil
		})
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		p, err := q.Optimize(context.Background())
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		if got := p.TableFirst(j.Conf, func(source int) int64 { return []int64{c.stream, c.table}[source] }); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s, %d and %d bytes, threshold %q: %v, want %v", c.query, c.stream, c.table, c.conf, got, c.want)
		}
	}
}
