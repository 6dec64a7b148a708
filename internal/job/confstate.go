package job

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Reasons for which the embedded engine has one value of a setting only.
const (
	oneStateFormat = "the embedded engine writes the state files of Spark 4.3 with its default settings"
	alwaysChecked  = "the embedded engine always checks"
)

// hdfsProvider is the state store whose files the embedded engine reads and writes.
const hdfsProvider = "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider"

// encodingFormat names how rows of the state are encoded.
const encodingFormat = "spark.sql.streaming.stateStore.encodingFormat"

// stateSettings is the part of the table of settings that concerns stateful queries. A setting is Refused if the embedded engine has
// one of its values only, and takes that one.
var stateSettings = []Setting{
	{"spark.sql.streaming.noDataMicroBatches.enabled", Implemented, boolean},
	{"spark.sql.streaming.multipleWatermarkPolicy", Implemented, watermarkPolicy},
	{"spark.sql.streaming.minBatchesToRetain", Implemented, positive},
	{"spark.sql.streaming.stateStore.minDeltasForSnapshot", Implemented, positive},

	{"spark.sql.streaming.stateStore.providerClass", Refused, stateProvider},
	{"spark.sql.streaming.stateStore.compression.codec", Refused, only("lz4", oneStateFormat)},
	{encodingFormat, Implemented, oneOf("unsaferow", "avro")}, // encoding refuses avro
	{"spark.sql.streaming.stateStore.checkpointFormatVersion", Refused, only("1", "version 2 belongs to RocksDB")},
	{"spark.sql.streaming.stateStore.rowChecksum.enabled", Refused, only("false", oneStateFormat)},
	{"spark.sql.streaming.stateStore.stateSchemaCheck", Refused, only("true", alwaysChecked+" that the state belongs to the query")},
	{"spark.sql.streaming.aggregation.stateFormatVersion", Refused, only("2", oneStateFormat)},
	{"spark.sql.streaming.sessionWindow.stateFormatVersion", Refused, only("1", oneStateFormat)},
	{"spark.sql.streaming.statefulOperator.allowMultiple", Refused, only("true", "the embedded engine has the watermarks of Spark 4, one for each operator")},
	{"spark.sql.streaming.statefulOperator.checkCorrectness.enabled", Refused, only("true", alwaysChecked+" whether results would depend on late rows")},
	{"spark.sql.streaming.statefulOperator.useStrictDistribution", Refused, only("true", "the embedded engine partitions state by all keys")},
	{"spark.sql.streaming.unsupportedOperationCheck", Refused, only("true", alwaysChecked+" what a streaming query cannot do")},
	{"spark.sql.dropDuplicates.deterministicKeyOrder.enabled", Refused, only("true", "the embedded engine keeps keys in the order of the columns")},
	{"spark.sql.optimizer.pruneFiltersCanPruneStreamingSubplan", Refused, only("false", "the embedded engine keeps the sources of a query")},
	{"spark.sql.streaming.queryEvolution.enableSourceEvolution", Refused, only("false", "the embedded engine identifies sources by their order")},

	{"spark.sql.streaming.stateStore.maintenanceInterval", NoEffect, milliseconds},
	{"spark.sql.streaming.stateStore.maintenanceProcessingTimeout", NoEffect, nil},
	{"spark.sql.streaming.stateStore.maintenanceShutdownTimeout", NoEffect, nil},
	{"spark.sql.streaming.stateStore.maintenanceForceShutdownTimeout", NoEffect, nil},
	{"spark.sql.streaming.stateStore.numStateStoreMaintenanceThreads", NoEffect, number},
	{"spark.sql.streaming.stateStore.formatValidation.enabled", NoEffect, boolean},
	{"spark.sql.streaming.stateStore.skipNullsForStreamStreamJoins.enabled", NoEffect, boolean},
	{"spark.sql.streaming.stateStore.commitValidation.enabled", NoEffect, boolean},
	{"spark.sql.streaming.stateStore.unloadOnCommit", NoEffect, boolean},
	{"spark.sql.streaming.stateStore.rocksdb.*", NoEffect, nil},
	{"spark.sql.streaming.maxBatchesToRetainInMemory", NoEffect, number},
	{"spark.sql.streaming.statefulOperator.alwaysNullableOutput.enabled", NoEffect, boolean},
	{"spark.sql.streaming.join.stateFormatVersion", NoEffect, number},
	{"spark.sql.streaming.flatMapGroupsWithState.stateFormatVersion", NoEffect, number},
	{"spark.sql.streaming.sessionWindow.merge.sessions.in.local.partition", NoEffect, boolean},
	{"spark.sql.sessionWindow.buffer.in.memory.threshold", NoEffect, number},
	{"spark.sql.sessionWindow.buffer.spill.threshold", NoEffect, number},
	{"spark.sql.execution.useHashAggregateExec", NoEffect, boolean},
	{"spark.sql.execution.useObjectHashAggregateExec", NoEffect, boolean},
	{"spark.sql.objectHashAggregate.sortBased.fallbackThreshold", NoEffect, number},
	{"spark.sql.function.protobufExtensions.enabled", NoEffect, boolean},
}

// only returns a check that accepts one value, ignoring case.
func only(want, why string) func(name, value string) *sparkerr.Error {
	return func(name, value string) *sparkerr.Error {
		if strings.EqualFold(strings.TrimSpace(value), want) {
			return nil
		}
		return sparkerr.Plain("%s=%s is refused: %s", name, value, why).WithHint("remove it, or set it to %s", want)
	}
}

// watermarkPolicy checks how the watermarks of several steps are combined.
func watermarkPolicy(name, value string) *sparkerr.Error {
	if strings.EqualFold(value, "min") || strings.EqualFold(value, "max") {
		return nil
	}
	return sparkerr.New("INVALID_CONF_VALUE.REQUIREMENT", "confName", name, "confValue", value,
		"confRequirement", "Invalid value for '"+name+"'. Valid values are 'min' and 'max'")
}

func stateProvider(name, value string) *sparkerr.Error {
	if value == hdfsProvider {
		return nil
	}
	short := value[strings.LastIndexByte(value, '.')+1:]
	why := "the embedded engine has Spark's default state store only, HDFSBackedStateStoreProvider"
	if strings.HasPrefix(short, "RocksDB") {
		why = "the embedded engine does not read or write RocksDB; it has Spark's default state store, HDFSBackedStateStoreProvider"
	}
	return sparkerr.Plain("%s=%s is refused: %s", name, short, why).
		WithHint("remove it: a new checkpoint then works here and on Spark; --state-memory limits the memory of the state")
}

func positive(name, value string) *sparkerr.Error {
	if err := number(name, value); err != nil {
		return err
	}
	if n, _ := strconv.Atoi(strings.TrimSpace(value)); n <= 0 {
		return sparkerr.Plain("%s must be at least 1, not %s", name, value)
	}
	return nil
}

// milliseconds checks a time such as 60s, 1min or a number of milliseconds.
func milliseconds(name, value string) *sparkerr.Error {
	if _, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
		return nil
	}
	if _, err := ParseDuration(value); err != nil {
		return invalidConf("INVALID_CONF_VALUE.TYPE_MISMATCH", name, value, "time").WithHint("write 60s or 1min")
	}
	return nil
}

// encoding refuses state in Avro. Spark has it for RocksDB's store only, and there not for the operators named here. (Spark:
// UnsupportedOperationChecker.checkAvroSupportForStatefulOperator.)
func (v *validator) encoding(s *Stream) {
	if !strings.EqualFold(v.job.Conf[encodingFormat], "avro") {
		return
	}
	at, text := v.job.ConfPlaces[encodingFormat], encodingFormat+"=avro is refused: "+oneStateFormat
	for _, step := range s.Steps {
		name := step.Method()
		switch step.(type) {
		case GroupBy:
			name = "aggregation"
		case Distinct:
			name = "dropDuplicates"
		case DropDuplicates:
		default:
			continue
		}
		at, text = step.At(), "State store encoding format as avro is not supported for operator="+name+" used within the query"
		break
	}
	v.errs.addf(at, "%s", text).Hint = "remove " + encodingFormat + ": the default is unsaferow"
}

// StateConf returns the settings of the state store: the number of deltas after which a snapshot is due, and the number of versions
// to retain. 0 means Spark's default.
func StateConf(conf map[string]string) (minDeltas, retain int) {
	minDeltas, _ = strconv.Atoi(strings.TrimSpace(conf["spark.sql.streaming.stateStore.minDeltasForSnapshot"]))
	retain, _ = strconv.Atoi(strings.TrimSpace(conf["spark.sql.streaming.minBatchesToRetain"]))
	return minDeltas, retain
}
