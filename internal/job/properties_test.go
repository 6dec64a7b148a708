package job

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What java.util.Properties.load of OpenJDK 17 read, with blanks around values cut off as in Utils.getPropertiesFromFile.
func TestPropertiesAreReadAsInJava(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a=1", "a|1"}, {"a:1", "a|1"}, {"a 1", "a|1"}, {"a\t=\f 1", "a|1"}, {"a==1", "a|=1"}, {"a = : 1", "a|: 1"}, {"a", "a|"}, {"  a  b  ", "a|b"},
		{"=1", "|1"}, {"", ""}, {" \t\f", ""}, {"#a=1\n ! b=1\na=#1", "a|#1"}, {"a=1\rb=2\r\nc=3", "a|1;b|2;c|3"},
		{"a=1\\\n  2", "a|12"}, {"a=1\\\r\n\t2", "a|12"}, {"a=1\\\n#2", "a|1#2"}, {"a=1\\\n\nb=2", "a|1;b|2"}, {"\\\n\\\n\na=1", "a|1"},
		{"a=1\\\\\nb=2", "a|1\\;b|2"}, {"a=1\\\\\\\nb=2", "a|1\\b=2"}, {"#a\\\nb=2", "b|2"}, {"a=1\\", "a|1"}, {"a=1\\\n\\\n2", "a|12"},
		{`a\ b=1`, "a b|1"}, {`a\=b\:c:1`, "a=b:c|1"}, {`a\\=1`, `a\|1`}, {`a=\t\n\r\f\z\"x`, "a|\n\r\fz\"x"}, {`a=x\ \ `, "a|x"}, {`a=x\n`, "a|x\n"},
		{`a=\u00e9\uD83D\uDE00é`, "a|é😀é"}, {`\u0061=1`, "a|1"}, {`a=\é\😀`, "a|é😀"}, {"a=${b}", "a|${b}"}, {"a=1\na=2", "a|1;a|2"},
	} {
		var got []string
		for _, p := range parseProperties(propertyLines([]byte(c.text))) {
			got = append(got, p.name+"|"+p.value)
			if p.malformed {
				t.Errorf("%q is malformed", c.text)
			}
		}
		if strings.Join(got, ";") != c.want {
			t.Errorf("%q is read as %q, want %q", c.text, got, c.want)
		}
	}
	for _, text := range []string{`a=\u`, `a=\u00e`, `a=\u00g0`, `\u=1`, `a=\u+123`, `a=\u 123`} {
		if p := parseProperties(propertyLines([]byte(text))); len(p) != 1 || !p[0].malformed {
			t.Errorf("%s: %+v", text, p)
		}
	}
}

func propertiesFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "spark.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTheLastSettingOfAPropertiesFileCounts(t *testing.T) {
	file := propertiesFile(t, "spark.app.name=a\nspark.app.name=b\nspark.executor.memory=1g\n")
	j, err := build(t, FileCommand, "--dir", "in", "--schema", "a STRING", "--properties-file", file, "--conf", "spark.executor.memory=2g")
	if err != nil || j.Conf["spark.app.name"] != "b" || j.Conf["spark.executor.memory"] != "2g" {
		t.Errorf("%v, %v", j.Conf, err)
	}
}

func TestMistakesInPropertiesFilesAreNamedWithTheirLine(t *testing.T) {
	file := propertiesFile(t, "# a\nspark.app.name=C:\\\\users\nspark.x=\\\n C:\\users\nfoo=1\n")
	_, err := build(t, FileCommand, "--dir", "in", "--schema", "a STRING", "--properties-file", file)
	es, ok := err.(Errors)
	if !ok || len(es) != 2 {
		t.Fatalf("%v", err)
	}
	for i, want := range []struct {
		line int
		text string
	}{{3, `after \u must come four hexadecimal digits; a backslash itself is written \\`}, {5, `"foo" is not a Spark setting`}} {
		if es[i].Place.Line != want.line || !strings.Contains(es[i].Error(), want.text) {
			t.Errorf("%d: %v, want %v", es[i].Place.Line, es[i], want)
		}
	}
}
