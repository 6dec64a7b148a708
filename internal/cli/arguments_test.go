package cli

import (
	"context"
	"strings"
	"testing"
)

func TestMistakesOnTheCommandLineAreRefusedWithARemedy(t *testing.T) {
	for _, c := range []struct{ args, message, hint string }{
		{"fiel --dir in", `unknown command "fiel"`, "did you mean file?"},
		{"job.yaml", `unknown command "job.yaml"`, "streamctl multi job.yaml"},
		{"data/*.csv", `unknown command "data/*.csv"`, "streamctl file data/*.csv"},
		{"zzzzzzz", `unknown command "zzzzzzz"`, "streamctl --help"},
		{"fiel --nope", `unknown command "fiel"`, "did you mean file?"},
		{"completion zzzz", `streamctl completion has no command "zzzz"`, ""},
		{"file --num_rows 3", "unknown flag --num_rows", "did you mean --num-rows?"},
		{"file --numrows 3", "unknown flag --numrows", "did you mean --num-rows?"},
		{"file --num-row 3", "unknown flag --num-row", "did you mean --num-rows?"},
		{"multi --num-rows 3", "unknown flag --num-rows", "--num-rows is a flag of streamctl file, streamctl kafka and streamctl socket"},
		{"file --qqqqqqqqqqq", "unknown flag --qqqqqqqqqqq", "streamctl file --help-all lists the flags"},
		{"file -Z", "unknown flag -Z", "--sink-option compression=gzip"}, {"file -Q", "unknown flag -Q", "streamctl file --help-all lists the flags"},
		{"file --class X", "spark-submit's flag --class is not supported", "streamctl export JOB.yaml"},
		{"file --num-rows x", `--num-rows takes a whole number, not "x"`, "--num-rows 10"},
		{"file --truncate=maybe", `--truncate is true or false, not "maybe"`, "--truncate, or --truncate=false"},
		{"file --truncate false", "--truncate false: the value of a boolean flag needs an =", "--truncate=false"},
		{"file --num-rows", "--num-rows needs a value", "--num-rows N"},
		{"file --dir --schema s.yaml", "--dir has no value: --schema comes next", "--dir=--schema"},
		{"file --=x", `is not a flag`, "--name=value"},
	} {
		a, out, errText := testApp()
		code := a.run(context.Background(), strings.Fields(c.args))
		if code != exitRefused || out.Len() > 0 {
			t.Errorf("%s: exit code %d, output %q", c.args, code, out)
		}
		if got := errText.String(); !strings.Contains(got, c.message) || !strings.Contains(got, c.hint) {
			t.Errorf("%s: got\n%s\nwant %q and the hint %q", c.args, got, c.message, c.hint)
		}
	}
}

func TestTheFirstWordIsNeitherAFlagNorItsValue(t *testing.T) {
	for _, c := range []struct {
		args, want string
		ok         bool
	}{
		{"", "", false}, {"x y", "x", true}, {"--num-rows 3 x", "x", true}, {"--num-rows=3 x", "x", true}, {"--truncate x", "x", true},
		{"-- x", "x", true}, {"--", "", false}, {"-", "-", true}, {"--unknown v x", "x", true}, {"--num-rows 3", "", false},
	} {
		a, _, _ := testApp()
		cmd, _, err := a.rootCommand().Find([]string{"file"})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := firstWord(cmd, strings.Fields(c.args)); got != c.want || ok != c.ok {
			t.Errorf("%q: %q, %v, want %q, %v", c.args, got, ok, c.want, c.ok)
		}
	}
}
