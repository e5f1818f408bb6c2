package main

import (
	"context"
	"net"
	"net/http"
	"time"
)

const healthTimeout = 3 * time.Second

// checkHealth asks the fake that listens on addr, on this machine. It asks the
// page, because requests of the service may meet an armed fault and are logged.
func checkHealth(ctx context.Context, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1" // without a resolver, which an image from scratch may not have
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+apiPath+"about", http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
