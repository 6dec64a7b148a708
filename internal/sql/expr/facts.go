package expr

import (
	"hash/maphash"
	"math"
	"sync/atomic"
	"unsafe"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// facts caches properties that planning asks of a node repeatedly. They depend on the whole tree below the node, and are
// computed once from the facts of the operands. Otherwise each question would walk the tree, and planning would be quadratic
// in the depth of an expression.
//
// The node stores them in an atomic pointer, since workers compile a plan concurrently. Resolve replaces the operands of the
// node passed to it, and rewrites copy nodes: facts are valid only for the node and operands they were computed for.
type facts struct {
	of   *Expr
	args []*Expr
	fn   *Function

	hash          uint64
	size          int32 // nodes of the tree, shared nodes counted for each occurrence; at most maxSize
	height        int32
	deterministic bool
	constant      bool
	foldable      bool
}

// maxSize is the limit of counting the nodes of a tree.
const maxSize = 1 << 30

// Size returns the number of nodes of the tree, at most 1 << 30. Shared nodes count for each occurrence, so the size is the
// work of visiting the whole tree.
func (e *Expr) Size() int { return int(e.known().size) }

// Height returns the number of nodes on the longest path downwards.
func (e *Expr) Height() int { return int(e.known().height) }

// known returns the facts of e.
func (e *Expr) known() *facts {
	if f := (*facts)(atomic.LoadPointer(&e.facts)); f != nil && f.of == e && f.fn == e.Fn && sameSlice(f.args, e.Args) {
		return f
	}
	f := &facts{
		of: e, args: e.Args, fn: e.Fn, size: 1,
		deterministic: e.Kind != Call || !e.Fn.Nondeterministic,
		constant:      e.Kind != Column && e.Kind != LambdaVar && e.Kind != Lambda && (e.Kind != Call || !e.Fn.Nondeterministic && !e.Fn.Generator && !e.Fn.Aggregate && !e.Fn.Query),
	}
	f.foldable = f.constant
	operands := uint64(0)
	for _, a := range e.Args {
		x := a.known()
		f.size = int32(min(int64(f.size)+int64(x.size), maxSize))
		f.height = max(f.height, x.height)
		f.deterministic = f.deterministic && x.deterministic
		f.constant = f.constant && x.constant
		f.foldable = f.foldable && x.foldable
		operands += x.hash // independent of the order of operands
	}
	f.height++
	f.foldable = f.foldable && (e.Kind != Call || e.Fn.Foldable == nil || e.Fn.Foldable(e))
	f.hash = e.hash(operands)
	atomic.StorePointer(&e.facts, unsafe.Pointer(f))
	return f
}

func sameSlice(a, b []*Expr) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// hash combines a node with the hashes of its operands. An alias has the hash of the expression it names.
func (e *Expr) hash(operands uint64) uint64 {
	if e.Kind == Alias {
		return operands
	}
	d := digest{kind: e.Kind, id: e.ID, index: e.Index, args: operands}
	if e.Type != nil { // an unbound lambda has no type
		d.typ = e.Type.Kind
	}
	switch e.Kind {
	case Call:
		d.name, _ = turn(e.Fn.Name)
	case Literal:
		d.args = valueHash(e.Value, 0)
	}
	return maphash.Comparable(seed, d)
}

// valueHash returns the same value for rows that kernel.Compare considers equal. Different values should have different
// hashes: otherwise an expression with thousands of literals compares each of them with all others.
func valueHash(v *vector.Vector, i int) uint64 {
	if v.IsNull(i) {
		return 1
	}
	switch i = v.At(i); v.Type.Kind {
	case types.KindBoolean:
		return maphash.Comparable(seed, v.Bool[i])
	case types.KindByte:
		return uint64(v.I8[i])
	case types.KindShort:
		return uint64(v.I16[i])
	case types.KindInt, types.KindDate, types.KindYearMonth:
		return uint64(v.I32[i])
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		return uint64(v.I64[i])
	case types.KindFloat:
		return floatHash(float64(v.F32[i]))
	case types.KindDouble:
		return floatHash(v.F64[i])
	case types.KindDecimal:
		return maphash.Comparable(seed, v.Dec[i])
	case types.KindInterval:
		return maphash.Comparable(seed, v.Cal[i])
	case types.KindArray, types.KindMap:
		return listHash(v, v.Views[i])
	case types.KindStruct:
		h := uint64(0)
		for _, c := range v.Children {
			h = h*31 + valueHash(c, i)
		}
		return h
	}
	return maphash.Bytes(seed, v.Bytes(i))
}

func listHash(v *vector.Vector, items vector.View) uint64 {
	h := uint64(items.Len)
	for k := range int(items.Len) {
		for _, c := range v.Children {
			h = h*31 + valueHash(c, int(items.Off)+k)
		}
	}
	return h
}

// floatHash returns the same value for both zeros, and for all NaNs.
func floatHash(x float64) uint64 {
	switch {
	case x == 0:
		return 0
	case x != x:
		return 2
	}
	return math.Float64bits(x)
}

// A digest summarises one node.
type digest struct {
	kind  Kind
	typ   types.Kind
	name  string
	id    ID
	index int
	args  uint64
}

var seed = maphash.MakeSeed()
