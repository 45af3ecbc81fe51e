//go:build unix

package terminal

import "os"

// open opens the terminal of this process.
func open() (in, out *os.File, err error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	return tty, tty, err
}
