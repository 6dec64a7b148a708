package file

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/javaregexp"
)

// Spark leaves out files and directories by their names. (Spark: HadoopFSUtils.shouldFilterOutPathName, PartitioningAwareFileIndex.isDataPath.)

// hiddenFile is the rule for files, wherever they are found.
func (o *options) hiddenFile(name string) bool { return isSummary(name) || o.hiddenDir(name) }

// hiddenDir is the rule for directories below a root.
func (o *options) hiddenDir(name string) bool {
	switch {
	case strings.HasSuffix(name, "._COPYING_"):
		return true
	case isSummary(name), name != "" && name[0] == '_' && strings.Contains(name, "="):
		return false
	case o.noneHidden:
		return false
	case o.ignored == nil:
		return name != "" && (name[0] == '_' || name[0] == '.')
	}
	match, err := o.ignored.Match([]byte(name))
	return match && err == nil
}

// hiddenAnyway is true when neither a file nor a directory of the name counts.
func (o *options) hiddenAnyway(name string) bool { return o.hiddenFile(name) && o.hiddenDir(name) }

// isSummary reports the names of Parquet's summary files, which Spark lists, but does not read.
func isSummary(name string) bool {
	return strings.HasPrefix(name, "_metadata") || strings.HasPrefix(name, "_common_metadata")
}

// hiddenFromHadoop is the rule for the input of discretized streams. (Hadoop: FileInputFormat.hiddenFileFilter.)
func hiddenFromHadoop(name string) bool {
	return strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".")
}

// readIgnored reads the option ignoredPathSegmentRegex.
func (o *options) readIgnored(pattern string) (err error) {
	if o.noneHidden = pattern == ""; o.noneHidden {
		return nil
	}
	if o.ignored, err = javaregexp.Compile(pattern); err != nil {
		return sparkerr.Plain("The 'ignoredPathSegmentRegex' value '%s' is not a valid Java regular expression. "+
			"Use an empty string to disable hidden-file filtering.", pattern)
	}
	return nil
}
