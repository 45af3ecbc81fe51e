package cdktest

import (
	"fmt"
	"path/filepath"
	"regexp"

	"github.com/gkampitakis/go-snaps/snaps"
)

// sha256 finds the hashes of assets and the like.
var sha256 = regexp.MustCompile(`[0-9a-f]{64}`)

// destination finds where a step of CDK Pipelines publishes an asset to: its last part is a hash that depends on the asset's.
var destination = regexp.MustCompile(`(ASSET_HASH_\d+:[a-z0-9_-]+-)[0-9a-f]{8}\b`)

// Snapshot compares the template with the snapshot testdata/NAME_1.snap.json of the package, where name may have folders, such
// as "apilambda/rest". Hashes of assets are replaced by ASSET_HASH_1, ASSET_HASH_2, ... in the order in which they first
// appear, so that new code in an asset leaves the snapshot alone.
//
// UPDATE_SNAPS=true writes snapshots. With CI set, a missing one fails the test.
func (tpl *Template) Snapshot(name string) {
	tpl.t.Helper()
	snaps.WithConfig(
		snaps.Dir(filepath.Join("testdata", filepath.Dir(name))),
		snaps.Filename(filepath.Base(name)),
	).MatchStandaloneJSON(tpl.t, maskHashes(string(tpl.JSON)))
}

func maskHashes(text string) string {
	seen := map[string]string{}
	text = sha256.ReplaceAllStringFunc(text, func(hash string) string {
		if seen[hash] == "" {
			seen[hash] = fmt.Sprintf("ASSET_HASH_%d", len(seen)+1)
		}
		return seen[hash]
	})
	return destination.ReplaceAllString(text, "${1}DESTINATION")
}
