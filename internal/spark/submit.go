package spark

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Submission holds the arguments of spark-submit other than the program.
type Submission struct {
	Master     string
	DeployMode string // "", client or cluster
	Name       string
	Conf       map[string]string
	Flags      []Flag // other flags of spark-submit
}

// A Flag is a flag of spark-submit and its value.
type Flag struct{ Name, Value string }

// Local reports whether the executors run within the driver, on this machine.
func (s *Submission) Local() bool {
	return s.Master == "local" || strings.HasPrefix(s.Master, "local[")
}

// Cluster reports whether the driver runs on the cluster rather than here.
func (s *Submission) Cluster() bool { return s.DeployMode == "cluster" }

// Args returns the command line of spark-submit for a program and its arguments.
func (s *Submission) Args(program ...string) []string {
	args := []string{"--master", s.Master}
	if s.DeployMode != "" {
		args = append(args, "--deploy-mode", s.DeployMode)
	}
	if s.Name != "" {
		args = append(args, "--name", s.Name)
	}
	for _, f := range s.Flags {
		args = append(args, "--"+f.Name)
		if f.Value != "" {
			args = append(args, f.Value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Conf)) {
		args = append(args, "--conf", name+"="+s.Conf[name])
	}
	return append(args, program...)
}

// masterForms matches the masters that Spark accepts. (Spark: SparkContext.createTaskScheduler,
// SparkSubmit.prepareSubmitEnvironment.)
var masterForms = regexp.MustCompile(`^(local(\[(\*|[1-9][0-9]*)(,\s*[1-9][0-9]*)?\])?|spark://[^/\s]+|yarn|k8s://\S+)$`)

// Check refuses masters and deploy modes that Spark does not accept.
func (s *Submission) Check() error {
	if !masterForms.MatchString(s.Master) {
		return sparkerr.Plain("%q is not a Spark master", s.Master).WithHint("one of local, local[4], local[*], spark://HOST:PORT, yarn, k8s://https://HOST:PORT")
	}
	switch s.DeployMode {
	case "", "client":
	case "cluster":
		if strings.HasPrefix(s.Master, "local") {
			return sparkerr.Plain("the master %s does not support the deploy mode cluster", s.Master).WithHint("remove --deploy-mode: the driver runs on this machine")
		}
		if strings.HasPrefix(s.Master, "spark://") {
			return sparkerr.Plain("Spark's standalone clusters run Python drivers in client mode only").WithHint("remove --deploy-mode")
		}
	default:
		return sparkerr.Plain("--deploy-mode must be client or cluster, not %q", s.DeployMode)
	}
	return nil
}
