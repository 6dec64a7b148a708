// Package function is the table of Spark's SQL functions, which includes operators and conditional forms. Each entry defines
// how a call is typed, what it may be replaced by, and which kernel computes it. Kernels see only vectors; package eval runs
// them.
package function

import (
	"slices"
	"strings"
	"sync"

	"github.com/streamctl/streamctl/internal/sql/expr"
)

// families lists the parts of the table, one per file: func stringFunctions() []*expr.Function in strings.go. A family is a
// function so that entries may look each other up and nothing is built before the first lookup. A name belongs to one family
// only.
func families() []func() []*expr.Function {
	return []func() []*expr.Function{
		arithmeticFunctions,
		bitwiseFunctions,
		comparisonFunctions,
		logicFunctions,
		patternFunctions,
		elementFunctions,
		conditionalFunctions,
		castFunctions,
		concatFunctions,
		stringFunctions,
		searchFunctions,
		regexpFunctions,
		encodingFunctions,
		hashFunctions,
		miscFunctions,
		randomFunctions,
		formatStringFunctions,
		formatNumberFunctions,
		likenessFunctions,
		decimalFormatFunctions,
		urlFunctions,
		sentenceFunctions,
		aesFunctions,
		mathFunctions,
		datetimeFieldFunctions,
		extractFunctions,
		datetimeTextFunctions,
		datetimeNowFunctions,
		datetimeArithmeticFunctions,
		datetimeMakeFunctions,
		datetimeZoneFunctions,
		intervalFunctions,
		timeFunctions,
		constructorFunctions,
		arraySearchFunctions,
		arrayFunctions,
		arraySetFunctions,
		mapFunctions,
		sequenceFunctions,
		shuffleFunctions,
		vectorFunctions,
		lambdaFunctions,
		mapLambdaFunctions,
		generatorFunctions,
		jsonFunctions,
		csvFunctions,
		xmlFunctions,
		xpathFunctions,
		variantFunctions,
		variantEditFunctions,
		windowFunctions,
		bucketFunctions,
		roundingFunctions,
		integerFunctions,
		countFunctions,
		sumFunctions,
		valueFunctions,
		statisticFunctions,
		collectFunctions,
		percentileFunctions,
		bitFunctions,
		sketchFunctions,
		frequentFunctions,
		hllFunctions,
		kllFunctions,
		thetaFunctions,
		tupleFunctions,
		vectorTotalFunctions,
	}
}

var table struct {
	once   sync.Once
	all    []*expr.Function
	byName map[string]*expr.Function
}

func load() {
	table.byName = map[string]*expr.Function{}
	for _, family := range families() {
		for _, f := range family() {
			table.all = append(table.all, f)
			table.byName[f.Name] = f
			for _, alias := range f.Aliases {
				table.byName[alias] = f
			}
		}
	}
	slices.SortFunc(table.all, func(a, b *expr.Function) int { return strings.Compare(a.Name, b.Name) })
}

// All returns the functions sorted by canonical name.
func All() []*expr.Function {
	table.once.Do(load)
	return table.all
}

// Lookup finds a function by its canonical name or an alias, ignoring case.
func Lookup(name string) (*expr.Function, bool) {
	table.once.Do(load)
	f, ok := table.byName[strings.ToLower(name)]
	return f, ok
}

// Call returns a resolved call of a function known to be in the table, located at from (which may be nil).
func Call(from *expr.Expr, name string, args ...*expr.Expr) (*expr.Expr, error) {
	f, _ := Lookup(name)
	call := &expr.Expr{Kind: expr.Call, Fn: f, Args: args}
	if from != nil {
		call.Span, call.Origin = from.Span, from.Origin
	}
	if err := f.Resolve(call); err != nil {
		return nil, err
	}
	return call, nil
}
