package sketch

import (
	"cmp"
	"errors"
	"slices"
)

// A Theta counts different values approximately, as the compact sketches of Apache DataSketches: it has the hashes of the values below theta, and
// theta is the share of all hashes that are below it. It does not change.
type Theta struct {
	hashes []int64
	count  int // of hashes; differs from their number only in foreign bytes that lack some
	theta  int64
	empty  bool
	sorted bool // so the sketch says; if foreign bytes are not, set operations overlook hashes, as in Spark
	single bool // one hash, which is added wherever theta is
	plain  bool // foreign bytes that are not packed: without hashes and with all as theta, they are empty without saying so
	seed   uint16
}

// seedHash identifies the seed of the hashes.
const seedHash = 0x93cc

func emptyTheta() *Theta { return &Theta{theta: all, empty: true, sorted: true} }

// newTheta returns the sketch of sorted hashes. (CompactOperations.componentsToCompact.)
func newTheta(hashes []int64, theta int64, empty bool) *Theta {
	if empty || len(hashes) == 0 && theta == all {
		return emptyTheta()
	}
	return &Theta{hashes: hashes, count: len(hashes), theta: theta, sorted: true, single: len(hashes) == 1 && theta == all, seed: seedHash}
}

// Estimate returns the approximate number of different values.
func (t *Theta) Estimate() float64 { return float64(t.count) * (float64(all) / float64(t.theta)) }

func (t *Theta) isEmpty() bool { return t.empty || t.plain && t.count == 0 && t.theta == all }

// Errors of set operations on foreign bytes that pass for a sketch.
var (
	errThetaCut     = errors.New("it is cut off")
	errThetaSeed    = errors.New("it has hashes with another seed than Spark's")
	errThetaCorrupt = errors.New("it is damaged")
)

// operable returns why a sketch that is not empty cannot be part of a set operation.
func (t *Theta) operable() error {
	switch {
	case t.seed != seedHash:
		return errThetaSeed
	case t.count != len(t.hashes):
		return errThetaCut
	}
	return nil
}

// A ThetaUpdate is a Theta sketch to which values are added.
type ThetaUpdate struct{ quickSelect[struct{}] }

// NewThetaUpdate returns an empty sketch with 1<<lgK nominal entries.
func NewThetaUpdate(lgK int) *ThetaUpdate { return &ThetaUpdate{newQuickSelect[struct{}](lgK)} }

// Bytes returns the size of the sketch in memory.
func (u *ThetaUpdate) Bytes() int { return u.table.bytes() }

// Add adds a value by its bytes. Empty ones are ignored.
func (u *ThetaUpdate) Add(b []byte) {
	if len(b) > 0 {
		u.addHash(hashOf(b))
	}
}

// Compact returns the sketch, with at most the nominal entries if trimmed.
func (u *ThetaUpdate) Compact(trimmed bool) *Theta {
	if trimmed && u.count > 1<<u.lgK {
		u.trim()
	}
	hashes := u.retained(make([]int64, 0, u.count))
	slices.Sort(hashes)
	return newTheta(hashes, u.theta, u.empty)
}

// A ThetaUnion unites Theta sketches.
type ThetaUnion struct {
	gadget quickSelect[struct{}]
	theta  int64 // the least of the sketches
	some   bool  // there was a sketch that is not empty
}

// NewThetaUnion returns an empty union with 1<<lgK nominal entries.
func NewThetaUnion(lgK int) *ThetaUnion {
	return &ThetaUnion{gadget: newQuickSelect[struct{}](lgK), theta: all}
}

// Bytes returns the size of the union in memory.
func (u *ThetaUnion) Bytes() int { return u.gadget.table.bytes() }

// Add adds a sketch. The error says why it cannot. (UnionImpl.union.)
func (u *ThetaUnion) Add(t *Theta) error {
	if t.isEmpty() {
		return nil
	}
	if err := t.operable(); err != nil {
		return err
	}
	if t.single {
		if t.hashes[0] < 0 {
			return errThetaCorrupt
		}
		u.gadget.addHash(t.hashes[0])
		return nil
	}
	u.some = true
	u.theta = min(u.theta, t.theta, u.gadget.theta)
	for _, h := range t.hashes {
		if h >= u.theta && t.sorted {
			break
		}
		if h >= u.theta || h < 0 && !t.sorted {
			continue
		}
		if h < 0 {
			return errThetaCorrupt
		}
		u.gadget.addHash(h)
	}
	u.theta = min(u.theta, u.gadget.theta)
	return nil
}

// Result returns the union. (UnionImpl.getResult.)
func (u *ThetaUnion) Result() *Theta {
	theta := min(u.theta, u.gadget.theta)
	hashes := u.gadget.retained(make([]int64, 0, u.gadget.count))
	if k := 1 << u.gadget.lgK; len(hashes) > k {
		theta = min(theta, nth(hashes, k))
	}
	slices.Sort(hashes)
	n, _ := slices.BinarySearch(hashes, theta)
	return newTheta(hashes[:n], theta, u.gadget.empty && !u.some)
}

// A ThetaIntersection intersects Theta sketches. Before the first one, it is the universal set.
type ThetaIntersection struct {
	hashes []int64
	theta  int64
	empty  bool
	some   bool // there was a sketch
}

// NewThetaIntersection returns an intersection of no sketches.
func NewThetaIntersection() *ThetaIntersection { return &ThetaIntersection{theta: all} }

// Bytes returns the size of the intersection in memory.
func (x *ThetaIntersection) Bytes() int { return 8 * len(x.hashes) }

// Add adds a sketch. The error says why it cannot. (IntersectionImpl.intersect.)
func (x *ThetaIntersection) Add(t *Theta) error {
	if x.empty || t.isEmpty() {
		*x = ThetaIntersection{theta: all, empty: true, some: true}
		return nil
	}
	if err := t.operable(); err != nil {
		return err
	}
	first := !x.some
	x.some = true
	x.theta = min(x.theta, t.theta)
	switch {
	case first:
		return x.start(t)
	case len(x.hashes) > 0:
		return x.intersect(t)
	}
	return nil
}

func (x *ThetaIntersection) start(t *Theta) error {
	for _, h := range t.hashes {
		if h <= 0 || h >= x.theta {
			return errThetaCorrupt
		}
	}
	x.hashes = slices.Clone(t.hashes)
	return nil
}

func (x *ThetaIntersection) intersect(t *Theta) error {
	table := tableFor[struct{}](len(x.hashes))
	for _, h := range x.hashes {
		table.hashes[table.find(h)] = h
	}
	common := x.hashes[:0]
	for _, h := range t.hashes {
		if h >= x.theta && t.sorted {
			break
		}
		if h >= x.theta || h <= 0 && !t.sorted {
			continue
		}
		if h == 0 {
			return errThetaCorrupt
		}
		if !table.contains(h) {
			continue
		}
		if len(common) == min(len(x.hashes), len(t.hashes)) {
			return errThetaCorrupt
		}
		common = append(common, h)
	}
	x.hashes, x.empty = common, len(common) == 0 && x.theta == all
	return nil
}

// HasResult reports whether there was a sketch.
func (x *ThetaIntersection) HasResult() bool { return x.some }

// Result returns the intersection; without a sketch, an empty one.
func (x *ThetaIntersection) Result() *Theta {
	hashes := slices.Clone(x.hashes)
	slices.Sort(hashes)
	return newTheta(hashes, x.theta, x.empty || !x.some)
}

// ThetaDifference returns the sketch of the values of a that b does not have. The error says why there is none. (AnotBimpl.aNotB.)
func ThetaDifference(a, b *Theta) (*Theta, error) {
	if a.isEmpty() {
		return a.settled()
	}
	if a.seed != seedHash {
		return nil, errThetaSeed
	}
	if b.isEmpty() {
		return a.settled()
	}
	if err := cmp.Or(a.operable(), b.operable()); err != nil {
		return nil, err
	}
	theta := min(a.theta, b.theta)
	if theta <= 0 {
		return nil, errThetaCorrupt
	}
	table := tableFor[struct{}](len(b.hashes))
	for _, h := range b.hashes {
		if h < 0 {
			return nil, errThetaCorrupt
		}
		if h > 0 && h < theta {
			table.hashes[table.find(h)] = h
		}
	}
	hashes := make([]int64, 0, len(a.hashes))
	for _, h := range a.hashes {
		if h != 0 && h < theta && !table.contains(h) {
			hashes = append(hashes, h)
		}
	}
	slices.Sort(hashes)
	return newTheta(hashes, theta, false).settled()
}

// settled returns the sketch as the result of an operation, which is written as sorted even if foreign bytes were not.
func (t *Theta) settled() (*Theta, error) {
	if t.count != len(t.hashes) {
		return nil, errThetaCut
	}
	c := *t
	if c.sorted = true; c.packed() && len(c.hashes) >= 8 && c.entryBits()%64 == 0 {
		return nil, errThetaCorrupt // DataSketches packs eight differences of 1 to 63 bits
	}
	return &c, nil
}
