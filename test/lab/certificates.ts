import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binaryPath } from './build.ts';

/** One certificate to issue; an issuer stands before what it signs, and without one the certificate signs itself. */
export interface CertificateSpec {
  readonly name: string;
  readonly issuer?: string;
  readonly key?: 'ecdsa-p256' | 'ecdsa-p384' | 'ed25519' | 'rsa-2048' | 'rsa-4096';
  /** Default: the name. */
  readonly commonName?: string;
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Offsets from now: 30d, -1d, 90m. Default: -1d and 365d. */
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly authority?: boolean;
  readonly pathLength?: number;
  /** Default: server for what is no authority. */
  readonly usages?: readonly ('server' | 'client' | 'code')[];
  readonly signature?: 'sha1';
  /** Name constraints. */
  readonly permitted?: readonly string[];
  /** An octet too many behind it: no Go parses it. */
  readonly malformed?: boolean;
}

export interface IssuedCertificates {
  readonly certificatePath: (name: string) => string;
  readonly keyPath: (name: string) => string;
  readonly pem: (name: string) => string;
  readonly keyPem: (name: string) => string;
}

/** Issues the certificates into a folder that exists. */
export const issueCertificates = (folder: string, specs: readonly CertificateSpec[]): IssuedCertificates => {
  const specPath = join(folder, 'certificates.json');
  writeFileSync(specPath, JSON.stringify(specs));
  execFileSync(binaryPath('misbehaving-server'), ['issue', specPath, folder]);
  const certificatePath = (name: string): string => join(folder, `${name}.crt`);
  const keyPath = (name: string): string => join(folder, `${name}.key`);
  return {
    certificatePath,
    keyPath,
    pem: (name) => readFileSync(certificatePath(name), 'utf8'),
    keyPem: (name) => readFileSync(keyPath(name), 'utf8'),
  };
};
