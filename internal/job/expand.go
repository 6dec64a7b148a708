package job

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Expand replaces the references ${env:NAME} and ${file:PATH} in an option value. An undefined variable or an
// unreadable file is an error. It also returns the substituted values, which must not be printed.
func Expand(text, base string) (string, []string, *sparkerr.Error) {
	var out strings.Builder
	var secrets []string
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			out.WriteString(text)
			return out.String(), secrets, nil
		}
		out.WriteString(text[:i])
		text = text[i:]
		ref, rest, found := strings.Cut(text[2:], "}")
		kind, name, _ := strings.Cut(ref, ":")
		if !found || kind != "env" && kind != "file" {
			out.WriteString("${")
			text = text[2:]
			continue
		}
		value, err := reference(kind, name, base)
		if err != nil {
			return "", nil, err
		}
		if value != "" {
			secrets = append(secrets, value)
		}
		out.WriteString(value)
		text = rest
	}
}

// written returns text if it contains references, else "".
func written(text string, secrets []string) string {
	if len(secrets) == 0 {
		return ""
	}
	return text
}

func reference(kind, name, base string) (string, *sparkerr.Error) {
	if kind == "env" {
		v, ok := os.LookupEnv(name)
		if !ok {
			return "", sparkerr.Plain("the environment variable %s is not set", name).WithHint("export %s=… before the start", name)
		}
		return v, nil
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", sparkerr.Plain("the file of ${file:%s} cannot be read: %s", name, sparkerr.Reason(err))
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}
