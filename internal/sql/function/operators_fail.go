package function

import (
	"fmt"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
)

// ansiConfig is the setting that Spark's messages name as a workaround.
const ansiConfig = `"spark.sql.ansi.enabled"`

// tryName returns the function that yields NULL where the operator overflows, or "".
func tryName(op string) string {
	switch op {
	case "+":
		return "try_add"
	case "-":
		return "try_subtract"
	case "*":
		return "try_multiply"
	}
	return ""
}

// overflow returns the failure of int and bigint.
func overflow[T kernel.Integer](op string) failure[T] {
	return func(_, b T) error {
		if b == 0 && divides(op) {
			return zeroError(op)
		}
		return arithmeticOverflow(tryName(op))
	}
}

// smallOverflow returns the failure of tinyint and smallint.
func smallOverflow[T kernel.Integer](op string) failure[T] {
	return func(a, b T) error {
		if b == 0 && divides(op) {
			return zeroError(op)
		}
		return sparkerr.New("BINARY_ARITHMETIC_OVERFLOW", "value1", fmt.Sprintf("%dS", a), "symbol", op,
			"value2", fmt.Sprintf("%dS", b), "functionName", "`"+tryName(op)+"`")
	}
}

func zeroDivisor[T any](op string) failure[T] {
	return func(_, _ T) error { return zeroError(op) }
}

func zeroError(op string) *sparkerr.Error {
	if op == "%" || op == "pmod" {
		return sparkerr.New("REMAINDER_BY_ZERO", "config", ansiConfig).WithHint("try_mod returns NULL instead")
	}
	return divideByZero()
}

func divideByZero() *sparkerr.Error {
	return sparkerr.New("DIVIDE_BY_ZERO", "config", ansiConfig).WithHint("try_divide returns NULL instead")
}

func arithmeticOverflow(try string) *sparkerr.Error {
	alternative := ""
	if try != "" {
		alternative = " Use '" + try + "' to tolerate overflow and return NULL instead."
	}
	return sparkerr.New("ARITHMETIC_OVERFLOW", "message", "overflow", "alternative", alternative, "config", ansiConfig)
}

func intervalOverflow(try string) *sparkerr.Error {
	if try == "" {
		return sparkerr.New("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION")
	}
	return sparkerr.New("INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION", "functionName", "`"+try+"`")
}
