// Command go-x509 tells what this Go release makes of certificates: one JSON
// object a line on standard input, one on standard output. The texts under
// "tls" come out of a real TLS handshake over a socket pair, not of a reconstruction.
package main

import (
	"bufio"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"
)

// request is one question: a chain to verify, or with only der set one
// certificate to parse.
type request struct {
	CABundle   string   `json:"caBundle"`
	Presented  [][]byte `json:"presented"`
	ServerName string   `json:"serverName"`
	Time       string   `json:"time"`
	EKUs       []int    `json:"ekus"`
	DER        []byte   `json:"der"`
}

// answer is Go's: an empty text means accepted. caError is what client-go says
// of a bundle nothing of which counts.
type answer struct {
	TLS     string `json:"tls"`
	Verify  string `json:"verify"`
	CACount int    `json:"caCount"`
	CAError string `json:"caError,omitempty"`
	Parse   string `json:"parse"`
}

const notAsked = "n/a (no server name)"

var errAccepted = errors.New("accepted")

func main() {
	rounds := flag.Int("bench", 0, "verify all requests so many times and print the nanoseconds of one round")
	flag.Parse()
	if err := run(*rounds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(rounds int) error {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	var requests []request
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for in.Scan() {
		var asked request
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			return err
		}
		if rounds > 0 {
			requests = append(requests, asked)
			continue
		}
		if err := encoder.Encode(respond(asked, signer)); err != nil {
			return err
		}
	}
	if rounds > 0 {
		return bench(requests, rounds, out)
	}
	return in.Err()
}

func bench(requests []request, rounds int, out *bufio.Writer) error {
	best := time.Duration(1<<63 - 1)
	for i := 0; i < rounds; i++ {
		start := time.Now()
		for _, asked := range requests {
			at, _ := time.Parse(time.RFC3339Nano, asked.Time)
			roots, _, _ := rootCertPool([]byte(asked.CABundle))
			verifyText(asked, roots, at)
		}
		if took := time.Since(start); took < best {
			best = took
		}
	}
	_, err := fmt.Fprintf(out, "{\"go\":%q,\"requests\":%d,\"nanoseconds\":%d}\n", runtime.Version(), len(requests), best.Nanoseconds())
	return err
}

func respond(asked request, signer crypto.Signer) answer {
	if len(asked.Presented) == 0 {
		_, err := x509.ParseCertificate(asked.DER)
		return answer{Parse: text(err)}
	}
	at, err := time.Parse(time.RFC3339Nano, asked.Time)
	if err != nil {
		return answer{Verify: "bad request: " + err.Error()}
	}
	roots, count, caErr := rootCertPool([]byte(asked.CABundle))
	told := answer{TLS: notAsked, CACount: count, CAError: text(caErr), Verify: verifyText(asked, roots, at)}
	if asked.ServerName != "" {
		told.TLS = text(handshake(asked, roots, at, signer))
	}
	return told
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// rootCertPool is client-go's, transport.go, with the number of certificates.
func rootCertPool(bundle []byte) (*x509.CertPool, int, error) {
	pool := x509.NewCertPool()
	if pool.AppendCertsFromPEM(bundle) {
		return pool, len(pool.Subjects()), nil
	}
	rest := bundle
	for len(rest) > 0 {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil {
			return pool, 0, errors.New("unable to load root certificates: unable to parse bytes as PEM block")
		}
		if block.Type != "CERTIFICATE" || len(block.Headers) != 0 {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return pool, 0, fmt.Errorf("unable to load root certificates: failed to parse certificate: %w", err)
		}
	}
	return pool, 0, errors.New("unable to load root certificates: no valid certificate authority data seen")
}

func verifyText(asked request, roots *x509.CertPool, at time.Time) (told string) {
	defer func() {
		if crash := recover(); crash != nil {
			told = fmt.Sprintf("PANIC %v", crash)
		}
	}()
	options := x509.VerifyOptions{
		Roots:         roots,
		Intermediates: x509.NewCertPool(),
		DNSName:       asked.ServerName,
		CurrentTime:   at,
	}
	for _, eku := range asked.EKUs {
		options.KeyUsages = append(options.KeyUsages, x509.ExtKeyUsage(eku))
	}
	var leaf *x509.Certificate
	for i, der := range asked.Presented {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return err.Error()
		}
		if i == 0 {
			leaf = certificate
		} else {
			options.Intermediates.AddCert(certificate)
		}
	}
	_, err := leaf.Verify(options)
	return text(err)
}

// handshake presents the certificates over TLS 1.3, signed with a key of its
// own: the client looks at the chain before it looks at that signature.
func handshake(asked request, roots *x509.CertPool, at time.Time, signer crypto.Signer) (told error) {
	clientEnd, serverEnd, err := socketPair()
	if err != nil {
		return err
	}
	defer clientEnd.Close()
	served := make(chan struct{})
	go func() {
		defer close(served)
		server := tls.Server(serverEnd, &tls.Config{
			MinVersion:             tls.VersionTLS13,
			SessionTicketsDisabled: true,
			Certificates:           []tls.Certificate{{Certificate: asked.Presented, PrivateKey: signer}},
		})
		_ = server.HandshakeContext(context.Background())
		serverEnd.Close()
	}()
	client := tls.Client(clientEnd, &tls.Config{
		MinVersion:       tls.VersionTLS13,
		RootCAs:          roots,
		ServerName:       asked.ServerName,
		Time:             func() time.Time { return at },
		VerifyConnection: func(tls.ConnectionState) error { return errAccepted },
	})
	err = handshakeOrPanic(client)
	clientEnd.Close()
	<-served
	if errors.Is(err, errAccepted) {
		return nil
	}
	return err
}

// socketPair has the kernel's buffers: over a net.Pipe a client that sends an
// alert while the server still writes its flight would wait for ever.
func socketPair() (one, other net.Conn, err error) {
	descriptors, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	ends := [2]net.Conn{}
	for i, descriptor := range descriptors {
		file := os.NewFile(uintptr(descriptor), "socketpair")
		ends[i], err = net.FileConn(file)
		file.Close()
		if err != nil {
			return nil, nil, err
		}
	}
	return ends[0], ends[1], nil
}

func handshakeOrPanic(client *tls.Conn) (told error) {
	defer func() {
		if crash := recover(); crash != nil {
			told = fmt.Errorf("PANIC %v", crash)
		}
	}()
	return client.Handshake()
}
