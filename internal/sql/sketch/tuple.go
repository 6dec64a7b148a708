package sketch

import (
	"cmp"
	"errors"
	"math"
)

// A SummaryMode says how the summaries of a value in a tuple sketch become one.
type SummaryMode byte

// The modes of summaries, in the order of their numbers in sketches.
const (
	SumMode SummaryMode = iota
	MinMode
	MaxMode
	OneMode // the summary is always 1
)

// A TupleNumber is a type of summaries.
type TupleNumber interface{ int32 | float64 }

// A Summary is what a tuple sketch keeps for a value. Each has its own mode, which a sketch stores with it.
type Summary[T TupleNumber] struct {
	Value T
	Mode  SummaryMode
}

// NewSummary returns the summary of nothing.
func NewSummary[T TupleNumber](mode SummaryMode) Summary[T] {
	least, greatest := limits[T]()
	return Summary[T]{Value: [...]T{SumMode: 0, MinMode: greatest, MaxMode: least, OneMode: 1}[mode], Mode: mode}
}

func limits[T TupleNumber]() (least, greatest T) {
	switch p := any([2]*T{&least, &greatest}).(type) {
	case [2]*int32:
		*p[0], *p[1] = math.MinInt32, math.MaxInt32
	case [2]*float64:
		*p[0], *p[1] = math.Inf(-1), math.Inf(1)
	}
	return least, greatest
}

// with returns the summary with one more number.
func (s Summary[T]) with(x T) Summary[T] {
	switch {
	case s.Mode == SumMode:
		s.Value += x
	case s.Mode == MinMode && x < s.Value, s.Mode == MaxMode && x > s.Value:
		s.Value = x
	case s.Mode == OneMode:
		s.Value = 1
	}
	return s
}

// A Tuple is a compact tuple sketch of Apache DataSketches: a Theta sketch with a summary of each value. Its hashes are in the order of the table from
// which it was made. It does not change.
type Tuple[T TupleNumber] struct {
	hashes    []int64 // those that are not positive, in foreign bytes, only count
	summaries []Summary[T]
	theta     int64
	empty     bool
}

// Theta returns the share of all hashes that the sketch retains.
func (t *Tuple[T]) Theta() float64 { return float64(t.thetaOrAll()) / float64(all) }

func (t *Tuple[T]) thetaOrAll() int64 {
	if t.empty {
		return all
	}
	return t.theta
}

// estimates reports whether the sketch does not have all values.
func (t *Tuple[T]) estimates() bool { return t.thetaOrAll() < all }

// Estimate returns the approximate number of different values.
func (t *Tuple[T]) Estimate() float64 {
	if !t.estimates() {
		return float64(len(t.hashes))
	}
	return float64(len(t.hashes)) / t.Theta()
}

// Summarize returns the summary of all summaries of a sketch; of none, it is 0.
func Summarize[S int64 | float64, T TupleNumber](t *Tuple[T], mode SummaryMode) (all S) {
	first := true
	for i, h := range t.hashes {
		if h <= 0 {
			continue
		}
		switch x := S(t.summaries[i].Value); {
		case mode == OneMode:
			all++
		case mode == SumMode:
			all += x
		case first:
			all = x
		case mode == MinMode:
			all = min(all, x)
		default:
			all = max(all, x)
		}
		first = false
	}
	return all
}

// A TupleUpdate is a tuple sketch to which values are added.
type TupleUpdate[T TupleNumber] struct {
	quickSelect[Summary[T]]
	mode SummaryMode
}

// NewTupleUpdate returns an empty sketch with 1<<lgK nominal entries, whose new summaries have a mode.
func NewTupleUpdate[T TupleNumber](lgK int, mode SummaryMode) *TupleUpdate[T] {
	return &TupleUpdate[T]{newQuickSelect[Summary[T]](lgK), mode}
}

// Bytes returns the size of the sketch in memory.
func (u *TupleUpdate[T]) Bytes() int { return u.table.bytes() }

// Add adds a value by its bytes, with a number to summarize. Empty ones are ignored.
func (u *TupleUpdate[T]) Add(b []byte, x T) {
	if len(b) == 0 {
		return
	}
	at, added := u.place(hashOf(b))
	if at < 0 {
		return
	}
	s := &u.table.values[at]
	if added {
		*s = NewSummary[T](u.mode)
	}
	*s = s.with(x)
	u.settle()
}

// Compact returns the sketch. It may have more than the nominal entries.
func (u *TupleUpdate[T]) Compact() *Tuple[T] {
	t := &Tuple[T]{theta: u.theta, empty: u.empty}
	t.fill(&u.table, u.count)
	return t
}

// fill takes the n hashes below theta from a table.
func (t *Tuple[T]) fill(table *hashTable[Summary[T]], n int) {
	t.hashes, t.summaries = make([]int64, 0, n), make([]Summary[T], 0, n)
	for i, h := range table.hashes {
		if h != 0 && h < t.theta {
			t.hashes, t.summaries = append(t.hashes, h), append(t.summaries, table.values[i])
		}
	}
}

// A TupleUnion unites tuple sketches.
type TupleUnion[T TupleNumber] struct {
	gadget quickSelect[Summary[T]]
	mode   SummaryMode
	theta  int64 // the least of the sketches
	some   bool  // there was a sketch that is not empty
}

// NewTupleUnion returns an empty union with 1<<lgK nominal entries. mode is that of the summaries of values that several sketches have.
func NewTupleUnion[T TupleNumber](lgK int, mode SummaryMode) *TupleUnion[T] {
	return &TupleUnion[T]{gadget: newQuickSelect[Summary[T]](lgK), mode: mode, theta: all}
}

// Bytes returns the size of the union in memory.
func (u *TupleUnion[T]) Bytes() int { return u.gadget.table.bytes() }

// Add adds a sketch.
func (u *TupleUnion[T]) Add(t *Tuple[T]) error {
	if !t.empty {
		u.add(t.hashes, t.theta, func(i int) Summary[T] { return t.summaries[i] })
	}
	return nil
}

// AddTheta adds a Theta sketch, with a summary for all its values. The error says why it cannot.
func (u *TupleUnion[T]) AddTheta(t *Theta, s Summary[T]) error {
	if t.isEmpty() {
		return nil
	}
	if t.count != len(t.hashes) {
		return errThetaCut
	}
	u.add(t.hashes, t.theta, func(int) Summary[T] { return s })
	return nil
}

func (u *TupleUnion[T]) add(hashes []int64, theta int64, summary func(i int) Summary[T]) {
	u.some = true
	u.theta = min(u.theta, theta)
	for i, h := range hashes {
		at, added := u.gadget.place(h)
		if at < 0 {
			continue
		}
		s := &u.gadget.table.values[at]
		if added {
			*s = summary(i)
			u.gadget.settle()
		} else {
			*s = NewSummary[T](u.mode).with(s.Value).with(summary(i).Value)
		}
	}
	u.theta = min(u.theta, u.gadget.theta)
}

// Result returns the union, of at most the nominal entries. (tuple.Union.getResult.)
func (u *TupleUnion[T]) Result() *Tuple[T] {
	t := &Tuple[T]{theta: u.theta, empty: !u.some || u.theta == all && u.gadget.empty}
	hashes := make([]int64, 0, u.gadget.count)
	for _, h := range u.gadget.table.hashes {
		if h != 0 && h < t.theta {
			hashes = append(hashes, h)
		}
	}
	if k := 1 << u.gadget.lgK; len(hashes) > k {
		t.theta = nth(hashes, k)
		hashes = hashes[:k]
	}
	t.fill(&u.gadget.table, len(hashes))
	return t
}

// A TupleIntersection intersects tuple sketches. Before the first one, it is the universal set.
type TupleIntersection[T TupleNumber] struct {
	table hashTable[Summary[T]]
	count int
	mode  SummaryMode
	theta int64
	empty bool
	some  bool // there was a sketch
}

// NewTupleIntersection returns an intersection of no sketches. mode is that of the summaries.
func NewTupleIntersection[T TupleNumber](mode SummaryMode) *TupleIntersection[T] {
	return &TupleIntersection[T]{mode: mode, theta: all}
}

// Bytes returns the size of the intersection in memory.
func (x *TupleIntersection[T]) Bytes() int { return x.table.bytes() }

var errTupleCorrupt = errors.New("it is damaged")

// Add adds a sketch. The error says why it cannot. (tuple.Intersection.intersect.)
func (x *TupleIntersection[T]) Add(t *Tuple[T]) error {
	theta := min(x.theta, t.theta)
	return x.add(t.hashes, t.theta, theta, t.empty, func(i int) Summary[T] { return t.summaries[i] })
}

// AddTheta adds a Theta sketch, with a summary for all its values. The error says why it cannot.
func (x *TupleIntersection[T]) AddTheta(t *Theta, s Summary[T]) error {
	if t.count != len(t.hashes) {
		return errThetaCut
	}
	return x.add(t.hashes, t.theta, t.theta, t.isEmpty(), func(int) Summary[T] { return s })
}

// add adds the hashes of a sketch; of those below limit, the ones that x has remain.
func (x *TupleIntersection[T]) add(hashes []int64, theta, limit int64, empty bool, summary func(i int) Summary[T]) error {
	first := !x.some
	x.some = true
	if x.empty || empty {
		*x = TupleIntersection[T]{mode: x.mode, theta: all, empty: true, some: true}
		return nil
	}
	x.theta = min(x.theta, theta)
	if len(hashes) == 0 || !first && x.count == 0 {
		x.table, x.count = hashTable[Summary[T]]{}, 0
		return nil
	}
	var common []int64
	var summaries []Summary[T]
	for i, h := range hashes {
		switch {
		case h <= 0:
			return errTupleCorrupt
		case first:
			common, summaries = append(common, h), append(summaries, summary(i))
		case h < limit && x.table.contains(h):
			common = append(common, h)
			summaries = append(summaries, NewSummary[T](x.mode).with(x.table.values[x.table.find(h)].Value).with(summary(i).Value))
		}
	}
	return x.fill(common, summaries)
}

// fill makes hashes and their summaries the table.
func (x *TupleIntersection[T]) fill(hashes []int64, summaries []Summary[T]) error {
	const leastLg = 4
	lg := leastLg
	for 4*len(hashes) > 3<<lg {
		lg++
	}
	x.table, x.count = newHashTable[Summary[T]](lg), len(hashes)
	for i, h := range hashes {
		at := x.table.find(h)
		if x.table.hashes[at] != 0 || h > x.theta {
			return errTupleCorrupt
		}
		x.table.hashes[at], x.table.values[at] = h, summaries[i]
	}
	return nil
}

// HasResult reports whether there was a sketch.
func (x *TupleIntersection[T]) HasResult() bool { return x.some }

// Result returns the intersection; without a sketch, an empty one.
func (x *TupleIntersection[T]) Result() *Tuple[T] {
	t := &Tuple[T]{theta: x.theta, empty: x.empty || !x.some}
	for i, h := range x.table.hashes {
		if h != 0 {
			t.hashes, t.summaries = append(t.hashes, h), append(t.summaries, x.table.values[i])
		}
	}
	return t
}

// TupleDifference returns the sketch of the values of a that b does not have. The error says why there is none. (tuple.AnotB.)
func TupleDifference[T TupleNumber](a, b *Tuple[T]) (*Tuple[T], error) {
	return tupleDifference(a, b.hashes, b.thetaOrAll(), b.empty)
}

// TupleThetaDifference is TupleDifference for a Theta sketch b.
func TupleThetaDifference[T TupleNumber](a *Tuple[T], b *Theta) (*Tuple[T], error) {
	if b.count != len(b.hashes) {
		return nil, errThetaCut
	}
	return tupleDifference(a, b.hashes, b.theta, b.isEmpty())
}

// errTupleState is the error for a sketch that intersections make, and differences do not take.
var errTupleState = errors.New("it has no values and yet is neither empty nor an estimate, like an intersection of sketches without common values")

// stateError returns why a sketch is none of: empty, exact, an estimate, and an estimate without values. (SetOperationCornerCases.)
func stateError(empty bool, count int, theta int64) error {
	switch {
	case empty && count > 0:
		return errTupleCorrupt
	case !empty && count == 0 && theta == all:
		return errTupleState
	}
	return nil
}

func tupleDifference[T TupleNumber](a *Tuple[T], b []int64, thetaB int64, emptyB bool) (*Tuple[T], error) {
	thetaA, countA := a.thetaOrAll(), len(a.hashes)
	if err := cmp.Or(stateError(a.empty, countA, thetaA), stateError(emptyB, len(b), thetaB)); err != nil {
		return nil, err
	}
	t := &Tuple[T]{theta: thetaA}
	switch {
	case a.empty, emptyB && countA > 0:
	case countA == 0 && (emptyB || thetaB == all): // theta remains
	case countA == 0:
		t.theta = thetaB // even if it is greater
	default:
		t.theta = min(thetaA, thetaB)
	}
	if err := t.fillWithout(b, a); err != nil {
		return nil, err
	}
	t.empty = len(t.hashes) == 0 && t.theta == all
	return t, nil
}

// fillWithout takes the hashes of a that are below theta and not in b.
func (t *Tuple[T]) fillWithout(b []int64, a *Tuple[T]) error {
	table := tableFor[struct{}](len(b))
	for _, h := range b {
		if h < 0 {
			return errTupleCorrupt
		}
		if h > 0 && h < t.theta {
			table.hashes[table.find(h)] = h
		}
	}
	for i, h := range a.hashes {
		if h <= 0 {
			return errTupleCorrupt
		}
		if h < t.theta && !table.contains(h) {
			t.hashes, t.summaries = append(t.hashes, h), append(t.summaries, a.summaries[i])
		}
	}
	return nil
}
