// Package node looks for the Node.js that the CDK needs.
package node

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// Oldest is the oldest major version of Node.js that is still supported.
const Oldest = 22

var version = regexp.MustCompile(`^v(\d+)\.`)

// Check returns an error that says what to do when the Node.js that jsii would run, JSII_NODE or node on PATH, is missing
// or too old.
func Check() error {
	name := os.Getenv("JSII_NODE")
	if name == "" {
		name = "node"
	}
	const advice = `install Node.js %d or later, or run "make tools", which installs the pinned one for the make targets`
	out, err := exec.Command(name, "--version").Output()
	if err != nil {
		return fmt.Errorf("Node.js, which the CDK runs on, cannot be started (%v): "+advice, err, Oldest)
	}
	found := strings.TrimSpace(string(out))
	m := version.FindStringSubmatch(found)
	if m == nil {
		return fmt.Errorf("%s is no Node.js, it says %q: "+advice, name, found, Oldest)
	}
	if major, err := strconv.Atoi(m[1]); err != nil || major < Oldest {
		return fmt.Errorf("Node.js %s is too old for the CDK: "+advice, found, Oldest)
	}
	return nil
}
