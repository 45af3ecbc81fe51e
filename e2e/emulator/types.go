//go:build unix

package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

const printTypes = `import json
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS
print(json.dumps(sorted(_RESOURCE_HANDLERS)))`

// SupportedTypes asks the installed ministack which CloudFormation resource types it can deploy.
func (e *Emulator) SupportedTypes(ctx context.Context) (Types, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(e.root, ".venv", "bin", "python"), "-c", printTypes)
	cmd.Env = e.serverEnv()
	var problem bytes.Buffer
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot ask the emulator for its resource types: %w: %s", err, strings.TrimSpace(problem.String()))
	}
	var names []string
	if err := json.Unmarshal(out, &names); err != nil || len(names) == 0 {
		return nil, fmt.Errorf("the emulator named no resource types: %q", out)
	}
	types := Types{}
	for _, n := range names {
		types[n] = true
	}
	return types, nil
}

// Types is a set of CloudFormation resource types.
type Types map[string]bool

// Has tells whether the type is in the set. Custom resources always are: a function implements them.
func (t Types) Has(name string) bool { return t[name] || strings.HasPrefix(name, "Custom::") }
