package function

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"strconv"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// aesFunctions encrypt and decrypt with AES.
func aesFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "aes_encrypt", Group: "misc_funcs", Usage: "aes_encrypt(expr, key[, mode[, padding[, iv[, aad]]]])",
			Doc:     "The bytes encrypted in mode GCM, CBC or ECB; if iv is missing, a random initialization vector is generated and prepended.",
			Example: "hex(aes_encrypt('Spark', '0000111122223333', 'ECB'))", Result: "348FF37EBDE05B7880BA339068FBDA5E", MinArgs: 2, MaxArgs: 6,
			Resolve: nullable(defaults(resolveAES, 2, expr.Str("GCM"), expr.Str("DEFAULT"), expr.Str(""), expr.Str(""))),
			Compile: eachTextOr(aesEncrypt),
		},
		aesDecrypting("aes_decrypt", "an error if the key or the input is invalid.", false),
		aesDecrypting("try_aes_decrypt", "NULL if the key or the input is invalid.", true),
	}
}

func aesDecrypting(name, doc string, try bool) *expr.Function {
	f := &expr.Function{
		Name: name, Group: "misc_funcs", Usage: name + "(expr, key[, mode[, padding[, aad]]])", Doc: "The decrypted output of aes_encrypt; " + doc,
		Example: "decode(" + name + "(aes_encrypt('Spark', '0000111122223333'), '0000111122223333'), 'UTF-8')", Result: "Spark",
		MinArgs: 2, MaxArgs: 5, Resolve: nullable(defaults(resolveAES, 2, expr.Str("GCM"), expr.Str("DEFAULT"), expr.Str(""))),
		Compile: eachRow(func(r *row) error {
			plain, err := aesDecrypt(r)
			switch {
			case err == nil:
				r.setBytes(plain)
			case try:
				r.setNull()
				return nil
			}
			return err
		}),
	}
	if try {
		return catching(f)
	}
	return f
}

func resolveAES(call *expr.Expr) error {
	return returns(types.Binary, coerce.Binary, coerce.Binary, coerce.String, coerce.String, coerce.Binary)(call)
}

// aesMode checks the mode and the padding and returns the mode.
func aesMode(r *row, function string) (string, error) {
	mode, padding := r.keyword(2), r.keyword(3)
	switch mode + " " + padding {
	case "ECB PKCS", "ECB DEFAULT", "CBC PKCS", "CBC DEFAULT", "GCM NONE", "GCM DEFAULT":
		return mode, nil
	}
	return "", sparkerr.New("UNSUPPORTED_FEATURE.AES_MODE", "mode", string(r.text(2)), "padding", string(r.text(3)), "functionName", "`"+function+"`")
}

func aesBlock(r *row, function string) (cipher.Block, error) {
	block, err := aes.NewCipher(r.text(1))
	if err != nil {
		return nil, sparkerr.New("INVALID_PARAMETER_VALUE.AES_KEY_LENGTH", "parameter", "`key`", "functionName", "`"+function+"`",
			"actualLength", strconv.Itoa(len(r.text(1))))
	}
	return block, nil
}

func aesEncrypt(r *row, dst []byte) ([]byte, error) {
	block, err := aesBlock(r, "aes_encrypt")
	if err != nil {
		return nil, err
	}
	mode, err := aesMode(r, "aes_encrypt")
	if err != nil {
		return nil, err
	}
	iv, aad := r.text(4), r.text(5)
	size := map[string]int{"CBC": aes.BlockSize, "GCM": 12}[mode]
	switch {
	case mode == "ECB" && len(iv) > 0:
		return nil, sparkerr.New("UNSUPPORTED_FEATURE.AES_MODE_IV", "mode", mode, "functionName", "`aes_encrypt`")
	case mode != "GCM" && len(aad) > 0:
		return nil, sparkerr.New("UNSUPPORTED_FEATURE.AES_MODE_AAD", "mode", mode, "functionName", "`aes_encrypt`")
	case len(iv) == 0:
		iv = make([]byte, size)
		_, _ = rand.Read(iv)
	case len(iv) != size:
		return nil, sparkerr.New("INVALID_PARAMETER_VALUE.AES_IV_LENGTH", "parameter", "`iv`", "functionName", "`aes_encrypt`",
			"mode", mode, "actualLength", strconv.Itoa(len(iv)))
	}
	dst = append(dst, iv...)
	if mode == "GCM" {
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		return gcm.Seal(dst, iv, r.text(0), aad), nil
	}
	start := len(dst)
	missing := aes.BlockSize - len(r.text(0))%aes.BlockSize
	dst = append(append(dst, r.text(0)...), bytes.Repeat([]byte{byte(missing)}, missing)...)
	if mode == "CBC" {
		cbc := cipher.NewCBCEncrypter(block, iv)
		for piece := range r.Chunks(dst[start:], aes.BlockSize) {
			cbc.CryptBlocks(piece, piece)
		}
		return dst, nil
	}
	for b := dst[start:]; len(b) > 0; b = b[aes.BlockSize:] {
		r.Take(1)
		block.Encrypt(b, b)
	}
	return dst, nil
}

var errPadding = errors.New("the input is not padded correctly")

func aesDecrypt(r *row) ([]byte, error) {
	block, err := aesBlock(r, "aes_decrypt")
	if err != nil {
		return nil, err
	}
	mode, err := aesMode(r, "aes_decrypt")
	if err != nil {
		return nil, err
	}
	aad := r.text(4)
	if mode != "GCM" && len(aad) > 0 {
		return nil, sparkerr.New("UNSUPPORTED_FEATURE.AES_MODE_AAD", "mode", mode, "functionName", "`aes_decrypt`")
	}
	plain, err := aesOpen(&r.Steps, block, mode, r.text(0), aad)
	if err != nil {
		return nil, sparkerr.New("INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR", "parameter", "`expr`, `key`", "functionName", "`aes_encrypt`/`aes_decrypt`",
			"detailMessage", err.Error())
	}
	return plain, nil
}

func aesOpen(steps *halt.Steps, block cipher.Block, mode string, input, aad []byte) ([]byte, error) {
	if mode == "GCM" {
		gcm, err := cipher.NewGCM(block)
		if err != nil || len(input) < gcm.NonceSize() {
			return nil, errPadding
		}
		return gcm.Open(nil, input[:gcm.NonceSize()], input[gcm.NonceSize():], aad)
	}
	if len(input)%aes.BlockSize != 0 || len(input) < aes.BlockSize {
		return nil, errPadding
	}
	plain := bytes.Clone(input)
	if mode == "CBC" {
		plain = plain[aes.BlockSize:]
		cbc := cipher.NewCBCDecrypter(block, input[:aes.BlockSize])
		for piece := range steps.Chunks(plain, aes.BlockSize) {
			cbc.CryptBlocks(piece, piece)
		}
	} else {
		for b := plain; len(b) > 0; b = b[aes.BlockSize:] {
			steps.Take(1)
			block.Decrypt(b, b)
		}
	}
	if len(plain) == 0 {
		return nil, errPadding
	}
	missing := int(plain[len(plain)-1])
	if missing < 1 || missing > aes.BlockSize || !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(missing)}, missing)) {
		return nil, errPadding
	}
	return plain[:len(plain)-missing], nil
}
