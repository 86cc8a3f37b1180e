package main

import (
	"fmt"
	"net"
)

// resolve is a name server that knows no name: it answers NXDOMAIN to every question.
func resolve(arguments []string) error {
	if len(arguments) != 1 {
		return fmt.Errorf("usage: misbehaving-server resolve ADDRESS")
	}
	connection, err := net.ListenPacket("udp", arguments[0])
	if err != nil {
		return err
	}
	go denyEveryName(connection)
	return untilInputEnds()
}

func denyEveryName(connection net.PacketConn) {
	const headerLength = 12
	question := make([]byte, 1500)
	for {
		length, from, err := connection.ReadFrom(question)
		if err != nil {
			return
		}
		if length < headerLength {
			continue
		}
		answer := append([]byte(nil), question[:length]...)
		answer[2] |= 0x80 // a response
		answer[3] = 0x83  // recursion available, NXDOMAIN
		_, _ = connection.WriteTo(answer, from)
	}
}
