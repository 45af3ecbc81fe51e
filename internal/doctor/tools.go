package doctor

import (
	"context"
	"fmt"
	"go/version"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/strata-cdk/strata/internal/node"
)

const (
	oldestGo = "go1.26"
	// The command line has numbers of its own since 2.1000; those before it cannot read what the library writes now.
	oldestCDK = 1000
)

var cdkVersion = regexp.MustCompile(`^2\.([0-9]+)\.[0-9]+`)

func checkTools(ctx context.Context, d *report) {
	if found, err := output(ctx, "go", "env", "GOVERSION"); err != nil {
		d.problem("Go cannot be started: "+err.Error(), "Install Go "+oldestGo[2:]+" or later from https://go.dev/dl and put its bin folder on PATH.")
	} else if version.Compare(found, oldestGo) < 0 {
		d.problem("Go is too old: "+found, "Install Go "+oldestGo[2:]+" or later from https://go.dev/dl.")
	} else {
		d.ok("Go " + strings.TrimPrefix(found, "go"))
	}
	if err := node.Check(); err != nil {
		d.problem(err.Error(), "Node.js is at https://nodejs.org.")
	} else {
		d.ok(fmt.Sprintf("Node.js %d or later", node.Oldest))
	}
	const install = "Install it in your project: npm install --save-dev aws-cdk; npx cdk runs it."
	cdk := "cdk"
	if _, err := exec.LookPath(cdk); err != nil {
		cdk = "./" + filepath.Join("node_modules", ".bin", "cdk")
	}
	found, err := output(ctx, cdk, "--version")
	if err != nil {
		d.problem("there is no CDK command line, neither cdk on PATH nor in node_modules: "+err.Error(), install)
		return
	}
	m := cdkVersion.FindStringSubmatch(found)
	if m == nil {
		d.problem(fmt.Sprintf("the CDK command line has a version that is not known here: %q", found), install)
	} else if minor, err := strconv.Atoi(m[1]); err != nil || minor < oldestCDK {
		d.problem("the CDK command line is too old: "+m[0], install)
	} else {
		d.ok("CDK command line " + m[0])
	}
}

func output(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	return strings.TrimSpace(string(out)), err
}
