package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"syscall"
)

// forward listens on a free loopback port of the namespace it is started in and carries every connection to an address
// inside another network namespace. A socket belongs to the namespace it was made in, so one process can do both.
func forward(arguments []string) error {
	if len(arguments) < 2 {
		return fmt.Errorf("usage: misbehaving-server forward NETWORK-NAMESPACE ADDRESS…")
	}
	ports := make([]int, 0, len(arguments)-1)
	for _, address := range arguments[1:] {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
		go acceptInto(arguments[0], listener, address)
	}
	if err := ready(map[string][]int{"ports": ports}); err != nil {
		return err
	}
	return untilInputEnds()
}

func acceptInto(namespace string, listener net.Listener, address string) {
	dials := make(chan net.Conn)
	go dialInside(namespace, dials, address)
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		dials <- connection
	}
}

// dialInside owns a thread that has entered the namespace; it never gives the thread back.
func dialInside(namespace string, dials <-chan net.Conn, address string) {
	runtime.LockOSThread()
	if err := enter(namespace); err != nil {
		fail(err)
	}
	for connection := range dials {
		inside, err := net.Dial("tcp", address)
		if err != nil {
			reset(connection)
			continue
		}
		go join(connection, inside)
	}
}

func enter(namespace string) error {
	file, err := os.Open("/run/netns/" + namespace)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if _, _, failure := syscall.Syscall(sysSetns, file.Fd(), syscall.CLONE_NEWNET, 0); failure != 0 {
		return fmt.Errorf("enter network namespace %s: %w", namespace, failure)
	}
	return nil
}
