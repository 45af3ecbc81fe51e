// Package main is a Lambda function for tests: a module of its own, so that its bytes do not depend on the module around it.
package main

import "fmt"

func main() { fmt.Println("hello") }
