package jsonstream_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/jsonstream"
)

// documents are the seeds of both fuzz tests, valid and invalid ones.
var documents = append([]string{
	`{}`, `[]`, `null`, `true`, `false`, `""`, `0`, `-0`, `-1`, `12`, `1.5`, `1e3`, `-1E-2`, `1e400`, `2147483648`, `1735689600000`, `999999999999999`, `123456789012345678`, `01`, `-`, `1.`, `1e`, `+1`, `.5`,
	`"a"`, `"é"`, `"\u00e9\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ud83d\ud83d\ude00"`, `"\ude00"`, `"\ud83d\u0041"`, `"\"\\\/\b\f\n\r\t"`, `"\x"`, `"\u12"`, `"\`, `"`,
	"\"a\nb\"", "\"\xff\"", "\"\xc3\"", "\"é\xff\\n\"", "{\"\xff\":1}", `{"a":1,"a":2}`, `{"a":{"b":[1,[2,{}],null,true,"x"]}}`, ` { "a" : [ 1 , 2 ] } `,
	`{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{1:2}`, `[1,]`, `[,1]`, `[1 2]`, `[`, `]`, `{`, `}`, `{]`, `[}`, `tru`, `nul`, `nulll`, `1 2`, `{} {}`, ``, ` `,
	`{"totalCount":2,"data":[{"_id":"a"},{"_id":"b"}]}`, `{"data":[1,"]",{"x":"}\\\""},null],"z":[]}`, `{"data":[]}`, `{"data":{}}`, `{"other":1}`, `{"d\u0061ta":[7]}`,
	`255`, `256`, `12345678901234567890123`, `[0,9]`, `{"":1}`, `nulx`, `trux`, `falsy`, `[1"x"]`,
	`"\u0000"`, `"\uafaf\uAFAF"`, `"\u00g0"`, `"\u00G0"`, `"\ud83d\ude00x"`, "\"\\n\x80\"",
	`{"data":[],2:3}`, `{"data":[] "z":1}`, `{"data":[],"y":1,"z":[1,,2]}`, `{"x":1"y","data":[]}`,
}, longTexts()...)

// longTexts have what is not plain at each place: eight bytes are read at a time.
func longTexts() (all []string) {
	for _, special := range []string{`"`, `\n`, `\"`, "\x1f", " ", "\x7f", "\x80", "é"} {
		for at := range 18 {
			text := `"` + strings.Repeat("x", at) + special + strings.Repeat("y", 17-at) + `"`
			all = append(all, `[`+text+`]`, `{"x":`+text+`,"data":[1]}`)
		}
	}
	return all
}

func TestParser_readsWhatEncodingJSONReads(t *testing.T) {
	for _, document := range documents {
		compareAny(t, []byte(document))
	}
}

func FuzzParser(f *testing.F) {
	for _, document := range documents {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, data []byte) { compareAny(t, data) })
}

func compareAny(t *testing.T, data []byte) {
	t.Helper()
	var want any
	wantErr := json.Unmarshal(data, &want)

	parse := func(p *jsonstream.Parser) {
		got, err := p.Any()
		if err == nil {
			err = p.End()
		}
		if wantErr != nil {
			require.Error(t, err, "%q", data)
			return
		}
		require.NoError(t, err, "%q", data)
		require.Equal(t, want, got, "%q", data)
	}
	parse(jsonstream.NewParser(data))
	list := jsonstream.NewListParser()
	for range 2 {
		list.Reset(data)
		parse(list)
	}

	p := jsonstream.NewParser(data)
	err := p.Skip()
	if err == nil {
		err = p.End()
	}
	require.Equal(t, json.Valid(data), err == nil, "skipping %q: %v", data, err)
}

func FuzzElements(f *testing.F) {
	for _, document := range documents {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, key := range []string{"", "data"} {
			want, wantOK := elementsByEncodingJSON(data, key)
			for name, r := range map[string]io.Reader{
				"whole": bytes.NewReader(data), "byte by byte": iotest.OneByteReader(bytes.NewReader(data)),
				"with its end": iotest.DataErrReader(bytes.NewReader(data)),
				"by halves":    iotest.HalfReader(bytes.NewReader(data)),
			} {
				got, err := elements(r, key)
				if wantOK {
					require.NoError(t, err, "%s %q", name, data)
					require.Equal(t, want, got, "%s %q", name, data)
				} else if !json.Valid(data) {
					require.Error(t, err, "%s %q", name, data)
				}
			}
		}
	})
}

func anySize(int) error { return nil }

func elements(r io.Reader, key string) (all []string, err error) {
	e := jsonstream.NewElements(r, anySize)
	if err := e.Seek(key); err != nil {
		return nil, err
	}
	for {
		raw, err := nextOf(e)
		if err != nil {
			return all, err
		}
		if raw == "" {
			return all, e.Finish()
		}
		all = append(all, raw)
	}
}

// nextOf returns the raw next element; "" after the last.
func nextOf(e *jsonstream.Elements) (raw string, err error) {
	p := jsonstream.NewListParser()
	p.CopyRaw = true
	size, err := e.Parse(p, func() error {
		start := p.Begin()
		err := p.Skip()
		raw = string(p.Since(start))
		return err
	})
	if size == 0 || err != nil {
		return "", err
	}
	return raw, nil
}

// elementsByEncodingJSON returns the elements of the first field with that key.
func elementsByEncodingJSON(data []byte, key string) ([]string, bool) {
	if !json.Valid(data) {
		return nil, false
	}
	array := json.RawMessage(data)
	if key != "" {
		dec := json.NewDecoder(bytes.NewReader(data))
		if open, err := dec.Token(); err != nil || open != json.Delim('{') {
			return nil, false
		}
		for array = nil; array == nil && dec.More(); {
			name, _ := dec.Token()
			var value json.RawMessage
			if dec.Decode(&value) != nil {
				return nil, false
			}
			if name == key {
				array = value
			}
		}
	}
	if array = bytes.TrimSpace(array); len(array) == 0 || array[0] != '[' {
		return nil, false
	}
	var raws []json.RawMessage
	if json.Unmarshal(array, &raws) != nil {
		return nil, false
	}
	var all []string
	for _, raw := range raws {
		all = append(all, string(raw))
	}
	return all, true
}

func TestElements_faults(t *testing.T) {
	tests := []struct {
		name, document, key string
		want                error
		elements            int
	}{
		{"nothing", "", "data", io.ErrUnexpectedEOF, 0},
		{"cut in the envelope", `{"totalCount":1,"da`, "data", io.ErrUnexpectedEOF, 0},
		{"cut in an element", `{"data":[{"a":1},{"a"`, "data", io.ErrUnexpectedEOF, 1},
		{"cut after an element", `{"data":[{"a":1},{"a":2}`, "data", io.ErrUnexpectedEOF, 2},
		{"cut after the array", `{"data":[1]`, "data", io.ErrUnexpectedEOF, 1},
		{"cut after an escape", `["\`, "", io.ErrUnexpectedEOF, 0},
		{"another document follows", `{"data":[1]} {}`, "data", jsonstream.ErrTrailing, 1},
		{"no such key", `{"a":{"data":[]}}`, "data", jsonstream.ErrNoKey, 0},
		{"an array instead of an object", `[]`, "data", jsonstream.ErrShape, 0},
		{"an object under the key", `{"data":{}}`, "data", jsonstream.ErrShape, 0},
		{"HTML", `<html>`, "data", jsonstream.ErrSyntax, 0},
		{"no comma", `[1 2]`, "", jsonstream.ErrSyntax, 1},
		{"a comma too many", `[1,]`, "", jsonstream.ErrSyntax, 1},
		{"a broken value beside", `{"x":[1,,2],"data":[]}`, "data", jsonstream.ErrSyntax, 0},
		{"no colon", `{"data" [1]}`, "data", jsonstream.ErrSyntax, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := elements(strings.NewReader(tt.document), tt.key)
			require.ErrorIs(t, err, tt.want)
			assert.Len(t, got, tt.elements)
		})
	}
}

func TestElements_valuesBesideTheArray(t *testing.T) {
	var sizes []int
	e := jsonstream.NewElements(strings.NewReader(`{"a":"xy","data":[1,22],"b":[1, 2]}`), func(size int) error {
		sizes = append(sizes, size)
		return nil
	})
	require.NoError(t, e.Seek("data"))
	for raw := "some"; raw != ""; {
		var err error
		raw, err = nextOf(e)
		require.NoError(t, err)
	}
	require.NoError(t, e.Finish())
	assert.Equal(t, []int{4, 6}, sizes)

	tooLarge := errors.New("too large")
	e = jsonstream.NewElements(strings.NewReader(`{"a":"xy","data":[]}`), func(int) error { return tooLarge })
	require.ErrorIs(t, e.Seek("data"), tooLarge)
}

func TestElements_readersErrorIsKept(t *testing.T) {
	broken := errors.New("reset")
	got, err := elements(io.MultiReader(strings.NewReader(`[1,2`), iotest.ErrReader(broken)), "")
	require.ErrorIs(t, err, broken)
	assert.Equal(t, []string{"1"}, got)
	_, err = elements(noProgress{}, "")
	require.ErrorIs(t, err, io.ErrNoProgress)
}

type noProgress struct{}

func (noProgress) Read([]byte) (int, error) { return 0, nil }

func TestElements_firstComesBeforeTheRest(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, `{"totalCount":2,"data":[{"a":1}`)
		// The second half never comes.
	}()
	e := jsonstream.NewElements(r, anySize)
	require.NoError(t, e.Seek("data"))
	raw, err := nextOf(e)
	require.NoError(t, err)
	assert.Equal(t, `{"a":1}`, raw)
}

// One parser reads all elements, and its error is that of the element.
func TestElements_oneParser(t *testing.T) {
	for name, split := range map[string]func(io.Reader) io.Reader{"whole": iotest.DataErrReader, "byte by byte": iotest.OneByteReader} {
		e := jsonstream.NewElements(split(strings.NewReader(`[1,22,"x"]`)), anySize)
		require.NoError(t, e.Seek(""))
		p := jsonstream.NewListParser()
		var got int
		read := func() (err error) {
			got, err = p.Int()
			return err
		}
		for _, want := range []int{1, 22} {
			_, err := e.Parse(p, read)
			require.NoError(t, err, name)
			assert.Equal(t, want, got, name)
		}
		_, err := e.Parse(p, read)
		var kind *json.UnmarshalTypeError
		require.ErrorAs(t, err, &kind, name)
	}
}

func TestElements_largerThanTheBuffer(t *testing.T) {
	big := `"` + strings.Repeat("x", 200_000) + `"`
	got, err := elements(strings.NewReader(`[`+big+`,1,`+big+`]`), "")
	require.NoError(t, err)
	assert.Equal(t, []string{big, "1", big}, got)
}

func TestParser_kinds(t *testing.T) {
	kinds := map[string]string{`{"a":[1]}`: "object", `[{}]`: "array", `"x"`: "string", `true`: "bool", `7`: "number"}
	reads := map[string]func(*jsonstream.Parser) error{
		"object": func(p *jsonstream.Parser) error { return p.Object(func([]byte) error { return p.Skip() }) },
		"array":  func(p *jsonstream.Parser) error { return p.Array(p.Skip) },
		"string": func(p *jsonstream.Parser) error { _, err := p.Text(); return err },
		"bool":   func(p *jsonstream.Parser) error { _, err := p.Bool(); return err },
		"number": func(p *jsonstream.Parser) error { _, err := p.Int(); return err },
	}
	for document, is := range kinds {
		for wanted, read := range reads {
			p := jsonstream.NewParser([]byte(document))
			err := read(p)
			if is == wanted {
				require.NoError(t, err)
				require.NoError(t, p.End())
				continue
			}
			var kind *json.UnmarshalTypeError
			require.ErrorAs(t, err, &kind, "%s as %s", document, wanted)
			assert.Equal(t, is, kind.Value)
			require.NoError(t, p.End(), "the value was read")
		}
	}
	_, err := jsonstream.NewParser([]byte("1.5")).Int()
	require.Error(t, err)
}

func TestParser_is(t *testing.T) {
	for document, is := range map[string]string{` {}`: "object", ` []`: "array", ` ""`: "text", ` null`: "null", ` 1`: "", ` nul`: ""} {
		p := jsonstream.NewParser([]byte(document))
		assert.Equal(t, is == "object", p.IsObject(), document)
		assert.Equal(t, is == "array", p.IsArray(), document)
		assert.Equal(t, is == "text", p.IsText(), document)
		assert.Equal(t, is == "null", p.IsNull(), document)
		assert.Equal(t, is == "null", p.End() == nil, "a null was read")
	}
}

func TestParser_numbers(t *testing.T) {
	for document, want := range map[string]int{`0`: 0, `9`: 9, `-5`: -5, `null`: 0} {
		got, err := jsonstream.NewParser([]byte(document)).Int()
		require.NoError(t, err, document)
		assert.Equal(t, want, got)
	}
	got, err := jsonstream.NewParser([]byte(`-0`)).Any()
	require.NoError(t, err)
	assert.True(t, math.Signbit(got.(float64)))
}

// The bytes of a value are the document's, or copies of them.
func TestParser_since(t *testing.T) {
	for _, copied := range []bool{false, true} {
		data := []byte(` {"a":1} `)
		p := jsonstream.NewParser(data)
		p.CopyRaw = copied
		start := p.Begin()
		require.NoError(t, p.Skip())
		raw := p.Since(start)
		assert.Equal(t, `{"a":1}`, string(raw))
		data[5] = '2'
		assert.Equal(t, copied, string(raw) == `{"a":1}`)
	}
}

// What was cut is told from what is wrong, and nothing behind the end is read.
func TestParser_cut(t *testing.T) {
	const document = `{"a":[1,"x"],"b":-1.5e3}`
	for end := range len(document) {
		require.ErrorIs(t, jsonstream.NewParser([]byte(document[:end])).Skip(), io.ErrUnexpectedEOF, document[:end])
	}
	require.ErrorIs(t, jsonstream.NewParser([]byte(`"\n`)).Skip(), io.ErrUnexpectedEOF)
	words := []byte(`[null]`)
	require.Error(t, jsonstream.NewParser(words[:4:4]).Skip())
}

func TestParser_deepNesting(t *testing.T) {
	compareAny(t, []byte("["+strings.Repeat("[],", 10_001)+strings.Repeat("[1],", 10_001)+"1]"))
	compareAny(t, []byte(strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)))
	compareAny(t, []byte(strings.Repeat("[", 10_001)+strings.Repeat("]", 10_001)))
	compareAny(t, []byte(strings.Repeat(`{"a":`, 500_000)))
}
