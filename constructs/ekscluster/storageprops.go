package ekscluster

import "github.com/strata-cdk/strata/check"

type Storage struct{}

func (s *Storage) validate(c *check.List) {}

type Namespace struct{}

func (n *Namespace) validate(c *check.List, name string) {}
