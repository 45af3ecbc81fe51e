package monitoring

import "strings"

const (
	// maxChildren is how many alarms the rule of a composite alarm may have.
	maxChildren = 100
	// maxRule is how many characters the rule may have.
	maxRule = 10240
	// longestName is that of an alarm.
	longestName = 255
)

// child is an alarm in the rule of a composite alarm.
type child struct {
	// name may be a token; length is the most characters that it has when it is deployed.
	name   string
	length int
}

// rule is on while one of the children is.
func rule(children []child) string {
	terms := make([]string, len(children))
	for i, c := range children {
		terms[i] = `ALARM("` + c.name + `")`
	}
	return strings.Join(terms, " OR ")
}

// split divides children into as few groups as fit in a rule each, in their order.
func split(children []child) [][]child {
	const term, or = len(`ALARM("")`), len(" OR ")
	var groups [][]child
	length := 0
	for i, c := range children {
		n := term + c.length + or
		if i == 0 || len(groups[len(groups)-1]) == maxChildren || length+n-or > maxRule {
			groups, length = append(groups, nil), 0
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], c)
		length += n
	}
	return groups
}

// nameLength is the most characters of a name that CloudFormation makes: the stack's, the logical id and 12 more, with hyphens
// between them.
func nameLength(stack, logicalID string) int {
	if strings.Contains(stack, "${Token[") {
		return longestName
	}
	return min(longestName, len(stack)+1+len(logicalID)+1+12)
}
