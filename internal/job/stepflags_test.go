package job

import (
	"slices"
	"strings"
	"testing"
)

// steps returns the steps that flags add, each on one line.
func steps(t *testing.T, args ...string) ([]string, error) {
	t.Helper()
	j, err := build(t, FileCommand, append([]string{"--dir", "in", "--schema", "a STRING"}, args...)...)
	var got []string
	for _, s := range j.Streams[0].Steps {
		got = append(got, s.String())
	}
	return got, err
}

func TestStatefulFlagsAddStepsInTheOrderTyped(t *testing.T) {
	for _, c := range []struct{ args, want []string }{
		{[]string{"--watermark", "ts=10 minutes", "--group-by", "window(ts,'5 minutes') AS w, status", "--agg", "count(*) AS n, sum(b) AS b", "--where", "n > 1", "--order-by", "n DESC, w", "--limit", "10"},
			[]string{"withWatermark eventTime = ts, delayThreshold = 10 minutes", "groupBy keys = window(ts,'5 minutes') AS w, keys = status, agg = count(*) AS n, agg = sum(b) AS b", "filter n > 1", "orderBy n DESC, w", "limit 10"}},
		{[]string{"--group-by", "status"}, []string{"groupBy keys = status"}},
		{[]string{"--agg", "count(*)"}, []string{"groupBy agg = count(*)"}},
		{[]string{"--group-by", "k", "--agg", "count(*) AS n", "--agg", "max(v)"}, []string{"groupBy keys = k, agg = count(*) AS n, agg = max(v)"}},
		{[]string{"--agg", "count(*) AS n", "--agg", "max(v)"}, []string{"groupBy agg = count(*) AS n, agg = max(v)"}},
		{[]string{"--group-by", "k", "--where", "count > 1", "--agg", "max(count)"}, []string{"groupBy keys = k", "filter count > 1", "groupBy agg = max(count)"}},
		{[]string{"--group-by", "w, k", "--group-by", "w", "--agg", "sum(count)"}, []string{"groupBy keys = w, keys = k", "groupBy keys = w, agg = sum(count)"}},
		{[]string{"--drop-duplicates", "id, `a,b`"}, []string{"dropDuplicates id, a,b"}},
		{[]string{"--drop-duplicates", "*"}, []string{"dropDuplicates "}},
		{[]string{"--watermark", "`event time`=0 seconds", "--drop-duplicates-within-watermark", "id"}, []string{"withWatermark eventTime = `event time`, delayThreshold = 0 seconds", "dropDuplicatesWithinWatermark id"}},
		{[]string{"--distinct", "--distinct=false"}, []string{"distinct "}},
	} {
		got, err := steps(t, c.args...)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %v\n%s\nwant\n%s", c.args, err, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestMistakesInStatefulFlagsNameThePlaceAndTheRemedy(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--watermark", "ts"}, "--watermark takes COLUMN=DELAY"},
		{[]string{"--watermark", "10 minutes"}, "--watermark takes COLUMN=DELAY"},
		{[]string{"--watermark", "ts=ten minutes"}, "INVALID_INTERVAL_FORMAT"},
		{[]string{"--agg", "count(*)", "--group-by", "k"}, "--agg comes before its --group-by"},
		{[]string{"--group-by", ""}, "groupBy is empty"},
		{[]string{"--group-by", "a,,b"}, "groupBy is empty"},
		{[]string{"--group-by", "a", "--agg", " "}, "groupBy is empty"},
		{[]string{"--distinct=k"}, "--distinct does not take a value"},
		{[]string{"--drop-duplicates", ""}, "dropDuplicates is empty"},
		{[]string{"--limit", "ten"}, "limit must be a number of rows"},
	} {
		j, err := build(t, FileCommand, append([]string{"--dir", "in", "--schema", "a STRING"}, c.args...)...)
		if err == nil {
			err = j.Validate(testSources, testSinks)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.args, err, c.want)
		}
	}
}
