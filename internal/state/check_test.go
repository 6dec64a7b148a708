package state_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// operatorOf returns an operator with one store, whose columns are in DDL.
func operatorOf(t *testing.T, name, key, value string) state.Operator {
	t.Helper()
	fields := func(ddl string) []types.Field {
		s, err := types.ParseDDL(ddl)
		if err != nil {
			t.Fatal(err)
		}
		return s.Fields
	}
	return state.Operator{Name: name, Partitions: 1, Stores: []state.Layout{{Name: state.DefaultStore, Key: fields(key), Value: fields(value)}}}
}

// TestChangedQueriesAreRefused opens checkpoints of Spark for other queries. Only types count, and the refusals say the same as Spark's.
func TestChangedQueriesAreRefused(t *testing.T) {
	const corpus = "../../test/conformance/testdata/checkpoints"
	basic := func(value string) []state.Operator {
		return []state.Operator{operatorOf(t, "stateStoreSave", "k STRING", value)}
	}
	for _, c := range []struct {
		name      string
		ops       []state.Operator
		condition string // "": goes on
		recorded  string // the case with the error that Spark raised
		hint      string
	}{
		{"the same types under other names", []state.Operator{operatorOf(t, "stateStoreSave", "other STRING", "n BIGINT")}, "", "", ""},
		{"VARCHAR for STRING", []state.Operator{operatorOf(t, "stateStoreSave", "k VARCHAR(3)", "n BIGINT")}, "", "", ""},
		{"another aggregate", basic("count BIGINT, sum BIGINT"), "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE", "ck-change-add-aggregate-error", "column 2, sum BIGINT, is only in this query: an aggregate was added"},
		{"another type of key", []state.Operator{operatorOf(t, "stateStoreSave", "k DOUBLE", "n BIGINT")}, "STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE", "",
			"an aggregation. Of its keys, column 1 is k STRING in the checkpoint and k DOUBLE in this query"},
		{"another operator", []state.Operator{operatorOf(t, "dedupe", "k STRING", "n BIGINT")},
			"STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA", "", "an aggregation; of this one: dropDuplicates or distinct"},
		{"one more operator", append(basic("n BIGINT"), basic("n BIGINT")...), "STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA", "", "aggregation, then an aggregation"},
		{"no operator", nil, "STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA", "", "of this one: none"},
		{"the first operator", basic("n BIGINT"), "STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY", "ck-change-stateless-to-stateful-error", "new checkpoint"},
	} {
		t.Run(c.name, func(t *testing.T) {
			from := "ck-change-add-aggregate-error"
			if c.recorded != "" {
				from = c.recorded
			}
			_, err := state.Open(storage.OS, filepath.Join(corpus, from, "ckpt/state"), c.ops, state.Options{Version: 2})
			e, _ := errors.AsType[*sparkerr.Error](err)
			switch {
			case c.condition == "" && err == nil:
				return
			case e == nil || e.Condition != c.condition || !strings.Contains(e.Hint, c.hint):
				t.Fatalf("%v\n%+v", err, e)
			}
			if c.recorded != "" {
				checkParameters(t, filepath.Join(corpus, c.recorded, "expected.error.json"), e)
			}
		})
	}
}

// checkParameters checks that all parameters of an error are in the message that Spark printed.
func checkParameters(t *testing.T, path string, e *sparkerr.Error) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Condition, SQLState, Message string }
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if e.Condition != want.Condition || e.SQLState() != want.SQLState {
		t.Errorf("%s %s, want %s %s", e.Condition, e.SQLState(), want.Condition, want.SQLState)
	}
	for name, value := range e.Params {
		if !strings.Contains(want.Message, value) {
			t.Errorf("%s = %q is not in %q", name, value, want.Message)
		}
	}
}

// TestFirstBatchReplacesWhatAnotherQueryLeft checks that a checkpoint without a committed batch is open for any query.
func TestFirstBatchReplacesWhatAnotherQueryLeft(t *testing.T) {
	dir := t.TempDir()
	two := []state.Operator{operatorOf(t, "stateStoreSave", "k STRING", "n BIGINT"), operatorOf(t, "dedupe", "k INT", "d VOID")}
	for _, ops := range [][]state.Operator{two, {operatorOf(t, "dedupe", "k BIGINT", "d VOID")}} {
		s, err := state.Open(storage.OS, dir, ops, state.Options{})
		if err == nil {
			err = s.Load(t.Context(), 0)
		}
		if err == nil {
			err = s.Commit(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = s.Close()
		if s, err = state.Open(storage.OS, dir, ops, state.Options{Version: 1}); err != nil {
			t.Fatal(err)
		}
		_ = s.Close()
	}
}
