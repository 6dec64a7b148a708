package cli

import (
	"fmt"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/parse"
)

// remedy returns the hint of an error: what to type next. For data errors it rewrites the user's own expression
// so that it returns NULL instead.
func remedy(e *sparkerr.Error) string {
	switch e.Condition {
	case "PATH_NOT_FOUND":
		if strings.Contains(e.Params["path"], "/~") {
			return "~ is not expanded within quotes and job files: write $HOME/… or the full path"
		}
		if e.Hint == "" {
			return "create the directory first; streamctl waits for files in an empty directory"
		}
	case "INVALID_ARRAY_INDEX", "INVALID_ARRAY_INDEX_IN_ELEMENT_AT", "DIVIDE_BY_ZERO", "REMAINDER_BY_ZERO", "ARITHMETIC_OVERFLOW",
		"BINARY_ARITHMETIC_OVERFLOW", "CAST_INVALID_INPUT", "CAST_OVERFLOW":
		if text := tolerant(e.Fragment); text != "" {
			return text + " returns NULL instead"
		}
	}
	if strings.HasPrefix(e.Condition, "INVALID_INTERVAL_FORMAT.") && e.Hint == "" {
		return "write a number and a unit, such as '10 minutes', '30 seconds' or '1 day'"
	}
	if e.Place != nil && e.Place.Flag != "" {
		return flagWords.Replace(e.Hint)
	}
	return e.Hint
}

// flagWords replaces words of job files in hints by the flags that mean the same.
var flagWords = strings.NewReplacer("outputMode: ", "--output-mode ", "withWatermark", "--watermark", "groupBy step", "--group-by",
	"dropDuplicatesWithinWatermark", "--drop-duplicates-within-watermark", "dropDuplicates", "--drop-duplicates", "limit: ", "--limit ")

// tolerant rewrites the failed part of an expression with the function that returns NULL, or returns "" if
// there is none.
func tolerant(f *sparkerr.Fragment) string {
	if f == nil || f.Start < 0 || f.End > len(f.Text) || f.Start >= f.End {
		return ""
	}
	text := f.Text[f.Start:f.End]
	tree, err := parse.Expression(text)
	if err != nil {
		return ""
	}
	part := func(x ast.Expr) string { return text[x.Pos().Start:x.Pos().End] }
	switch x := tree.(type) {
	case *ast.Subscript:
		return fmt.Sprintf("get(%s, %s)", part(x.X), part(x.Index))
	case *ast.Binary:
		if name, ok := tryFunctions[x.Op]; ok {
			return fmt.Sprintf("%s(%s, %s)", name, part(x.L), part(x.R))
		}
	case *ast.Cast:
		return fmt.Sprintf("try_cast(%s AS %s)", part(x.X), x.Type.SQL())
	}
	return ""
}

// tryFunctions maps operators to the functions that return NULL instead of an error.
var tryFunctions = map[string]string{"+": "try_add", "-": "try_subtract", "*": "try_multiply", "/": "try_divide", "%": "try_mod"}
