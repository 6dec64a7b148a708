package file

import (
	"errors"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

const (
	followName   = "follow"
	startingName = "startingPosition"
	lastLineName = "lastLineAfter"
)

var notFollowing = &job.Remark{Text: "Spark does not follow files that grow: it reads each file once", Hint: "have finished files moved into the directory, and leave out the options of follow"}

// followSpecs are the options of file sources of lines.
var followSpecs = []job.OptionSpec{
	{Name: followName, Doc: "read on in files that grow, across rotation (not in Spark)", Kind: option.Bool, Default: "false", NotInSpark: notFollowing},
	{Name: startingName, Doc: "where follow starts in files that are there at the first start: earliest or latest", Kind: option.OneOf("earliest", "latest"), Default: "earliest", Incidental: true, NotInSpark: notFollowing},
	{Name: lastLineName, Doc: "with follow, time after which a last line without line end is taken as a line", Kind: sources.Age, Default: "30s", Incidental: true, NotInSpark: notFollowing},
}

// followOptions are the options of a followed source, checked.
type followOptions struct {
	*options
	latest   bool
	lastLine time.Duration
}

// notWithFollow are options about whole files.
var notWithFollow = map[string]string{
	"maxFilesPerTrigger":      "maxBytesPerTrigger limits a batch",
	"latestFirst":             "lines are read in the order in which they were written",
	"maxFileAge":              "startingPosition: latest leaves out what is there at the first start",
	"fileNameOnly":            "files are recognised by their content, whatever they are called",
	"maxCachedFiles":          "remove it",
	"discardCachedInputRatio": "remove it",
	"cleanSource":             "logrotate removes old files",
	"sourceArchiveDir":        "logrotate moves old files",
}

// isFollowing reports whether the option follow is set; what is wrong with its value is found elsewhere.
func isFollowing(given job.Options) bool {
	text, _ := given.Get(followName)
	follow, _ := option.ParseBoolean(text)
	return follow
}

// checkFollow finds what is wrong with the options about following.
func checkFollow(given job.Options, conf map[string]string) error {
	if isFollowing(given) {
		_, err := parseFollowOptions(given, conf)
		return errors.Join(err, checkLines(given))
	}
	p := parser{opts: given, conf: conf}
	p.boolean(followName, "")
	for _, name := range []string{startingName, lastLineName} {
		if _, ok := given.Get(name); ok && p.err == nil {
			p.err = sparkerr.OfOption(sparkerr.Plain("the option %s has an effect with follow only", name).WithHint("add follow: true, or remove it"), name)
		}
	}
	return p.err
}

// checkLines refuses records of several lines, by the option that makes them so.
func checkLines(given job.Options) error {
	for _, name := range []string{"multiLine", "wholetext"} {
		text, _ := given.Get(name)
		if on, _ := option.ParseBoolean(text); on {
			return sparkerr.OfOption(sparkerr.Plain("follow cannot read with %s: where a record ends in a file that grows is only known at a line end", name).
				WithHint("remove %s, or do not follow: whole files are read then", name), name)
		}
	}
	if text, ok := given.Get("lineSep"); ok && text != "\n" {
		return sparkerr.OfOption(sparkerr.Plain("follow reads lines that end in a line feed; lineSep is %q", text).WithHint("remove lineSep, or do not follow"), "lineSep")
	}
	for _, name := range []string{"encoding", "charset"} {
		text, _ := given.Get(name)
		if upper := strings.ToUpper(text); strings.HasPrefix(upper, "UTF-16") || strings.HasPrefix(upper, "UTF-32") {
			return sparkerr.OfOption(sparkerr.Plain("follow does not read %s, where a line end is not one byte", text).WithHint("do not follow: whole files are read then"), name)
		}
	}
	return nil
}

func parseFollowOptions(given job.Options, conf map[string]string) (*followOptions, error) {
	for _, o := range given {
		for name, hint := range notWithFollow {
			if strings.EqualFold(o.Name, name) {
				return nil, sparkerr.OfOption(sparkerr.Plain("the option %s is about whole files and has no meaning with follow", name).WithHint("%s", hint), name)
			}
		}
	}
	o, err := parseOptions(given, conf)
	if err != nil {
		return nil, err
	}
	f := &followOptions{options: o}
	text, _ := given.Get(startingName)
	f.latest = strings.EqualFold(text, "latest")
	if text != "" && !f.latest && !strings.EqualFold(text, "earliest") {
		return nil, sparkerr.OfOption(sparkerr.Plain("Invalid value '%s' for option '%s', must be earliest or latest", text, startingName), startingName)
	}
	p := parser{opts: given, conf: conf}
	f.lastLine = time.Duration(p.duration(lastLineName, 30_000)) * time.Millisecond
	return f, p.err
}
