package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"unicode/utf8"
)

// recordAll appends findings to a file of the conformance corpus.
func recordAll(list []*finding, path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	out := json.NewEncoder(f)
	out.SetEscapeHTML(false)
	for _, x := range list {
		sum := sha256.Sum256(fmt.Append(nil, x.question))
		c := map[string]any{
			"id": x.Format + "-found-" + hex.EncodeToString(sum[:5]), "schema": x.Schema, "options": x.Options,
			"columns": x.want.Columns, "rows": x.want.Rows, "error": x.want.Error,
		}
		if len(x.Select) > 0 {
			c["select"] = x.Select
		}
		if utf8.Valid(x.Data) {
			c["text"] = string(x.Data)
		} else {
			c["base64"] = base64.StdEncoding.EncodeToString(x.Data)
		}
		if err := out.Encode(c); err != nil {
			return err
		}
	}
	return f.Close()
}
