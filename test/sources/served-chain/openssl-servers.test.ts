import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readServedChain, type ServedChain } from '../../../src/sources/live/served-chain/read-served-chain.ts';

// Keys and refusals that node:tls cannot serve.

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl)('openssl s_server', () => {
  let folder = '';
  const servers = new Set<ChildProcess>();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'served-chain-'));
  });
  afterAll(() => {
    for (const server of servers) server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const issue = (name: string, keyArguments: readonly string[]): Buffer => {
    const key = join(folder, `${name}.key`);
    const certificate = join(folder, `${name}.crt`);
    execFileSync('openssl', ['genpkey', ...keyArguments, '-out', key], { stdio: 'ignore' });
    execFileSync('openssl', ['req', '-x509', '-new', '-key', key, '-subj', `/CN=${name}`, '-out', certificate], {
      stdio: 'ignore',
    });
    return new X509Certificate(readFileSync(certificate)).raw;
  };

  const freePort = (): Promise<number> =>
    new Promise((resolve) => {
      const server = net.createServer().listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });

  const readFrom = async (name: string, serverArguments: readonly string[]): Promise<ServedChain> => {
    const port = await freePort();
    const server = spawn(
      'openssl',
      [
        's_server',
        '-accept',
        `127.0.0.1:${port}`,
        '-key',
        join(folder, `${name}.key`),
        '-cert',
        join(folder, `${name}.crt`),
        '-quiet',
        ...serverArguments,
      ],
      { stdio: ['pipe', 'ignore', 'ignore'] },
    );
    servers.add(server);
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const socket = net.connect(port, '127.0.0.1');
      const connected = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      if (connected) {
        return readServedChain(socket, {
          serverName: 'api.wardle.svc',
          timeoutMs: 5000,
          signal: new AbortController().signal,
        });
      }
      await pause(25);
    }
    throw new Error('openssl s_server did not listen');
  };

  it.each([
    ['rsa', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], '-tls1_3', 'rsa_pss_rsae_sha256'],
    ['rsa-pss', ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048'], '-tls1_3', 'rsa_pss_pss_sha256'],
    ['rsa-pss-12', ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048'], '-tls1_2', 'rsa_pss_pss_sha256'],
    ['p384', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'], '-tls1_3', 'ecdsa_secp384r1_sha384'],
    ['p521', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'], '-tls1_3', 'ecdsa_secp521r1_sha512'],
    ['ed25519', ['-algorithm', 'ED25519'], '-tls1_2', 'ed25519'],
    ['ed448', ['-algorithm', 'ED448'], '-tls1_3', 'ed448'],
  ])('serves a key of kind %s', async (name, keyArguments, version, signatureScheme) => {
    const certificate = issue(name, keyArguments);
    const result = await readFrom(name, [version]);
    expect(result.chain?.map((der) => Buffer.from(der).toString('hex'))).toEqual([certificate.toString('hex')]);
    expect(result).toMatchObject({ outcome: 'completed', signatureScheme });
  });

  it.each([
    ['-tls1_3', 'certificate_required'],
    ['-tls1_2', 'handshake_failure'],
  ])('insists on a client certificate over %s', async (version, name) => {
    const certificate = issue(`insists${version}`, ['-algorithm', 'ED25519']);
    const result = await readFrom(`insists${version}`, [version, '-Verify', '1']);
    expect(result.chain?.map((der) => Buffer.from(der).toString('hex'))).toEqual([certificate.toString('hex')]);
    expect(result).toMatchObject({ outcome: 'alert', alert: { name } });
  });

  it('knows TLS 1.1 only', async () => {
    issue('old', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']);
    expect(await readFrom('old', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'])).toMatchObject({
      chain: null,
      outcome: 'alert',
      alert: { name: 'protocol_version' },
    });
  });

  it('has no cipher suite in common', async () => {
    issue('none', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']);
    expect(await readFrom('none', ['-tls1_2', '-cipher', 'DHE-RSA-AES128-GCM-SHA256'])).toMatchObject({
      chain: null,
      outcome: 'alert',
      alert: { name: 'handshake_failure' },
    });
  });

  it('writes small records and asks for another group', async () => {
    const certificate = issue('small', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']);
    const result = await readFrom('small', ['-tls1_3', '-max_send_frag', '512', '-groups', 'P-384']);
    expect(result.chain?.map((der) => Buffer.from(der).toString('hex'))).toEqual([certificate.toString('hex')]);
    expect(result.outcome).toBe('completed');
  });
});
