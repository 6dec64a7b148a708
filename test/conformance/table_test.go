package conformance

import (
	"fmt"

	"github.com/streamctl/streamctl/test/evaluate"
)

// differs compares a failure with a recorded error.
func differs(f *evaluate.Failure, want *recordedError) string {
	switch {
	case f == nil:
		return fmt.Sprintf("no error, want [%s] %s", want.Condition, oneLine(want.Message))
	case want.Phase != "" && f.Phase != want.Phase:
		return fmt.Sprintf("error in phase %s, want %s: %v", f.Phase, want.Phase, f.Err)
	case want.named() && (f.Condition() != want.Condition || f.SQLState() != want.SQLState):
		return fmt.Sprintf("error [%s] %s, want [%s] %s: %v", f.Condition(), f.SQLState(), want.Condition, want.SQLState, f.Err)
	}
	return ""
}
