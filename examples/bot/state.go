package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// state is where the bot goes on: behind the last message handled or, before
// there was one, from the time of its first start.
type state struct {
	Position messembed.Position `json:"position,omitzero"`
	Since    time.Time          `json:"since,omitzero"`
}

// stateFile keeps a state in a file that is there as a whole, old or new, whenever
// the process or the machine stops.
type stateFile string

func (f stateFile) load() (s state, err error) {
	data, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("%s: %w", f, err)
	}
	return s, nil
}

func (f stateFile) save(s state) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(string(f)), filepath.Base(string(f))+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // fails once it is renamed
	_, err = temporary.Write(data)
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), string(f))
}
