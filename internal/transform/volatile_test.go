package transform

import (
	"context"
	"testing"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/types"
)

// TestTablesThatTimeOrChanceDecidesAreVolatile: also if only a key of the join reads the clock.
func TestTablesThatTimeOrChanceDecidesAreVolatile(t *testing.T) {
	for query, want := range map[string]bool{
		"SELECT * FROM stream JOIN t USING (k)":                                                             false,
		"SELECT * FROM stream JOIN (SELECT k, upper(k) AS u, DATE'2024-01-01' AS d FROM t) USING (k)":       false,
		"SELECT *, rand(), now() FROM stream JOIN t USING (k)":                                              false,
		"SELECT * FROM stream JOIN (SELECT k, rand() AS r FROM t) USING (k)":                                true,
		"SELECT * FROM stream JOIN (SELECT k, uuid() AS r FROM t) USING (k)":                                true,
		"SELECT * FROM stream JOIN (SELECT k, current_timestamp() AS c FROM t) USING (k)":                   true,
		"SELECT * FROM stream JOIN (SELECT k, timestamp('now') AS c FROM t) USING (k)":                      true,
		"SELECT * FROM stream JOIN (SELECT k, max(now()) AS c FROM t GROUP BY k) USING (k)":                 true,
		"SELECT * FROM stream s JOIN t ON date_add(date(now()), s.v) = date_add(date(now()), t.v)":          true,
		"SELECT * FROM stream WHERE k IN (SELECT k FROM t WHERE d < current_date())":                        true,
		"SELECT k FROM stream WHERE v > (SELECT max(v) FROM t)":                                             false,
		"SELECT * FROM stream JOIN (SELECT k, r + v AS n FROM (SELECT k, v, rand() AS r FROM t)) USING (k)": true,
		"SELECT * FROM stream JOIN (SELECT k FROM (SELECT k, rand() AS unused FROM t)) USING (k)":           false,
	} {
		table := job.Relation{Name: "t", Source: job.Source{Format: "csv"}}
		j := &job.Job{Tables: []*job.Relation{&table}}
		schema := &types.Schema{Fields: []types.Field{{Name: "k", Type: types.String, Nullable: true}, {Name: "v", Type: types.Int, Nullable: true}, {Name: "d", Type: types.Date, Nullable: true}}}
		q, err := Analyze(context.Background(), j, &job.Stream{Steps: []job.Step{job.SQL{Query: job.Text{Text: query}}}}, func(*job.Source, bool) (SourceInfo, error) {
			return SourceInfo{Schema: schema, Format: "csv", Files: true}, nil
		})
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		q.OutputMode = "append"
		p, err := q.Optimize(context.Background())
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if len(p.Tables) != 1 || p.Tables[0].Volatile != want {
			t.Errorf("%s: %d tables, volatile is not %v", query, len(p.Tables), want)
		}
	}
}
