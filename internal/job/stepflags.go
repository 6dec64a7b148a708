package job

import (
	"fmt"
	"strconv"
	"strings"
)

// A stepKind describes a flag that adds a step. add is called for the flags in the order typed.
type stepKind struct {
	name, typ, usage string
	add              func(b *builder, s stepFlag)
}

// stepKinds is the table of the transform flags, in the order of the help.
var stepKinds = []stepKind{
	{"with-column", "NAME=EXPR", "add or replace a column", (*builder).withColumn},
	{"where", "EXPR", "keep the rows for which the expression is true", (*builder).filter},
	{"filter", "EXPR", "same as --where", (*builder).filter},
	{"sample", "SHARE", "keep a random share of the rows, such as 0.01 or 1%", (*builder).sample},
	{"select", "EXPRS", "keep these columns and expressions, separated by commas", func(b *builder, s stepFlag) { b.add(Select{s.at(), s.list()}) }},
	{"drop", "NAMES", "drop columns, separated by commas", func(b *builder, s stepFlag) { b.add(Drop{s.at(), s.names()}) }},
	{"rename", "OLD=NEW", "rename a column", (*builder).rename},
	{"sql", "QUERY", "SELECT … FROM stream …", func(b *builder, s stepFlag) { b.add(SQL{s.at(), s.whole()}) }},
	{"watermark", "COLUMN=DELAY", `event time, and how late its rows may arrive: "ts=10 minutes"`, (*builder).watermark},
	{"group-by", "EXPRS", "aggregate by these columns and expressions: the --agg after it, otherwise count", (*builder).groupBy},
	{"agg", "EXPRS", "aggregates of --group-by, or of all rows: \"count(*) AS n, sum(v) AS total\"", (*builder).aggregate},
	{"distinct", "", "drop rows that have occurred before", (*builder).distinct},
	{"drop-duplicates", "NAMES", "drop rows whose values of these columns came before; '*' means all columns", (*builder).dropDuplicates},
	{"drop-duplicates-within-watermark", "NAMES", "same, but forget values once the watermark has passed them", (*builder).dropDuplicates},
	{"order-by", "EXPRS", "sort by these columns and expressions, each with ASC or DESC and NULLS FIRST or NULLS LAST; needs --output-mode complete", func(b *builder, s stepFlag) { b.add(OrderBy{s.at(), s.list()}) }},
	{"limit", "N", "keep the first `N` rows of the whole stream, or of each batch with --output-mode complete", func(b *builder, s stepFlag) { b.add(Limit{s.at(), s.whole()}) }},
}

// transforms registers the transform flags.
func (f *Flags) transforms() {
	for i := range stepKinds {
		k := &stepKinds[i]
		f.set.Var(stepValue{&f.steps, k}, k.name, k.usage)
		if k.typ == "" {
			f.set.Lookup(k.name).NoOptDefVal = "true"
		}
	}
}

// A stepFlag is a transform flag as typed.
type stepFlag struct {
	kind *stepKind
	text string
}

// A stepValue lets several flags append to one list, which keeps their order on the command line.
type stepValue struct {
	steps *[]stepFlag
	kind  *stepKind
}

func (v stepValue) Set(text string) error {
	*v.steps = append(*v.steps, stepFlag{v.kind, text})
	return nil
}

func (v stepValue) Type() string {
	if v.kind.typ == "" {
		return "bool"
	}
	return v.kind.typ
}
func (v stepValue) String() string { return "" }

// IsBoolFlag reports whether the flag may be given without a value.
func (v stepValue) IsBoolFlag() bool { return v.kind.typ == "" }

func (s stepFlag) at() Position { return Position{flagPlace(s.kind.name, s.text)} }

// whole returns the text as typed.
func (s stepFlag) whole() Text { return Text{s.text, s.at().Place} }

// list splits the text at commas.
func (s stepFlag) list() []Text { return splitList(s.text, s.at().Place) }

// names splits the text at commas to names of columns.
func (s stepFlag) names() []Text {
	names := s.list()
	for i := range names {
		names[i].Text = unquote(names[i].Text)
	}
	return names
}

// steps appends the steps of the flags to those of the job file.
func (b *builder) steps() {
	for _, s := range b.f.steps {
		s.kind.add(b, s)
		b.previous = s.kind.name
	}
}

func (b *builder) add(step Step) { b.stream.Steps = append(b.stream.Steps, step) }

func (b *builder) withColumn(s stepFlag) {
	if column, ok := b.assignment(s, `--with-column "result=concat(a, b)"`); ok {
		b.add(WithColumn{s.at(), []Named{column}})
	}
}

func (b *builder) rename(s stepFlag) {
	if column, ok := b.assignment(s, "--rename old=new"); ok {
		column.Text.Text = unquote(column.Text.Text)
		b.add(WithColumnRenamed{s.at(), []Named{column}})
	}
}

func (b *builder) filter(s stepFlag) { b.add(Filter{s.at(), s.whole()}) }

// sample keeps rows by chance, with a filter: Spark refuses samples of streams.
func (b *builder) sample(s stepFlag) {
	text, percent := strings.CutSuffix(strings.TrimSpace(s.text), "%")
	share, err := strconv.ParseFloat(text, 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share > 0 && share <= 1) {
		b.errs.addf(s.at().Place, "--sample takes a share of the rows, not %q", s.text).Hint = "--sample 0.01 and --sample 1% keep one row in a hundred; --limit N keeps the first N"
		return
	}
	b.add(Filter{s.at(), Text{"rand() < " + strconv.FormatFloat(share, 'f', -1, 64) + "D", s.at().Place}})
}

// watermark keeps the backticks of the name, which is an expression.
func (b *builder) watermark(s stepFlag) {
	name, delay, ok := b.cut(s, `--watermark "ts=10 minutes"`)
	if ok {
		b.add(WithWatermark{s.at(), name, delay})
	}
}

// groupBy adds a step to which an --agg that follows adds its aggregates.
func (b *builder) groupBy(s stepFlag) {
	if group := b.openGroup(); group != nil && len(group.Keys) == 0 {
		b.errs.addf(s.at().Place, "--agg comes before its --group-by").Hint =
			fmt.Sprintf("--group-by %q --agg …: steps run in the order typed", s.text)
		return
	}
	b.add(GroupBy{Position: s.at(), Keys: s.list()})
}

// aggregate adds aggregates to the --group-by or --agg before it. Without one, it aggregates all rows.
func (b *builder) aggregate(s stepFlag) {
	group := b.openGroup()
	if group == nil {
		b.add(GroupBy{Position: s.at(), Aggregates: s.list()})
		return
	}
	group.Aggregates = append(group.Aggregates, s.list()...)
	b.stream.Steps[len(b.stream.Steps)-1] = *group
}

// openGroup returns a copy of the step that the previous flag, --group-by or --agg, has added to; nil if it was another flag.
func (b *builder) openGroup() *GroupBy {
	if b.previous != "group-by" && b.previous != "agg" || len(b.stream.Steps) == 0 {
		return nil
	}
	group, ok := b.stream.Steps[len(b.stream.Steps)-1].(GroupBy)
	if !ok {
		return nil
	}
	return &group
}

// distinct adds a step unless the value is false.
func (b *builder) distinct(s stepFlag) {
	on, err := strconv.ParseBool(s.text)
	if err != nil {
		b.errs.addf(s.at().Place, "--distinct does not take a value, but got %q", s.text).Hint = "--drop-duplicates names columns"
	}
	if on {
		b.add(Distinct{s.at()})
	}
}

// dropDuplicates adds a step that compares the named columns, or all with '*'.
func (b *builder) dropDuplicates(s stepFlag) {
	step := DropDuplicates{Position: s.at(), WithinWatermark: s.kind.name != "drop-duplicates"}
	if strings.TrimSpace(s.text) != "*" {
		step.Columns = s.names()
	}
	b.add(step)
}

// assignment splits NAME=TEXT, where the name may be in backticks.
func (b *builder) assignment(s stepFlag, example string) (Named, bool) {
	name, text, ok := b.cut(s, example)
	return Named{unquote(name.Text), text}, ok
}

// cut splits NAME=TEXT at the first = that is not in backticks.
func (b *builder) cut(s stepFlag, example string) (name, text Text, ok bool) {
	at := s.at().Place
	end := 0
	if strings.HasPrefix(s.text, "`") {
		end = min(closing(s.text, 0)+1, len(s.text))
	}
	i := strings.IndexByte(s.text[end:], '=')
	if i < 0 || strings.TrimSpace(s.text[:end+i]) == "" || strings.TrimSpace(s.text[end+i+1:]) == "" {
		b.errs.addf(at, "--%s takes %s, not %q", s.kind.name, s.kind.typ, s.text).Hint = example
		return name, text, false
	}
	i += end
	rest := s.text[i+1:]
	lead := len(rest) - len(strings.TrimLeft(rest, " "))
	return Text{strings.TrimSpace(s.text[:i]), at}, Text{strings.TrimSpace(rest), within(at, s.text[:i+1+lead])}, true
}

// unquote takes the backticks off a name.
func unquote(name string) string {
	if len(name) >= 2 && name[0] == '`' && name[len(name)-1] == '`' {
		return strings.ReplaceAll(name[1:len(name)-1], "``", "`")
	}
	return name
}
