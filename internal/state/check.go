package state

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// Check compares the operators of the query with those whose state is in dir, the directory state of a checkpoint that has committed a batch.
// Only types count: names of columns may differ. The number of partitions is what the checkpoint says. (Spark: OperatorStateMetadataUtils,
// StateSchemaCompatibilityChecker.)
func Check(fsys storage.FS, dir string, ops []Operator) error {
	stored, err := readMetadata(fsys, dir)
	if err != nil {
		return err
	}
	if len(stored) == 0 && len(ops) > 0 {
		return sparkerr.New("STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY", "OpsInCurBatchSeq", operatorList(namesOf(ops))).
			WithHint("the batches so far ran without these steps, or the directory %s was lost. Start with a new checkpoint, which reads the input again "+
				"from its start, or restore the directory from a copy", dir)
	}
	names := map[int]string{}
	for id, f := range stored {
		names[id] = f.Info.Name
	}
	if current := namesOf(ops); !maps.Equal(names, current) {
		return sparkerr.New("STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA",
			"OpsInMetadataSeq", operatorList(names), "OpsInCurBatchSeq", operatorList(current)).WithHint("%s", changedSteps(names, current))
	}
	for id := range ops {
		if err := checkStores(fsys, dir, id, &ops[id], stored[id]); err != nil {
			return err
		}
	}
	return nil
}

func namesOf(ops []Operator) map[int]string {
	names := map[int]string{}
	for id, op := range ops {
		names[id] = op.Name
	}
	return names
}

// operatorList formats operators like Spark.
func operatorList(names map[int]string) string {
	var list []string
	for _, id := range slices.Sorted(maps.Keys(names)) {
		list = append(list, fmt.Sprintf("(OperatorId: %d -> OperatorName: %s)", id, names[id]))
	}
	return strings.Join(list, ", ")
}

// stepNames says which step of a job an operator is.
var stepNames = map[string]string{
	"stateStoreSave": "an aggregation", "sessionWindowStateStoreSaveExec": "an aggregation by session_window", "dedupe": "dropDuplicates or distinct",
	"dedupeWithinWatermark": "dropDuplicatesWithinWatermark", "globalLimit": "limit", "symmetricHashJoin": "a join of two streams",
}

func stepName(operator string) string {
	if name, ok := stepNames[operator]; ok {
		return name
	}
	return operator
}

// changedSteps returns the hint that says which step was added, removed or replaced, counted from the last one of the job.
func changedSteps(stored, current map[int]string) string {
	list := func(names map[int]string) string {
		if len(names) == 0 {
			return "none"
		}
		var steps []string
		for _, id := range slices.Backward(slices.Sorted(maps.Keys(names))) {
			steps = append(steps, stepName(names[id]))
		}
		return strings.Join(steps, ", then ")
	}
	return fmt.Sprintf("stateful steps of the query that wrote the checkpoint: %s; of this one: %s. State of other steps cannot be used: restore the steps, "+
		"or start with a new checkpoint, which reads the input again from its start", list(stored), list(current))
}

// checkStores compares the stores of an operator with those in the checkpoint.
func checkStores(fsys storage.FS, dir string, id int, op *Operator, stored *operatorFile) error {
	for _, l := range op.Stores {
		k := slices.IndexFunc(stored.Stores, func(s storeFile) bool { return s.Name == l.Name })
		if k < 0 {
			return damagedDescription(metadataPath(dir, id), fmt.Errorf("it does not name the store %s of the operator %s", l.Name, op.Name))
		}
		key, value, err := readSchema(fsys, dir, id, l.Name)
		if err != nil {
			return err
		}
		if !sameTypes(key, l.Key) {
			return incompatible("Key", key, l.Key, op)
		}
		if !sameTypes(value, l.Value) {
			return incompatible("Value", value, l.Value, op)
		}
	}
	return nil
}

// check does what Check does, and also compares the numbers of partitions.
func check(fsys storage.FS, dir string, ops []Operator) error {
	if err := Check(fsys, dir, ops); err != nil {
		return err
	}
	stored, err := readMetadata(fsys, dir)
	if err != nil {
		return err
	}
	for id, op := range ops {
		for _, s := range stored[id].Stores {
			if s.Partitions != op.Partitions {
				return damagedDescription(metadataPath(dir, id), fmt.Errorf("the state has %d partitions, and the offset log says %d", s.Partitions, op.Partitions))
			}
		}
	}
	return nil
}

// readSchema reads the schema file of a store.
func readSchema(fsys storage.FS, dir string, operator int, store string) (key, value []types.Field, err error) {
	path := schemaPath(dir, operator, store)
	data, err := atomicfile.Read(fsys, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, sparkerr.Plain("the state file %s is missing", path).WithHint("%s", restore)
	}
	if err != nil {
		return nil, nil, err
	}
	if key, value, err = parseSchema(data); err != nil {
		return nil, nil, damagedDescription(path, err)
	}
	return key, value, nil
}

func sameTypes(stored, current []types.Field) bool {
	return types.StructOf(stored...).SameButNames(types.StructOf(current...).TextAsString())
}

func incompatible(what string, stored, current []types.Field, op *Operator) error {
	e := sparkerr.New("STATE_STORE_"+strings.ToUpper(what)+"_SCHEMA_NOT_COMPATIBLE",
		"stored"+what+"Schema", scalaSchema(nullable(stored)), "new"+what+"Schema", scalaSchema(nullable(current)))
	noun, cause := "values", "an aggregate was added or removed, or has another type"
	if what == "Key" {
		noun, cause = "keys", "the columns by which it groups or compares have changed, or their types"
	}
	return e.WithHint("the step with this state is %s. Of its %s, %s: %s. Undo the change, or start with a new checkpoint, which reads the input again "+
		"from its start", stepName(op.Name), noun, difference(stored, current), cause)
}

// difference describes the first column in which two schemas differ.
func difference(stored, current []types.Field) string {
	column := func(f types.Field) string { return types.QuoteIfNeeded(f.Name) + " " + f.Type.SQL() }
	for i := range min(len(stored), len(current)) {
		if !sameTypes(stored[i:i+1], current[i:i+1]) {
			return fmt.Sprintf("column %d is %s in the checkpoint and %s in this query", i+1, column(stored[i]), column(current[i]))
		}
	}
	if n := len(current); n < len(stored) {
		return fmt.Sprintf("column %d, %s, is only in the checkpoint", n+1, column(stored[n]))
	}
	return fmt.Sprintf("column %d, %s, is only in this query", len(stored)+1, column(current[len(stored)]))
}

// scalaSchema returns a schema as Scala prints it: StructType(StructField(count,LongType,true)).
func scalaSchema(s *types.Schema) string { return scalaType(types.StructOf(s.Fields...)) }

func scalaType(t *types.Type) string {
	switch t.Kind {
	case types.KindStruct:
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = fmt.Sprintf("StructField(%s,%s,%t)", f.Name, scalaType(f.Type), f.Nullable)
		}
		return "StructType(" + strings.Join(fields, ",") + ")"
	case types.KindArray:
		return fmt.Sprintf("ArrayType(%s,%t)", scalaType(t.Elem), t.ContainsNull)
	case types.KindMap:
		return fmt.Sprintf("MapType(%s,%s,%t)", scalaType(t.Key), scalaType(t.Elem), t.ContainsNull)
	case types.KindDecimal:
		return fmt.Sprintf("DecimalType(%d,%d)", t.Precision, t.Scale)
	case types.KindYearMonth:
		return fmt.Sprintf("YearMonthIntervalType(%d,%d)", t.Start, t.End)
	case types.KindDayTime:
		return fmt.Sprintf("DayTimeIntervalType(%d,%d)", t.Start, t.End)
	case types.KindTime:
		return fmt.Sprintf("TimeType(%d)", t.Precision)
	}
	return scalaNames[t.Kind]
}

var scalaNames = map[types.Kind]string{
	types.KindVoid: "NullType", types.KindBoolean: "BooleanType", types.KindByte: "ByteType", types.KindShort: "ShortType", types.KindInt: "IntegerType",
	types.KindLong: "LongType", types.KindFloat: "FloatType", types.KindDouble: "DoubleType", types.KindString: "StringType",
	types.KindChar: "StringType", types.KindVarchar: "StringType", types.KindBinary: "BinaryType", types.KindDate: "DateType",
	types.KindTimestamp: "TimestampType", types.KindTimestampNTZ: "TimestampNTZType", types.KindInterval: "CalendarIntervalType",
	types.KindVariant: "VariantType",
}

func typesOf(fields []types.Field) []*types.Type {
	ts := make([]*types.Type, len(fields))
	for i, f := range fields {
		ts[i] = f.Type
	}
	return ts
}
