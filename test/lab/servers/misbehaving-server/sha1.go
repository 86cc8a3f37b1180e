package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/asn1"
	"fmt"

	"crypto/x509/pkix"
)

var sha1WithRSA = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}

type signedCertificate struct {
	Body      asn1.RawValue
	Algorithm pkix.AlgorithmIdentifier
	Signature asn1.BitString
}

// resignWithSHA1 replaces the signature of an RSA-signed certificate: crypto/x509 refuses to make one with SHA-1.
func resignWithSHA1(der []byte, signer crypto.Signer) ([]byte, error) {
	key, isRSA := signer.(*rsa.PrivateKey)
	if !isRSA {
		return nil, fmt.Errorf("signature sha1 needs an RSA issuer")
	}
	var certificate signedCertificate
	if _, err := asn1.Unmarshal(der, &certificate); err != nil {
		return nil, err
	}
	sha256Body := certificate.Body.FullBytes
	body, err := replaceAlgorithm(sha256Body)
	if err != nil {
		return nil, err
	}
	digest := sha1.Sum(body)
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA1, digest[:])
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(signedCertificate{
		Body:      asn1.RawValue{FullBytes: body},
		Algorithm: pkix.AlgorithmIdentifier{Algorithm: sha1WithRSA, Parameters: asn1.NullRawValue},
		Signature: asn1.BitString{Bytes: signature, BitLength: len(signature) * 8},
	})
}

// The two object identifiers have the same length, so the body changes in one octet.
func replaceAlgorithm(body []byte) ([]byte, error) {
	sha256WithRSA := []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b}
	changed := append([]byte(nil), body...)
	for at := 0; at+len(sha256WithRSA) <= len(changed); at++ {
		if string(changed[at:at+len(sha256WithRSA)]) == string(sha256WithRSA) {
			changed[at+len(sha256WithRSA)-1] = 0x05
			return changed, nil
		}
	}
	return nil, fmt.Errorf("no SHA-256 signature algorithm in the certificate")
}
