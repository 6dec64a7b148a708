package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestFunctionsPageIsUpToDate(t *testing.T) {
	want, err := os.ReadFile("../../docs/functions.md")
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	a := &app{streams: &streams{Out: &out, Err: &errs}}
	if code := a.run(t.Context(), []string{"functions", "--output", "markdown"}); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Error("docs/functions.md is out of date: make docs")
	}
}

func TestFunctionsExplainsOneAndSuggests(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string // in standard output, or in standard error if the code is not 0
	}{
		{[]string{"functions", "upper"}, 0, "group string_funcs"},
		{[]string{"functions", "upperr"}, 2, "did you mean upper"},
		{[]string{"functions", "--group", "strings"}, 2, "string_funcs"},
		{[]string{"functions", "--group", "string_funcs", "-o", "json"}, 0, `"name":"upper"`},
	} {
		var out, errs bytes.Buffer
		a := &app{streams: &streams{Out: &out, Err: &errs}}
		code := a.run(t.Context(), c.args)
		text := out.String()
		if c.code != 0 {
			text = errs.String()
		}
		if code != c.code || !strings.Contains(text, c.want) {
			t.Errorf("%v: exit code %d, %q", c.args, code, text)
		}
	}
}
