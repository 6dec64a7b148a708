package analyze

import (
	"errors"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

func TestAnalysisChecksStopEveryFewThousandNodes(t *testing.T) {
	const nodes = 50_000
	text := "a IN (1" + strings.Repeat(", a", nodes) + ")"
	tree, perr := parse.Expression(text)
	if perr != nil {
		t.Fatal(perr)
	}
	stopped := errors.New("stopped")
	looks := 0
	scope := Scope{Columns: []*expr.Expr{{Kind: expr.Column, ID: expr.NewID(), Name: "a", Type: types.Int}}, Stop: halt.When(func() error {
		if looks++; looks == nodes/halt.Pace {
			return stopped
		}
		return nil
	})}
	err := halt.Catch(func() error {
		_, err := Expression(tree, scope, &expr.Origin{Text: text})
		return err
	})
	if !errors.Is(err, stopped) {
		t.Errorf("%v after %d looks", err, looks)
	}
}
