package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
)

// columnOptions configure how the columns of a CSV file are used.
type columnOptions struct {
	id    string   // the column that contains the id
	maps  []string // from -map; empty: each column becomes a key of externalMetadata
	comma rune     // 0: detected
	whole bool     // a row gives all of its columns: with empty cells only, it empties the metadata
}

// formatFlag defines the flag for the input's format.
func formatFlag(flags *flag.FlagSet, format *string) {
	flags.Func("format", "csv or jsonl (default: by the file's name, or else by its first byte)", func(text string) error {
		*format = text
		if text != "csv" && text != "jsonl" {
			return errors.New("must be csv or jsonl")
		}
		return nil
	})
}

// flags defines the flags for the columns of a CSV file.
func (o *columnOptions) flags(flags *flag.FlagSet) {
	flags.StringVar(&o.id, "id", "id", "CSV: the `column` that contains the user's id")
	flags.Func("map", "CSV: `column=key[:kind]`, may be repeated; a key may be nested (address.city) or private\n"+
		"(private.crm), a kind is number, bool or json (default: each column under its own name)", func(text string) error {
		_, _, err := parseMap(text)
		o.maps = append(o.maps, text)
		return err
	})
	flags.Func("comma", "CSV: the `character` between cells (default: the one between the column names)", func(text string) error {
		text = strings.ReplaceAll(text, `\t`, "\t")
		c, size := utf8.DecodeRuneInString(text)
		if size == 0 || size < len(text) || strings.ContainsRune("\"\r\n", c) || c == utf8.RuneError {
			return errors.New("must be one character, not a quote")
		}
		o.comma = c
		return nil
	})
}

// columnMapping is columnOptions applied to the columns of a file.
type columnMapping struct {
	id      int
	whole   bool
	names   []string
	targets []columnTarget
}

// columnTarget is where a column goes.
type columnTarget struct {
	column  int
	private bool
	path    []string // keys, outermost first
	kind    string   // "", "number", "bool" or "json"
}

// of applies the options to the row of column names.
func (o columnOptions) of(header []string) (*columnMapping, error) {
	m := &columnMapping{whole: o.whole, names: make([]string, len(header))}
	for i, name := range header {
		name = strings.TrimSpace(name)
		if name != "" && slices.Contains(m.names, name) {
			return nil, fmt.Errorf("column %q appears twice", name)
		}
		m.names[i] = name
	}
	if m.id = slices.Index(m.names, o.id); m.id < 0 {
		return nil, o.noID(m.names)
	}
	if len(o.maps) == 0 {
		for i, name := range m.names {
			if i != m.id && name != "" {
				m.targets = append(m.targets, columnTarget{column: i, path: []string{name}})
			}
		}
		return m, nil
	}
	for _, text := range o.maps {
		t, name, err := parseMap(text)
		if err != nil {
			return nil, err
		}
		if t.column = slices.Index(m.names, name); t.column < 0 {
			return nil, fmt.Errorf("-map %s: no column %q, only %s", text, name, listed(m.names))
		}
		m.targets = append(m.targets, t)
	}
	return m, nil
}

func (o columnOptions) noID(names []string) error {
	text := fmt.Sprintf("no column %q for the user id, only %s; choose one with -id", o.id, listed(names))
	if i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, o.id) }); i >= 0 {
		text += ", here -id " + strconv.Quote(names[i])
	}
	if len(names) == 1 {
		text += ", or the character between them with -comma"
	}
	return errors.New(text)
}

// listed names the columns of a file, the first ones of a wide file.
func listed(names []string) string {
	const most = 20
	var quoted []string
	for _, name := range names {
		if name != "" {
			quoted = append(quoted, strconv.Quote(name))
		}
	}
	if more := len(quoted) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(quoted[:most], ", "), more)
	}
	return strings.Join(quoted, ", ")
}

// parseMap parses column=path:kind. The path may begin with "private." and
// separates nested keys by dots.
func parseMap(text string) (t columnTarget, column string, err error) {
	column, path, ok := strings.Cut(text, "=")
	if !ok || column == "" {
		return t, "", fmt.Errorf("-map %s: must be column=key", text)
	}
	path, t.kind, _ = strings.Cut(path, ":")
	switch t.kind {
	case "", "number", "bool", "json":
	default:
		return t, "", fmt.Errorf("-map %s: %q must be number, bool or json", text, t.kind)
	}
	if path, t.private = strings.CutPrefix(path, "private."); path == "" {
		path = column
	}
	t.path = strings.Split(path, ".")
	if slices.Contains(t.path, "") {
		return t, "", fmt.Errorf("-map %s: empty key", text)
	}
	return t, column, nil
}

// user converts a row to a user. Empty cells are omitted.
func (m *columnMapping) user(fields []string) (messembed.CreateUserParams, error) {
	var p messembed.CreateUserParams
	if len(fields) != len(m.names) {
		return p, fmt.Errorf("%d cells, but %d columns", len(fields), len(m.names))
	}
	p.ID = strings.TrimSpace(fields[m.id])
	for _, t := range m.targets {
		cell, to := fields[t.column], &p.ExternalMetadata
		if t.private {
			to = &p.PrivateExternalMetadata
		}
		if *to == nil && (m.whole || cell != "") {
			*to = messembed.Metadata{}
		}
		if cell == "" {
			continue
		}
		value, err := t.value(cell)
		if err != nil {
			return p, fmt.Errorf("column %q: %w", m.names[t.column], err)
		}
		if err := t.put(*to, value); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (t columnTarget) put(m map[string]any, value any) error {
	last := len(t.path) - 1
	for _, key := range t.path[:last] {
		inner, there := m[key]
		if !there {
			inner = map[string]any{}
			m[key] = inner
		}
		next, ok := inner.(map[string]any)
		if !ok {
			return fmt.Errorf("two columns map to %s", strings.Join(t.path, "."))
		}
		m = next
	}
	if _, there := m[t.path[last]]; there {
		return fmt.Errorf("two columns map to %s", strings.Join(t.path, "."))
	}
	m[t.path[last]] = value
	return nil
}

func (t columnTarget) value(cell string) (any, error) {
	switch t.kind {
	case "number":
		n, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) { // JSON has neither of these two
			return nil, errors.New("not a number")
		}
		return n, nil
	case "bool":
		b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(cell)))
		if err != nil {
			return nil, errors.New("neither true nor false")
		}
		return b, nil
	case "json":
		var v any
		if err := json.Unmarshal([]byte(cell), &v); err != nil {
			return nil, errors.New("not valid JSON")
		}
		return v, nil
	}
	return cell, nil
}
