import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { kubeconfigFor, loopbackCertificate, startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { issueSelfSigned } from '../fakes/certificate-authority.ts';
import { type Ran, run, runApart, type RunOptions } from './captured-run.ts';
import { CALLERS_TOKEN, type HostileServer, startHostileServer, startRawServer, unusedPort } from './hostile-server.ts';

// Whatever stands in a file and whatever a server sends: one clear line, status 2, within the deadline; or a report that
// says what could not be read.

const TOKEN = 'kubeconfig-token-fedcba9876543210';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-bad-input-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});
const opened = async <T extends { readonly close: () => Promise<void> }>(starting: Promise<T>): Promise<T> => {
  const server = await starting;
  open.push(server);
  return server;
};

let files = 0;
const file = (content: string | Buffer): string => {
  files += 1;
  const path = join(folder, `file-${files}`);
  writeFileSync(path, content);
  return path;
};

const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]|\ud800/;

const expectClean = ({ stdout, stderr }: Ran): void => {
  for (const secret of [TOKEN, CALLERS_TOKEN, Buffer.from(TOKEN).toString('base64').slice(0, 20)])
    expect(`${stdout}${stderr}`).not.toContain(secret);
  expect(steering.exec(stderr)?.[0]).toBeUndefined();
};

/** One line on standard error, a hint below it at most, and nothing else. */
const expectRefusal = (ran: Ran, line: RegExp | string, hint: RegExp | null = null): void => {
  expectClean(ran);
  const [first = '', ...rest] = ran.stderr.replace(/\n$/, '').split('\n');
  expect(first).toMatch(/^error: /);
  if (typeof line === 'string') expect(first).toContain(line);
  else expect(first).toMatch(line);
  expect(first.length).toBeLessThan(1600);
  if (hint === null) expect(rest).toEqual([]);
  else expect(rest.join('\n')).toMatch(hint);
  expect(ran).toMatchObject({ stdout: '', status: 2 });
};

const withKubeconfig = (
  content: string | Buffer,
  args: readonly string[] = ['doctor'],
  options: RunOptions = {},
): Promise<Ran> => run([...args, '--kubeconfig', file(content)], options);

describe('a kubeconfig', () => {
  it('that is nowhere', async () => {
    expectRefusal(
      await run(['doctor']),
      'no kubeconfig found (looked at no file: neither --kubeconfig, KUBECONFIG nor HOME is set)',
    );
    expectRefusal(
      await run(['doctor'], { env: { HOME: folder } }),
      `no kubeconfig found (looked at ${folder}/.kube/config); name one with --kubeconfig`,
    );
    expectRefusal(
      await run(['status'], { env: { KUBECONFIG: '/nowhere/a:/nowhere/b' } }),
      'looked at /nowhere/a, /nowhere/b',
    );
    expectRefusal(
      await run(['snapshot', '--kubeconfig', '/nowhere/config']),
      'error: stat /nowhere/config: no such file or directory',
    );
  });

  it('that cannot be read', async () => {
    expectRefusal(await run(['doctor', '--kubeconfig', folder]), `error loading config file "${folder}": EISDIR`);
    const path = file('secret');
    chmodSync(path, 0);
    if (process.getuid?.() !== 0) expectRefusal(await run(['doctor', '--kubeconfig', path]), 'EACCES');
  });

  it('that never ends or never comes', async () => {
    expectRefusal(await run(['doctor', '--kubeconfig', '/dev/zero']), 'larger than');
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const apart = await runApart(['doctor', '--kubeconfig', pipe, '--timeout', '500ms']);
    expectRefusal(apart, 'not read in time');
    expect(apart.ms).toBeLessThan(8000);
  });

  const bomb = [
    `a0: &a0 [${TOKEN}]`,
    ...Array.from(
      { length: 12 },
      (_, level) => `a${level + 1}: &a${level + 1} [${Array(10).fill(`*a${level}`).join(',')}]`,
    ),
  ].join('\n');
  it.each<readonly [string, string | Buffer, RegExp]>([
    [
      'binary',
      Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 255, 254]),
      /(?:not valid YAML|is not as a kubeconfig has it)/,
    ],
    ['not UTF-8', Buffer.concat([Buffer.from('users: ['), Buffer.from([0xff, 0xc3, 0x28])]), /not valid YAML/],
    ['a YAML bomb', bomb, /not valid YAML|no kubeconfig found/],
    ['nested without end', '['.repeat(200_000), /not valid YAML/],
    ['a list', `- ${TOKEN}`, /the document is not as a kubeconfig has it/],
    ['a word', TOKEN, /the document is not as a kubeconfig has it/],
    ['several documents', `a: 1\n---\ntoken: ${TOKEN}\n`, /not valid YAML/],
    ['a key twice', `users: [{name: ${TOKEN}}]\nusers: []`, /not valid YAML \(line 2\)/],
    [
      'a name twice',
      `users:\n- {name: a, user: {token: ${TOKEN}}}\n- {name: a, user: {token: ${TOKEN}}}`,
      /it has two users named "a"/,
    ],
    ['a tag', `users: !!js/function 'function () { return "${TOKEN}" }'`, /users is not as a kubeconfig has it/],
    [
      'a token of a wrong type',
      kubeconfigFor({ server: 'https://127.0.0.1:1', user: { token: [TOKEN] } }),
      /user "user": token is not as a kubeconfig has it/,
    ],
    [
      'a cluster of a wrong type',
      `current-context: c\ncontexts: [{name: c, context: {cluster: a}}]\nclusters: [{name: a, cluster: "${TOKEN}"}]`,
      /cluster "a": the entry is not as a kubeconfig has it/,
    ],
    ['a list of strings', `clusters: ["${TOKEN}"]`, /clusters\.0 is not as a kubeconfig has it/],
    ['empty', '', /no kubeconfig found/],
    ['null', 'null', /no kubeconfig found/],
  ])('that is odd: %s', async (_what, content, line) => {
    expectRefusal(await withKubeconfig(content), line);
  });

  it.each<readonly [string, Parameters<typeof kubeconfigFor>[0], readonly string[], string]>([
    [
      'an unknown context',
      { server: 'https://127.0.0.1:1' },
      ['--context', 'prod'],
      'error: context was not found for specified context: prod',
    ],
    ['no server', { server: '' }, [], 'invalid configuration: no server found for cluster "cluster"'],
    ['a server that is no URL', { server: 'https://exa mple:x' }, [], 'the server of the cluster is not a URL'],
    ['a server of another scheme', { server: 'ftp://127.0.0.1' }, [], 'neither an http:// nor an https:// URL'],
    [
      'CA data that is no base64',
      { server: 'https://127.0.0.1:1', cluster: { 'certificate-authority-data': `${TOKEN}!` } },
      [],
      'certificate-authority-data of cluster "cluster" is not base64',
    ],
    [
      'CA data that is no certificate',
      { server: 'https://127.0.0.1:1', cluster: { 'certificate-authority-data': 'bm8gcGVt' } },
      [],
      'the certificate authority of cluster "cluster": unable to load root certificates: unable to parse bytes as PEM block',
    ],
    [
      'CA data and file',
      {
        server: 'https://127.0.0.1:1',
        cluster: { 'certificate-authority-data': 'AAAA', 'certificate-authority': 'ca.pem' },
      },
      [],
      'certificate-authority-data and certificate-authority are both specified for cluster "cluster"',
    ],
    [
      'a CA file that is not there',
      { server: 'https://127.0.0.1:1', cluster: { 'certificate-authority': 'ca.pem' } },
      [],
      `unable to read certificate-authority ${tmpdir()}`,
    ],
    [
      'CA and skip-verify',
      {
        server: 'https://127.0.0.1:1',
        cluster: { 'certificate-authority-data': 'bm8gcGVt', 'insecure-skip-tls-verify': true },
      },
      [],
      'specifying a root certificates file with the insecure flag is not allowed',
    ],
    [
      'a certificate without key',
      { server: 'https://127.0.0.1:1', user: { 'client-certificate-data': 'AAAA' } },
      [],
      'client-key must be specified for user "user" as well',
    ],
    [
      'a key that is none',
      { server: 'https://127.0.0.1:1', user: { 'client-certificate-data': 'bm8gcGVt', 'client-key-data': 'bm8gcGVt' } },
      [],
      'a certificate, key or header of the kubeconfig cannot be used: ',
    ],
    [
      'token and password',
      { server: 'https://127.0.0.1:1', user: { token: TOKEN, username: 'a', password: TOKEN } },
      [],
      'more than one authentication method found',
    ],
    [
      'a token of two lines',
      { server: 'https://127.0.0.1:1', user: { token: `${TOKEN}\nX: y` } },
      [],
      'the credential of the kubeconfig holds characters that no HTTP header may hold',
    ],
    [
      'an old auth provider',
      { server: 'https://127.0.0.1:1', user: { 'auth-provider': { name: 'gcp', config: { 'access-token': TOKEN } } } },
      [],
      'the gcp auth provider is not supported',
    ],
    [
      'a proxy of another kind',
      { server: 'https://127.0.0.1:1', cluster: { 'proxy-url': `socks5://u:${TOKEN}@h` } },
      [],
      'the proxy for the API server is neither',
    ],
    [
      'a proxy without a host',
      { server: 'https://127.0.0.1:1', cluster: { 'proxy-url': 'http://' } },
      [],
      'the proxy for the API server is neither',
    ],
    [
      'passwords that are no percent-encoding',
      { server: `https://u:%zz${TOKEN}@127.0.0.1:1`, cluster: { 'proxy-url': `http://u:%zz${TOKEN}@127.0.0.1:1` } },
      [],
      'the proxy or a certificate of the kubeconfig cannot be used',
    ],
    [
      'a token file that is not there',
      { server: 'https://127.0.0.1:1', user: { tokenFile: '/nowhere/token' } },
      [],
      'unable to read tokenFile /nowhere/token: no such file',
    ],
    [
      'groups without a user',
      { server: 'https://127.0.0.1:1' },
      ['--as-group', 'g'],
      'requesting uid, groups or user-extra for u without impersonating a user',
    ],
    [
      'a user that no header may hold',
      { server: 'https://127.0.0.1:1' },
      ['--as', 'a\nb'],
      'a certificate, key or header of the kubeconfig cannot be used: ',
    ],
  ])('with %s', async (_what, parts, args, line) => {
    expectRefusal(await withKubeconfig(kubeconfigFor(parts), ['doctor', ...args]), line);
  });

  it('whose context names a cluster that is not there', async () => {
    expectRefusal(
      await withKubeconfig('current-context: c\ncontexts: [{name: c, context: {cluster: gone}}]'),
      'no server found for cluster "gone"',
    );
    expectRefusal(
      await withKubeconfig('contexts: [{name: c, context: {cluster: gone}}]'),
      'the kubeconfig sets no current-context; choose one with --context',
    );
  });
});

describe('a credential plugin', () => {
  const plugin = (script: string, exec: Readonly<Record<string, unknown>> = {}): string => {
    const command = file(`#!/bin/sh\n${script}\n`);
    chmodSync(command, 0o755);
    return kubeconfigFor({
      server: 'https://127.0.0.1:1',
      user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never', ...exec } },
    });
  };
  const credential = (status: string): string =>
    `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":${status}}`;

  it('that works', async () => {
    const server = await opened(
      startHostileServer((request, response) =>
        response.writeHead(request.headers.authorization === `Bearer ${TOKEN}` ? 500 : 401).end('{"message":"seen"}'),
      ),
    );
    const config = plugin(`echo '${credential(`{"token":"${TOKEN}"}`)}'`);
    const ran = await withKubeconfig(
      config
        .replace('https://127.0.0.1:1', server.url)
        .replace('"cluster": {\n', '"cluster": {\n        "insecure-skip-tls-verify": true,\n'),
    );
    expectRefusal(ran, 'HTTP status 500: seen');
  });

  it.each<readonly [string, string, Readonly<Record<string, unknown>>, string]>([
    ['fails', `echo ${TOKEN}; exit 7`, {}, /failed with exit code 7/.source],
    ['dies', 'kill -9 $$', {}, 'failed with signal SIGKILL'],
    ['prints junk', `echo "token: ${TOKEN}"`, {}, 'did not answer with JSON'],
    ['prints too much', 'exec cat /dev/zero', {}, 'answered with more than 1048576 bytes'],
    [
      'answers for another version',
      `echo '${credential(`{"token":"${TOKEN}"}`).replace('/v1"', '/v1beta1"')}'`,
      {},
      'did not answer with an ExecCredential of client.authentication.k8s.io/v1',
    ],
    ['answers without a credential', `echo '${credential('{}')}'`, {}, "didn't return a token or cert/key pair"],
    [
      'answers with half a pair',
      `echo '${credential(`{"clientKeyData":"${TOKEN}"}`)}'`,
      {},
      'returned only certificate or key',
    ],
    [
      'is of an old version',
      '',
      { apiVersion: 'client.authentication.k8s.io/v1alpha1' },
      'exec plugin: invalid apiVersion "client.authentication.k8s.io/v1alpha1"',
    ],
    [
      'wants a terminal',
      '',
      { interactiveMode: 'Always' },
      'exec plugin cannot support interactive mode: standard input is not a terminal',
    ],
    ['does not say whether it wants one', '', { interactiveMode: null }, 'must specify interactiveMode'],
    ['has no command', '', { command: '' }, 'names no command'],
    ['has an argument that no process takes', '', { args: ['a\u0000b'] }, 'could not be run'],
    ['is no program', '', { command: folder || tmpdir() }, 'could not be run (EACCES)'],
  ])('that %s', async (_what, script, exec, line) => {
    expectRefusal(await withKubeconfig(plugin(script, exec)), line);
  });

  it('that is not installed', async () => {
    const ran = await withKubeconfig(
      plugin('', { command: 'no-such-plugin', installHint: 'Get it from\nhttps://example.com \u001b[31m' }),
    );
    expectRefusal(
      ran,
      'getting credentials: exec: executable no-such-plugin not found',
      /Get it from.*https:\/\/example\.com/,
    );
  });

  it('that hangs, with a child that holds its pipes', async () => {
    const path = file(plugin('sleep 1000 & echo working >&2; wait'));
    const ran = await runApart(['doctor', '--kubeconfig', path, '--timeout', '500ms']);
    expect(ran.stderr).toMatch(/^working\nerror: getting credentials: exec: .* did not answer in time\n$/);
    expect(ran).toMatchObject({ stdout: '', status: 2 });
    expect(ran.ms).toBeLessThan(8000);
  });

  it('that says its own token on standard error', async () => {
    const ran = await withKubeconfig(
      plugin(
        `echo "got ${TOKEN}" >&2; echo 'open https://example.com/device?code=0123456789abcdefghijk \u001b[1m' >&2; echo '${credential(`{"token":"${TOKEN}"}`)}'`,
      ),
    );
    expect(ran.stderr).not.toContain(TOKEN);
    expect(ran.stderr).toContain('got [redacted]');
    expect(ran.stderr).toContain('open https://example.com/device?code=0123456789abcdefghijk');
    expect(ran.stderr).not.toContain('\u001b');
  });
});

describe('an API server', () => {
  const asked = async (
    server: HostileServer,
    args: readonly string[] = ['doctor'],
    parts: Parameters<HostileServer['kubeconfigText']>[0] = {},
  ): Promise<Ran> => withKubeconfig(server.kubeconfigText(parts), args);
  const answering = (
    listener: (request: IncomingMessage, response: ServerResponse) => void,
    options: Parameters<typeof startHostileServer>[1] = {},
  ): Promise<HostileServer> => opened(startHostileServer(listener, options));
  const always = (
    status: number,
    body: string,
    headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
  ) => answering((_request, response) => response.writeHead(status, headers).end(body));

  it('that is not there', async () => {
    const port = await unusedPort();
    const refused = `the connection to the server 127.0.0.1:${port} was refused - did you specify the right host or port?`;
    for (const command of ['status', 'doctor', 'snapshot'])
      expectRefusal(await withKubeconfig(kubeconfigFor({ server: `https://127.0.0.1:${port}` }), [command]), refused);
    const version = await withKubeconfig(kubeconfigFor({ server: `https://127.0.0.1:${port}` }), ['version']);
    expect(version).toMatchObject({ status: 2, stderr: `error: ${refused}\n` });
  });

  it('whose name is unknown', async () => {
    expectRefusal(
      await withKubeconfig(kubeconfigFor({ server: 'https://no-such-host.invalid:6443' })),
      'no such host: no-such-host.invalid',
    );
  });

  it('that is none', async () => {
    const page = '<!doctype html>\n<html><title>Welcome</title></html>';
    expectRefusal(
      await asked(await always(200, page, { 'content-type': 'text/html' })),
      'list apiservices.apiregistration.k8s.io: the answer is not JSON; is this a Kubernetes API server?',
    );
    expectRefusal(
      await asked(await always(404, page, { 'content-type': 'text/html' })),
      'HTTP status 404: a page of HTML; is this a Kubernetes API server?',
    );
    expectRefusal(
      await asked(await always(404, '404 page not found\n', { 'content-type': 'text/plain' })),
      'HTTP status 404: 404 page not found; is this a Kubernetes API server?',
    );
    expectRefusal(
      await asked(await always(403, page, { 'content-type': 'text/html' })),
      'a page of HTML; is this a Kubernetes API server?',
      /docs\/rbac\.yaml/,
    );
    expectRefusal(await asked(await always(200, '{}')), 'the answer is not a list');
    expectRefusal(await asked(await always(200, '{"items":[{}]}')), 'item 0: metadata: missing');
    expectRefusal(await asked(await always(204, '')), 'HTTP status 204');
    expectRefusal(
      await asked(await always(503, 'starting', { 'content-type': 'text/plain' })),
      'HTTP status 503: starting',
    );
  });

  it('that speaks http where https is expected, and the reverse', async () => {
    const plain = await answering((_request, response) => response.end('{}'), { scheme: 'http' });
    expectRefusal(
      await asked(plain, ['doctor'], { server: plain.url.replace('http:', 'https:') }),
      `127.0.0.1:${plain.port} does not speak TLS as expected`,
    );
    const secure = await always(200, '{}');
    expectRefusal(
      await asked(secure, ['doctor'], { server: secure.url.replace('https:', 'http:'), cluster: {} }),
      /closed the connection|does not speak HTTP/,
    );
  });

  it('whose certificate does not prove it', async () => {
    const unknown = await always(200, '{}');
    expectRefusal(
      await asked(unknown, ['doctor'], { cluster: {} }),
      'is signed by an unknown authority; the right one belongs into certificate-authority-data of the cluster',
    );
    const validity = {
      keyType: 'ecdsa-p256',
      notBefore: new Date(Date.now() - 9e7),
      notAfter: new Date(Date.now() + 9e7),
    } as const;
    const self = await answering(() => undefined, {
      serving: issueSelfSigned({ ...validity, commonName: 'self', ipAddresses: ['127.0.0.1'] }),
    });
    expectRefusal(await asked(self), 'is signed by an unknown authority');
    const misnamed = await answering(() => undefined, {
      serving: loopbackCertificate({ ipAddresses: ['127.0.0.2'], dnsNames: ['\u001b[31m'] }),
    });
    expectRefusal(await asked(misnamed), 'is not for that name');
    const expired = await answering(() => undefined, {
      serving: loopbackCertificate({ notAfter: new Date(Date.now() - 3_600_000) }),
    });
    expectRefusal(await asked(expired), 'has expired');
    const early = await answering(() => undefined, {
      serving: loopbackCertificate({ notBefore: new Date(Date.now() + 3_600_000) }),
    });
    expectRefusal(await asked(early), 'is not valid yet');
  });

  it('that knows the caller no longer, or lets him see nothing', async () => {
    const expired = await always(401, JSON.stringify({ kind: 'Status', message: 'Unauthorized', code: 401 }));
    expectRefusal(
      await asked(expired),
      '401 Unauthorized: Unauthorized; the credential is missing, expired or not meant for this server',
    );
    const closed = await always(
      403,
      JSON.stringify({
        kind: 'Status',
        message: 'apiservices.apiregistration.k8s.io is forbidden: User "me" cannot list resource "apiservices"',
        code: 403,
      }),
    );
    for (const command of ['status', 'doctor', 'snapshot'])
      expectRefusal(await asked(closed, [command]), 'User "me" cannot list resource "apiservices"', /docs\/rbac\.yaml/);
  });

  it.each<readonly [string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['never answers', () => undefined],
    [
      'answers byte by byte',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(timer));
      },
    ],
    [
      'announces more than it sends',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"items":[');
      },
    ],
    [
      'says without end that it continues',
      (_request, response) => {
        const timer = setInterval(() => response.writeContinue(), 50);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('that %s', async (_what, listener) => {
    const server = await answering(listener);
    const [ran, apart] = await Promise.all([
      asked(server, ['doctor', '--timeout', '1s']),
      runApart(['status', '--kubeconfig', file(server.kubeconfigText()), '--timeout', '1s']),
    ]);
    for (const one of [ran, apart]) {
      expectRefusal(one, 'did not answer GET /apis/apiregistration.k8s.io/v1/apiservices?limit=500 in time');
      expect(one.ms).toBeLessThan(6000);
    }
  });

  it('that accepts and says nothing, in TLS or before it', async () => {
    const mute = await opened(startRawServer(() => undefined));
    const ran = await asked(mute, ['doctor', '--timeout', '500ms']);
    expectRefusal(ran, 'in time');
    expect(ran.ms).toBeLessThan(3000);
  });

  it('that cuts the connection', async () => {
    expectRefusal(await asked(await answering((request) => request.socket.destroy())), 'closed the connection');
    const inMidAnswer = await answering((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"items":[', () => response.destroy());
    });
    expectRefusal(await asked(inMidAnswer), 'closed the connection');
    expectRefusal(await asked(await opened(startRawServer((socket) => socket.destroy()))), 'closed the connection');
    expectRefusal(
      await asked(await opened(startRawServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')))),
      'does not speak TLS as expected',
    );
  });

  it('that changes the protocol, or breaks it', async () => {
    const raw = (text: string) =>
      answering((request) => {
        request.socket.end(text);
      });
    expectRefusal(
      await asked(await raw('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')),
      'does not speak HTTP as expected',
    );
    expectRefusal(await asked(await raw('hello\r\n\r\n')), 'does not speak HTTP as expected');
    expectRefusal(
      await asked(await raw(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`)),
      'does not speak HTTP as expected',
    );
    expectRefusal(
      await asked(await raw('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n')),
      'does not speak HTTP as expected',
    );
  });

  it('that redirects is not followed', async () => {
    const target = await always(200, '{"items":[]}');
    for (const status of [301, 302, 307, 308]) {
      const server = await always(status, '', { location: `${target.url}/login?token=${CALLERS_TOKEN}` });
      expectRefusal(await asked(server), `redirected to ${target.url}/login?token=[redacted], which is not followed`);
    }
    expect(target.paths).toEqual([]);
  });

  describe("that repeats the caller's credentials", () => {
    // Wherever a text is cut, no half of a token may stay.
    const expectNoPart = (output: string, secrets: readonly string[]): void => {
      for (const secret of secrets)
        for (let length = secret.length; length >= 8; length -= 1)
          expect(output).not.toContain(secret.slice(0, length));
    };

    it.each<readonly [string, () => Readonly<Record<string, unknown>>, readonly string[]]>([
      ['a token', () => ({ token: CALLERS_TOKEN }), [CALLERS_TOKEN]],
      ['a token of a file', () => ({ tokenFile: file(`${CALLERS_TOKEN}\n`) }), [CALLERS_TOKEN]],
      [
        'a password',
        () => ({ username: 'admin', password: 'pass word/+%' }),
        ['pass word/+%', Buffer.from('admin:pass word/+%').toString('base64')],
      ],
    ])('%s', async (_what, user, secrets) => {
      for (const padding of [0, 950, 960, 970, 980, 990, 1000, 1010, 1020, 4060, 4070, 4080, 16_360, 16_370]) {
        const refusing = await answering((request, response) => {
          const seen = request.headers.authorization ?? '';
          const forms = [seen.replace(/^\w+ /, ''), seen, encodeURIComponent(seen), ...secrets.map(encodeURIComponent)];
          const message = `${'x'.repeat(padding)} ${forms.join(' ')} ${Buffer.from(secrets[0] ?? '').toString('base64')}`;
          response
            .writeHead(403, { 'content-type': 'application/json', 'x-seen': seen })
            .end(JSON.stringify({ kind: 'Status', [seen]: seen, message }));
        });
        const ran = await asked(refusing, ['doctor'], { user: user() });
        expectRefusal(ran, 'error: list apiservices.apiregistration.k8s.io: ', /docs\/rbac\.yaml/);
        expectNoPart(ran.stderr, secrets);
      }
    });

    it('in the answer of a backend', async () => {
      for (const padding of [960, 980, 1000, 1010, 1020, 4080, 4090, 16_370]) {
        for (const contentType of ['text/plain', 'application/json']) {
          const server = await opened(
            startKubeApiServer(apiServices(1), {
              intercept: ({ url = '', headers }, response) => {
                if (!url.startsWith('/apis/g0.')) return false;
                const text = `${'x'.repeat(padding)} ${headers.authorization?.slice('Bearer '.length)}`;
                response
                  .writeHead(500, { 'content-type': contentType, location: `/x?token=${headers.authorization}` })
                  .end(contentType === 'text/plain' ? text : JSON.stringify({ [text]: [text] }));
                return true;
              },
            }),
          );
          const kubeconfig = file(server.kubeconfigText());
          for (const args of [['snapshot'], ['doctor', '-o', 'json'], ['status']]) {
            const ran = await run([...args, '--kubeconfig', kubeconfig]);
            expect(ran.stderr).toBe('');
            expectNoPart(ran.stdout, [server.token]);
          }
        }
      }
    });
  });

  it('whose list never ends', async () => {
    let pages = 0;
    const server = await answering((request, response) => {
      if (request.url?.startsWith('/version')) response.end('{"gitVersion":"v1.36.3"}');
      else {
        pages += 1;
        response.end(JSON.stringify({ items: [], metadata: { continue: `page ${pages} \ud800&limit=` } }));
      }
    });
    expectRefusal(await asked(server), 'the list does not end after 200 pages');
  });

  it('that sends text which steers terminals, invalid UTF-8 and lone surrogates', async () => {
    const evil = '\u001b[2J\u001b]0;title\u0007\u009b31m\u202egnp.exe\u2066\r\n\u2028\u0000';
    for (const status of [401, 403, 500]) {
      const ran = await asked(await always(status, JSON.stringify({ kind: 'Status', message: evil })));
      expectRefusal(ran, '^[[2J^[]0;title', status === 403 ? /docs/ : null);
    }
    const bytes = await answering((_request, response) =>
      response.writeHead(500).end(Buffer.from([0x22, 0xff, 0xfe, 0x80, 0x1b, 0x5b])),
    );
    expectRefusal(await asked(bytes), 'HTTP status 500: "\ufffd\ufffd\ufffd^[[');
    const lone = await always(500, '{"kind":"Status","message":"a\\ud800b"}');
    expectRefusal(await asked(lone), 'HTTP status 500: a\ufffdb');
  });
});

const apiServices = (count: number, text = '', namespaces = count): RawSnapshot => ({
  apiVersion: 'kubectl-aa/v1',
  kind: 'Snapshot',
  capturedAt: '2026-11-21T10:00:00Z',
  cluster: { context: `context${text}`, server: null },
  facts: {
    serverVersion: { state: 'known', value: { gitVersion: `v1.33.1${text}`, minor: '33' } },
    apiServices: {
      state: 'known',
      value: Array.from({ length: count }, (_, index) => ({
        metadata: { name: `v1.g${index}.example.com`, labels: { 'app.kubernetes.io/managed-by': `me${text}` } },
        spec: {
          group: `g${index}.example.com`,
          version: 'v1',
          service: { namespace: `ns${index % namespaces}`, name: `s${text}`, port: 443 },
          groupPriorityMinimum: 1,
          versionPriority: 1,
        },
        status: {
          conditions: [
            {
              type: 'Available',
              status: 'False',
              reason: `FailedDiscoveryCheck${text}`,
              message: `failing${text}`,
              lastTransitionTime: `2026-01-01T00:00:00Z${text}`,
            },
          ],
        },
      })),
    },
    namespaces: {},
    services: {},
    endpointSlices: {},
    endpoints: {},
    pods: {},
    answers: {},
    servedChains: {},
  },
});

describe('where only part fails', () => {
  it('the report says what could not be read', async () => {
    const server = await opened(
      startKubeApiServer(apiServices(2), {
        intercept: ({ url = '' }, response) => {
          if (url.includes('/namespaces/ns0/')) response.writeHead(403).end('{"kind":"Status","message":"no"}');
          else if (url.includes('/namespaces/ns1/')) response.socket?.destroy();
          else return false;
          return true;
        },
      }),
    );
    const ran = await run(['doctor', '-o', 'json', '--kubeconfig', file(server.kubeconfigText())]);
    expect(ran.stderr).toBe('');
    const states = (
      JSON.parse(ran.stdout) as { undetermined: { needs: string; state: string; detail: string }[] }
    ).undetermined.map(({ needs, state, detail }) => `${needs} ${state} ${detail}`);
    expect(states).toContain('services forbidden list services in namespace ns0: no');
    expect(states.filter((text) => text.startsWith('services unreachable')).length).toBeGreaterThan(0);
  });

  it("a proxy's 404 does not say that a namespace is gone", async () => {
    const server = await opened(
      startKubeApiServer(apiServices(1), {
        intercept: ({ url }, response) => {
          if (url !== '/api/v1/namespaces/ns0') return false;
          response.writeHead(404, { 'content-type': 'text/html' }).end('<html>gone</html>');
          return true;
        },
      }),
    );
    const ran = await run(['snapshot', '--kubeconfig', file(server.kubeconfigText())]);
    expect((JSON.parse(ran.stdout) as RawSnapshot).facts.namespaces['ns0']).toEqual({
      state: 'unreadable',
      detail: 'get namespaces ns0: HTTP status 404: a page of HTML; is this a Kubernetes API server?',
    });
  });

  it('a backend that is silent costs its own answer only, and the deadline is kept', async () => {
    const server = await opened(
      startKubeApiServer(apiServices(3), { intercept: ({ url = '' }) => url.startsWith('/apis/g1.') }),
    );
    const ran = await run(['status', '-o', 'json', '--timeout', '1s', '--kubeconfig', file(server.kubeconfigText())]);
    expect(ran.ms).toBeLessThan(5000);
    const items = (JSON.parse(ran.stdout) as { items: { name: string; live: unknown }[] }).items;
    expect(items.filter(({ live }) => live === null).map(({ name }) => name)).toEqual(['v1.g1.example.com']);
  });

  it('no text of a cluster steers the terminal, in any command', async () => {
    const evil = '\u001b[2J\u009b31m\u202e\u2066\r\n\u2028\u0007';
    const raw = apiServices(2, evil);
    raw.facts.answers['v1.g0.example.com'] = {
      state: 'known',
      value: {
        httpStatus: 500,
        contentType: 'text/plain',
        location: null,
        latencyMs: 1,
        body: { form: 'text', text: evil, leftOut: 0 },
      },
    };
    raw.facts.answers['v1.g1.example.com'] = {
      state: 'known',
      value: {
        httpStatus: 200,
        contentType: 'application/json',
        location: null,
        latencyMs: 1,
        body: { form: 'json', value: { kind: evil, [evil]: evil } },
      },
    };
    const server = await opened(startKubeApiServer(raw));
    const kubeconfig = file(server.kubeconfigText({ context: `c${evil}` }));
    const text = await Promise.all(
      [
        ['status'],
        ['status', '-o', 'wide'],
        ['status', '-o', 'name'],
        ['doctor'],
        ['doctor', '--show-passed'],
        ['version'],
      ].map((args) => run([...args, '--kubeconfig', kubeconfig])),
    );
    for (const { stdout } of text) expect(steering.exec(stdout)?.[0]).toBeUndefined();
    for (const output of ['json', 'yaml']) {
      for (const command of ['status', 'doctor']) {
        const { stdout } = await run([command, '-o', output, '--kubeconfig', kubeconfig]);
        expect(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.exec(stdout)?.[0]).toBeUndefined();
      }
    }
  });
});

const MEBIBYTE = 1024 * 1024;
const filled = (head: string, part: string, tail: string, bytes = 32 * MEBIBYTE - 64): Buffer =>
  Buffer.from(head + part.repeat(Math.floor((bytes - head.length - tail.length) / Buffer.byteLength(part))) + tail);

/** 400 are allowed, whatever is sent; with fewer, what adds up from answer to answer shows sooner. */
const MAX_MEBIBYTES = 320;

describe('memory stays bounded', () => {
  it('for a body without end', async () => {
    const chunk = Buffer.alloc(MEBIBYTE, '[');
    const server = await opened(
      startHostileServer((_request, response) => {
        Readable.from(
          (function* () {
            for (let sent = 0; sent < 2048; sent += 1) yield chunk;
          })(),
        ).pipe(response);
      }),
    );
    const ran = await runApart(['doctor', '--kubeconfig', file(server.kubeconfigText())]);
    expectRefusal(ran, 'the answer is larger than 33554432 bytes');
    expect(ran.peakMebibytes).toBeLessThan(MAX_MEBIBYTES);
  });

  const pod = (text: string): string =>
    JSON.stringify({ metadata: { name: 'pod', labels: { a: text } }, spec: { containers: [] } });
  const hostile: Readonly<Record<string, () => Buffer>> = {
    '[': () => Buffer.alloc(32 * MEBIBYTE - 1, '['),
    '{}': () => filled('{"items":[', '{},', '{}]}'),
    '"a":1,': () => filled('{', '"a":1,', '"b":1}'),
    // V8 makes a class of each object whose members are named as nobody's before.
    'different names': () => {
      const member = (index: number): string => `"${index.toString(36).padStart(28, 'k')}":1`;
      const object = (first: number): string =>
        `{${Array.from({ length: 100 }, (_, index) => member(first + index)).join(',')}}`;
      return Buffer.from(`[${Array.from({ length: 9000 }, (_, index) => object(index * 100)).join(',')}]`);
    },
    'one long text': () => filled('{"kind":"Status","message":"', 'ж', '"}'),
    'no JSON': () => Buffer.alloc(32 * MEBIBYTE - 1, 'x'),
    'many items': () => filled('{"items":[', `${pod('y'.repeat(60))},`, `${pod('')}]}`),
  };

  // Many where one is quick: what the tool, or a connection, keeps of each of them would add up.
  it.each<readonly [readonly string[], number]>([
    [['[', '{}', 'one long text'], 5],
    [['"a":1,', 'different names'], 1],
    [['no JSON', 'no JSON', 'many items'], 6],
  ])(
    'for 32 MiB of %j in every answer',
    async (kinds, count) => {
      const bodies = kinds.flatMap((kind) => hostile[kind]?.() ?? []);
      let answers = 0;
      const server = await opened(
        startKubeApiServer(apiServices(count, '', 1), {
          intercept: ({ url = '' }, response) => {
            if (url.startsWith('/version') || url.includes('apiservices')) return false;
            answers += 1;
            response.writeHead(200, { 'content-type': 'application/json' }).end(bodies[answers % bodies.length]);
            return true;
          },
        }),
      );
      const ran = await runApart(['snapshot', '--timeout', '100s', '--kubeconfig', file(server.kubeconfigText())]);
      expect(ran).toMatchObject({ stderr: '', status: 0 });
      expect(answers).toBe(count + 5);
      expect(ran.peakMebibytes).toBeLessThan(MAX_MEBIBYTES);
    },
    120_000,
  );

  it('for a snapshot that unpacks to a gigabyte', async () => {
    const gzip = createGzip({ level: 1 });
    const chunk = Buffer.alloc(MEBIBYTE, ' ');
    Readable.from(
      (function* () {
        for (let sent = 0; sent < 1024; sent += 1) yield chunk;
      })(),
    ).pipe(gzip);
    const parts: Buffer[] = [];
    for await (const part of gzip) parts.push(part as Buffer);
    const ran = await runApart(['doctor', '--from', file(Buffer.concat(parts))]);
    expectRefusal(ran, 'larger than 50331648 bytes');
    expect(ran.peakMebibytes).toBeLessThan(MAX_MEBIBYTES);
  });

  it('for an endless standard input', async () => {
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(65_536, 'x'));
      },
    });
    const ran = await runApart(['doctor', '--from', '-'], { stdin: endless });
    expectRefusal(ran, 'snapshot on standard input: larger than 50331648 bytes');
    expect(ran.peakMebibytes).toBeLessThan(MAX_MEBIBYTES);
  });
});

describe('a snapshot file', () => {
  it.each<readonly [string, () => string | Buffer, string]>([
    ['is empty', () => '', 'it is not JSON'],
    ['is no JSON', () => 'apiVersion: kubectl-aa/v1', 'it is not JSON'],
    ['is damaged', () => gzipSync(JSON.stringify(apiServices(9))).subarray(0, 100), 'its gzip data is damaged'],
    ['is no snapshot', () => '{"apiVersion":"v1","kind":"List"}', 'apiVersion: expected "kubectl-aa/v1", found "v1"'],
    ['is too nested', () => '['.repeat(1000), 'more nested or numerous than the tool parses'],
    [
      'has a wrong field',
      () =>
        JSON.stringify({
          ...apiServices(1),
          facts: { ...apiServices(1).facts, pods: { a: { state: 'known', value: [{ metadata: {} }] } } },
        }),
      'facts.pods.a.value[0].metadata.name: missing',
    ],
  ])('that %s', async (_what, content, line) => {
    expectRefusal(await run(['doctor', '--from', file(content())]), line);
  });

  it('that is not there, or never comes', async () => {
    expectRefusal(await run(['doctor', '--from', '/nowhere/a.json']), 'snapshot /nowhere/a.json: no such file');
    expectRefusal(await run(['doctor', '--from', folder]), 'EISDIR');
    const never = new Readable({ read: () => undefined });
    const ran = await run(['doctor', '--from', '-', '--timeout', '300ms'], { stdin: never });
    expectRefusal(ran, 'snapshot on standard input: not read in time');
    expect(ran.ms).toBeLessThan(3000);
    mkdirSync(join(folder, 'pipes'));
    const pipe = join(folder, 'pipes', 'snapshot');
    execFileSync('mkfifo', [pipe]);
    expectRefusal(await runApart(['status', '--from', pipe, '--timeout', '300ms']), 'not read in time');
  });
});

describe('words on the command line', () => {
  it.each<readonly [readonly string[], string, RegExp]>([
    [['docter'], 'unknown command "docter"', /Did you mean "doctor"\?/],
    [['frobnicate'], 'unknown command "frobnicate"', /--help/],
    [['doctor', '--contxt', 'x'], 'unknown flag: --contxt', /Did you mean --context\?/],
    [['status', '--faling'], 'unknown flag: --faling', /Did you mean --failing\?/],
    [['status', '-x'], 'unknown flag: -x', /--help|Did you mean/],
    [['status', '--constructor'], 'unknown flag: --constructor', /--help/],
    [['status', '--__proto__', 'x'], 'unknown flag', /--help/],
    [['doctor', '--only', 'AA999'], 'unknown code "AA999" in --only', /explain/],
    [['schema', 'Nothing'], 'unknown kind "Nothing"', /DoctorReport/],
  ])('%j', async (args, line, hint) => {
    expectRefusal(await run(args), line, hint);
  });

  it.each<readonly [readonly string[], string]>([
    [['doctor', '--timeout', '0'], 'invalid --timeout value'],
    [['doctor', '--timeout', 'soon'], 'invalid --timeout value'],
    [['doctor', '--timeout', '9999999h'], 'invalid --timeout value'],
    [['doctor', '--kubeconfig'], 'kubeconfig'],
    [['status', '-l', '((('], 'unable to parse the label selector "((("'],
    [['status', 'pods/x'], '"pods/x" does not name an APIService'],
    [['status', '-o', 'xml'], 'output'],
    [['version', 'now'], 'version takes no argument, found "now"'],
    [['doctor', '\u001b[31m\nx/y'], 'does not name an APIService'],
  ])('%j', async (args, line) => {
    expectRefusal(await run(args), line);
  });
});
