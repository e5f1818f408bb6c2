package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/messembed/messembed-go/messembedtest"
)

// seedCSV creates a user from each row. The first row has the names of the
// columns: "id", and the keys of the external metadata. A cell without a text is
// no metadata.
func seedCSV(fake *messembedtest.Server, data []byte) error {
	rows := csv.NewReader(bytes.NewReader(data))
	rows.Comma = separator(data)
	rows.FieldsPerRecord = -1
	columns, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return unread(err)
	}
	columns = slices.Clone(columns)
	for i, name := range columns {
		columns[i] = strings.TrimSpace(name)
		switch {
		case columns[i] == "":
			return fmt.Errorf("line 1: column %d has no name", i+1)
		case slices.Contains(columns[:i], columns[i]):
			return fmt.Errorf("line 1: two columns are named %q", columns[i])
		}
	}
	if !slices.Contains(columns, "id") {
		for _, name := range columns {
			if strings.EqualFold(strings.Trim(name, "_"), "id") {
				return fmt.Errorf(`line 1: no column "id" among the columns found: %q; did you mean "id" by %q?`, columns, name)
			}
		}
		return fmt.Errorf(`line 1: no column "id" among the columns found: %q; a JSONL file has one {"id": …} per line`, columns)
	}
	for {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unread(err)
		}
		line, _ := rows.FieldPos(0)
		switch {
		case strings.Join(cells, "") == "": // as spreadsheets leave them
			continue
		case len(cells) != len(columns):
			return fmt.Errorf("line %d: %d cells, but %d columns", line, len(cells), len(columns))
		}
		id, body := userOfCells(columns, cells)
		if err := seedUser(fake, id, body); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// separator returns what separates the cells of the first line: spreadsheets also
// use semicolons and tabs.
func separator(data []byte) rune {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	for _, c := range ",;\t" {
		if bytes.ContainsRune(first, c) {
			return c
		}
	}
	return ','
}

// unread says what is wrong with a line in the form of the other errors.
func unread(err error) error {
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		return fmt.Errorf("line %d: %w", parse.Line, parse.Err)
	}
	return err
}

// userOfCells returns the id and the body of a request to create a user, with the
// metadata in the order of the columns.
func userOfCells(columns, cells []string) (id string, body []byte) {
	var metadata []string
	for i, name := range columns {
		switch cell := cells[i]; {
		case name == "id":
			id = cell
		case cell != "":
			metadata = append(metadata, encoded(name)+":"+encoded(cell))
		}
	}
	return id, []byte(`{"id":` + encoded(id) + `,"externalMetadata":{` + strings.Join(metadata, ",") + `}}`)
}

// encoded returns a string as JSON.
func encoded(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string has no error
	}
	return string(data)
}
