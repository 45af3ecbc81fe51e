//go:build unix

// Package emulator runs ministack, an AWS emulator, for this checkout only.
//
// The emulator listens on one free port of 127.0.0.1, with TLS and a certificate made for this start, checks signatures
// and IAM policies (AUTH=true), keeps all its files below one directory and sees nothing of the caller's environment
// but PATH: no AWS variable, no credentials, no AWS files. Functions that it runs inherit that. Its state is in memory and
// gone when it stops.
package emulator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/strata-cdk/strata/e2e/internal/proc"
)

// What every emulator of this package pretends to be. "test" is ministack's name for the root user of the account.
const (
	Region  = "us-east-1"
	Account = "000000000000"
	Key     = "test"
	Secret  = "test"
)

const (
	readyWithin = time.Minute
	stopWithin  = 10 * time.Second
)

// Options says which emulator to start. Both directories are required.
type Options struct {
	// Root is the checkout whose .venv (ministack) and node_modules (Node.js, cdk) are used.
	Root string
	// Dir gets everything the emulator writes. It is made when it is missing.
	Dir string
	// Detached leaves the emulator running when this process ends; Attach finds it again through Dir.
	// Default: false, it dies with this process (Linux), and Stop is the caller's duty.
	Detached bool
}

// Emulator is a running ministack.
type Emulator struct {
	root, dir string
	port      int
	process   proc.Process
	client    *http.Client
	env       []string
}

// Start starts an emulator and returns when it answers.
func Start(ctx context.Context, o Options) (*Emulator, error) {
	e, err := prepare(o)
	if err != nil {
		return nil, err
	}
	for _, d := range []string{"tmp", "state", "s3", "home"} {
		if err := mkdir(e.file(d)); err != nil {
			return nil, err
		}
	}
	if err := writeCertificate(e.file("ca.pem"), e.file("key.pem")); err != nil {
		return nil, err
	}
	log, err := os.Create(e.file("log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	// The child inherits the listening socket, so that nobody can take the port between choosing and using it.
	socket, port, err := listen()
	if err != nil {
		return nil, err
	}
	if err := e.connect(port); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	python := filepath.Join(e.root, ".venv", "bin", "python")
	// Without workers it is one process, which is what dies with this one.
	cmd := exec.Command(python, "-m", "hypercorn", "ministack.app:app", "--workers", "0", "--bind", "fd://3",
		"--certfile", e.file("ca.pem"), "--keyfile", e.file("key.pem"), "--keep-alive", "75")
	cmd.ExtraFiles = []*os.File{socket}
	cmd.Dir, cmd.Env = e.file("tmp"), e.serverEnv()
	cmd.Stdout, cmd.Stderr = log, log
	process, done, err := proc.Start(cmd, o.Detached)
	if err := socket.Close(); err != nil { // or connections would wait here when the child has ended
		return nil, err
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the emulator is not installed: %s is missing; run make python", rel(e.root, python))
	}
	if err != nil {
		return nil, fmt.Errorf("cannot start the emulator: %w%s", err, e.logTail())
	}
	e.process = process
	if err := e.ready(ctx, done); err != nil {
		return nil, errors.Join(err, e.Stop(context.WithoutCancel(ctx)))
	}
	if o.Detached {
		if err := e.record(); err != nil {
			return nil, errors.Join(err, e.Stop(context.WithoutCancel(ctx)))
		}
	}
	return e, nil
}

// prepare checks the options and derives everything that does not need a running process.
func prepare(o Options) (*Emulator, error) {
	if o.Root == "" || o.Dir == "" {
		return nil, errors.New("emulator.Options: Root and Dir are required")
	}
	root, err := filepath.Abs(o.Root)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	return &Emulator{root: root, dir: dir}, nil
}

// listen opens a free port of this machine.
func listen() (socket *os.File, port int, err error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = l.Close() }()
	socket, err = l.(*net.TCPListener).File()
	return socket, l.Addr().(*net.TCPAddr).Port, err
}

// connect sets all that follows from the port.
func (e *Emulator) connect(port int) error {
	pem, err := os.ReadFile(e.file("ca.pem"))
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s is not a certificate", e.file("ca.pem"))
	}
	e.port = port
	e.client = &http.Client{
		// No proxy, no other certificate authority: what answers can only be this emulator.
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true},
		Timeout:   time.Minute,
		// A redirect is an answer, and could lead to another machine.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	e.env, err = e.clientEnv()
	return err
}

// ready waits until the emulator answers, ends, or the time is over.
func (e *Emulator) ready(ctx context.Context, done <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		if e.healthy(ctx) {
			return nil
		}
		select {
		case <-done:
			return fmt.Errorf("the emulator ended while it started%s", e.logTail())
		case <-ctx.Done():
			return fmt.Errorf("the emulator did not answer: %w%s", ctx.Err(), e.logTail())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (e *Emulator) healthy(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.Endpoint()+"/_ministack/ready", nil)
	if err != nil {
		return false
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return err == nil && resp.StatusCode == http.StatusOK
}

// Stop ends the emulator and the functions it runs, and returns when no process and no open port of it is left.
func (e *Emulator) Stop(ctx context.Context) error {
	e.client.CloseIdleConnections() // the server would wait for them
	err := proc.End(ctx, e.process, stopWithin)
	if err == nil {
		if conn, dialErr := net.DialTimeout("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(e.port)), time.Second); dialErr == nil {
			_ = conn.Close()
			err = fmt.Errorf("port %d of the emulator is still open", e.port)
		}
	}
	if err != nil {
		return fmt.Errorf("cannot stop the emulator: %w", err)
	}
	return e.forget()
}

// Endpoint is the one URL under which all services answer.
func (e *Emulator) Endpoint() string { return "https://127.0.0.1:" + strconv.Itoa(e.port) }

// CACert is the file with the certificate that clients must trust.
func (e *Emulator) CACert() string { return e.file("ca.pem") }

// PID is the process id of the emulator, which is also the id of its process group.
func (e *Emulator) PID() int { return e.process.PID }

func (e *Emulator) file(name string) string { return filepath.Join(e.dir, "emulator", name) }

func mkdir(path string) error { return os.MkdirAll(path, 0o700) }

// logTail returns the end of the log in a form to append to an error.
func (e *Emulator) logTail() string {
	b, err := os.ReadFile(e.file("log"))
	text := strings.TrimSpace(string(b))
	if err != nil || text == "" {
		return "; its log is empty"
	}
	lines := strings.Split(text, "\n")
	return "; its log ends with\n  " + strings.Join(lines[max(0, len(lines)-15):], "\n  ")
}

// rel shortens a path for a message.
func rel(root, path string) string {
	if r, err := filepath.Rel(root, path); err == nil {
		return r
	}
	return path
}
