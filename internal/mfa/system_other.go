//go:build !unix

package mfa

import (
	"io/fs"
	"os"
)

const noFollow = 0

// The cache directory of Windows belongs to its user.
func exposed(fs.FileInfo) string { return "" }

// A file that is not whole is not read as a session.
func replace(path string, text []byte) error { return os.WriteFile(path, text, 0o600) }
