package transform

import (
	"fmt"
	"strings"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// A joinCheck is a join of which at least one side is a stream.
type joinCheck struct {
	kind    operator.JoinKind
	streams [2]bool // whether the left and the right side are streams
	sides   [2]joined
	marked  [2]bool // whether the sides have withWatermark, even if they have lost the event time since
	cond    *expr.Expr
	mode    string // the output mode of the query, in lower case
}

// refusal returns why Spark does not run the join on streams; nil if it does. (Spark: UnsupportedOperationChecker.checkForStreaming.)
func (j *joinCheck) refusal() *sparkerr.Error {
	left, right := j.streams[0], j.streams[1]
	if left && right {
		if err := j.outputMode(); err != nil {
			return err
		}
	}
	switch j.kind {
	case operator.LeftAnti:
		if right {
			return sparkerr.Unstreamable("LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported").
				WithHint("whether a row has no match is known only when no row can come any more: how: leftOuter with a watermark and a time range, " +
					"then a filter for rows whose right columns are NULL, returns these rows as soon as that is known")
		}
	case operator.FullOuter:
		if left != right {
			return staticOuter("FullOuter joins with streaming DataFrames/Datasets on the %s and a static DataFrame/Dataset on the %s is not supported", left)
		}
	case operator.LeftOuter, operator.LeftSemi:
		if right && !left {
			return sparkerr.Unstreamable(fmt.Sprintf("%s join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the left is not supported", j.kind)).
				WithHint("start with the stream and join the table: the rows of the table that match nothing would be known only when the stream ends")
		}
	case operator.RightOuter:
		if left && !right {
			return sparkerr.Unstreamable("RightOuter join with a streaming DataFrame/Dataset on the left and a static DataFrame/DataSet on the right not supported").
				WithHint("how: left keeps all rows of the stream; the rows of the table that match nothing would be known only when the stream ends")
		}
	}
	if left && right && j.kind != operator.Inner {
		return j.unbounded()
	}
	return nil
}

func staticOuter(text string, streamLeft bool) *sparkerr.Error {
	stream, table, how := "left", "right", "left"
	if !streamLeft {
		stream, table, how = table, stream, "right"
	}
	return sparkerr.Unstreamable(fmt.Sprintf(text, stream, table)).
		WithHint("how: %s keeps all rows of the stream; the rows of the table that match nothing would be known only when the stream ends", how)
}

// outputMode refuses modes in which rows that came out would have to be taken back.
func (j *joinCheck) outputMode() *sparkerr.Error {
	const hint = "outputMode: append"
	mode := strings.ToUpper(j.mode[:1]) + j.mode[1:]
	switch j.kind {
	case operator.LeftOuter, operator.RightOuter, operator.FullOuter:
		if j.mode != operator.Append {
			return sparkerr.Unstreamable(fmt.Sprintf("%s join between two streaming DataFrames/Datasets is not supported in %s output mode, only in Append output mode", j.kind, mode)).WithHint(hint)
		}
	case operator.Inner, operator.LeftSemi:
		if j.mode == operator.Complete {
			return sparkerr.Unstreamable(fmt.Sprintf("%s join between two streaming DataFrames/Datasets is not supported in %s output mode, only in Append and Update output modes", j.kind, mode)).
				WithHint("%s; update lets an aggregation follow an inner join and print the groups that change", hint)
		}
	}
	return nil
}

// unbounded refuses an outer or semi join whose rows would wait for a match forever.
func (j *joinCheck) unbounded() *sparkerr.Error {
	var conditions []*expr.Expr
	if j.cond != nil {
		conditions = conjuncts(j.cond)
	}
	k, _ := hashKeys(conditions, j.sides[0].cols, j.sides[1].cols)
	if k.timeAt(j.sides) >= 0 {
		return nil
	}
	var missing []string
	for side := range j.sides {
		if !j.waits(side) {
			continue
		}
		if timeLimit(conditions, j.sides[side], j.sides[1-side]) != nil {
			return nil
		}
		missing = append(missing, j.missing(side))
	}
	return sparkerr.Unstreamable(fmt.Sprintf("Stream-stream %s join between two streaming DataFrame/Datasets is not supported without a watermark in the join keys, "+
		"or a watermark on the nullable side and an appropriate range condition", j.kind)).WithHint("%s", strings.Join(missing, "; or: "))
}

// waits reports whether rows of a side wait for a match that may still come.
func (j *joinCheck) waits(side int) bool {
	switch j.kind {
	case operator.LeftOuter, operator.LeftSemi:
		return side == 0
	case operator.RightOuter:
		return side == 1
	}
	return true
}

// missing says what is needed so that rows of a side do not wait forever.
func (j *joinCheck) missing(side int) string {
	other := &j.sides[1-side]
	names := [2]string{"left", "right"}
	time := other.column()
	mine := j.sides[side].column()
	if time == nil && j.marked[1-side] {
		return fmt.Sprintf("the %s side has lost its watermark: an expression over the event time, or a selection without it, is not an event time. Keep that column, or put withWatermark after it",
			names[1-side])
	}
	if time == nil {
		return fmt.Sprintf("a row of the %s side waits for its match until the watermark of the %s side says that none will come, and that side has none: "+
			"give it withWatermark, and bound its time in the condition, such as %s", names[side], names[1-side], j.example(side, "ts", nameOf(mine)))
	}
	return fmt.Sprintf("the %s side has a watermark on %s, but the condition does not say how long a row of the %s side waits for its match: add such as %s",
		names[1-side], time.Name, names[side], j.example(side, time.Name, nameOf(mine)))
}

func nameOf(c *expr.Expr) string {
	if c == nil {
		return "ts"
	}
	return c.Name
}

// example is a condition that bounds how much later than a row of a side one of the other may be.
func (j *joinCheck) example(side int, other, mine string) string {
	prefix := [2]string{"l.", "r."}
	return fmt.Sprintf("%s%s <= %s%s + INTERVAL 1 HOUR", prefix[1-side], other, prefix[side], mine)
}

// severalTimes returns the error for rows with more than one event time, of which Spark would not know which one makes them late.
// (Spark: WatermarkSupport.findEventTimeColumn.)
func (j *joined) severalTimes() *sparkerr.Error {
	var texts []string
	for _, c := range j.cols {
		if delay, ok := j.times[c.ID]; ok {
			texts = append(texts, fmt.Sprintf("%s-T%dms", c.Name, delay))
		}
	}
	if len(texts) < 2 {
		return nil
	}
	return sparkerr.New("MULTIPLE_EVENT_TIME_COLUMNS", "eventTimeCols", "("+strings.Join(texts, ",")+")")
}

// withoutEquality is the error for a join of streams whose condition has no keys.
func withoutEquality() *sparkerr.Error {
	return sparkerr.New("_LEGACY_ERROR_TEMP_1181").
		WithHint("each row would have to be compared with all rows of the other stream: add an equality, such as l.id = r.id")
}
