package cli

import (
	"fmt"
	"strings"
	"testing"
)

func TestLogLinesAreShortAndHaveNoEmptyStream(t *testing.T) {
	names := make([]string, 21)
	for i := range names {
		names[i] = fmt.Sprintf("f%d.csv", i)
	}
	for _, c := range []struct {
		args       []string
		wants, not []string
	}{
		{nil, []string{`files="f0.csv, f1.csv, f2.csv and 18 more"`, "…", "reason=\"permission denied\""}, []string{"stream=", "open /x"}},
		{[]string{"-v"}, []string{"f20.csv", strings.Repeat("x", 1000)}, []string{"stream=", "…"}},
		{[]string{"--log-format", "json"}, []string{"f20.csv", strings.Repeat("x", 1000)}, []string{`"stream"`, "…"}},
	} {
		a, _, errText := testApp()
		if err := a.rootCommand().ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		if err := a.settings.load(); err != nil {
			t.Fatal(err)
		}
		a.logger().Warn("files are left out", "stream", "", "files", names, "value", strings.Repeat("x", 1000), "reason", &errorWithPath)
		for _, want := range c.wants {
			if !strings.Contains(errText.String(), want) {
				t.Errorf("%v: no %s in %s", c.args, want, errText)
			}
		}
		for _, not := range c.not {
			if strings.Contains(errText.String(), not) {
				t.Errorf("%v: %s in %s", c.args, not, errText)
			}
		}
	}
}
