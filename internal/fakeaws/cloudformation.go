package fakeaws

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Stack is a stack of CloudFormation.
type Stack struct {
	// Policy is empty until one is set.
	Policy   string
	Template string
	// Resources are logical ids; a page has two of them.
	Resources []string
	// ChangeSets by name: the pages of the Changes in XML.
	ChangeSets map[string][]string
}

// cloudFormation answers about stacks, a page at a time where AWS has pages.
func (s *Server) cloudFormation(action string, form url.Values) (any, *Failure) {
	name := form.Get("StackName")
	if name == "" {
		return nil, &Failure{400, "InvalidAction", "no " + action}
	}
	stack := s.Stacks[name]
	if stack == nil {
		return nil, &Failure{400, "ValidationError", "Stack [" + name + "] does not exist"}
	}
	page, _ := strconv.Atoi(form.Get("NextToken"))
	switch action {
	case "GetStackPolicy":
		if stack.Policy == "" {
			return "", nil
		}
		return "<StackPolicyBody>" + escape(stack.Policy) + "</StackPolicyBody>", nil
	case "SetStackPolicy":
		stack.Policy = form.Get("StackPolicyBody")
		return "", nil
	case "GetTemplate":
		return "<TemplateBody>" + escape(stack.Template) + "</TemplateBody>", nil
	case "ListStackResources":
		var b strings.Builder
		end := min(len(stack.Resources), 2*page+2)
		for _, id := range stack.Resources[2*page : end] {
			fmt.Fprintf(&b, "<member><LogicalResourceId>%s</LogicalResourceId></member>", id)
		}
		return fmt.Sprintf("<StackResourceSummaries>%s</StackResourceSummaries>%s", b.String(), next(page, end < len(stack.Resources))), nil
	case "DescribeChangeSet":
		pages, ok := stack.ChangeSets[form.Get("ChangeSetName")]
		if !ok {
			return nil, &Failure{404, "ChangeSetNotFound", "ChangeSet [" + form.Get("ChangeSetName") + "] does not exist"}
		}
		return fmt.Sprintf("<Status>CREATE_COMPLETE</Status><Changes>%s</Changes>%s", pages[page], next(page, page+1 < len(pages))), nil
	}
	return nil, &Failure{400, "InvalidAction", "no " + action}
}

func next(page int, more bool) string {
	if !more {
		return ""
	}
	return fmt.Sprintf("<NextToken>%d</NextToken>", page+1)
}
