package state

import (
	"errors"
	"path/filepath"
	"strconv"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/types"
)

// A schema file has the version and the JSON of the schemas of key and value. Both are divided into pieces, since a piece is at most 64 KiB: each has a
// length in 2 bytes and text in Java's variant of UTF-8. (Spark: SchemaHelper, SchemaV2Writer; Java: DataOutputStream.writeUTF.)
const (
	schemaVersion = "v2"
	oldSchema     = "v1" // one piece each, without their number
	pieceBytes    = 65535 / 3
)

// schemaPath returns the name of the schema file of a store, which is in the directory of its partition 0.
func schemaPath(dir string, operator int, store string) string {
	return filepath.Join(storePath(dir, operator, 0, store), "_metadata", "schema")
}

// storePath returns the directory of a store.
func storePath(dir string, operator, partition int, store string) string {
	path := filepath.Join(dir, strconv.Itoa(operator), strconv.Itoa(partition))
	if store == DefaultStore {
		return path
	}
	return filepath.Join(path, store)
}

func (l *Layout) schema() []byte {
	dst := appendUTF(nil, schemaVersion)
	for _, fields := range [][]types.Field{l.Key, l.Value} {
		dst = appendPieces(dst, nullable(fields).JSON())
	}
	return dst
}

// nullable returns a schema with the given fields, in which everything may be NULL, as Spark writes it.
func nullable(fields []types.Field) *types.Schema {
	return &types.Schema{Fields: types.StructOf(fields...).TextAsString().AsNullable().Fields}
}

func appendPieces(dst []byte, text string) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	n := 0
	for len(text) > 0 || n == 0 {
		end := min(len(text), pieceBytes)
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end--
		}
		dst = appendUTF(dst, text[:end])
		text = text[end:]
		n++
	}
	bigEndian.PutUint32(dst[at:], uint32(n))
	return dst
}

// appendUTF appends text in Java's variant of UTF-8: NUL takes two bytes, and other planes are pairs of surrogates.
func appendUTF(dst []byte, text string) []byte {
	at := len(dst)
	dst = append(dst, 0, 0)
	for _, r := range text {
		switch {
		case r == 0:
			dst = append(dst, 0xc0, 0x80)
		case r >= 0x10000:
			r -= 0x10000
			dst = appendSurrogate(appendSurrogate(dst, 0xd800+r>>10), 0xdc00+r&0x3ff)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	bigEndian.PutUint16(dst[at:], uint16(len(dst)-at-2))
	return dst
}

func appendSurrogate(dst []byte, r rune) []byte {
	return append(dst, byte(0xe0|r>>12), byte(0x80|r>>6&0x3f), byte(0x80|r&0x3f))
}

var errSchema = errors.New("it is not a schema of a state store")

// parseSchema returns the key and value columns in a schema file.
func parseSchema(data []byte) (key, value []types.Field, err error) {
	version, data, err := readUTF(data)
	if err != nil {
		return nil, nil, err
	}
	if version != schemaVersion && version != oldSchema {
		return nil, nil, errors.New("its version is " + strconv.Quote(version) + ": another state store or version of Spark wrote it")
	}
	var columns [2][]types.Field
	for i := range columns {
		var text string
		if text, data, err = readPieces(data, version); err != nil {
			return nil, nil, err
		}
		schema, err := types.ParseJSON([]byte(text))
		if err != nil {
			return nil, nil, err
		}
		columns[i] = schema.Fields
	}
	if len(data) > 0 {
		return nil, nil, errors.New("there is data after the schemas")
	}
	return columns[0], columns[1], nil
}

func readPieces(data []byte, version string) (string, []byte, error) {
	n := uint32(1)
	if version == schemaVersion {
		if len(data) < 4 {
			return "", nil, errSchema
		}
		n, data = bigEndian.Uint32(data), data[4:]
	}
	var text []byte
	for ; n > 0; n-- {
		piece, rest, err := readUTF(data)
		if err != nil {
			return "", nil, err
		}
		text, data = append(text, piece...), rest
	}
	return string(text), data, nil
}

func readUTF(data []byte) (string, []byte, error) {
	if len(data) < 2 || len(data)-2 < int(bigEndian.Uint16(data)) {
		return "", nil, errSchema
	}
	n := int(bigEndian.Uint16(data))
	text, err := fromJava(data[2 : 2+n])
	return text, data[2+n:], err
}

// fromJava converts Java's variant of UTF-8.
func fromJava(b []byte) (string, error) {
	var dst []byte
	for i := 0; i < len(b); {
		if r, ok := pair(b[i:]); ok {
			dst = utf8.AppendRune(dst, r)
			i += 6
			continue
		}
		if i+1 < len(b) && b[i] == 0xc0 && b[i+1] == 0x80 {
			dst = append(dst, 0)
			i += 2
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return "", errSchema
		}
		dst = append(dst, b[i:i+n]...)
		i += n
	}
	return string(dst), nil
}

// pair decodes a pair of surrogates.
func pair(b []byte) (rune, bool) {
	if len(b) < 6 {
		return 0, false
	}
	hi, lo := surrogate(b), surrogate(b[3:])
	if hi < 0xd800 || hi >= 0xdc00 || lo < 0xdc00 || lo >= 0xe000 {
		return 0, false
	}
	return 0x10000 + (hi-0xd800)<<10 + lo - 0xdc00, true
}

func surrogate(b []byte) rune {
	if b[0] != 0xed || b[1]&0xc0 != 0x80 || b[2]&0xc0 != 0x80 {
		return 0
	}
	return rune(b[0]&0xf)<<12 | rune(b[1]&0x3f)<<6 | rune(b[2]&0x3f)
}
