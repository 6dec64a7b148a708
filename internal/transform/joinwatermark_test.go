package transform

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

// joinedSides returns two sides with the event times lt and rt, other times lo and ro, numbers li and ri, and windows lw and rw.
func joinedSides() (sides [2]joined) {
	window := types.StructOf(types.Field{Name: "start", Type: types.Timestamp}, types.Field{Name: "end", Type: types.Timestamp})
	for i, prefix := range []string{"l", "r"} {
		s := &sides[i]
		for _, f := range []types.Field{{Name: "t", Type: types.Timestamp}, {Name: "o", Type: types.Timestamp}, {Name: "i", Type: types.Int}, {Name: "w", Type: window}} {
			s.cols = append(s.cols, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: prefix + f.Name, Type: f.Type, Nullable: true})
		}
		s.times = map[expr.ID]int64{s.cols[0].ID: 1000}
	}
	return sides
}

func joinCondition(t *testing.T, text string, sides [2]joined) *expr.Expr {
	t.Helper()
	tree, err := parse.Expression(text)
	if err != nil {
		t.Fatal(err)
	}
	e, failure := analyze.Condition(tree, analyze.Scope{Columns: slices.Concat(sides[0].cols, sides[1].cols)}, &expr.Origin{Text: text})
	if failure != nil {
		t.Fatal(failure)
	}
	return e
}

// TestTimeLimitsOfJoins derives from conditions up to which time rows of each side are forgotten at a watermark of 10,000,000 ms.
func TestTimeLimitsOfJoins(t *testing.T) {
	const hour, watermark = 3600000, 10000000
	const none = math.MinInt64
	for text, want := range map[string][2]int64{
		"rt BETWEEN lt AND lt + INTERVAL 1 HOUR":          {watermark - hour - 1, watermark - 1},
		"rt NOT BETWEEN lt AND lt + INTERVAL 1 HOUR":      {none, none},
		"rt > lt AND rt < lt + INTERVAL 1 HOUR":           {watermark - hour, watermark},
		"lt < rt AND lt + INTERVAL 1 HOUR > rt":           {watermark - hour, watermark},
		"rt >= lt":                                        {none, watermark - 1},
		"rt = lt":                                         {none, none},
		"rt < lt - INTERVAL 1 DAY":                        {watermark + 24*hour, none},
		"rt < INTERVAL 1 DAY + lt":                        {watermark - 24*hour, none},
		"rt < lt + - INTERVAL 1 HOUR":                     {watermark + hour, none},
		"rt - INTERVAL 1 HOUR < lt":                       {watermark - hour, none},
		"rt < lt + INTERVAL 1 MONTH":                      {none, none},
		"rt BETWEEN lt AND lt + INTERVAL 1 MONTH":         {none, watermark - 1},
		"rt < lt + INTERVAL 1 HOUR * 2":                   {none, none}, // unless it is folded
		"rt < lt + INTERVAL '1' HOUR + INTERVAL '1' HOUR": {watermark - hour, none},
		"rt < lt + INTERVAL '1' HOUR + INTERVAL '2' HOUR": {watermark - 3*hour, none},
		"rt - lt < INTERVAL 1 HOUR":                       {none, none},
		"cast(rt AS LONG) < cast(lt AS LONG) + 60":        {watermark - 60000, none},
		"cast(rt AS DOUBLE) < cast(lt AS DOUBLE) + 0.5D":  {watermark - 500, none},
		"cast(rt AS LONG) - 60 <= cast(lt AS LONG)":       {watermark - 60001, none},
		"unix_timestamp(rt) < unix_timestamp(lt) + 60":    {none, none},
		"rt < lo":                    {watermark, none},
		"ro < lt":                    {none, none},
		"rt < date_sub(lt, 3)":       {none, none},
		"rt < TIMESTAMP'2024-01-01'": {none, none},
		"cast(lt AS LONG) > 1000":    {1000000, none},
		"rt < lt + INTERVAL 1 HOUR AND rt < lt + INTERVAL 2 HOURS":      {watermark - 2*hour, none},
		"rt < lt + INTERVAL 1 HOUR OR li = 1":                           {none, none},
		"rt < lt + INTERVAL 1 MICROSECOND":                              {watermark - 1, none}, // rounded towards 0 of -0.001
		"li < ri":                                                       {none, none},
		"rt <= lt + INTERVAL 1 HOUR AND lt <= rt + INTERVAL 30 MINUTES": {watermark - hour - 1, watermark - hour/2 - 1},
	} {
		sides := joinedSides()
		conditions := conjuncts(joinCondition(t, text, sides))
		for i := range sides {
			got := int64(none)
			if limit := timeLimit(conditions, sides[i], sides[1-i]); limit != nil {
				got = limit(watermark)
			}
			if got != want[i] {
				t.Errorf("%s: side %d: %d, want %d", text, i, got, want[i])
			}
		}
		sides[1].times = nil
		if timeLimit(conditions, sides[0], sides[1]) != nil {
			t.Errorf("%s: left rows are forgotten although the right side has no watermark", text)
		}
	}
}

// TestConditionsOfJoinsAreDivided checks keys, the filters of both sides, and what is left.
func TestConditionsOfJoinsAreDivided(t *testing.T) {
	for text, want := range map[string]string{
		"li = ri":                             "li=ri",
		"ri = li AND lt = rt":                 "li=ri lt=rt",
		"li + 1 = ri * 2":                     "(li + 1)=(ri * 2)",
		"li <=> ri":                           "coalesce(li, 0)=coalesce(ri, 0) (li IS NULL)=(ri IS NULL)",
		"li = ri AND li > 3 AND ri < 5":       "li=ri left (li > 3) right (ri < 5)",
		"li = ri AND li > ri":                 "li=ri both (li > ri)",
		"li = ri AND li = 5":                  "li=ri left (li = 5)",
		"li = ri OR li = 3":                   "both ((li = ri) OR (li = 3))",
		"li + ri = 3":                         "both ((li + ri) = 3)",
		"li = ri AND rand() < 0.5 AND li > 3": "li=ri left (li > 3) both (rand() < 0.5)",
		"li = ri AND true":                    "li=ri left true right true",
	} {
		sides := joinedSides()
		k, rest := hashKeys(conjuncts(joinCondition(t, text, sides)), sides[0].cols, sides[1].cols)
		var parts []string
		for i := range k.left {
			parts = append(parts, k.left[i].SQL()+"="+k.right[i].SQL())
		}
		f := filterOf(rest, sides[0].cols, sides[1].cols)
		for i, c := range []*expr.Expr{f.left, f.right, f.both} {
			if c != nil {
				parts = append(parts, []string{"left ", "right ", "both "}[i]+c.SQL())
			}
		}
		if got := strings.Join(parts, " "); got != want {
			t.Errorf("%s:\n%s, want\n%s", text, got, want)
		}
	}
}

// TestExpiriesOfJoins says when rows are forgotten: by the key with a watermark, of either side, before a time range.
func TestExpiriesOfJoins(t *testing.T) {
	for text, want := range map[string]string{
		"li = ri":                         "- -",
		"li = ri AND lt = rt":             "key 1 key 1",
		"ro = lt AND li = ri":             "key 0 key 0",
		"lo = rt":                         "key 0 key 0",
		"lo = ro":                         "- -",
		"lt <=> rt":                       "- -", // Spark takes coalesce(lt, …) as the key
		"date_trunc('HOUR', lt) = rt":     "key 0 key 0",
		"date_trunc('HOUR', lt) = ro":     "- -",
		"lw = rw":                         "window 0 window 0",
		"li = ri AND rt > lt":             "- column 0",
		"li = ri AND lt = rt AND rt > lo": "key 1 key 1",
		"li = ri AND rt BETWEEN lt AND lt + INTERVAL 1 D": "column 0 column 0",
	} {
		sides := joinedSides()
		if strings.Contains(text, "lw") {
			sides[0].times = map[expr.ID]int64{sides[0].cols[3].ID: 1000}
		}
		k, rest := hashKeys(conjuncts(joinCondition(t, strings.Replace(text, "1 D", "1 DAY", 1), sides)), sides[0].cols, sides[1].cols)
		var parts []string
		for _, x := range expiries(k, rest, sides) {
			switch {
			case x.Key.Window:
				parts = append(parts, fmt.Sprint("window ", x.Key.Column))
			case x.Key.Has():
				parts = append(parts, fmt.Sprint("key ", x.Key.Column))
			case x.Column.Has():
				parts = append(parts, fmt.Sprint("column ", x.Column.Column))
			default:
				parts = append(parts, "-")
			}
		}
		if got := strings.Join(parts, " "); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestTimeRangesNeedBothWatermarks checks that a side without an event time is kept forever.
func TestTimeRangesNeedBothWatermarks(t *testing.T) {
	sides := joinedSides()
	k, rest := hashKeys(conjuncts(joinCondition(t, "li = ri AND rt BETWEEN lt AND lt + INTERVAL 1 DAY", sides)), sides[0].cols, sides[1].cols)
	sides[0].times = nil
	if x := expiries(k, rest, sides); x[0].Column.Has() || x[1].Column.Has() {
		t.Error("rows are forgotten although one side has no watermark")
	}
}

// TestRefusedJoins compares what Spark refuses, and checks that hints name what is missing.
func TestRefusedJoins(t *testing.T) {
	const (
		unbounded = "Stream-stream %s join between two streaming DataFrame/Datasets is not supported without a watermark in the join keys, " +
			"or a watermark on the nullable side and an appropriate range condition"
		rangeText = "li = ri AND rt BETWEEN lt AND lt + INTERVAL 1 HOUR"
		noLeft    = "the watermark of the left side says that none will come, and that side has none"
		noRight   = "the watermark of the right side says that none will come, and that side has none"
	)
	for _, c := range []struct {
		kind    operator.JoinKind
		inputs  string // streams (s, without watermark n, which was lost x) or tables (t)
		cond    string
		mode    string
		message string
		hint    string
	}{
		{operator.Inner, "ss", "li = ri", "append", "", ""},
		{operator.Inner, "nn", "li = ri", "update", "", ""},
		{operator.Inner, "nn", "li = ri", "complete", "Inner join between two streaming DataFrames/Datasets is not supported in Complete output mode, only in Append and Update output modes", "update lets"},
		{operator.LeftSemi, "ss", rangeText, "update", "", ""},
		{operator.LeftSemi, "ss", rangeText, "complete", "LeftSemi join between two streaming DataFrames/Datasets is not supported in Complete output mode, only in Append and Update output modes", "append"},
		{operator.LeftOuter, "ss", rangeText, "update", "LeftOuter join between two streaming DataFrames/Datasets is not supported in Update output mode, only in Append output mode", "append"},
		{operator.FullOuter, "ss", rangeText, "complete", "FullOuter join between two streaming DataFrames/Datasets is not supported in Complete output mode, only in Append output mode", "append"},
		{operator.RightOuter, "ss", rangeText, "append", "", ""},
		{operator.FullOuter, "ss", rangeText, "append", "", ""},
		{operator.FullOuter, "ns", rangeText, "append", "", ""},
		{operator.LeftOuter, "nn", rangeText, "append", fmt.Sprintf(unbounded, "LeftOuter"), noRight},
		{operator.LeftOuter, "sn", rangeText, "append", fmt.Sprintf(unbounded, "LeftOuter"), noRight},
		{operator.LeftSemi, "sn", rangeText, "append", fmt.Sprintf(unbounded, "LeftSemi"), "r.ts <= l.lt + INTERVAL 1 HOUR"},
		{operator.LeftOuter, "sx", rangeText, "append", fmt.Sprintf(unbounded, "LeftOuter"), "the right side has lost its watermark"},
		{operator.LeftOuter, "ss", "li = ri", "append", fmt.Sprintf(unbounded, "LeftOuter"), "the right side has a watermark on rt, but the condition does not say how long a row of the left side waits"},
		{operator.LeftOuter, "ss", "li = ri AND rt > lt", "append", fmt.Sprintf(unbounded, "LeftOuter"), "r.rt <= l.lt + INTERVAL 1 HOUR"},
		{operator.RightOuter, "ns", rangeText, "append", fmt.Sprintf(unbounded, "RightOuter"), noLeft},
		{operator.FullOuter, "nn", "li = ri", "append", fmt.Sprintf(unbounded, "FullOuter"), noRight},
		{operator.LeftOuter, "sn", "li = ri AND lt = ro", "append", "", ""},
		{operator.LeftAnti, "ss", rangeText, "append", "LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported", "leftOuter"},
		{operator.LeftAnti, "ss", rangeText, "update", "LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported", "leftOuter"},
		{operator.LeftAnti, "ts", rangeText, "append", "LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported", "leftOuter"},
		{operator.LeftAnti, "st", rangeText, "append", "", ""},
		{operator.LeftOuter, "st", "li = ri", "complete", "", ""},
		{operator.LeftSemi, "nt", "li > ri", "append", "", ""},
		{operator.RightOuter, "ts", "li = ri", "append", "", ""},
		{operator.LeftOuter, "ts", "li = ri", "append", "LeftOuter join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the left is not supported", "start with the stream"},
		{operator.LeftSemi, "ts", "li = ri", "append", "LeftSemi join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the left is not supported", "start with the stream"},
		{operator.RightOuter, "st", "li = ri", "append", "RightOuter join with a streaming DataFrame/Dataset on the left and a static DataFrame/DataSet on the right not supported", "how: left"},
		{operator.FullOuter, "st", "li = ri", "append", "FullOuter joins with streaming DataFrames/Datasets on the left and a static DataFrame/Dataset on the right is not supported", "how: left"},
		{operator.FullOuter, "ts", "li = ri", "append", "FullOuter joins with streaming DataFrames/Datasets on the right and a static DataFrame/Dataset on the left is not supported", "how: right"},
	} {
		j := joinCheck{kind: c.kind, sides: joinedSides(), mode: c.mode}
		j.cond = joinCondition(t, c.cond, j.sides)
		for i := range j.sides {
			j.streams[i], j.marked[i] = c.inputs[i] != 't', c.inputs[i] == 's' || c.inputs[i] == 'x'
			if c.inputs[i] != 's' {
				j.sides[i].times = nil
			}
		}
		message, hint := "", ""
		if err := j.refusal(); err != nil {
			message, hint = err.Text, err.Hint
		}
		if message != c.message || !strings.Contains(hint, c.hint) || (message == "") != (hint == "") {
			t.Errorf("%s %s on %s in %s mode: %q, hint %q", c.kind, c.inputs, c.cond, c.mode, message, hint)
		}
	}
}

// TestSeveralEventTimes refuses a side with two event times, of which each column has its own delay.
func TestSeveralEventTimes(t *testing.T) {
	cols := joinedSides()[0].cols
	side := joinedOf(&eventTime{&relation{cols: cols}, cols[0], 1000})
	if err := side.severalTimes(); err != nil {
		t.Error(err)
	}
	side.times[side.cols[3].ID] = 600000
	if err := side.severalTimes(); err == nil || !strings.Contains(err.Error(), "(lt-T1000ms,lw-T600000ms)") {
		t.Errorf("two event times: %v", err)
	}
	if err := withoutEquality(); err.Hint == "" {
		t.Errorf("no equality: %v", err)
	}
}
