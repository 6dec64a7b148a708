package job

import "testing"

func TestStateThatOnlyGrowsIsFound(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string // the method of the step; "" if no state only grows
	}{
		{[]string{"--group-by", "a"}, "groupBy"},
		{[]string{"--agg", "count(*)"}, ""},
		{[]string{"--watermark", "ts=1 minute", "--group-by", "a"}, ""},
		{[]string{"--distinct"}, "distinct"},
		{[]string{"--drop-duplicates", "a"}, "dropDuplicates"},
		{[]string{"--group-by", "a", "--available-now"}, ""},
		{[]string{"--group-by", "a", "--once", "--checkpoint", "ck"}, "groupBy"},
		{[]string{"--limit", "3"}, ""},
	} {
		j, err := build(t, false, append([]string{"--dir", "in", "--schema", "a STRING"}, c.args...)...)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, g := range j.Growing() {
			got = g.Step.Method()
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.args, got, c.want)
		}
	}
}
