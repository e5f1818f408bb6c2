package main

import (
	"fmt"
	"math"
	"strings"
)

const (
	panelWidth, panelHeight = 430.0, 280.0
	marginLeft, marginTop   = 64.0, 46.0
)

var colours = map[string]string{"sdk": "#0b7285", "tokens": "#e8590c", "whole": "#868e96", "node": "#5f3dc4"}

// plot draws two panels against the number of users: peak memory and speed.
func plot(points []point) string {
	var b strings.Builder
	width, height := 2*(panelWidth+marginLeft)+60, panelHeight+marginTop+88
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="system-ui, sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" fill="white"/>`+"\n", width, height)
	drawPanel(&b, 0, "Peak memory of the process (MiB)", points, true, func(p point) float64 { return p.PeakKiB / 1024 })
	drawPanel(&b, marginLeft+panelWidth+20, "Speed, start to end (MB/s)", points, false, func(p point) float64 { return p.megabytes() })
	x := marginLeft
	for _, k := range listKinds {
		fmt.Fprintf(&b, `<circle cx="%.0f" cy="%.0f" r="5" fill="%s"/><text x="%.0f" y="%.0f">%s</text>`+"\n", x, height-16, colours[k.kind], x+10, height-12, k.name)
		x += 40 + 6.6*float64(len(k.name))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func drawPanel(b *strings.Builder, left float64, title string, points []point, logarithmic bool, of func(point) float64) {
	left += marginLeft
	var low, high, users float64 = math.Inf(1), 0, 0
	for _, p := range points {
		low, high, users = min(low, of(p)), max(high, of(p)), max(users, float64(p.users))
	}
	low = math.Pow(10, math.Floor(math.Log10(low)))
	if !logarithmic {
		low = 0
		step := math.Pow(10, math.Floor(math.Log10(high)))
		high = math.Ceil(high/step*2) * step / 2
	} else {
		high = math.Pow(10, math.Ceil(math.Log10(high)))
	}
	x := func(n int) float64 { return left + panelWidth*(math.Log10(float64(n))-3)/(math.Log10(users)-3) }
	y := func(v float64) float64 {
		share := (v - low) / (high - low)
		if logarithmic {
			share = (math.Log10(v) - math.Log10(low)) / (math.Log10(high) - math.Log10(low))
		}
		return marginTop + panelHeight*(1-share)
	}
	fmt.Fprintf(b, `<text x="%.0f" y="%.0f" font-size="15" font-weight="600">%s</text>`+"\n", left, marginTop-18, title)
	for _, v := range ticks(low, high, logarithmic) {
		fmt.Fprintf(b, `<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#dee2e6"/><text x="%.1f" y="%.1f" text-anchor="end">%g</text>`+"\n",
			left, left+panelWidth, y(v), y(v), left-6, y(v)+4, v)
	}
	for n := 1000; n <= int(users); n *= 10 {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`+"\n", x(n), marginTop+panelHeight+18, thousands(n))
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle">users in the list</text>`+"\n", left+panelWidth/2, marginTop+panelHeight+38)
	for _, k := range listKinds {
		var path []string
		for _, p := range points {
			if p.kind != k.kind {
				continue
			}
			path = append(path, fmt.Sprintf("%.1f,%.1f", x(p.users), y(of(p))))
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/>`+"\n", x(p.users), y(of(p)), colours[k.kind])
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(path, " "), colours[k.kind])
	}
}

func ticks(low, high float64, logarithmic bool) (at []float64) {
	if logarithmic {
		for v := low; v <= high*1.001; v *= 10 {
			at = append(at, v)
		}
		return at
	}
	for i := range 6 {
		at = append(at, low+(high-low)*float64(i)/5)
	}
	return at
}

func thousands(n int) string {
	if n >= 1_000_000 {
		return fmt.Sprintf("%d million", n/1_000_000)
	}
	return fmt.Sprintf("%d,000", n/1000)
}
