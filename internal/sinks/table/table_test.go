package table

import (
	"strings"
	"testing"
)

func draw(t *testing.T, header []string, rows [][]string, truncate int) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, header, rows, truncate, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteKeepsEveryCellAsItIs(t *testing.T) {
	for name, c := range map[string]struct {
		header   []string
		rows     [][]string
		truncate int
		want     string
	}{
		"right aligned":  {[]string{"n", "v"}, [][]string{{"x", "1"}}, 20, "+---+---+\n|  n|  v|\n+---+---+\n|  x|  1|\n+---+---+\n"},
		"left aligned":   {[]string{"n"}, [][]string{{"x"}}, 0, "+---+\n|n  |\n+---+\n|x  |\n+---+\n"},
		"no rows":        {[]string{"n"}, nil, 20, "+---+\n|  n|\n+---+\n+---+\n"},
		"no columns":     {nil, [][]string{{}, {}}, 20, "++\n||\n++\n||\n||\n++\n"},
		"blanks":         {[]string{" a "}, [][]string{{"  "}, {""}}, 0, "+---+\n| a |\n+---+\n|   |\n|   |\n+---+\n"},
		"controls":       {[]string{"a\tb"}, [][]string{{"x\ny"}, {"\r"}}, 0, "+----+\n|a\\tb|\n+----+\n|x\\ny|\n|\\r  |\n+----+\n"},
		"empty header":   {[]string{""}, [][]string{{"1"}}, 20, "+---+\n|   |\n+---+\n|  1|\n+---+\n"},
		"half a pair":    {[]string{"a"}, [][]string{{"😀😀😀"}}, 4, "+----+\n|   a|\n+----+\n|?...|\n+----+\n"},
		"full width":     {[]string{"a"}, [][]string{{"全角"}, {"x"}}, 20, "+----+\n|   a|\n+----+\n|全角|\n|   x|\n+----+\n"},
		"equal columns":  {[]string{"a", "a"}, [][]string{{"1", "1"}}, 20, "+---+---+\n|  a|  a|\n+---+---+\n|  1|  1|\n+---+---+\n"},
		"terminal codes": {[]string{"a"}, [][]string{{"\x1b[1m"}}, 0, "+----+\n|a   |\n+----+\n|\x1b[1m|\n+----+\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := draw(t, c.header, c.rows, c.truncate); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestTerminalCommandsAreNeutralisedOnRequest(t *testing.T) {
	var b strings.Builder
	if err := Write(&b, []string{"a"}, [][]string{{"\x1b[2J\u009b"}}, 0, true); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\u009b") || !strings.Contains(b.String(), `\u001B[2J\u009B`) {
		t.Errorf("%q", b.String())
	}
}
