package mfa

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	suffix = ".json"
	// Temporary files of writes begin with a dot and the name of their file.
	temporary = "."
	maxSize   = 64 << 10
	lockEvery = 50 * time.Millisecond
	lockWait  = 2 * time.Minute
)

// Cache is a directory of sessions that nobody but its owner can use.
type Cache struct {
	dir string
	// wait is how long another process may ask for a code.
	wait time.Duration
}

// OpenCache makes the directory strata/mfa in the user's cache directory, $XDG_CACHE_HOME or ~/.cache on Linux, if it is
// missing. It refuses one that others can use.
func OpenCache() (*Cache, error) {
	dir, err := directory()
	if err != nil {
		return nil, fmt.Errorf("there is no place to keep MFA sessions: %w", err)
	}
	c := &Cache{dir: dir, wait: lockWait}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the directory of MFA sessions; XDG_CACHE_HOME can name another place: %w", err)
	}
	info, err := os.Lstat(c.dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is no directory; delete it", c.dir)
	}
	if why := exposed(info); why != "" {
		return nil, fmt.Errorf("%s, the directory of MFA sessions, %s; delete it, or make it yours alone with chmod 700", c.dir, why)
	}
	return c, nil
}

func directory() (string, error) {
	base, err := os.UserCacheDir()
	return filepath.Join(base, "strata", "mfa"), err
}

// path is the file for sessions of the same serial, access key and endpoint.
func (c *Cache) path(want Session) string {
	sum := sha256.Sum256([]byte(want.Serial + "\x00" + want.Source + "\x00" + want.Endpoint))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:16])+suffix)
}

// read returns the session that is kept for want, or nil. What is there but is no such session counts as nothing.
func (c *Cache) read(want Session) (*Session, error) {
	s, err := readFile(c.path(want))
	if err != nil || s == nil || s.Version != want.Version {
		return nil, err
	}
	return s, nil
}

func readFile(path string) (*Session, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|noFollow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read a kept MFA session; delete the file, then try again: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if why := exposed(info); why != "" || !info.Mode().IsRegular() {
		if why == "" {
			why = "is no file"
		}
		return nil, fmt.Errorf("%s, which keeps an MFA session, %s; delete it, then try again", path, why)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSize))
	if err != nil {
		return nil, err
	}
	s := &Session{}
	if json.Unmarshal(text, s) != nil || s.AccessKeyID == "" || s.SecretAccessKey == "" || s.SessionToken == "" {
		return nil, nil
	}
	return s, nil
}

// write replaces the session that is kept. After a crash or on a full disk, the old one is there whole. The lock must be held.
func (c *Cache) write(s *Session) error {
	text, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	path := c.path(*s)
	if err := c.sweep(temporary + filepath.Base(path)); err != nil {
		return err
	}
	return replace(path, append(text, '\n'))
}

// sweep deletes what processes left behind that were killed while they wrote.
func (c *Cache) sweep(prefix string) error {
	files, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), prefix) {
			if err := os.Remove(filepath.Join(c.dir, f.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// lock waits until no other process gets a session for want.
func (c *Cache) lock(ctx context.Context, want Session, note func(string)) (unlock func(), err error) {
	l := flock.New(c.path(want)+".lock", flock.SetPermissions(0o600))
	locked, err := l.TryLock()
	if err == nil && !locked {
		note("another strata mfa is asking for a code; waiting for it")
		limited, cancel := context.WithTimeout(ctx, c.wait)
		defer cancel()
		_, err = l.TryLockContext(limited, lockEvery)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("another strata mfa has been asking for a code for %v: enter it there, or end that process", c.wait)
	case err != nil:
		return nil, fmt.Errorf("cannot lock the MFA session; XDG_CACHE_HOME can name another place for it: %w", err)
	}
	return func() { _ = l.Unlock() }, nil
}

// Find returns the kept session with an access key id, or nil.
func Find(accessKeyID string) *Session {
	dir, err := directory()
	if err != nil {
		return nil
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), temporary) && strings.HasSuffix(f.Name(), suffix) {
			if s, err := readFile(filepath.Join(dir, f.Name())); err == nil && s != nil && s.AccessKeyID == accessKeyID {
				return s
			}
		}
	}
	return nil
}
