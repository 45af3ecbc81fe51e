package stackchange

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/strata-cdk/strata/internal/stackpolicy"
)

// ChangeSet is what DescribeChangeSet answers, all pages in one.
type ChangeSet struct {
	StackName, ChangeSetName string
	Status                   types.ChangeSetStatus
	StatusReason             string
	NextToken                *string
	Changes                  []types.Change
}

// ReadChangeSet reads the answer of "aws cloudformation describe-change-set" in JSON.
func ReadChangeSet(text []byte) (*ChangeSet, error) {
	set := &ChangeSet{}
	if err := json.Unmarshal(text, set); err != nil {
		return nil, fmt.Errorf("it is no answer of describe-change-set in JSON: %w", err)
	}
	if set.Status == "" {
		return nil, errors.New("it is no answer of describe-change-set: it has no Status")
	}
	if aws.ToString(set.NextToken) != "" {
		return nil, errors.New("it is one page of several: get them all, without --no-paginate and --max-items")
	}
	return set, nil
}

// FromChangeSet lists the changes of a change set. It fails for one that is not complete or has failed.
func FromChangeSet(set *ChangeSet) ([]Change, error) {
	if set.Status != types.ChangeSetStatusCreateComplete {
		return nil, fmt.Errorf("the change set has the status %s, not CREATE_COMPLETE: %s", set.Status, set.StatusReason)
	}
	var changes []Change
	for _, found := range set.Changes {
		r := found.ResourceChange
		if r == nil {
			continue // a hook's
		}
		c := Change{LogicalID: aws.ToString(r.LogicalResourceId), Type: aws.ToString(r.ResourceType), Because: causes(r)}
		switch r.Action {
		case types.ChangeActionAdd, types.ChangeActionImport:
			continue
		case types.ChangeActionRemove:
			c.Actions = []stackpolicy.Action{stackpolicy.Delete}
		case types.ChangeActionDynamic:
			c.Actions, c.Maybe = []stackpolicy.Action{stackpolicy.Modify, stackpolicy.Replace, stackpolicy.Delete}, true
		default: // Modify, SyncWithActual, and what may come
			switch r.Replacement {
			case types.ReplacementTrue:
				c.Actions = []stackpolicy.Action{stackpolicy.Replace}
			case types.ReplacementConditional:
				c.Actions = []stackpolicy.Action{stackpolicy.Modify, stackpolicy.Replace}
			default:
				c.Actions = []stackpolicy.Action{stackpolicy.Modify}
			}
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// causes are the properties, attributes and resources that the change follows from.
func causes(r *types.ResourceChange) []string {
	because := []string{}
	for _, d := range r.Details {
		if d.Target == nil {
			continue
		}
		text := string(d.Target.Attribute)
		if d.Target.Name != nil {
			text += "." + *d.Target.Name
		}
		if d.CausingEntity != nil {
			text += " from " + *d.CausingEntity
		}
		because = append(because, text)
	}
	return because
}
