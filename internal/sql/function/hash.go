package function

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"math"
	"math/bits"
	"strings"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// hashFunctions compute digests of binary data and hashes of any values.
func hashFunctions() []*expr.Function {
	return []*expr.Function{
		digest("md5", nil, "The MD5 digest in hexadecimal.", "8cde774d6f7333752ed72cacddb05126", md5.New),
		digest("sha1", []string{"sha"}, "The SHA-1 digest in hexadecimal.", "85f5955f4b27a9a4c2aab6ffe5d7189fc298b92c", sha1.New),
		{
			Name: "sha2", Group: "hash_funcs", Usage: "sha2(expr, bitLength)",
			Doc:     "The SHA-2 digest of 224, 256 (also 0), 384 or 512 bits in hexadecimal; NULL for other lengths.",
			Example: "sha2('Spark', 256)", Result: "529bc3b07127ecb7e53a4dcf1991d9152c24537d919178022b2c42657f79a26b", MinArgs: 2, MaxArgs: 2,
			Resolve: nullable(returns(types.String, coerce.Binary, coerce.Int)), Compile: compileSHA2,
		},
		{
			Name: "crc32", Group: "hash_funcs", Usage: "crc32(expr)", Doc: "The cyclic redundancy check as a bigint.", Example: "crc32('Spark')", Result: "1557323817",
			MinArgs: 1, MaxArgs: 1, Resolve: returns(types.Long, coerce.Binary),
			Compile: eachLong(func(r *row) int64 {
				sum := uint32(0)
				for piece := range r.Chunks(r.text(0), 1) {
					sum = crc32.Update(sum, crc32.IEEETable, piece)
				}
				return int64(sum)
			}),
		},
		{
			Name: "hmac", Group: "misc_funcs", Usage: "hmac(key, message[, algorithm])",
			Doc:     "The HMAC of a message, with SHA-256 by default, or MD5, SHA1, SHA-224, SHA-384 or SHA-512.",
			Example: "hex(hmac('key', 'message', 'MD5'))", Result: "4E4748E62B463521F6775FBF921234B5", MinArgs: 2, MaxArgs: 3,
			Resolve: defaults(nullable(returns(types.Binary, coerce.Binary, coerce.Binary, coerce.String)), 2, expr.Str("SHA-256")), Compile: eachRow(keyedDigest),
		},
		{
			Name: "hash", Group: "hash_funcs", Usage: "hash(expr1, expr2, ...)", Doc: "A 32-bit hash of the values (Murmur3).",
			Example: "hash('Spark', array(123), 2)", Result: "-1321691492", MinArgs: 1, MaxArgs: -1, SeesNulls: true,
			Resolve: resolveHash(types.Int), Compile: eachInt(func(r *row) int { return int(int32(hashRow(r, murmur3))) }),
		},
		{
			Name: "xxhash64", Group: "hash_funcs", Usage: "xxhash64(expr1, expr2, ...)", Doc: "A 64-bit hash of the values (xxHash).",
			Example: "xxhash64('Spark', array(123), 2)", Result: "5602566077635097486", MinArgs: 1, MaxArgs: -1, SeesNulls: true,
			Resolve: resolveHash(types.Long), Compile: eachLong(func(r *row) int64 { return int64(hashRow(r, xxHash)) }),
		},
	}
}

func digest(name string, aliases []string, doc, result string, algorithm func() hash.Hash) *expr.Function {
	return &expr.Function{
		Name: name, Aliases: aliases, Group: "hash_funcs", Usage: name + "(expr)", Doc: doc, Example: name + "('Spark')", Result: result,
		MinArgs: 1, MaxArgs: 1, Resolve: returns(types.String, coerce.Binary),
		Compile: func(call *expr.Expr) (expr.Kernel, error) {
			d := digester{Hash: algorithm()}
			return eachText(func(r *row, dst []byte) []byte { return d.appendDigest(&r.Steps, dst, r.text(0)) })(call)
		},
	}
}

// A digester is the state of a digest algorithm, reused for all rows.
type digester struct {
	hash.Hash
	sum []byte
}

// appendDigest appends the digest of b in hexadecimal.
func (d *digester) appendDigest(steps *halt.Steps, dst, b []byte) []byte {
	d.Reset()
	for piece := range steps.Chunks(b, 1) {
		d.Write(piece)
	}
	d.sum = d.Sum(d.sum[:0])
	return hex.AppendEncode(dst, d.sum)
}

// compileSHA2 keeps the states of the algorithms in use.
func compileSHA2(*expr.Expr) (expr.Kernel, error) {
	states := map[int]*digester{}
	return rowKernel(func(r *row) error {
		length := r.int(1)
		if length == 0 {
			length = 256
		}
		algorithm := sha2Algorithms[length]
		if algorithm == nil {
			r.setNull()
			return nil
		}
		if states[length] == nil {
			states[length] = &digester{Hash: algorithm()}
		}
		start := len(r.out.Data)
		r.out.Data = states[length].appendDigest(&r.Steps, r.out.Data, r.text(0))
		r.out.CloseBytes(r.i, start)
		return nil
	}), nil
}

var sha2Algorithms = map[int]func() hash.Hash{224: sha256.New224, 256: sha256.New, 384: sha512.New384, 512: sha512.New}

var hmacAlgorithms = map[string]func() hash.Hash{
	"MD5": md5.New, "SHA1": sha1.New, "SHA224": sha256.New224, "SHA256": sha256.New, "SHA384": sha512.New384, "SHA512": sha512.New,
}

func keyedDigest(r *row) error {
	algorithm := hmacAlgorithms[strings.ReplaceAll(r.keyword(2), "-", "")]
	if algorithm == nil {
		return sparkerr.New("INVALID_PARAMETER_VALUE.HMAC_ALGORITHM", "parameter", "`algorithm`", "functionName", "`hmac`",
			"invalidValue", "'"+string(r.text(2))+"'")
	}
	if len(r.text(0)) == 0 { // Java's key must not be empty
		return sparkerr.New("INVALID_PARAMETER_VALUE.HMAC_CRYPTO_ERROR", "parameter", "`key`", "functionName", "`hmac`", "detailMessage", "Empty key")
	}
	h := hmac.New(algorithm, r.text(0))
	for piece := range r.Chunks(r.text(1), 1) {
		h.Write(piece)
	}
	r.setBytes(h.Sum(nil))
	return nil
}

// resolveHash rejects types whose parts have no defined order.
func resolveHash(t *types.Type) resolver {
	return func(call *expr.Expr) error {
		for _, a := range call.Args {
			switch {
			case holds(a.Type, types.KindMap):
				return coerce.Mismatch(call, "HASH_MAP_TYPE", "functionName", "`"+call.Fn.Name+"`")
			case holds(a.Type, types.KindVariant):
				return coerce.Mismatch(call, "HASH_VARIANT_TYPE", "functionName", "`"+call.Fn.Name+"`")
			}
		}
		call.Type, call.Nullable = t, false
		return nil
	}
}

// holds reports whether a type, or a type nested in it, is of a kind.
func holds(t *types.Type, kind types.Kind) bool {
	if t.Kind == kind || t.Elem != nil && holds(t.Elem, kind) || t.Key != nil && holds(t.Key, kind) {
		return true
	}
	for _, f := range t.Fields {
		if holds(f.Type, kind) {
			return true
		}
	}
	return false
}

// A hasher updates a hash, passed as seed, with a value.
type hasher struct {
	int   func(v int32, seed uint64) uint64
	long  func(v int64, seed uint64) uint64
	bytes func(b []byte, seed uint64) uint64
}

var (
	murmur3 = &hasher{murmurInt, murmurLong, murmurBytes}
	xxHash  = &hasher{xxInt, xxLong, xxBytes}
)

func hashRow(r *row, h *hasher) uint64 {
	seed := uint64(42)
	for _, v := range r.args {
		seed = h.value(&r.Steps, v, r.i, seed)
	}
	return seed
}

// value updates the hash with row i of v; NULL leaves it unchanged. (Spark: HashExpression.)
func (h *hasher) value(steps *halt.Steps, v *vector.Vector, i int, seed uint64) uint64 {
	if v.IsNull(i) {
		return seed
	}
	at := v.At(i)
	switch v.Type.Kind {
	case types.KindBoolean:
		if v.Bool[at] {
			return h.int(1, seed)
		}
		return h.int(0, seed)
	case types.KindByte:
		return h.int(int32(v.I8[at]), seed)
	case types.KindShort:
		return h.int(int32(v.I16[at]), seed)
	case types.KindInt, types.KindDate, types.KindYearMonth:
		return h.int(v.I32[at], seed)
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		return h.long(v.I64[at], seed)
	case types.KindFloat:
		return h.int(int32(math.Float32bits(canonical(v.F32[at]))), seed)
	case types.KindDouble:
		return h.long(int64(math.Float64bits(canonical(v.F64[at]))), seed)
	case types.KindDecimal:
		return h.decimal(v.Dec[at], v.Type.Precision, seed)
	case types.KindInterval:
		c := v.Cal[at]
		return h.int(c.Months, h.int(c.Days, h.long(c.Micros, seed)))
	case types.KindArray:
		w := v.Views[at]
		for j := range int(w.Len) {
			steps.Take(1)
			seed = h.value(steps, v.Children[0], int(w.Off)+j, seed)
		}
		return seed
	case types.KindStruct:
		for _, c := range v.Children {
			seed = h.value(steps, c, at, seed)
		}
		return seed
	case types.KindVoid:
		return seed
	}
	return h.bytes(v.Bytes(i), seed)
}

// canonical maps all zeros to one zero and all NaNs to one NaN.
func canonical[T float32 | float64](x T) T {
	switch {
	case x == 0:
		return 0
	case x != x:
		return T(math.Float64frombits(0x7FF8 << 48)) // Java's NaN
	}
	return x
}

// decimal hashes the unscaled value; for a long decimal, as the shortest big-endian bytes.
func (h *hasher) decimal(v decimal.Int128, precision int, seed uint64) uint64 {
	if precision <= 18 {
		return h.long(int64(v.Lo), seed)
	}
	b := make([]byte, 0, 16)
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(v.Hi>>shift))
	}
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(v.Lo>>shift))
	}
	for len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xFF && b[1] >= 0x80) {
		b = b[1:]
	}
	return h.bytes(b, seed)
}

func murmurInt(v int32, seed uint64) uint64 {
	return murmurEnd(murmurMix(uint32(seed), uint32(v)), 4)
}

func murmurLong(v int64, seed uint64) uint64 {
	return murmurEnd(murmurMix(murmurMix(uint32(seed), uint32(v)), uint32(v>>32)), 8)
}

// murmurBytes hashes each byte after the last group of four as a separate number, unlike standard Murmur3.
func murmurBytes(b []byte, seed uint64) uint64 {
	h, n := uint32(seed), len(b)
	for ; len(b) >= 4; b = b[4:] {
		h = murmurMix(h, binary.LittleEndian.Uint32(b))
	}
	for _, c := range b {
		h = murmurMix(h, uint32(int8(c)))
	}
	return murmurEnd(h, uint32(n))
}

func murmurMix(h, k uint32) uint32 {
	k = bits.RotateLeft32(k*0xcc9e2d51, 15) * 0x1b873593
	return bits.RotateLeft32(h^k, 13)*5 + 0xe6546b64
}

func murmurEnd(h, length uint32) uint64 {
	h ^= length
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return uint64(h ^ h>>16)
}

const (
	prime1 uint64 = 0x9E3779B185EBCA87
	prime2 uint64 = 0xC2B2AE3D27D4EB4F
	prime3 uint64 = 0x165667B19E3779F9
	prime4 uint64 = 0x85EBCA77C2B2AE63
	prime5 uint64 = 0x27D4EB2F165667C5
)

func xxInt(v int32, seed uint64) uint64 {
	return xxEnd(xxFour(seed+prime5+4, uint32(v)))
}

func xxLong(v int64, seed uint64) uint64 {
	return xxEnd(xxEight(seed+prime5+8, uint64(v)))
}

func xxFour(h uint64, v uint32) uint64 {
	return bits.RotateLeft64(h^uint64(v)*prime1, 23)*prime2 + prime3
}

func xxEight(h, v uint64) uint64 {
	return bits.RotateLeft64(h^xxRound(0, v), 27)*prime1 + prime4
}

func xxRound(acc, v uint64) uint64 { return bits.RotateLeft64(acc+v*prime2, 31) * prime1 }

func xxBytes(b []byte, seed uint64) uint64 {
	n := uint64(len(b))
	h := seed + prime5
	if len(b) >= 32 {
		h, b = xxStripes(b, seed)
	}
	h += n
	for ; len(b) >= 8; b = b[8:] {
		h = xxEight(h, binary.LittleEndian.Uint64(b))
	}
	if len(b) >= 4 {
		h = xxFour(h, binary.LittleEndian.Uint32(b))
		b = b[4:]
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*prime5, 11) * prime1
	}
	return xxEnd(h)
}

func xxStripes(b []byte, seed uint64) (uint64, []byte) {
	acc := [4]uint64{seed + prime1 + prime2, seed + prime2, seed, seed - prime1}
	for ; len(b) >= 32; b = b[32:] {
		for i := range acc {
			acc[i] = xxRound(acc[i], binary.LittleEndian.Uint64(b[8*i:]))
		}
	}
	h := bits.RotateLeft64(acc[0], 1) + bits.RotateLeft64(acc[1], 7) + bits.RotateLeft64(acc[2], 12) + bits.RotateLeft64(acc[3], 18)
	for _, a := range acc {
		h = (h^xxRound(0, a))*prime1 + prime4
	}
	return h, b
}

func xxEnd(h uint64) uint64 {
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}
