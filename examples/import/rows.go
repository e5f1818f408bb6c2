package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
	"strings"

	messembed "github.com/messembed/messembed-go"
)

// row is one row of a file: a user in params or, if the row is broken, the reason
// in err.
type row struct {
	line   int // where it begins, counted from 1
	params messembed.CreateUserParams
	err    error
	text   string // the text of a broken row
}

// parse reads rows in one of the formats, csv and jsonl.
func parse(r io.Reader, format string, columns columnOptions) iter.Seq2[row, error] {
	if format == "csv" {
		return parseCSV(r, columns)
	}
	return parseJSONL(r)
}

// parseJSONL reads one user per line, in the form that the service accepts or
// returns. If the file cannot be read, the error is the last element.
func parseJSONL(r io.Reader) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		lines, err := newLines(r)
		if err != nil {
			yield(row{}, err)
			return
		}
		for first := true; ; {
			line := lines.number
			text, ok := lines.next()
			if !ok {
				break
			}
			if strings.TrimSpace(text) == "" {
				continue
			}
			if first && strings.HasPrefix(strings.TrimSpace(text), "[") {
				yield(row{}, errors.New("the file is one JSON array, not one user per line; convert it, as with jq -c '.[]'"))
				return
			}
			first = false
			parsed := row{line: line}
			if parsed.params, parsed.err = userOfJSON(text); parsed.err != nil {
				parsed.text = text
			}
			if !yield(parsed, nil) {
				return
			}
		}
		if lines.err != nil {
			yield(row{}, lines.err)
		}
	}
}

// jsonRow is a user as the service accepts it (id), plus the fields that the failures
// file adds (which begin with an underscore).
type jsonRow struct {
	ID                      *string               `json:"id,omitempty"`
	ExternalMetadata        messembed.Metadata    `json:"externalMetadata,omitempty"`
	PrivateExternalMetadata messembed.Metadata    `json:"privateExternalMetadata,omitempty"`
	BlockStatus             messembed.BlockStatus `json:"blockStatus,omitempty"`
	Line                    int                   `json:"_line,omitempty"`
	Error                   string                `json:"_error,omitempty"`
	Text                    string                `json:"_text,omitempty"`
}

func userOfJSON(text string) (messembed.CreateUserParams, error) {
	if len(text) > maxRowBytes {
		return messembed.CreateUserParams{}, errors.New("the line is longer than 1 MiB")
	}
	var given struct {
		jsonRow
		GivenID              *string         `json:"_id"`
		CreatedAt            json.RawMessage `json:"createdAt"`
		UpdatedAt            json.RawMessage `json:"updatedAt"`
		DeletedAt            json.RawMessage `json:"deletedAt"`
		BlockStatusUpdatedAt json.RawMessage `json:"blockStatusUpdatedAt"`
		Version              json.RawMessage `json:"__v"`
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields() // a misspelt key would be silently ignored
	if err := dec.Decode(&given); err != nil {
		return messembed.CreateUserParams{}, jsonProblem(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return messembed.CreateUserParams{}, errors.New("not a user: more than one value on the line")
	}
	if given.Text != "" {
		return messembed.CreateUserParams{}, errors.New("a broken row that has not been fixed: its text is in _text")
	}
	p := messembed.CreateUserParams{
		ExternalMetadata: given.ExternalMetadata, PrivateExternalMetadata: given.PrivateExternalMetadata, BlockStatus: given.BlockStatus,
	}
	for _, id := range []*string{given.GivenID, given.ID} {
		if id != nil {
			p.ID = *id
		}
	}
	return p, nil
}

// jsonProblem describes in the file's own terms why a line is not a user.
func jsonProblem(err error) error {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case !ok && strings.HasPrefix(err.Error(), "json: unknown field"):
		return fmt.Errorf("not a user: %s", strings.TrimPrefix(err.Error(), "json: "))
	case !ok:
		return fmt.Errorf("not valid JSON: %w", err)
	case wrong.Field == "":
		return errors.New("not a user: must be a JSON object")
	}
	kinds := map[reflect.Kind]string{reflect.String: "a string", reflect.Map: "an object", reflect.Int: "an integer"}
	field := strings.TrimPrefix(wrong.Field, "jsonRow.")
	return fmt.Errorf("not a user: %s must be %s", field, kinds[wrong.Type.Kind()])
}

// parseCSV reads one user per row; the first row names the columns. After a broken
// row, reading continues with the line after the row's first.
func parseCSV(r io.Reader, columns columnOptions) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		lines, err := newLines(r)
		if err != nil {
			yield(row{}, err)
			return
		}
		var mapping *columnMapping
		for {
			line, fields, text, err := nextRecord(lines, columns.comma)
			if fields == nil && err == nil {
				break
			}
			if mapping == nil {
				if err == nil {
					mapping, err = columns.of(fields)
				}
				if err != nil {
					yield(row{}, fmt.Errorf("line %d, which must name the columns: %w", line, err))
					return
				}
				columns.comma = commaOf(text, columns.comma)
				continue
			}
			parsed := row{line: line, err: err}
			if err == nil {
				parsed.params, parsed.err = mapping.user(fields)
			}
			if parsed.err != nil {
				parsed.text = text
			}
			if !yield(parsed, nil) {
				return
			}
		}
		switch {
		case lines.err != nil:
			yield(row{}, lines.err)
		case mapping == nil:
			yield(row{}, errors.New("the file is empty: its first line must name the columns"))
		}
	}
}

// nextRecord reads the lines of one record, the first of which is line. At the end
// of what can be read it returns neither fields nor an error. It skips blank lines and rows
// of nothing but commas, as spreadsheets leave them.
func nextRecord(l *lines, comma rune) (line int, fields []string, text string, err error) {
	for {
		var taken []string
		line = l.number
		size, quotes := 0, 0
		for {
			next, ok := l.next()
			if !ok {
				break
			}
			taken = append(taken, next)
			size += len(next)
			if quotes += strings.Count(next, `"`); quotes%2 == 0 || size > maxRowBytes {
				break
			}
		}
		if len(taken) == 0 || l.err != nil { // a record that the file does not finish is none
			return line, nil, "", nil
		}
		text = strings.Join(taken, "\n")
		if strings.TrimSpace(text) == "" {
			continue
		}
		fields, err = recordOf(text, commaOf(text, comma))
		switch {
		case size > maxRowBytes:
			err = errors.New("the row is longer than 1 MiB; is a quote missing?")
		case err == nil && !slices.ContainsFunc(fields, func(f string) bool { return strings.TrimSpace(f) != "" }):
			continue
		}
		if err != nil {
			// Perhaps a quote is missing, and the following lines are separate rows.
			l.putBack(taken[1:])
			return line, nil, taken[0], err
		}
		return line, fields, text, nil
	}
}

func recordOf(text string, comma rune) ([]string, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = comma
	r.FieldsPerRecord = -1
	fields, err := r.Read()
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		return nil, fmt.Errorf("not valid CSV: %w", parse.Err)
	}
	return fields, err
}

// commaOf returns the character that separates the column names.
func commaOf(header string, given rune) rune {
	if given != 0 {
		return given
	}
	most, comma := 0, ','
	for _, c := range ",;\t|" {
		if n := strings.Count(header, string(c)); n > most {
			most, comma = n, c
		}
	}
	return comma
}
