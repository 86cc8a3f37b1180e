import { loopbackAuthority, loopbackCertificate, loopbackClient } from '../../fakes/kube-apiserver.ts';
import { issueAuthority } from '../../fakes/certificate-authority.ts';
import { authorityData, type Case } from '../comparison.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const HOUR_MS = 3_600_000;
const other = issueAuthority({
  commonName: 'another authority',
  keyType: 'ecdsa-p256',
  notBefore: new Date(Date.now() - HOUR_MS),
  notAfter: new Date(Date.now() + HOUR_MS),
});

/** Whom the server is taken for, and by which certificate the caller is known. */
export const tlsCases: readonly Case[] = [
  {
    name: 'no server name is sent for an address',
    call: (s) => ({ kubeconfig: s.config() }),
  },
  {
    name: 'a host name is sent as server name',
    call: (s) => ({ kubeconfig: s.config({ server: `https://localhost:${s.server.port}` }) }),
  },
  {
    name: 'tls-server-name is sent, and the certificate held against it',
    call: (s) => ({ kubeconfig: s.config({ cluster: { ...authorityData, 'tls-server-name': 'kubernetes.default' } }) }),
  },
  {
    name: 'tls-server-name that the certificate has not',
    call: (s) => ({ kubeconfig: s.config({ cluster: { ...authorityData, 'tls-server-name': 'other.example.com' } }) }),
    fails: ['certificate', 'valid for', 'other.example.com'],
  },
  {
    name: 'tls-server-name with insecure-skip-tls-verify is sent all the same',
    call: (s) => ({
      kubeconfig: s.config({ cluster: { 'insecure-skip-tls-verify': true, 'tls-server-name': 'other.example.com' } }),
    }),
  },
  {
    name: 'an authority that did not sign',
    call: (s) => ({ kubeconfig: s.config({ cluster: { 'certificate-authority-data': base64(other.pem) } }) }),
    fails: ['certificate signed by unknown authority'],
  },
  {
    name: 'several authorities',
    call: (s) => ({
      kubeconfig: s.config({
        cluster: { 'certificate-authority-data': base64(`${other.pem}\n# words\n${loopbackAuthority.pem}`) },
      }),
    }),
  },
  {
    name: 'no authority: the roots of the system, which did not sign',
    call: (s) => ({ kubeconfig: s.config({ cluster: {} }) }),
    fails: ['certificate signed by unknown authority'],
  },
  {
    name: 'no authority: the roots of the system, where SSL_CERT_FILE says',
    apart: true,
    topic: 'system roots',
    call: (s) => ({
      kubeconfig: s.config({ cluster: {} }),
      env: { SSL_CERT_FILE: s.file('roots.pem', loopbackAuthority.pem) },
    }),
  },
  {
    name: 'an authority of the cluster alone counts, whatever the system trusts',
    apart: true,
    call: (s) => ({
      kubeconfig: s.config({ cluster: { 'certificate-authority-data': base64(other.pem) } }),
      env: { SSL_CERT_FILE: s.file('roots.pem', loopbackAuthority.pem) },
    }),
    fails: ['certificate signed by unknown authority'],
  },
  {
    name: 'insecure-skip-tls-verify',
    call: (s) => ({ kubeconfig: s.config({ cluster: { 'insecure-skip-tls-verify': true } }) }),
  },
  {
    name: 'insecure-skip-tls-verify and an authority',
    call: (s) => ({ kubeconfig: s.config({ cluster: { 'insecure-skip-tls-verify': true, ...authorityData } }) }),
    fails: ['specifying a root certificates file with the insecure flag is not allowed'],
  },
  {
    name: 'a certificate for another name',
    server: { serving: loopbackCertificate({ ipAddresses: [], dnsNames: ['elsewhere'] }) },
    call: (s) => ({ kubeconfig: s.config() }),
    fails: ['certificate', '127.0.0.1'],
  },
  {
    name: 'a certificate that has expired',
    server: {
      serving: loopbackCertificate({
        notBefore: new Date(Date.now() - 40 * HOUR_MS),
        notAfter: new Date(Date.now() - HOUR_MS),
      }),
    },
    call: (s) => ({ kubeconfig: s.config() }),
    fails: ['certificate has expired or is not yet valid'],
  },
  {
    name: 'a certificate that is not valid yet',
    server: {
      serving: loopbackCertificate({
        notBefore: new Date(Date.now() + HOUR_MS),
        notAfter: new Date(Date.now() + 40 * HOUR_MS),
      }),
    },
    call: (s) => ({ kubeconfig: s.config() }),
    fails: ['certificate has expired or is not yet valid'],
  },
  {
    name: 'an authority that is no certificate',
    call: (s) => ({ kubeconfig: s.config({ cluster: { 'certificate-authority-data': base64('junk') } }) }),
    fails: ['unable to load root certificates'],
  },
  {
    name: 'authority data that is no base64',
    call: (s) => ({ kubeconfig: s.config({ cluster: { 'certificate-authority-data': '!!!' } }) }),
    fails: ['base64'],
  },
  {
    name: 'an authority file that is not there',
    call: (s) => ({ kubeconfig: s.config({ cluster: { 'certificate-authority': '/nowhere/ca.pem' } }) }),
    fails: ['unable to read certificate-authority /nowhere/ca.pem', 'no such file or directory'],
  },
  {
    name: 'an authority as data and as file',
    topic: 'CA/cert file and data both set',
    call: (s) => ({
      kubeconfig: s.config({
        cluster: { ...authorityData, 'certificate-authority': s.file('ca.pem', loopbackAuthority.pem) },
      }),
    }),
    fails: ['certificate-authority-data and certificate-authority are both specified'],
  },
  {
    name: 'a client certificate as data',
    server: { demandsCertificate: true },
    call: (s) => ({
      kubeconfig: s.config({
        user: {
          'client-certificate-data': base64(loopbackClient.pem),
          'client-key-data': base64(loopbackClient.privateKeyPem),
        },
      }),
    }),
  },
  {
    name: 'a client certificate as files',
    server: { demandsCertificate: true },
    call: (s) => {
      s.file('c.pem', loopbackClient.pem);
      s.file('k.pem', loopbackClient.privateKeyPem);
      return { kubeconfig: s.config({ user: { 'client-certificate': 'c.pem', 'client-key': 'k.pem' } }) };
    },
  },
  {
    name: 'a client certificate as data, its key as file',
    call: (s) => ({
      kubeconfig: s.config({
        user: {
          'client-certificate-data': base64(loopbackClient.pem),
          'client-key': s.file('k.pem', loopbackClient.privateKeyPem),
        },
      }),
    }),
  },
  {
    name: 'a client certificate as data and as file',
    topic: 'CA/cert file and data both set',
    call: (s) => ({
      kubeconfig: s.config({
        user: {
          'client-certificate-data': base64(loopbackClient.pem),
          'client-certificate': s.file('c.pem', loopbackClient.pem),
          'client-key-data': base64(loopbackClient.privateKeyPem),
        },
      }),
    }),
    fails: ['client-cert-data and client-cert are both specified'],
  },
  {
    name: 'a client key as data and as file',
    call: (s) => ({
      kubeconfig: s.config({
        user: {
          'client-certificate-data': base64(loopbackClient.pem),
          'client-key': s.file('k.pem', loopbackClient.privateKeyPem),
          'client-key-data': base64(loopbackClient.privateKeyPem),
        },
      }),
    }),
    fails: ['client-key-data and client-key are both specified'],
  },
  {
    name: 'a client certificate without key',
    call: (s) => ({ kubeconfig: s.config({ user: { 'client-certificate-data': base64(loopbackClient.pem) } }) }),
    fails: ['client-key-data or client-key must be specified'],
  },
  {
    name: 'a client key without certificate is no credential',
    call: (s) => ({
      kubeconfig: s.config({ user: { token: 't', 'client-key-data': base64(loopbackClient.privateKeyPem) } }),
    }),
  },
  {
    name: 'a client key file that is not there',
    call: (s) => ({
      kubeconfig: s.config({
        user: { 'client-certificate-data': base64(loopbackClient.pem), 'client-key': '/nowhere/k.pem' },
      }),
    }),
    fails: ['unable to read client-key /nowhere/k.pem', 'no such file or directory'],
  },
  {
    name: 'a client certificate that is none',
    call: (s) => ({
      kubeconfig: s.config({ user: { 'client-certificate-data': base64('junk'), 'client-key-data': base64('junk') } }),
    }),
    fails: ['tls: failed to find any PEM data'],
  },
  {
    name: 'a client key that belongs to another certificate',
    call: (s) => ({
      kubeconfig: s.config({
        user: {
          'client-certificate-data': base64(loopbackClient.pem),
          'client-key-data': base64(other.privateKeyPem ?? ''),
        },
      }),
    }),
    fails: ['private key does not match public key'],
  },
  {
    name: 'a server that wants a client certificate of one who has none',
    server: { demandsCertificate: true },
    call: (s) => ({ kubeconfig: s.config() }),
    fails: ['certificate required'],
  },
  {
    name: 'a token and a client certificate are both sent',
    call: (s) => ({
      kubeconfig: s.config({
        user: {
          token: 't',
          'client-certificate-data': base64(loopbackClient.pem),
          'client-key-data': base64(loopbackClient.privateKeyPem),
        },
      }),
    }),
  },
];
