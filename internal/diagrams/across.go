package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/strata-cdk/strata/internal/sorted"
)

// shortestName is how long a name must be to be looked for in the other part: a shorter one may stand there by chance.
const shortestName = 8

// physical notes the name that a resource has in AWS, when the template says it, and all other texts of the resource. Stacks that stand
// alone know of each other by such names only.
func (p *part) physical(id string, r resource) {
	for property, value := range sorted.All(r.Properties) {
		if strings.HasSuffix(property, "Description") {
			continue
		}
		text := flat(value)
		if !ownName(r.Type, property) {
			p.texts[id] = append(p.texts[id], text...)
		} else if len(text) == 1 && len(text[0]) >= shortestName {
			p.names[id] = text[0]
		}
	}
}

// ownName tells whether a property is the name of a resource itself, such as BucketName of AWS::S3::Bucket and TableName of
// AWS::DynamoDB::GlobalTable, but not ServiceName of AWS::EC2::VPCEndpoint.
func ownName(kind, property string) bool {
	for _, suffix := range []string{"Name", "Identifier"} {
		if of, ok := strings.CutSuffix(property, suffix); ok {
			return strings.HasSuffix(kind, of)
		}
	}
	return false
}

// across gives the edges from resources of one part to those of another whose name they have in their properties.
func across(from, to *part) (edges [][2]string) {
	for other, name := range sorted.All(to.names) {
		whole := regexp.MustCompile(`(^|[^\w-])` + regexp.QuoteMeta(name) + `($|[^\w-])`)
		for id, texts := range sorted.All(from.texts) {
			if slices.ContainsFunc(texts, whole.MatchString) {
				edges = append(edges, [2]string{id, other})
			}
		}
	}
	return edges
}

// flat gives the texts of a value, with what is known at deployment only in the form of Fn::Sub.
func flat(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, flat(item)...)
		}
		return all
	case map[string]any:
		if len(v) == 1 {
			if ref, ok := v["Ref"].(string); ok {
				return []string{"${" + ref + "}"}
			}
			if join, ok := v["Fn::Join"].([]any); ok && len(join) == 2 {
				separator, _ := join[0].(string)
				return []string{strings.Join(flat(join[1]), separator)}
			}
		}
		var all []string
		for _, item := range sorted.All(v) {
			all = append(all, flat(item)...)
		}
		return all
	}
	return nil
}
