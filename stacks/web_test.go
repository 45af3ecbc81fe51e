package stacks_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/stacks"
)

func TestWebStackProps_Validate(t *testing.T) {
	assert.NoError(t, (&stacks.WebStackProps{Stage: stacks.Dev}).Validate())
	assert.NoError(t, (&stacks.WebStackProps{Stage: stacks.Prod, Domain: stacks.Domain{Name: "a.b.c", HostedZone: "b.c", HostedZoneID: "Z"}}).Validate())
	var none *stacks.WebStackProps
	assert.EqualError(t, none.Validate(), "invalid stacks.WebStackProps:\n  - Stage: must be one of dev, prod, local, got ")
	for _, d := range []stacks.Domain{{Name: "a.b.c"}, {HostedZone: "b.c", HostedZoneID: "Z"}, {Name: "a.b.c", HostedZoneID: "Z"}} {
		assert.EqualError(t, (&stacks.WebStackProps{Stage: stacks.Dev, Domain: d}).Validate(),
			"invalid stacks.WebStackProps:\n  - Domain: must have all of Name, HostedZone and HostedZoneID, or none")
	}
}

// aws stands for the AWS command line: each message of the queue is a file, and no message is left after the last one.
const aws = `#!/bin/sh
case "$2" in
receive-message)
	for m in "$QUEUE"/*; do
		[ -e "$m" ] || { kill -TERM $PPID; echo None; exit; }
		printf '%s\t%s\n' "$m" "$(cat "$m")"
		exit
	done ;;
delete-message)
	for arg; do last=$arg; done
	rm "$last" ;;
esac
`

func TestWriter(t *testing.T) {
	bin, queue := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "aws"), []byte(aws), 0o700))
	for name, text := range map[string]string{"1": "first", "2": "<script>\"&\ttab", "3": "None, and $(touch x) `y`", "4": "two\nlines"} {
		require.NoError(t, os.WriteFile(filepath.Join(queue, name), []byte(text), 0o600))
	}
	page := filepath.Join(t.TempDir(), "index.html")
	script, err := os.ReadFile("web/writer.sh")
	require.NoError(t, err)
	run := func() (string, error) {
		cmd := exec.Command("sh", "-c", string(script))
		cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "QUEUE=" + queue, "QUEUE_URL=https://queue", "PAGE=" + page}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run()
	require.NoError(t, err, "SIGTERM ends it well: %s", out)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Equal(t, "<p>first</p>\n<p>&lt;script>\"&amp;\ttab</p>\n<p>None, and $(touch x) `y`</p>\n<p>two\nlines</p>\n", string(text))

	t.Run("a message that cannot be written stays", func(t *testing.T) {
		require.NoError(t, os.WriteFile(filepath.Join(queue, "5"), []byte("five"), 0o600))
		page = filepath.Join(t.TempDir(), "no-such-folder", "index.html")
		end := strings.Replace(aws, "receive-message)\n", "receive-message)\n\t[ -e \"$QUEUE/seen\" ] && { kill -TERM $PPID; exit; }; touch \"$QUEUE/seen\"\n", 1)
		require.NoError(t, os.WriteFile(filepath.Join(bin, "aws"), []byte(end), 0o700))
		_, err := run()
		require.NoError(t, err)
		assert.FileExists(t, filepath.Join(queue, "5"))
	})
}
