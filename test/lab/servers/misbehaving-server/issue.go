package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// certificateSpec describes one certificate. An issuer has to stand before what it signs; without one the certificate
// signs itself.
type certificateSpec struct {
	Name          string   `json:"name"`
	Issuer        string   `json:"issuer"`
	Key           string   `json:"key"`
	CommonName    *string  `json:"commonName"`
	Organizations []string `json:"organizations"`
	DNSNames      []string `json:"dnsNames"`
	IPAddresses   []string `json:"ipAddresses"`
	NotBefore     string   `json:"notBefore"`
	NotAfter      string   `json:"notAfter"`
	Authority     bool     `json:"authority"`
	PathLength    *int     `json:"pathLength"`
	Usages        []string `json:"usages"`
	Signature     string   `json:"signature"`
	Permitted     []string `json:"permitted"`
	// Malformed adds an octet behind the certificate: it can be served, but neither parsed nor issue others.
	Malformed bool `json:"malformed"`
}

type issued struct {
	der         []byte
	certificate *x509.Certificate
	key         crypto.Signer
}

var extendedUsages = map[string]x509.ExtKeyUsage{
	"server": x509.ExtKeyUsageServerAuth,
	"client": x509.ExtKeyUsageClientAuth,
	"code":   x509.ExtKeyUsageCodeSigning,
}

// issue writes <name>.crt and <name>.key into a folder for each certificate of a JSON file.
func issue(arguments []string) error {
	if len(arguments) != 2 {
		return fmt.Errorf("usage: misbehaving-server issue SPEC FOLDER")
	}
	var specs []certificateSpec
	if err := readJSON(arguments[0], &specs); err != nil {
		return err
	}
	done := map[string]issued{}
	for _, spec := range specs {
		result, err := issueOne(spec, done)
		if err != nil {
			return fmt.Errorf("certificate %s: %w", spec.Name, err)
		}
		done[spec.Name] = result
		if err := writePEM(arguments[1], spec.Name, result); err != nil {
			return err
		}
	}
	return nil
}

func issueOne(spec certificateSpec, done map[string]issued) (issued, error) {
	key, err := newKey(spec.Key)
	if err != nil {
		return issued{}, err
	}
	template, err := certificateTemplate(spec)
	if err != nil {
		return issued{}, err
	}
	parent, signer := template, key
	if spec.Issuer != "" {
		issuer, known := done[spec.Issuer]
		if !known {
			return issued{}, fmt.Errorf("issuer %s is not listed before it", spec.Issuer)
		}
		parent, signer = issuer.certificate, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return issued{}, err
	}
	if spec.Signature == "sha1" {
		if der, err = resignWithSHA1(der, signer); err != nil {
			return issued{}, err
		}
	}
	if spec.Malformed {
		return issued{append(der, 0), nil, key}, nil
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return issued{}, err
	}
	return issued{der, certificate, key}, nil
}

func certificateTemplate(spec certificateSpec) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	notBefore, err := instant(spec.NotBefore, "-1d")
	if err != nil {
		return nil, err
	}
	notAfter, err := instant(spec.NotAfter, "365d")
	if err != nil {
		return nil, err
	}
	commonName := spec.Name
	if spec.CommonName != nil {
		commonName = *spec.CommonName
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: commonName, Organization: spec.Organizations},
		NotBefore:             notBefore,
		NotAfter:              notAfter,
		DNSNames:              spec.DNSNames,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		PermittedDNSDomains:   spec.Permitted,
	}
	for _, address := range spec.IPAddresses {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(address))
	}
	if spec.Authority {
		template.IsCA = true
		template.KeyUsage |= x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	} else if spec.Usages == nil {
		spec.Usages = []string{"server"}
	}
	if spec.PathLength != nil {
		template.MaxPathLen, template.MaxPathLenZero = *spec.PathLength, *spec.PathLength == 0
	}
	for _, usage := range spec.Usages {
		extended, known := extendedUsages[usage]
		if !known {
			return nil, fmt.Errorf("usage %q is none of server, client, code", usage)
		}
		template.ExtKeyUsage = append(template.ExtKeyUsage, extended)
	}
	return template, nil
}

func newKey(kind string) (crypto.Signer, error) {
	switch kind {
	case "", "ecdsa-p256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ecdsa-p384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	case "rsa-2048":
		return rsa.GenerateKey(rand.Reader, 2048)
	case "rsa-4096":
		return rsa.GenerateKey(rand.Reader, 4096)
	}
	return nil, fmt.Errorf("key %q is none of ecdsa-p256, ecdsa-p384, ed25519, rsa-2048, rsa-4096", kind)
}

// instant reads an offset from now: a Go duration, or whole days as in -30d.
func instant(offset, otherwise string) (time.Time, error) {
	if offset == "" {
		offset = otherwise
	}
	if days, isDays := strings.CutSuffix(offset, "d"); isDays {
		count, err := strconv.Atoi(days)
		return time.Now().AddDate(0, 0, count), err
	}
	duration, err := time.ParseDuration(offset)
	return time.Now().Add(duration), err
}

func writePEM(folder, name string, result issued) error {
	key, err := x509.MarshalPKCS8PrivateKey(result.key)
	if err != nil {
		return err
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: result.der})
	if err := os.WriteFile(filepath.Join(folder, name+".crt"), certificate, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600)
}
