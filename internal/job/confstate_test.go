package job

import (
	"strings"
	"testing"
)

// check validates a job of flags, here or for Spark.
func check(t *testing.T, spark bool, args ...string) error {
	t.Helper()
	j, err := build(t, FileCommand, append([]string{"--dir", "in", "--schema", "k STRING"}, args...)...)
	if err != nil {
		return err
	}
	if spark {
		return j.ValidateForSpark(testSources, testSinks)
	}
	return j.Validate(testSources, testSinks)
}

func TestSettingsOfStateAreHonoredIgnoredOrRefusedWithTheReason(t *testing.T) {
	const prefix = "spark.sql.streaming."
	for _, c := range []struct{ setting, here, spark string }{
		{prefix + "noDataMicroBatches.enabled=false", "", ""},
		{prefix + "noDataMicroBatches.enabled=no", "INVALID_CONF_VALUE", "INVALID_CONF_VALUE"},
		{prefix + "multipleWatermarkPolicy=MAX", "", ""},
		{prefix + "multipleWatermarkPolicy=avg", "INVALID_CONF_VALUE.REQUIREMENT", "INVALID_CONF_VALUE.REQUIREMENT"},
		{prefix + "stateStore.providerClass=" + hdfsProvider, "", ""},
		{prefix + "stateStore.providerClass=org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider", "does not read or write RocksDB", ""},
		{prefix + "stateStore.providerClass=com.example.Store", "=Store is refused", ""},
		{prefix + "stateStore.compression.codec=LZ4", "", ""},
		{prefix + "stateStore.compression.codec=zstd", "remove it, or set it to lz4", ""},
		{prefix + "stateStore.encodingFormat=unsaferow", "", ""},
		{prefix + "stateStore.encodingFormat=avro", "avro is refused", ""},
		{prefix + "stateStore.encodingFormat=json", "INVALID_CONF_VALUE", "INVALID_CONF_VALUE"},
		{prefix + "stateStore.rocksdb.changelogCheckpointing.enabled=true", "", ""},
		{prefix + "stateStore.minDeltasForSnapshot=0", "must be at least 1", "must be at least 1"},
		{prefix + "stateStore.minDeltasForSnapshot=3", "", ""},
		{prefix + "stateStore.maintenanceInterval=30s", "", ""},
		{prefix + "stateStore.maintenanceInterval=soon", "INVALID_CONF_VALUE", "INVALID_CONF_VALUE"},
		{prefix + "statefulOperator.checkCorrectness.enabled=false", "always checks", ""},
		{prefix + "statefulOperator.useStrictDistribution=true", "", ""},
		{prefix + "statefulOperator.nosuch=true", "not known", ""},
		{prefix + "unsupportedOperationCheck=false", "always checks", ""},
		{prefix + "aggregation.stateFormatVersion=1", "stateFormatVersion=1 is refused", ""},
	} {
		for _, spark := range []bool{false, true} {
			want := map[bool]string{false: c.here, true: c.spark}[spark]
			err := check(t, spark, "--conf", c.setting)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error()+errorHints(err), want)) {
				t.Errorf("%s (Spark: %v): %v, want %q", c.setting, spark, err, want)
			}
		}
	}
}

// errorHints returns the hints of validation errors.
func errorHints(err error) string {
	list, _ := err.(Errors)
	var hints []string
	for _, e := range list {
		hints = append(hints, e.Hint)
	}
	return strings.Join(hints, "\n")
}

func TestAvroStateIsRefusedByTheNameOfTheOperator(t *testing.T) {
	for want, args := range map[string][]string{
		"operator=aggregation":                   {"--group-by", "k", "--output-mode", "complete"},
		"operator=dropDuplicates":                {"--distinct"},
		"operator=dropDuplicatesWithinWatermark": {"--watermark", "ts=1 minute", "--drop-duplicates-within-watermark", "k"},
	} {
		err := check(t, false, append(args, "--conf", encodingFormat+"=avro")...)
		if err == nil || !strings.Contains(err.Error(), "State store encoding format as avro is not supported for "+want+" used") {
			t.Errorf("%v", err)
		}
	}
}
