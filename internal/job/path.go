package job

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Resolve returns a path of the job as an absolute path or relative to the working directory. "-" and "" are
// unchanged.
func (j *Job) Resolve(path string) string {
	local, err := localPath(path)
	if err != nil || path == "-" || path == "" || filepath.IsAbs(local) {
		return local
	}
	return filepath.Join(j.BaseDir, local)
}

// Absolute returns a path of the job as an absolute path.
func (j *Job) Absolute(path string) (string, error) { return filepath.Abs(j.Resolve(path)) }

// Local reports whether a path is on the local file system.
func Local(path string) bool {
	_, err := localPath(path)
	return err == nil
}

// localPath removes the scheme of a file: URI and refuses other schemes.
func localPath(path string) (string, *sparkerr.Error) {
	scheme, rest, found := strings.Cut(path, ":")
	if !found || scheme == "" || strings.ContainsAny(scheme, "/*?[{ ") || !strings.HasPrefix(rest, "/") {
		return path, nil
	}
	if scheme != "file" {
		return path, sparkerr.Plain("the path %s is not on the local file system", path).WithHint("the embedded engine reads and writes local files; --master runs the job on Apache Spark")
	}
	rest = "/" + strings.TrimLeft(rest, "/")
	if decoded, err := url.PathUnescape(rest); err == nil {
		rest = decoded
	}
	return rest, nil
}

// RealPath returns an absolute path without symbolic links. The end of the path need not exist.
func RealPath(path string) string {
	missing := ""
	for dir := filepath.Clean(path); ; dir = filepath.Dir(dir) {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, missing)
		}
		if dir == filepath.Dir(dir) {
			return filepath.Clean(path)
		}
		missing = filepath.Join(filepath.Base(dir), missing)
	}
}
