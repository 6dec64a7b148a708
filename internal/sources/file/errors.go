package file

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// gone turns the error of a directory that was there when the query was defined into one for the user.
func gone(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &sparkerr.Error{
			Condition: "PATH_NOT_FOUND", Params: map[string]string{"path": "file:" + path}, Cause: err,
			Text: fmt.Sprintf("The path %s is not there any more: it was removed or renamed while the query was running.", path),
			Hint: "make the directory again and start the query once more; a checkpoint lets it go on where it stopped",
		}
	}
	return unreadable(err)
}

// unreadable is the error for what the system does not let us see.
func unreadable(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return &sparkerr.Error{Text: "cannot list " + p.Path + ": " + p.Err.Error(), Cause: err}
	}
	return err
}
