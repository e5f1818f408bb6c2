package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// resume keeps in a file how far an import has come, so that another process can go
// on there after this one was killed. Without a path it keeps nothing.
type resume struct {
	path  string
	state resumeState
	err   error
}

type resumeState struct {
	Import   string `json:"import"`   // which one it is: see identify
	Through  int    `json:"through"`  // the rows up to this one are finished
	Failed   int    `json:"failed"`   // rows
	Passing  int    `json:"passing"`  // of the failed rows, those whose reason may pass
	Failures int64  `json:"failures"` // bytes of the failures file that hold them
}

// openResume reads the file, if there is one. One of another import is an error:
// to go on behind its row would leave out users.
func openResume(path, identity string) (*resume, error) {
	r := &resume{path: path, state: resumeState{Import: identity}}
	if path == "" {
		return r, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, fmt.Errorf("-resume: %w", err)
	}
	var found resumeState
	if err := json.Unmarshal(data, &found); err != nil || found.Through < 0 || found.Failures < 0 {
		return nil, fmt.Errorf("-resume: %s is not what this program writes; delete it to begin with the first row", path)
	}
	if found.Import != identity {
		return nil, fmt.Errorf("-resume: %s is of another input or of other flags; delete it to begin with the first row", path)
	}
	r.state = found
	return r, nil
}

// keep replaces the file. What it counts as finished must be finished: the failed
// rows are written before.
func (r *resume) keep(through, failed, passing int, failures int64) {
	if r.path == "" || r.err != nil {
		return
	}
	s := r.state
	s.Through, s.Failed, s.Passing, s.Failures = through, failed, passing, failures
	data, err := json.Marshal(s)
	if err == nil {
		err = os.WriteFile(r.path+".new", append(data, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(r.path+".new", r.path)
	}
	r.err = err
}

// finished removes the file: the next import begins with the first row.
func (r *resume) finished() error {
	if r.path == "" || r.err != nil {
		return r.err
	}
	if err := os.Remove(r.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// identify returns a text that is another for another file, or for the same file
// with flags that change what a row means. The file is known by its size and its
// beginning.
func identify(file *os.File, flags ...any) (string, error) {
	hash := sha256.New()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	fmt.Fprintln(hash, info.Size(), flags)
	if _, err := io.Copy(hash, io.NewSectionReader(file, 0, 64<<10)); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}
