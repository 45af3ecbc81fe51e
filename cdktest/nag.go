package cdktest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// Finding is what a cdk-nag rule said of a resource.
type Finding struct {
	// Rule is the rule's id, such as "AwsSolutions-IAM5[Resource::*]".
	Rule string `json:"ruleId"`
	// Resource is the path of the construct.
	Resource string `json:"resourceId"`
	// Compliance is "Compliant", "Non-Compliant", "Suppressed" or "UNKNOWN" (the rule could not be evaluated).
	Compliance string `json:"compliance"`
	// Reason is why the finding was suppressed.
	Reason string `json:"exceptionReason"`
	// Info is the rule's text.
	Info string `json:"ruleInfo"`
}

// String gives the finding in a line.
func (f Finding) String() string {
	if f.Compliance == "Suppressed" {
		return fmt.Sprintf("%s %s (suppressed: %s)", f.Rule, f.Resource, f.Reason)
	}
	return fmt.Sprintf("%s %s %s: %s", f.Compliance, f.Rule, f.Resource, f.Info)
}

// AddNag adds the rule pack AwsSolutions of cdk-nag to everything in app, with reports for ReadNag.
func AddNag(app awscdk.App) {
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		Reports:       jsii.Bool(true),
		ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
	}), nil)
}

// Nag synthesises the app of stack with the rule pack AwsSolutions of cdk-nag and returns the findings that are neither
// compliant nor suppressed, and those that are suppressed. Both are sorted.
func Nag(t testing.TB, stack awscdk.Stack) (open, suppressed []Finding) {
	t.Helper()
	app := awscdk.Stage_Of(stack)
	AddNag(app.(awscdk.App))
	return ReadNag(t, *app.Synth(nil).Directory())
}

// ReadNag reads the JSON reports that cdk-nag left in the folder of a cloud assembly.
func ReadNag(t testing.TB, dir string) (open, suppressed []Finding) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*-NagReport.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("cdktest: no report of cdk-nag in %s (%v)", dir, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("cdktest: %v", err)
		}
		var report struct {
			Lines []Finding `json:"lines"`
		}
		if err := json.Unmarshal(text, &report); err != nil {
			t.Fatalf("cdktest: %s: %v", path, err)
		}
		for _, f := range report.Lines {
			switch f.Compliance {
			case "Compliant":
			case "Suppressed":
				suppressed = append(suppressed, f)
			default:
				open = append(open, f)
			}
		}
	}
	byText := func(a, b Finding) int { return strings.Compare(a.String(), b.String()) }
	slices.SortFunc(open, byText)
	slices.SortFunc(suppressed, byText)
	return open, suppressed
}
