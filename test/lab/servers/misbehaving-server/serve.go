package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// backendSpec is one listening socket and how it behaves.
type backendSpec struct {
	Address string `json:"address"`
	// Connection is what happens before TLS: "serve", or a way to fail.
	Connection    string         `json:"connection"`
	TLS           *tlsSpec       `json:"tls"`
	Routes        []routeSpec    `json:"routes"`
	GroupVersions []groupVersion `json:"groupVersions"`
	// Omit names paths that answer 404 although the group versions would serve them.
	Omit []string `json:"omit"`
}

type tlsSpec struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
	MinVersion  string `json:"minVersion"`
	MaxVersion  string `json:"maxVersion"`
	// ClientAuthority demands client certificates of that authority.
	ClientAuthority string `json:"clientAuthority"`
}

var tlsVersions = map[string]uint16{
	"": 0, "1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
}

// serve hosts every backend of a JSON file in one process.
func serve(arguments []string) error {
	if len(arguments) != 1 {
		return fmt.Errorf("usage: misbehaving-server serve CONFIG")
	}
	var backends []backendSpec
	if err := readJSON(arguments[0], &backends); err != nil {
		return err
	}
	for _, backend := range backends {
		if err := start(backend); err != nil {
			return fmt.Errorf("backend %s: %w", backend.Address, err)
		}
	}
	if err := ready(map[string]int{"listening": len(backends)}); err != nil {
		return err
	}
	return untilInputEnds()
}

func start(backend backendSpec) error {
	listener, err := net.Listen("tcp", backend.Address)
	if err != nil {
		return err
	}
	switch backend.Connection {
	case "", "serve":
		return startServing(backend, listener)
	case "reset-after-certificate":
		return startServing(backend, resettingListener{listener})
	case "close", "reset", "silent":
		go misbehave(backend.Connection, listener)
		return nil
	}
	return fmt.Errorf("connection %q is none of serve, close, reset, silent, reset-after-certificate", backend.Connection)
}

func startServing(backend backendSpec, listener net.Listener) error {
	server := &http.Server{
		Handler:           handlerFor(backend),
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: time.Minute,
	}
	if backend.TLS == nil {
		go func() { _ = server.Serve(listener) }()
		return nil
	}
	configuration, err := tlsConfiguration(*backend.TLS)
	if err != nil {
		return err
	}
	// A hijacked connection, which close and reset need, does not exist in HTTP/2.
	configuration.NextProtos = []string{"h2", "http/1.1"}
	if endsConnections(backend.Routes) {
		configuration.NextProtos = []string{"http/1.1"}
		server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	server.TLSConfig = configuration
	go func() { _ = server.ServeTLS(listener, "", "") }()
	return nil
}

func tlsConfiguration(spec tlsSpec) (*tls.Config, error) {
	minVersion, minKnown := tlsVersions[spec.MinVersion]
	maxVersion, maxKnown := tlsVersions[spec.MaxVersion]
	if !minKnown || !maxKnown {
		return nil, fmt.Errorf("TLS versions are 1.0, 1.1, 1.2 and 1.3")
	}
	configuration := &tls.Config{MinVersion: minVersion, MaxVersion: maxVersion}
	if spec.Certificate == "" {
		// Without a certificate Go answers every hello with the alert "unrecognized name".
		configuration.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }
		return configuration, nil
	}
	pair, err := loadPair(spec.Certificate, spec.Key)
	if err != nil {
		return nil, err
	}
	configuration.Certificates = []tls.Certificate{pair}
	if spec.ClientAuthority != "" {
		configuration.ClientCAs, err = certificatePool(spec.ClientAuthority)
		configuration.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return configuration, err
}

// loadPair takes what stands in the files as it is: tls.LoadX509KeyPair refuses certificates that it cannot parse.
func loadPair(certificatePath, keyPath string) (tls.Certificate, error) {
	chain, err := os.ReadFile(certificatePath)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair := tls.Certificate{}
	for block, rest := pem.Decode(chain); block != nil; block, rest = pem.Decode(rest) {
		pair.Certificate = append(pair.Certificate, block.Bytes)
	}
	content, err := os.ReadFile(keyPath)
	if err != nil {
		return tls.Certificate{}, err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return tls.Certificate{}, fmt.Errorf("%s holds no key", keyPath)
	}
	pair.PrivateKey, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	return pair, err
}

// resettingListener hands out connections that are reset once the first flight, with the certificate in it, is out.
type resettingListener struct{ net.Listener }

func (listener resettingListener) Accept() (net.Conn, error) {
	connection, err := listener.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &resettingConnection{Conn: connection}, nil
}

type resettingConnection struct {
	net.Conn
	once sync.Once
}

func (connection *resettingConnection) Write(content []byte) (int, error) {
	first := false
	connection.once.Do(func() { first = true })
	if !first {
		return 0, net.ErrClosed
	}
	// Long enough for the flight to arrive.
	time.AfterFunc(20*time.Millisecond, func() { reset(connection.Conn) })
	return connection.Conn.Write(content)
}

func misbehave(how string, listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		switch how {
		case "close":
			_ = connection.Close()
		case "reset":
			reset(connection)
		case "silent":
			// Reading keeps the peer's window open: it sees neither an answer nor an end.
			go func() { _, _ = io.Copy(io.Discard, connection) }()
		}
	}
}

func reset(connection net.Conn) {
	if tcp, isTCP := connection.(*net.TCPConn); isTCP {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}
