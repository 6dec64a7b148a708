package types

import (
	"math/rand/v2"
	"testing"
)

// awkward lists names that a parser may mistake for something else: numbers, keywords, quotes, blanks, letters of other scripts.
var awkward = []string{
	"a", "1d", "1", "12", "1a", "_", "_1", "a1", "1e5", "1L", "1.5", "0x1", "a b", " a", "a ", "é", "日本", "select", "from", "interval", "struct", "map",
	"array", "not", "NULL", "null", "true", "no", "on", "y", "~", "comment", "collate", "timestamp", "int", "STRING", "name", "type", "nullable", "fields", "columns", "schema",
	"`", "``", "`x`", "a`b", "a.b", "a-b", "-a", "- a", "a:b", "a: b", ":", "a,b", "a;b", "'a'", `"a"`, `\`, `a\b`, "#a", "a #b", "&a", "*a", "!a", "%a", "@a", "|a", ">a",
	"{a}", "[a]", "(a)", "<a>", "a\nb", "a\tb", "\r", "\x00", "\x1b", "\u0085", "\u009f", "\u2028", "\ufeff", "\uffff", "\u00a0", "\U0001F600", "/*a*/", "--a", "a b INT, c", "?", "=", "a=b", "$a", "${env:A}",
}

func randomName(r *rand.Rand) string {
	if r.IntN(2) == 0 {
		return awkward[r.IntN(len(awkward))]
	}
	name := awkward[r.IntN(len(awkward))]
	for range r.IntN(4) {
		name += awkward[r.IntN(len(awkward))]
	}
	return name
}

func randomFields(r *rand.Rand, depth int) []Field {
	fields := make([]Field, 1+r.IntN(3))
	for i := range fields {
		fields[i] = Field{Name: randomName(r), Type: randomType(r, depth), Nullable: true}
		if r.IntN(5) == 0 {
			fields[i].Comment = randomName(r)
		}
		fields[i].Nullable = r.IntN(5) > 0
	}
	return fields
}

func randomType(r *rand.Rand, depth int) *Type {
	switch n := r.IntN(6); {
	case n == 0 && depth > 0:
		return ArrayOf(randomType(r, depth-1), true)
	case n == 1 && depth > 0:
		return MapOf(String, randomType(r, depth-1), true)
	case n <= 3 && depth > 0:
		return StructOf(randomFields(r, depth-1)...)
	}
	return []*Type{Int, Long, String, Date, Timestamp, DecimalOf(9, 2), Binary}[r.IntN(7)]
}

// whole renders everything that a schema holds.
func whole(s *Schema) string { return s.JSON() }

func TestEveryNameRoundTripsInEverySchemaFormat(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	check := func(s *Schema) {
		t.Helper()
		if back, err := ParseDDL(s.DDL()); err != nil || whole(back) != whole(s) {
			t.Errorf("DDL %q: %v", s.DDL(), err)
		}
		if back, err := ParseSchemaYAML([]byte(s.YAML()), "schema.yaml"); err != nil || whole(back) != whole(s) {
			t.Errorf("YAML %q: %v", s.YAML(), err)
		}
		if back, err := ParseJSON([]byte(s.JSON())); err != nil || whole(back) != whole(s) {
			t.Errorf("JSON %q: %v", s.JSON(), err)
		}
	}
	for _, name := range awkward {
		check(&Schema{Fields: []Field{{Name: name, Type: Long, Nullable: true}}})
		check(&Schema{Fields: []Field{{Name: "s", Type: StructOf(Field{Name: name, Type: Long, Nullable: true}), Nullable: true}}})
	}
	for range 3000 {
		check(&Schema{Fields: randomFields(r, 3)})
		if t.Failed() {
			return
		}
	}
}

func TestQuotingOfNamesMatchesSpark(t *testing.T) {
	for name, want := range map[string]string{
		"a": "a", "_1": "_1", "a1": "a1", "select": "select", "NULL": "NULL", "1d": "`1d`", "1": "`1`", "1_a": "`1_a`", "0x1": "`0x1`", "a b": "`a b`",
		"é": "`é`", "`x`": "```x```", "a.b": "`a.b`", "": "``",
	} {
		if got := QuoteIfNeeded(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}
