package checkpoint

// pinned lists the settings that a query keeps from its first start on, with Spark's defaults
// (OffsetSeqMetadata).
var pinned = map[string]string{
	"spark.sql.dropDuplicates.deterministicKeyOrder.enabled":            "true",
	"spark.sql.function.protobufExtensions.enabled":                     "false",
	"spark.sql.optimizer.pruneFiltersCanPruneStreamingSubplan":          "false",
	"spark.sql.shuffle.partitions":                                      "200",
	"spark.sql.streaming.aggregation.stateFormatVersion":                "2",
	"spark.sql.streaming.flatMapGroupsWithState.stateFormatVersion":     "2",
	"spark.sql.streaming.join.stateFormatVersion":                       "2",
	"spark.sql.streaming.multipleWatermarkPolicy":                       "min",
	"spark.sql.streaming.queryEvolution.enableSourceEvolution":          "false",
	"spark.sql.streaming.stateStore.compression.codec":                  "lz4",
	"spark.sql.streaming.stateStore.encodingFormat":                     "unsaferow",
	"spark.sql.streaming.stateStore.providerClass":                      "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider",
	"spark.sql.streaming.stateStore.rocksdb.formatVersion":              "5",
	"spark.sql.streaming.stateStore.rocksdb.mergeOperatorVersion":       "2",
	"spark.sql.streaming.stateStore.rowChecksum.enabled":                "false",
	"spark.sql.streaming.statefulOperator.alwaysNullableOutput.enabled": "true",
	"spark.sql.streaming.statefulOperator.useStrictDistribution":        "true",
}

// PinnedConf returns the settings for the offset log of a new query: the job's, or Spark's defaults.
func PinnedConf(job map[string]string) map[string]string {
	conf := make(map[string]string, len(pinned))
	for k, v := range pinned {
		if given, ok := job[k]; ok {
			v = given
		}
		conf[k] = v
	}
	return conf
}

// ApplyPinned returns the settings of a job, overridden by those pinned in its checkpoint.
func ApplyPinned(job, logged map[string]string) map[string]string {
	conf := make(map[string]string, len(job)+len(logged))
	for k, v := range job {
		conf[k] = v
	}
	for k, v := range logged {
		conf[k] = v
	}
	return conf
}
