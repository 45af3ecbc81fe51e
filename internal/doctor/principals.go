package doctor

import (
	"regexp"
	"strings"

	"github.com/strata-cdk/strata/internal/sorted"
)

// InvalidPrincipals is what a deployment fails with when a policy names a principal that does not exist.
const InvalidPrincipals = "Policy contains a statement with one or more invalid principals"

// principal is a value of Principal.AWS in the policy of a resource.
type principal struct {
	// at is STACK/LOGICALID.
	at, value string
}

// principals lists those of all policies of a template, where they are known before the deployment.
func (t *template) principals(placeholders *strings.Replacer) []principal {
	var found []principal
	for id, r := range sorted.All(t.resources) {
		walk(r, func(value any) {
			if text, ok := resolve(value, placeholders); ok {
				found = append(found, principal{t.stack + "/" + id, text})
			}
		})
	}
	return found
}

// walk calls visit with each AWS principal of the statements below v.
func walk(v any, visit func(any)) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			walk(e, visit)
		}
	case map[string]any:
		if p, ok := v["Principal"].(map[string]any); ok && v["Effect"] != nil {
			if list, ok := p["AWS"].([]any); ok {
				for _, e := range list {
					visit(e)
				}
			} else if p["AWS"] != nil {
				visit(p["AWS"])
			}
		}
		for _, e := range sorted.All(v) {
			walk(e, visit)
		}
	}
}

// resolve gives the text of a string, Ref, Fn::Join or Fn::Sub that depends on nothing but where the stack is. What
// CloudFormation makes itself exists when it is used.
func resolve(v any, placeholders *strings.Replacer) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case map[string]any:
		if ref, ok := v["Ref"].(string); ok && strings.HasPrefix(ref, "AWS::") {
			text := placeholders.Replace("${" + ref + "}")
			return text, !strings.Contains(text, "${")
		}
		if sub, ok := v["Fn::Sub"].(string); ok {
			text := placeholders.Replace(sub)
			return text, !strings.Contains(text, "${")
		}
		if join, ok := v["Fn::Join"].([]any); ok && len(join) == 2 {
			by, _ := join[0].(string)
			parts, _ := join[1].([]any)
			texts := make([]string, len(parts))
			for i, p := range parts {
				if texts[i], ok = resolve(p, placeholders); !ok {
					return "", false
				}
			}
			return strings.Join(texts, by), len(parts) > 0
		}
	}
	return "", false
}

var (
	accountID     = regexp.MustCompile(`^[0-9]{12}$`)
	principalARN  = regexp.MustCompile(`^arn:[^:]*:(?:iam|sts)::([^:]*):(.+)$`)
	deletedID     = regexp.MustCompile(`^A(?:RO|ID|GP|NP)A[A-Z0-9]{12,}$`)
	bootstrapRole = regexp.MustCompile(`^role/cdk-([A-Za-z0-9_-]{1,10})-(?:deploy|file-publishing|image-publishing|lookup|cfn-exec)-role-([0-9]{12})-([a-z0-9-]+)$`)
	serviceRole   = regexp.MustCompile(`^role/aws-service-role/([^/]+)/`)
)

// verdict is what can be said about a principal without asking AWS.
type verdict struct {
	problem, fix string
	note         string
	// target is the environment whose bootstrap stack has the role.
	target *target
}

func judge(p principal) verdict {
	if p.value == "*" || accountID.MatchString(p.value) {
		return verdict{}
	}
	if deletedID.MatchString(p.value) {
		return verdict{problem: "is the id of a user or role that was deleted", fix: "Name the user or role by its ARN."}
	}
	m := principalARN.FindStringSubmatch(p.value)
	if m == nil {
		return verdict{problem: "is neither an account nor the ARN of a user or role", fix: "Look for a variable that is empty where the app is synthesised."}
	}
	id, name := m[1], m[2]
	if !accountID.MatchString(id) {
		return verdict{problem: "has no account of 12 digits", fix: "Look for a variable with an account that is empty where the app is synthesised."}
	}
	if b := bootstrapRole.FindStringSubmatch(name); b != nil {
		t := newTarget(b[2], b[3], b[1], p.at)
		t.atLeast = 1
		return verdict{target: &t}
	}
	if s := serviceRole.FindStringSubmatch(name); s != nil {
		return verdict{note: "is a service-linked role, which must exist; this makes it: aws iam create-service-linked-role --aws-service-name " + s[1]}
	}
	if name == "root" {
		return verdict{}
	}
	return verdict{note: "must exist before the deployment"}
}
