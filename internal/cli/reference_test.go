package cli

import (
	"strings"
	"testing"
)

func TestTheReferenceHasAllTables(t *testing.T) {
	a, _, _ := testApp()
	pages := referencePages(a.rootCommand())
	for name, parts := range map[string][]string{
		"commands.md":    {"## streamctl checkpoint state", "| `--with-column NAME=EXPR` |", "## Flags for Apache Spark", "| `--executor-memory MEM` |", "| `--log-level string` |"},
		"formats.md":     {"## csv: source", "## parquet: sink", "| `nullValue` | text of NULL |"},
		"conditions.md":  {"| `DIVIDE_BY_ZERO` | 22012 |"},
		"exit-codes.md":  {"75   another run"},
		"job-file.md":    {"checkpointLocation: ckpt/upper"},
		"environment.md": {"XDG_CONFIG_HOME"},
	} {
		for _, part := range parts {
			if !strings.Contains(pages[name], part) {
				t.Errorf("%s has no %s", name, part)
			}
		}
	}
	if strings.Contains(pages["conditions.md"], "_LEGACY") {
		t.Error("names that mean nothing are listed")
	}
}

func TestMarkupOfMarkdownIsEscaped(t *testing.T) {
	if got, want := literal("a|b *c* d_e <f> [g] `h`"), "a\\|b \\*c\\* d\\_e &lt;f> \\[g] \\`h\\`"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
