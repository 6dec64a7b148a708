// Package spark runs jobs on Apache Spark. It finds spark-submit, builds its command line, runs a PySpark
// program, and follows the progress of its queries. It also compares Spark's results with those of the embedded
// engine.
package spark

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Version is the Spark release whose behavior the embedded engine reproduces.
const Version = "4.3.0"

// An Installation is an Apache Spark to which programs can be submitted.
type Installation struct {
	Submit  string // path of spark-submit
	Python  string // its Python interpreter; "" lets Spark choose
	Version string // "" if unknown
}

// Find looks for spark-submit in home if it is set, else in SPARK_HOME, PATH, and an installed pyspark.
func Find(ctx context.Context, home string) (Installation, error) {
	for _, dir := range []struct{ path, origin string }{{home, "--spark-home"}, {os.Getenv("SPARK_HOME"), "SPARK_HOME"}} {
		if dir.path == "" {
			continue
		}
		submit := filepath.Join(dir.path, "bin", "spark-submit")
		if !executable(submit) {
			return Installation{}, sparkerr.Plain("%s is %s, but there is no bin/spark-submit", dir.origin, dir.path).
				WithHint("name the directory that contains bin, jars and python")
		}
		return installation(submit)
	}
	if submit, err := exec.LookPath("spark-submit"); err == nil {
		return installation(submit)
	}
	if dir := pysparkDir(ctx); dir != "" {
		return installation(filepath.Join(dir, "bin", "spark-submit"))
	}
	return Installation{}, sparkerr.Plain("Apache Spark was not found: no --spark-home, no SPARK_HOME, no spark-submit in PATH, no pyspark").
		WithHint("pip install pyspark==%s (needs Java 17), or download Spark and set --spark-home", Version)
}

// pysparkDir returns the directory of the pyspark package that Python would import.
func pysparkDir(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	const where = `import importlib.util as u; s = u.find_spec("pyspark"); print(s.submodule_search_locations[0] if s else "")`
	for _, python := range []string{os.Getenv("PYSPARK_PYTHON"), "python3", "python"} {
		if python == "" {
			continue
		}
		out, err := exec.CommandContext(ctx, python, "-c", where).Output()
		if dir := strings.TrimSpace(string(out)); err == nil && executable(filepath.Join(dir, "bin", "spark-submit")) {
			return dir
		}
	}
	return ""
}

// installation fills in the details for a spark-submit.
func installation(submit string) (Installation, error) {
	if os.Getenv("JAVA_HOME") == "" {
		if _, err := exec.LookPath("java"); err != nil {
			return Installation{}, sparkerr.Plain("%s needs Java, which is neither in JAVA_HOME nor in PATH", submit).WithHint("install a Java 17 runtime")
		}
	}
	in := Installation{Submit: submit, Python: os.Getenv("PYSPARK_PYTHON")}
	real, err := filepath.EvalSymlinks(submit)
	if err != nil {
		return Installation{}, err
	}
	home := filepath.Dir(filepath.Dir(real)) // of a download or the pyspark package; otherwise of a Python environment
	if in.Python == "" {
		environment := home
		if lib, ok := strings.CutSuffix(home, "/site-packages/pyspark"); ok {
			environment = filepath.Join(lib, "../..")
		}
		if python := filepath.Join(environment, "bin", "python3"); executable(python) {
			in.Python = python
		}
	}
	in.Version = version(home)
	return in, nil
}

// version derives Spark's version from the names of its jars.
func version(home string) string {
	for _, dir := range []string{home, filepath.Join(home, "lib/python3*/site-packages/pyspark")} {
		if jars, _ := filepath.Glob(filepath.Join(dir, "jars", "spark-core_*.jar")); len(jars) > 0 {
			_, v, _ := strings.Cut(strings.TrimSuffix(filepath.Base(jars[0]), ".jar"), "-core_")
			_, v, _ = strings.Cut(v, "-")
			return v
		}
	}
	return ""
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}
