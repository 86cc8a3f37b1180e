// Command misbehaving-server holds what a lab cluster needs and no released server offers: backends that fail on
// purpose, the certificates they fail with, and stand-ins for kube-proxy, the cluster's name server and the way in.
//
// Every long-running subcommand ends when its standard input does, so that nothing outlives the process that started it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

var subcommands = map[string]func(arguments []string) error{
	"issue":          issue,
	"serve":          serve,
	"proxy-services": proxyServices,
	"resolve":        resolve,
	"forward":        forward,
}

func main() {
	if len(os.Args) < 2 || subcommands[os.Args[1]] == nil {
		fail(fmt.Errorf("usage: misbehaving-server issue|serve|proxy-services|resolve|forward …"))
	}
	if err := subcommands[os.Args[1]](os.Args[2:]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "error:", err)
	os.Exit(2)
}

// untilInputEnds blocks for as long as the parent process keeps standard input open.
func untilInputEnds() error {
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// ready tells the parent that every socket is open.
func ready(answer any) error {
	return json.NewEncoder(os.Stdout).Encode(answer)
}

func readJSON(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
