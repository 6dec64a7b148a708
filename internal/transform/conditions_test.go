package transform

import (
	"context"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
)

func TestConditionsForStatistics(t *testing.T) {
	for where, want := range map[string]string{
		"a > 5":                              "a! a>",
		"5 > a":                              "a! a<",
		"a = 5 AND k LIKE 'x%'":              "a! k! a= k^",
		"a IN (1, 2) OR k = 'x'":             "(a=|k=)",
		"a IN (1, 2) OR length(k) = 1":       "",
		"a = 1 AND length(k) = 1":            "a! k! a=",
		"NOT (a = 1)":                        "a!",
		"k LIKE '%x'":                        "k!",
		"a BETWEEN 1 AND 3":                  "a! a≥ a≤",
		"a + 1 > 2":                          "a!",
		"a IS NULL":                          "",
		"NOT (a = 1 OR startswith(k, 'x'))":  "a! k!",
		"a = 1 OR (a < 0 AND length(k) = 1)": "",
		"a = 2.5":                            "a!",
		"k = 1":                              "k!",
	} {
		p, err := analyzed(t, "parquet", "filter "+where, "select k; a").Optimize(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for i, c := range p.Inputs[0].Conditions() {
			if i > 0 {
				got += " "
			}
			got += conditionText(c, p)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", where, got, want)
		}
	}
}

func conditionText(c *codec.Condition, p *Plan) string {
	switch c.Op {
	case codec.AllOf, codec.AnyOf:
		sep := "&"
		if c.Op == codec.AnyOf {
			sep = "|"
		}
		return "(" + conditionText(c.Args[0], p) + sep + conditionText(c.Args[1], p) + ")"
	}
	return p.Inputs[0].Fields[c.Column].Name + map[codec.ConditionOp]string{codec.OneOf: "=", codec.Less: "<", codec.LessOrEqual: "≤", codec.Greater: ">",
		codec.GreaterOrEqual: "≥", codec.StartsWith: "^", codec.IsNotNull: "!"}[c.Op]
}
