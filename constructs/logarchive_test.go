package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/logarchive"
)

// archiveOf is an archive of the log groups "/app/a", "/app/b", ...
func archiveOf(t *testing.T, groups int, edit func(*logarchive.ArchiveProps)) (*logarchive.Archive, *cdktest.Template) {
	t.Helper()
	stack := cdktest.Stack(t)
	props := &logarchive.ArchiveProps{Export: &logarchive.Export{}}
	for i := range groups {
		name := "/app/" + string(rune('a'+i))
		props.LogGroups = append(props.LogGroups, awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Group"+string(rune('A'+i))), &name))
	}
	if edit != nil {
		edit(props)
	}
	archive := logarchive.NewArchive(stack, "Archive", props)
	return archive, cdktest.Synth(t, stack)
}

func TestLogArchive_PassesNag(t *testing.T) {
	stack := cdktest.Stack(t)
	logarchive.NewArchive(stack, "Archive", &logarchive.ArchiveProps{
		Export:    &logarchive.Export{},
		LogGroups: []awslogs.ILogGroup{awslogs.NewLogGroup(stack, jsii.String("Group"), nil)},
	})
	findings, suppressed := cdktest.Nag(t, stack)
	assert.Empty(t, findings)
	for _, s := range suppressed {
		t.Log(s)
	}
}

func TestLogArchive_Defaults(t *testing.T) {
	_, tpl := archiveOf(t, 1, nil)
	tpl.Snapshot("logarchive/default")
}
