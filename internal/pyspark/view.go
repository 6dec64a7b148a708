package pyspark

import (
	"strings"

	"github.com/streamctl/streamctl/internal/lex"
)

// quoteView puts the name of the view stream in backticks, where a query reads from it. Spark takes `FROM stream s` for its keyword STREAM
// and a table s.
func quoteView(query string) string {
	c, err := lex.New(query)
	if err != nil {
		return query
	}
	var out strings.Builder
	copied := 0
	for reads := false; ; {
		t := c.Next()
		if t.Kind == lex.End {
			break
		}
		if next := c.Peek(); reads && t.Kind == lex.Word && t.Is("STREAM") && !next.Is("STREAM") && !next.Is("(") {
			out.WriteString(query[copied:t.Start] + "`" + query[t.Start:t.End] + "`")
			copied = t.End
		}
		reads = t.Is("FROM") || t.Is("JOIN")
	}
	out.WriteString(query[copied:])
	return out.String()
}
