package macro

import (
	"regexp"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/cdkval"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/gofunction"
)

// Props configures a Macro. Exactly one of GoPackage, LibraryPackage and Directory is its code, a main function that calls
// cfnmacro.Start; customresource.ProviderProps has more about them.
type Props struct {
	// Name is what templates call the macro: a letter, then letters, digits, _ and -, 128 at most. It is unique in the account and
	// region. Another name is another macro. It is required.
	Name string
	// GoPackage is a main package in Go that is built at synth: a directory or an import path.
	GoPackage string
	// LibraryPackage is the import path of a main package that a library ships.
	LibraryPackage string
	// Directory is a folder with a program named bootstrap that was built before.
	Directory string
	// Architecture is "arm64" or "x86_64".
	// Default: "arm64".
	Architecture string
	// Description says what the macro is for, in at most 256 characters.
	// Default: none.
	Description string
	// Memory is the memory in MB, 128 to 10240.
	// Default: 256.
	Memory int
	// Timeout is how long a call may take, 1 s to 15 min, in whole seconds. The handler has 2 s less, or three quarters where these
	// are more; then the change set fails.
	// Default: 30 s.
	Timeout time.Duration
	// Environment are variables for the function. They are no place for secrets.
	// Default: none.
	Environment map[string]string
	// Key encrypts logs and variables.
	// Default: a new key that rotates yearly.
	Key awskms.IKey
	// LogRetentionDays is how long logs are kept: a period that CloudWatch Logs takes (1, 3, 5, 7, 14, 30, 60, 90, ...).
	// Default: 365.
	LogRetentionDays int
	// RemovalPolicy says what becomes of logs and the key when the stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// ConfigureFunction edits the L2 props of the function last, after all defaults. What it replaces it answers for.
	// Default: no edit.
	ConfigureFunction func(*awslambda.FunctionProps)
}

var macroName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,127}$`)

// Validate reports every invalid field at once. It is pure Go: no construct is made.
func (p *Props) Validate() error {
	d, c := p.withDefaults(), check.For("macro.Props")
	c.That(macroName.MatchString(d.Name), "Name", "must be a letter, then letters, digits, _ and -, 128 at most, got %q", d.Name)
	d.function().Validate(c, time.Second)
	check.OneOf(c, "LogRetentionDays", d.LogRetentionDays, cdkval.RetentionDays()...)
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	return c.Err()
}

func (p *Props) function() *gofunction.Props {
	return &gofunction.Props{
		GoPackage: p.GoPackage, LibraryPackage: p.LibraryPackage, Directory: p.Directory, Architecture: p.Architecture,
		Description: p.Description, Memory: p.Memory, Timeout: p.Timeout, Environment: p.Environment,
	}
}

func (p *Props) withDefaults() Props {
	var d Props
	if p != nil {
		d = *p
	}
	defaults.Or(&d.Architecture, "arm64")
	defaults.Or(&d.Memory, 256)
	defaults.Or(&d.Timeout, 30*time.Second)
	defaults.Or(&d.LogRetentionDays, 365)
	defaults.Or(&d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN)
	return d
}
