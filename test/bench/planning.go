package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/transform"
	"github.com/streamctl/streamctl/internal/types"
)

// planningGoal is the maximum time for planning any of the large jobs.
const planningGoal = 50 * time.Millisecond

// A largeJob is a job that once took quadratic or exponential time to plan.
type largeJob struct {
	name  string
	steps []job.Step
}

func largeJobs() []largeJob {
	withColumn := func(text string) job.Step {
		return job.WithColumn{Columns: []job.Named{{Name: "c", Text: job.Text{Text: text}}}}
	}
	filter := func(text string) job.Step { return job.Filter{Condition: job.Text{Text: text}} }
	chain := func(n int, separator string, operand func(i int) string) string {
		operands := make([]string, n)
		for i := range operands {
			operands[i] = operand(i)
		}
		return strings.Join(operands, separator)
	}
	doublings := []job.Step{withColumn("1L")}
	for range 60 {
		doublings = append(doublings, withColumn("c + c"))
	}
	return []largeJob{
		{"a IN (10,000 values)", []job.Step{filter("a IN (" + chain(10_000, ", ", strconv.Itoa) + ")")}},
		{"5,000 operands of ||", []job.Step{withColumn(chain(5_000, " || ", func(int) string { return "s" }))}},
		{"5,000 operands of +", []job.Step{withColumn(chain(5_000, " + ", func(int) string { return "a" }))}},
		{"5,000 conditions", []job.Step{filter(chain(5_000, " AND ", func(i int) string { return "a > -" + strconv.Itoa(i) }))}},
		{"60 times c = c + c", doublings},
	}
}

// benchPlanning measures the time to analyze and optimize a job and to create its pipeline.
func benchPlanning(string) error {
	schema, err := types.ParseDDL("a INT, s STRING")
	if err != nil {
		return err
	}
	fmt.Printf("Analysis, optimisation and compilation in this process; at most %v is the goal.\n\n| job | time |\n|---|---|\n", planningGoal)
	for _, j := range largeJobs() {
		var took []measure
		for range *runs {
			start := time.Now()
			q, err := transform.AnalyzeSteps(context.Background(), transform.SourceInfo{Schema: schema, Format: "csv", Codec: csv.Codec}, j.steps, map[string]string{"spark.sql.session.timeZone": "UTC"})
			if err != nil {
				return fmt.Errorf("%s: %w", j.name, err)
			}
			p, err := q.Optimize(context.Background())
			if err == nil {
				_, err = p.Stages[0].NewPipeline()
			}
			if err != nil {
				return fmt.Errorf("%s: %w", j.name, err)
			}
			took = append(took, measure{wall: time.Since(start)})
		}
		fmt.Printf("| %s | %v |\n", j.name, median(took, func(m measure) time.Duration { return m.wall }).Round(100*time.Microsecond))
	}
	return nil
}
