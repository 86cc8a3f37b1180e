import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { kubeconfigFor } from '../fakes/kube-apiserver.ts';
import { type Ran, run, runApart, type RunOptions } from './captured-run.ts';
import { startHostileServer } from './hostile-server.ts';
import { apiServices, expectRefusal, TOKEN } from './refusal.ts';
import { useScratch } from './scratch.ts';

// Whatever stands in a file, comes from a plugin or is typed: one clear line, status 2, within the deadline.

const { folder, file, opened } = useScratch();

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
      'error: context "prod" does not exist',
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
      'client-key-data or client-key must be specified for user "user"',
    ],
    [
      'a key that is none',
      { server: 'https://127.0.0.1:1', user: { 'client-certificate-data': 'bm8gcGVt', 'client-key-data': 'bm8gcGVt' } },
      [],
      'the client certificate cannot be used: tls: failed to find any PEM data in certificate input',
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
      'the gcp auth plugin has been removed',
    ],
    [
      'a proxy of another kind',
      { server: 'https://127.0.0.1:1', cluster: { 'proxy-url': `ftp://u:${TOKEN}@h` } },
      [],
      'unsupported scheme "ftp", must be http, https, or socks5',
    ],
    [
      'a proxy without a host',
      { server: 'https://127.0.0.1:1', cluster: { 'proxy-url': 'http://' } },
      [],
      'invalid \'proxy-url\' for cluster "cluster": could not parse it',
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
      'requesting uid, groups or user-extra for user "user" without impersonating a user',
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
      'is configured to use API version client.authentication.k8s.io/v1, plugin returned version client.authentication.k8s.io/v1beta1',
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
    [
      'does not say whether it wants one',
      '',
      { interactiveMode: null },
      'interactiveMode must be specified for user "user"',
    ],
    ['has no command', '', { command: '' }, 'command must be specified for user "user"'],
    ['has an argument that no process takes', '', { args: ['a\u0000b'] }, 'could not be run'],
    ['is no program', '', { command: folder }, 'could not be run (EACCES)'],
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
    const ran = await runApart(['doctor', '--kubeconfig', path, '--timeout', '2s']);
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
    [['status', '-x'], "unknown shorthand flag: 'x' in -x", /--help/],
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
