// Command dashboards draws the CloudWatch dashboards of synthesised templates, one SVG a dashboard, and says what is wrong
// with their layout. What the graphs show is made up: there is no data in a template.
//
//	go run ./internal/dashboards [--out docs/dashboards] TEMPLATE...
//
// It exits with 1 when a dashboard has problems. The pictures are written all the same.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	out := flag.String("out", filepath.Join("docs", "dashboards"), "the folder that gets the pictures")
	flag.Parse()
	if err := run(os.Stdout, *out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

// run draws the dashboards of templates into the folder out, and writes what it made, and what is wrong, to log.
func run(log io.Writer, out string, templates []string) error {
	if len(templates) == 0 {
		return errors.New("usage: go run ./internal/dashboards [--out FOLDER] TEMPLATE...")
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	drawn, wrong := 0, 0
	for _, template := range templates {
		boards, err := read(template)
		if err != nil {
			return err
		}
		for _, b := range boards {
			var svg bytes.Buffer
			if err := b.draw(&svg); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(out, b.File), svg.Bytes(), 0o600); err != nil {
				return err
			}
			drawn++
			for _, problem := range b.problems() {
				wrong++
				if _, err := fmt.Fprintf(log, "%s: %s: %s\n", template, b.Name, problem); err != nil {
					return err
				}
			}
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d problems in %d dashboards", wrong, drawn)
	}
	_, err := fmt.Fprintf(log, "%d dashboards drawn in %s, no problems\n", drawn, out)
	return err
}
