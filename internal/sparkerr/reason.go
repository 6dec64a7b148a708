package sparkerr

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Reason returns why something failed, in words for users. It removes the names of Go functions and types and
// the path from errors of the standard library, and keeps the text of wrapping errors. The caller's message
// should name the path.
func Reason(err error) string {
	text, inner := plain(err)
	if inner == nil {
		return err.Error()
	}
	whole := err.Error()
	if i := strings.LastIndex(whole, inner.Error()); i >= 0 {
		return whole[:i] + text + whole[i+len(inner.Error()):]
	}
	return text
}

// ReasonWithPath is like Reason, for a message that does not name the path.
func ReasonWithPath(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok && e.Path != "" {
		return strings.Replace(err.Error(), e.Error(), e.Path+": "+Reason(e.Err), 1)
	}
	return Reason(err)
}

// plain finds the outermost standard library error in the chain and returns it with a plain text. inner is nil
// if there is none.
func plain(err error) (text string, inner error) {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return Reason(e.Err), e
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return Reason(e.Err), e
	}
	if text, inner := networkReason(err); inner != nil {
		return text, inner
	}
	if e, ok := errors.AsType[*os.SyscallError](err); ok {
		return Reason(e.Err), e
	}
	if e, ok := errors.AsType[syscall.Errno](err); ok {
		return errnoText(e), e
	}
	if e, ok := errors.AsType[*strconv.NumError](err); ok {
		return numberReason(e), e
	}
	if text, inner := jsonReason(err); inner != nil {
		return text, inner
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "the data ends too early", io.ErrUnexpectedEOF
	}
	return "", nil
}

// errnoText returns the text of an operating system error, replacing misleading ones.
func errnoText(e syscall.Errno) string {
	if e == syscall.EISDIR {
		return "it is a directory"
	}
	return e.Error()
}

func networkReason(err error) (text string, inner error) {
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		outer := error(e)
		if op, ok := errors.AsType[*net.OpError](err); ok {
			outer = op
		}
		return dnsReason(e), outer
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		if e.Timeout() {
			return "no answer in time", e
		}
		return Reason(e.Err), e
	}
	if e, ok := errors.AsType[*net.AddrError](err); ok {
		return fmt.Sprintf("%s: %s", e.Addr, e.Err), e
	}
	return "", nil
}

func dnsReason(e *net.DNSError) string {
	switch {
	case e.IsNotFound:
		return fmt.Sprintf("the host %s is not known", e.Name)
	case e.IsTimeout:
		return fmt.Sprintf("the name server did not answer in time when asked for %s", e.Name)
	}
	return fmt.Sprintf("the name server cannot tell the address of %s", e.Name)
}

func numberReason(e *strconv.NumError) string {
	switch {
	case errors.Is(e.Err, strconv.ErrRange):
		return fmt.Sprintf("%q is out of range", e.Num)
	case e.Func == "ParseBool":
		return fmt.Sprintf("%q is not true or false", e.Num)
	}
	return fmt.Sprintf("%q is not a number", e.Num)
}

func jsonReason(err error) (text string, inner error) {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("%s, at byte %d", e.Error(), e.Offset), e
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s has a JSON %s of the wrong type, at byte %d", fieldOf(e), e.Value, e.Offset), e
	}
	return "", nil
}

func fieldOf(e *json.UnmarshalTypeError) string {
	if e.Field == "" {
		return "the document"
	}
	return e.Field
}
