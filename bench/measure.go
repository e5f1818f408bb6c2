package main

import (
	"runtime"
	"slices"
	"syscall"
	"time"
)

// cost is what a round cost this process.
type cost struct {
	wall   time.Duration
	cpu    time.Duration
	allocs float64
}

// alternate runs the sides in turn, so that other load on the machine affects all
// of them, and returns the costs of each. The first round is not counted.
func alternate(rounds int, sides ...func() error) ([][]cost, error) {
	costs := make([][]cost, len(sides))
	for round := range rounds + 1 {
		for i := range sides {
			side := (i + round) % len(sides)
			c, err := costOf(sides[side])
			if err != nil {
				return nil, err
			}
			if round > 0 {
				costs[side] = append(costs[side], c)
			}
		}
	}
	return costs, nil
}

func costOf(run func() error) (cost, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, began := cpuTime(), time.Now()
	err := run()
	c := cost{wall: time.Since(began), cpu: cpuTime() - cpu}
	runtime.ReadMemStats(&after)
	c.allocs = float64(after.Mallocs - before.Mallocs)
	return c, err
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func wall(c cost) float64   { return c.wall.Seconds() }
func cpu(c cost) float64    { return c.cpu.Seconds() }
func allocs(c cost) float64 { return c.allocs }

// median returns the median of the rounds' values.
func median[T any](rounds []T, of func(T) float64) float64 {
	values := make([]float64, len(rounds))
	for i, r := range rounds {
		values[i] = of(r)
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// ratio returns the median of the per-round ratios of the two sides.
func ratio[A, B any](a []A, ofA func(A) float64, b []B, ofB func(B) float64) float64 {
	ratios := make([]float64, min(len(a), len(b)))
	for i := range ratios {
		ratios[i] = ofA(a[i]) / ofB(b[i])
	}
	return median(ratios, func(r float64) float64 { return r })
}
