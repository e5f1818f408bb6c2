// Package adapter has what the platforms' adapters have in common: how parameters are checked, how
// answers are read and walked, and how refusals are told apart.
package adapter
