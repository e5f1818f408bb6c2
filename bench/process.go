package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// startServer starts the server in a separate process; stop ends it.
func startServer() (url string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	server := exec.Command(self, "child-server")
	server.Stderr = os.Stderr
	in, err := server.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := server.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := server.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = in.Close()
		_ = server.Wait()
	}
	if _, err := fmt.Fscanln(bufio.NewReader(out), &url); err != nil {
		stop()
		return "", nil, err
	}
	return url, stop, nil
}

// output runs a program and decodes what it prints.
func output(v any, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	data, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s %v: %w", name, args, err)
	}
	return json.Unmarshal(data, v)
}

// hasNode reports, as an error, why the comparisons with Node cannot be made.
func hasNode() error {
	if _, err := exec.LookPath("node"); err != nil {
		return err
	}
	if _, err := os.Stat("node/node_modules/axios"); err != nil {
		return errors.New("node/node_modules is missing; run make -C bench")
	}
	return nil
}

func waitForEnd(r io.Reader) { _, _ = io.Copy(io.Discard, r) }
