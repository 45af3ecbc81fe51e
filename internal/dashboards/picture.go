package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
)

//go:embed picture.svg.tmpl
var svgText string

var svg = template.Must(template.New("picture").Parse(svgText))

// Sizes in pixels: of a cell of the grid, of what surrounds a widget, of the heading above all.
const (
	cell    = 50
	margin  = 4
	heading = 40
	small   = 11
	normal  = 13
	leading = 16
)

const (
	ink    = "#16191f"
	grey   = "#687078"
	border = "#d5dbdb"
	danger = "#d13212"
	paper  = "#ffffff"
	none   = "none"
)

// colors are those of the series, in CloudWatch's order.
var colors = []string{"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"}

// shape is what a picture is made of.
type shape struct {
	Kind         string
	X, Y, W, H   int
	Round, Size  int
	Fill, Stroke string
	Text, Points string
	Anchor       string
	Bold, Dashed bool
}

// canvas collects the shapes of a picture.
type canvas struct {
	Width, Height int
	Title         string
	Shapes        []shape
}

func (c *canvas) rect(x, y, w, h, round int, fill, stroke string) {
	c.Shapes = append(c.Shapes, shape{Kind: "rect", X: x, Y: y, W: w, H: h, Round: round, Fill: fill, Stroke: stroke})
}

func (c *canvas) line(x, y, toX, toY int, stroke string, dashed bool) {
	c.Shapes = append(c.Shapes, shape{Kind: "line", X: x, Y: y, W: toX, H: toY, Stroke: stroke, Dashed: dashed})
}

// text writes a line that is at most width pixels wide, cut where it is longer.
func (c *canvas) text(x, y, width, size int, text string, style shape) {
	if style.Bold {
		width = width * 9 / 10
	}
	style.Kind, style.X, style.Y, style.Size, style.Text = "text", x, y, size, fit(text, width, size)
	c.Shapes = append(c.Shapes, style)
}

// pixels is about how wide a text is in a sans serif font.
func pixels(text string, size int) int { return len([]rune(text)) * size * 61 / 100 }

// fit cuts a text to a width, in the middle: what tells names apart is at their ends.
func fit(text string, width, size int) string {
	runes := []rune(text)
	keep := width * 100 / (size * 61)
	if len(runes) <= keep {
		return text
	}
	head := max(keep-1, 0) / 3
	return string(runes[:head]) + "…" + string(runes[len(runes)-max(keep-1-head, 0):])
}

// box is where something is drawn.
type box struct{ x, y, w, h int }

// draw writes the picture of a dashboard as SVG.
func (b *board) draw(out io.Writer) error {
	width, height := b.size()
	c := canvas{Width: width * cell, Height: height*cell + heading, Title: b.Name}
	c.rect(0, 0, c.Width, c.Height, 0, "#f2f3f3", none)
	c.text(12, 26, c.Width, 18, b.Name, shape{Fill: ink, Bold: true})
	for i := range b.Widgets {
		b.drawWidget(&c, &b.Widgets[i])
	}
	return svg.Execute(out, c)
}

func (b *board) drawWidget(c *canvas, w *widget) {
	in := box{w.X*cell + margin, heading + w.Y*cell + margin, w.Width*cell - 2*margin, w.Height*cell - 2*margin}
	c.rect(in.x, in.y, max(in.w, 0), max(in.h, 0), 3, paper, border)
	in = box{in.x + 10, in.y, in.w - 20, in.h}
	if w.Type != "text" {
		c.text(in.x, in.y+20, in.w, normal, w.Properties.Title, shape{Fill: ink, Bold: true})
		in.y, in.h = in.y+30, in.h-36
	}
	shown, _ := w.series()
	switch {
	case w.Type == "text":
		markdown(c, in, w.Properties.Markdown)
	case w.Type == "alarm":
		b.alarms(c, in, w.Properties.Alarms)
	case w.Type == "log":
		paragraphs(c, in, strings.Split(w.Properties.Query, "\n"))
	case w.Type != "metric":
		paragraphs(c, in, []string{"(" + w.Type + ")"})
	case len(shown) == 0:
		b.alarms(c, in, w.Properties.Annotations.Alarms)
	case slices.Contains([]string{"singleValue", "gauge"}, w.Properties.View):
		values(c, in, shown)
	default:
		thresholds, _ := w.lines()
		graph(c, in, w.Properties.View, shown, thresholds)
	}
}

// alarms lists alarms by name, column by column.
func (b *board) alarms(c *canvas, in box, arns []string) {
	const height, wide = 24, 280
	rows := max(in.h/height, 1)
	across := max(in.w/wide, 1)
	for i, arn := range arns {
		column, row := i/rows, i%rows
		x, y := in.x+column*in.w/across, in.y+row*height
		if i == rows*across-1 && len(arns) > rows*across {
			c.text(x, y+14, in.w, small, fmt.Sprintf("and %d more", len(arns)-i), shape{Fill: grey})
			return
		}
		c.rect(x, y, in.w/across-8, height-4, 3, "#f2f8f0", "#1d8102")
		c.text(x+8, y+14, in.w/across-24, small, b.alarm(arn), shape{Fill: ink})
	}
}

// alarm is the name of the alarm that an ARN stands for.
func (b *board) alarm(arn string) string {
	id := strings.TrimSuffix(arn, ".Arn")
	if i := strings.LastIndex(id, ":alarm:"); i >= 0 {
		id = id[i+len(":alarm:"):]
	}
	for logical, name := range b.Alarms {
		if short(logical) == id {
			return name
		}
	}
	return id
}

var link = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)

// markdown writes a text, with its headings in their sizes and its links as their texts.
func markdown(c *canvas, in box, text string) {
	y := in.y + 4
	for source := range strings.Lines(text) {
		body := strings.TrimLeft(strings.TrimSpace(source), "#")
		level := len(strings.TrimSpace(source)) - len(body)
		size := normal
		if level > 0 {
			size = max(24-4*level, normal)
		}
		y += size + 4
		if y > in.y+in.h {
			return
		}
		body = link.ReplaceAllString(strings.NewReplacer("**", "", "`", "").Replace(strings.TrimSpace(body)), "$1")
		c.text(in.x, y, in.w, size, body, shape{Fill: ink, Bold: level > 0})
	}
}

// paragraphs writes lines of text as far as there is room.
func paragraphs(c *canvas, in box, lines []string) {
	for i, text := range lines {
		if (i+1)*leading > in.h {
			return
		}
		c.text(in.x, in.y+(i+1)*leading, in.w, small, text, shape{Fill: grey})
	}
}

// values shows a number for each series, side by side.
func values(c *canvas, in box, shown []series) {
	w := in.w / len(shown)
	for i, s := range shown {
		c.text(in.x+i*w, in.y+in.h/2, w, 28, "0", shape{Fill: colors[i%len(colors)]})
		c.text(in.x+i*w, in.y+in.h/2+leading+4, w-8, small, s.Label, shape{Fill: grey})
	}
}

// graph draws axes, the series, their legend below, and thresholds.
func graph(c *canvas, in box, view string, shown []series, thresholds []line) {
	bottom := legend(c, in, shown)
	plot := box{in.x + 8, in.y + 4, in.w - 16, bottom - in.y - 8}
	c.line(plot.x, plot.y, plot.x, plot.y+plot.h, border, false)
	c.line(plot.x, plot.y+plot.h, plot.x+plot.w, plot.y+plot.h, border, false)
	if slices.ContainsFunc(shown, func(s series) bool { return s.Right }) {
		c.line(plot.x+plot.w, plot.y, plot.x+plot.w, plot.y+plot.h, border, false)
	}
	for i := range shown {
		color := colors[i%len(colors)]
		if view == "bar" || view == "pie" {
			w := plot.w / len(shown)
			h := plot.h * (i%3 + 2) / 5
			c.rect(plot.x+i*w+4, plot.y+plot.h-h, max(w-8, 1), h, 0, color, none)
			continue
		}
		c.Shapes = append(c.Shapes, shape{Kind: "path", Stroke: color, Points: wave(plot, i, len(shown))})
	}
	slices.SortStableFunc(thresholds, func(a, b line) int { return int(math.Copysign(1, b.Value-a.Value)) })
	for i, t := range thresholds {
		y := plot.y + plot.h*(i+1)/(3*len(thresholds))
		c.line(plot.x, y, plot.x+plot.w, y, danger, true)
		c.text(plot.x+plot.w-4, y-4, plot.w-8, small, t.text(), shape{Fill: danger, Anchor: "end"})
	}
}

// wave is a curve for series i of n: the same one in each run, and no data.
func wave(plot box, i, n int) string {
	const steps = 24
	points := make([]string, 0, steps+1)
	for s := range steps + 1 {
		angle := float64(s)*0.55 + float64(i)*1.7
		level := 0.15 + 0.45*float64(i+1)/float64(n+1) + 0.06*math.Sin(angle) + 0.03*math.Sin(2.3*angle)
		x := plot.x + plot.w*s/steps
		points = append(points, fmt.Sprintf("%d,%d", x, plot.y+plot.h-int(level*float64(plot.h))))
	}
	return strings.Join(points, " ")
}

// legend lists the series at the foot of a graph, over the rows that it needs, and gives where the plot may end.
func legend(c *canvas, in box, shown []series) (bottom int) {
	type entry struct{ x, row int }
	entries := make([]entry, len(shown))
	x, row := 0, 0
	for i, s := range shown {
		w := min(pixels(s.Label, small)+28, in.w)
		if x > 0 && x+w > in.w {
			x, row = 0, row+1
		}
		entries[i] = entry{x, row}
		x += w
	}
	most := max(in.h/2/leading, 1) // the legend takes half at most
	rows := min(row+1, most)
	bottom = in.y + in.h - rows*leading
	for i, e := range entries {
		if e.row >= rows {
			break
		}
		y := bottom + e.row*leading
		c.rect(in.x+e.x, y+4, 10, 10, 2, colors[i%len(colors)], none)
		c.text(in.x+e.x+14, y+13, in.w-e.x-14, small, shown[i].Label, shape{Fill: grey})
	}
	return bottom
}
