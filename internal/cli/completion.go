package cli

import (
	"bytes"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// completeExpression returns what may stand at the end of a text of SQL: the columns and functions whose names begin with the name typed last. Each
// result is the text with the name completed. Without a name, there are the columns only; within a string, nothing is.
func completeExpression(text string, columns []string) (list []string) {
	from := len(text)
	for from > 0 && isWordByte(text[from-1]) {
		from--
	}
	before, word := text[:from], text[from:]
	if strings.Count(before, "'")%2 == 1 || word != "" && word[0] >= '0' && word[0] <= '9' {
		return nil
	}
	add := func(name, suffix string) {
		if len(name) >= len(word) && strings.EqualFold(name[:len(word)], word) {
			list = append(list, before+word+name[len(word):]+suffix) // shells compare with what is typed
		}
	}
	for _, c := range columns {
		if !strings.ContainsFunc(c, func(r rune) bool { return r > 127 || !isWordByte(byte(r)) }) {
			add(c, "")
		}
	}
	if word != "" {
		for _, f := range functionNames() {
			if isWordByte(f[0]) {
				add(f, "(")
			}
		}
	}
	return list
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// completeExpressions registers the completion of flags whose values are expressions. assigned ones begin with a column and =.
func completeExpressions(cmd *cobra.Command, assigned bool, flags ...string) {
	anyColumn := func(types.Field) bool { return true }
	for _, flag := range flags {
		_ = cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			directive := cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
			if assigned && !strings.Contains(typed, "=") {
				return columnNames(cmd, "=", anyColumn), directive
			}
			columns := columnNames(cmd, "", anyColumn)
			if flag == "sql" {
				columns = append(columns, "stream")
			}
			return completeExpression(typed, columns), directive
		})
	}
}

// inQuotes changes the script that completes words in bash, which does nothing once a quote is open: it runs the words so far as a command, and an open
// quote makes that a mistake. Each pair is a text of the script and its replacement.
var inQuotes = []string{
	`out=$(eval "${requestComp}" 2>/dev/null)`,
	`out=$(eval "${requestComp}" 2>/dev/null || eval "${requestComp}\"" 2>/dev/null || eval "${requestComp}'" 2>/dev/null)`,
	`    local shellCompDirectiveError=1
`,
	`    # Within quotes, the results are used as they are. The quote is not part of them.
    if [[ ${cur} == [\"\']* ]]; then
        local line
        COMPREPLY=()
        while IFS= read -r line; do
            line=${line%%$'\t'*}
            [[ -n ${line} && ${line} == "${cur:1}"* ]] && COMPREPLY+=("${line}")
        done <<<"${out}"
        [[ $(type -t compopt) == builtin ]] && compopt -o nospace +o default 2>/dev/null
        return
    fi

    local shellCompDirectiveError=1
`,
}

// completeInQuotes makes the scripts for bash and zsh complete within quotes, and that for fish after them.
func completeInQuotes(root *cobra.Command) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		cmd := commandOf(root, []string{"completion", shell})
		if cmd == nil {
			continue
		}
		cmd.RunE = func(cmd *cobra.Command, _ []string) error {
			var script bytes.Buffer
			plain, err := cmd.Flags().GetBool("no-descriptions")
			switch {
			case err != nil:
				return err
			case shell == "bash":
				err = root.GenBashCompletionV2(&script, !plain)
			case shell == "fish":
				err = root.GenFishCompletion(&script, !plain)
			case plain:
				err = root.GenZshCompletionNoDesc(&script)
			default:
				err = root.GenZshCompletion(&script)
			}
			if err != nil {
				return err
			}
			text, err := withQuotes(shell, script.String())
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write([]byte(text))
			return err
		}
	}
}

// withQuotes applies inQuotes to the script of a shell. A text that is not there is a mistake of ours: cobra has changed.
func withQuotes(shell, script string) (string, error) {
	pairs := inQuotes
	switch shell {
	case "fish": // the words come without their quotes
		pairs = []string{`set -l args (commandline -opc)`, `set -l args (string escape -- (commandline -opc))`}
	case "zsh":
		pairs = []string{`out=$(eval ${requestComp} 2>/dev/null)`,
			`out=$(eval ${requestComp} 2>/dev/null || eval "${requestComp}\"" 2>/dev/null || eval "${requestComp}'" 2>/dev/null)`}
	}
	for pair := range slices.Chunk(pairs, 2) {
		if strings.Count(script, pair[0]) != 1 {
			return "", sparkerr.Internal("the completion script of %s has changed", shell)
		}
		script = strings.Replace(script, pair[0], pair[1], 1)
	}
	return script, nil
}
