package function

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	digests "hash"
	"hash/crc32"
	"strings"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/hash"
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
			Example: "hash('Spark', array(123), 2)", Result: "-1321691492", MinArgs: 1, MaxArgs: -1, Operands: seesNulls,
			Resolve: resolveHash(types.Int), Compile: compileMurmur3,
		},
		{
			Name: "xxhash64", Group: "hash_funcs", Usage: "xxhash64(expr1, expr2, ...)", Doc: "A 64-bit hash of the values (xxHash).",
			Example: "xxhash64('Spark', array(123), 2)", Result: "5602566077635097486", MinArgs: 1, MaxArgs: -1, Operands: seesNulls,
			Resolve: resolveHash(types.Long), Compile: eachLong(func(r *row) int64 { return int64(hashRow(r, hash.XXHash64)) }),
		},
	}
}

// compileMurmur3 hashes a single column of numbers, such as the keys of an exchange, in one loop.
func compileMurmur3(call *expr.Expr) (expr.Kernel, error) {
	each, err := eachInt(func(r *row) int { return int(int32(hashRow(r, hash.Murmur3))) })(call)
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		if v := args[0]; len(args) == 1 && sel == nil && v.Type.Kind == types.KindLong && v.Valid == nil && !v.IsConst() {
			hash.Murmur3Longs(out.I32, v.I64[:n], hash.Seed)
			return nil
		}
		return each(ctx, n, sel, args, out)
	}, err
}

func digest(name string, aliases []string, doc, result string, algorithm func() digests.Hash) *expr.Function {
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
	digests.Hash
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

var sha2Algorithms = map[int]func() digests.Hash{224: sha256.New224, 256: sha256.New, 384: sha512.New384, 512: sha512.New}

var hmacAlgorithms = map[string]func() digests.Hash{
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

func hashRow(r *row, h *hash.Algorithm) uint64 {
	seed := uint64(hash.Seed)
	for _, v := range r.args {
		seed = h.Value(&r.Steps, v, r.i, seed)
	}
	return seed
}
