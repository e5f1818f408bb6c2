// Package adapter holds what the platform adapters have in common: checking
// parameters, reading responses, walking lists, and classifying refusals.
package adapter
