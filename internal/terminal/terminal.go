// Package terminal asks the user for an MFA code.
package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrNone says that a code is needed and nobody can be asked for it.
var ErrNone = errors.New("an MFA code is needed, but there is no terminal to ask for it")

// Ask prompts on the terminal of this process, wherever standard input, output and error go, and reads a line. The code is
// shown while it is typed: it is spent when AWS has seen it, and the terminal's settings need not be put back. Ask returns
// ErrNone where there is no terminal.
func Ask(ctx context.Context, prompt string) (string, error) {
	in, out, err := open()
	if err != nil {
		return "", ErrNone
	}
	if _, err := fmt.Fprint(out, prompt); err != nil {
		return "", ErrNone
	}
	type answer struct {
		text string
		err  error
	}
	answered := make(chan answer, 1)
	go func() { // goes on after an interrupt, until the process ends
		defer func() { _, _ = in.Close(), out.Close() }()
		text, err := bufio.NewReader(in).ReadString('\n')
		answered <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-answered:
		if errors.Is(a.err, io.EOF) {
			a.err = errors.New("no MFA code was entered")
		}
		return strings.TrimSpace(a.text), a.err
	}
}
