import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { readServedChain, type ServedChain } from '../../../src/sources/live/served-chain/read-served-chain.ts';
import {
  issueAuthority,
  issueIntermediate,
  issueSelfSigned,
  issueServing,
  type Issued,
  type KeyType,
} from '../../fakes/certificate-authority.ts';
import { replayServedChain } from '../../fakes/served-chain-replay.ts';
import { presentOverTls13 } from './tls13-server.ts';

const serverName = 'api.wardle.svc';
const notBefore = new Date('2026-01-01T00:00:00Z');
const notAfter = new Date('2036-01-01T00:00:00Z');
const validity = { notBefore, notAfter };

const authority = issueAuthority({ commonName: 'authority', ...validity });
const intermediate = issueIntermediate(authority, { commonName: 'intermediate', ...validity });
const unrelated = issueAuthority({ commonName: 'unrelated', ...validity });
const serving = issueServing(intermediate, { commonName: 'serving', dnsNames: [serverName], ...validity });
const negativeSerial = issueServing(authority, {
  commonName: 'negative',
  serialNumber: -5n,
  dnsNames: [serverName],
  ...validity,
});
const garbage = Buffer.from('3003020101ff', 'hex');

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const listen = async (server: net.Server): Promise<Socket> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  closers.push(() => {
    socket.destroy();
    server.close();
  });
  return socket;
};

const read = (stream: Duplex, timeoutMs = 3000): Promise<ServedChain> =>
  readServedChain(stream, { serverName, timeoutMs, signal: new AbortController().signal });

const fromRawServer = async (answer: (socket: Socket) => void, timeoutMs?: number): Promise<ServedChain> =>
  read(await listen(net.createServer(answer)), timeoutMs);

interface Served {
  readonly result: ServedChain;
  readonly serverErrors: readonly string[];
  readonly serverNames: readonly (string | false | null)[];
}

const fromTlsServer = async (options: tls.TlsOptions): Promise<Served> => {
  const serverErrors: string[] = [];
  const serverNames: (string | false | null)[] = [];
  const server = tls.createServer(options, (socket) => {
    serverNames.push(socket.servername);
    socket.on('error', () => {});
    socket.resume();
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => serverErrors.push(error.code ?? error.message));
  const result = await read(await listen(server));
  await new Promise((resolve) => setTimeout(resolve, 20));
  return { result, serverErrors, serverNames };
};

const hex = (chain: readonly Uint8Array[] | null): readonly string[] | null =>
  chain?.map((der) => Buffer.from(der).toString('hex')) ?? null;
const derOf = (...issued: readonly Issued[]): readonly Buffer[] => issued.map(({ der }) => der);
const pemOf = (...issued: readonly Issued[]): string => issued.map(({ pem }) => pem).join('');

const V12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const V13 = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const;
const versions = [
  ['1.2', V12],
  ['1.3', V13],
] as const;

describe.each(versions)('a server of TLS %s', (version, limits) => {
  it('presents a chain, and the handshake is finished without a complaint of either side', async () => {
    const { result, serverErrors, serverNames } = await fromTlsServer({
      ...limits,
      key: serving.privateKeyPem,
      cert: pemOf(serving, intermediate, authority),
      ALPNProtocols: ['h2'],
    });
    expect(hex(result.chain)).toEqual(hex(derOf(serving, intermediate, authority)));
    expect(result).toMatchObject({
      tlsVersion: version,
      alpn: 'h2',
      alert: null,
      outcome: 'completed',
      detail: '',
      clientCertificateRequested: false,
      signatureScheme: 'ecdsa_secp256r1_sha256',
    });
    expect(serverErrors).toEqual([]);
    expect(serverNames).toEqual([serverName]);
  });

  it('presents its chain in an odd order, with duplicates and a stranger', async () => {
    const odd = [serving, unrelated, authority, intermediate, intermediate, serving];
    const { result } = await fromTlsServer({ ...limits, key: serving.privateKeyPem, cert: pemOf(...odd) });
    expect(hex(result.chain)).toEqual(hex(derOf(...odd)));
    expect(result.outcome).toBe('completed');
  });

  it('chooses none of the protocols', async () => {
    const { result } = await fromTlsServer({ ...limits, key: serving.privateKeyPem, cert: serving.pem });
    expect(result).toMatchObject({ alpn: null, outcome: 'completed' });
  });

  it('refuses all of the protocols', async () => {
    const { result } = await fromTlsServer({
      ...limits,
      key: serving.privateKeyPem,
      cert: serving.pem,
      ALPNProtocols: ['imap'],
    });
    expect(result).toMatchObject({
      chain: null,
      outcome: 'alert',
      alert: { level: 'fatal', description: 120, name: 'no_application_protocol' },
    });
  });

  it('asks for a client certificate and is content without', async () => {
    const { result } = await fromTlsServer({
      ...limits,
      key: serving.privateKeyPem,
      cert: serving.pem,
      requestCert: true,
      rejectUnauthorized: false,
    });
    expect(hex(result.chain)).toEqual(hex(derOf(serving)));
    expect(result).toMatchObject({ outcome: 'completed', clientCertificateRequested: true });
  });

  it('has a key of each kind', async () => {
    const kinds: readonly KeyType[] = ['rsa-1024', 'rsa-2048', 'ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'ed25519'];
    for (const keyType of kinds) {
      const own = issueSelfSigned({ commonName: keyType, keyType, dnsNames: [serverName], ...validity });
      const { result } = await fromTlsServer({
        ...limits,
        key: own.privateKeyPem,
        cert: own.pem,
        ciphers: 'DEFAULT:@SECLEVEL=0',
      });
      expect(hex(result.chain), keyType).toEqual(hex(derOf(own)));
      expect(result.outcome, keyType).toBe('completed');
    }
  });
});

const suites13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
it.each(suites13)('reads TLS 1.3 with %s', async (cipherSuite) => {
  const { result } = await fromTlsServer({
    ...V13,
    key: serving.privateKeyPem,
    cert: pemOf(serving, authority),
    ciphers: cipherSuite,
  });
  expect(hex(result.chain)).toEqual(hex(derOf(serving, authority)));
  expect(result).toMatchObject({ cipherSuite, outcome: 'completed' });
});

const suites12 = [
  ['ECDHE-ECDSA-AES128-GCM-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
  ['ECDHE-ECDSA-AES256-GCM-SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'],
  ['ECDHE-ECDSA-CHACHA20-POLY1305', 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256'],
  ['ECDHE-ECDSA-AES128-SHA', 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA'],
  ['ECDHE-RSA-AES128-GCM-SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  ['ECDHE-RSA-AES256-SHA', 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA'],
  ['AES256-GCM-SHA384', 'TLS_RSA_WITH_AES_256_GCM_SHA384'],
  ['AES128-SHA', 'TLS_RSA_WITH_AES_128_CBC_SHA'],
] as const;
it.each(suites12)('reads TLS 1.2 with %s', async (ciphers, cipherSuite) => {
  const keyType = ciphers.includes('ECDSA') ? 'ecdsa-p256' : 'rsa-2048';
  const own = issueSelfSigned({ commonName: 'own', keyType, dnsNames: [serverName], ...validity });
  const { result } = await fromTlsServer({ ...V12, key: own.privateKeyPem, cert: own.pem, ciphers });
  expect(hex(result.chain)).toEqual(hex(derOf(own)));
  expect(result).toMatchObject({ cipherSuite, outcome: 'completed' });
});

it('follows a HelloRetryRequest', async () => {
  const { result } = await fromTlsServer({ ...V13, key: serving.privateKeyPem, cert: serving.pem, ecdhCurve: 'P-521' });
  expect(hex(result.chain)).toEqual(hex(derOf(serving)));
  expect(result.outcome).toBe('completed');
});

it.each([
  ['1.2', V12, 'handshake_failure'],
  ['1.3', V13, 'certificate_required'],
] as const)(
  'sees the chain of a server of TLS %s that insists on a client certificate',
  async (_version, limits, name) => {
    const { result } = await fromTlsServer({
      ...limits,
      key: serving.privateKeyPem,
      cert: serving.pem,
      ca: authority.pem,
      requestCert: true,
      rejectUnauthorized: true,
    });
    expect(hex(result.chain)).toEqual(hex(derOf(serving)));
    expect(result).toMatchObject({
      clientCertificateRequested: true,
      outcome: 'alert',
      alert: { level: 'fatal', name },
    });
  },
);

it('is told the protocol version by a server that has only older ones', async () => {
  const { result } = await fromTlsServer({
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL:@SECLEVEL=0',
    key: serving.privateKeyPem,
    cert: serving.pem,
  });
  expect(result).toMatchObject({ chain: null, outcome: 'alert', alert: { description: 70, name: 'protocol_version' } });
});

describe('a server that cannot go on', () => {
  it('replays a chain without any key', async () => {
    const chain = derOf(serving, intermediate);
    const result = await fromRawServer((socket) => replayServedChain(socket, { chain, alpn: 'h2' }));
    expect(hex(result.chain)).toEqual(hex(chain));
    expect(result).toMatchObject({ tlsVersion: '1.2', alpn: 'h2', outcome: 'closed', alert: null });
  });

  it.each([
    ['1.2', replayServedChain],
    ['1.3', presentOverTls13],
  ] as const)('stops after its TLS %s Certificate message', async (tlsVersion, present) => {
    const chain = derOf(serving);
    const result = await fromRawServer((socket) => present(socket, { chain, ending: 'stall' }), 300);
    expect(hex(result.chain)).toEqual(hex(chain));
    expect(result).toMatchObject({ tlsVersion, outcome: 'timedOut' });
  });

  it.each([
    ['1.2', replayServedChain],
    ['1.3', presentOverTls13],
  ] as const)('resets right after its TLS %s Certificate message', async (tlsVersion, present) => {
    const chain = derOf(serving, authority);
    const result = await fromRawServer((socket) => present(socket, { chain, ending: 'reset' }));
    expect(hex(result.chain)).toEqual(hex(chain));
    expect(result).toMatchObject({ tlsVersion, outcome: 'reset' });
  });

  it.each([
    ['1.2', replayServedChain],
    ['1.3', presentOverTls13],
  ] as const)('presents over TLS %s what OpenSSL cannot parse', async (tlsVersion, present) => {
    for (const chain of [[garbage], [negativeSerial.der, garbage], [serving.der, new Uint8Array(), garbage]]) {
      const result = await fromRawServer((socket) => present(socket, { chain, ending: 'stall' }), 1000);
      expect(hex(result.chain)).toEqual(hex(chain));
      expect(result).toMatchObject({ tlsVersion, outcome: 'refusedByClient' });
      expect(result.detail).not.toBe('');
    }
  });

  it('presents no certificate at all', async () => {
    const result = await fromRawServer((socket) => presentOverTls13(socket, { chain: [], ending: 'stall' }), 1000);
    expect(result).toMatchObject({ chain: [], outcome: 'refusedByClient' });
  });

  it.each([
    ['1.2', replayServedChain],
    ['1.3', presentOverTls13],
  ] as const)('presents over TLS %s a chain larger than OpenSSL reads', async (_version, present) => {
    const chain = [serving.der, ...Array.from({ length: 300 }, (_, index) => Buffer.alloc(3000, index))];
    const result = await fromRawServer((socket) => present(socket, { chain, ending: 'stall' }), 2000);
    expect(hex(result.chain)).toEqual(hex(chain));
    expect(result.outcome).toBe('refusedByClient');
  });

  it('presents a chain larger than is read', async () => {
    const chain = Array.from({ length: 40 }, () => Buffer.alloc(30_000, 0x30));
    const result = await fromRawServer((socket) => replayServedChain(socket, { chain, ending: 'stall' }), 2000);
    expect(result).toMatchObject({ chain: null, outcome: 'tooLarge' });
    expect(result.detail).toMatch(/^the Certificate message has 12\d{5} bytes$/);
  });

  it('cuts its flight into small, padded records', async () => {
    const chain = derOf(serving, intermediate, authority);
    const result = await fromRawServer((socket) => presentOverTls13(socket, { chain, recordBytes: 7, padding: 50 }));
    expect(hex(result.chain)).toEqual(hex(chain));
    expect(result).toMatchObject({ alpn: 'h2', tlsVersion: '1.3' });
  });

  it('chooses TLS 1.1, which is not offered', async () => {
    const chain = derOf(serving);
    const result = await fromRawServer((socket) =>
      replayServedChain(socket, { chain, version: 0x03_02, ending: 'stall' }),
    );
    expect(hex(result.chain)).toEqual(hex(chain));
    expect(result).toMatchObject({ tlsVersion: '1.1', outcome: 'refusedByClient' });
  });

  it('chooses a cipher suite that is not offered', async () => {
    const result = await fromRawServer((socket) =>
      replayServedChain(socket, { chain: derOf(serving), cipherSuite: 0x00_05, ending: 'stall' }),
    );
    expect(hex(result.chain)).toEqual(hex(derOf(serving)));
    expect(result).toMatchObject({ cipherSuite: '0x0005', outcome: 'refusedByClient' });
  });

  it.each([40, 112, 200])('answers with alert %i', async (alert) => {
    const result = await fromRawServer((socket) => replayServedChain(socket, { chain: null, alert }));
    expect(result).toMatchObject({
      chain: null,
      tlsVersion: null,
      outcome: 'alert',
      alert: { level: 'fatal', description: alert },
    });
  });

  it('sends an alert after its certificate', async () => {
    const result = await fromRawServer((socket) => replayServedChain(socket, { chain: derOf(serving), alert: 80 }));
    expect(hex(result.chain)).toEqual(hex(derOf(serving)));
    expect(result).toMatchObject({ outcome: 'alert', alert: { name: 'internal_error' } });
  });
});

describe('what is no TLS', () => {
  it('is a plain HTTP server', async () => {
    const server = http.createServer((_request, response) => response.end('hello'));
    const result = await read(await listen(server));
    expect(result).toMatchObject({ chain: null, outcome: 'notTls' });
    expect(result.detail).toContain('"HTTP/1.1 400 Bad Request"');
  });

  it('is a server that speaks first', async () => {
    const result = await fromRawServer(
      (socket) => void socket.on('error', () => {}).write('SSH-2.0-OpenSSH_9.2\u001b[31m\r\n'),
    );
    expect(result).toMatchObject({
      outcome: 'notTls',
      detail: 'the first bytes do not look like TLS: "SSH-2.0-OpenSSH_9.2"',
    });
  });

  it('is a server that says less than a record header', async () => {
    const result = await fromRawServer((socket) => void socket.end('no'));
    expect(result).toMatchObject({ outcome: 'notTls', detail: 'the first bytes do not look like TLS: "no"' });
  });

  it('is a server that closes', async () => {
    expect(await fromRawServer((socket) => void socket.end())).toMatchObject({ chain: null, outcome: 'closed' });
  });

  it('is a server that resets', async () => {
    expect(await fromRawServer((socket) => void socket.resetAndDestroy())).toMatchObject({
      chain: null,
      outcome: 'reset',
    });
  });

  it('is a server that says nothing', async () => {
    const started = performance.now();
    expect(await fromRawServer((socket) => void socket.on('error', () => {}), 200)).toMatchObject({
      chain: null,
      outcome: 'timedOut',
    });
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

it('ends when the deadline of everything is over', async () => {
  const socket = await listen(net.createServer((silent) => void silent.on('error', () => {})));
  const result = await readServedChain(socket, { serverName, timeoutMs: 10_000, signal: AbortSignal.timeout(100) });
  expect(result.outcome).toBe('timedOut');
  expect(socket.destroyed).toBe(true);
});

it('ends on a stream that is over already', async () => {
  const socket = await listen(net.createServer((silent) => void silent.on('error', () => {})));
  socket.destroy();
  await once(socket, 'close');
  expect(await read(socket)).toMatchObject({ chain: null, outcome: 'closed' });
});
