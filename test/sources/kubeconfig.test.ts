import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { openHttpsReader } from '../../src/sources/live/kubernetes/https-reader.ts';
import { type Connection, type ConnectionFlags, loadConnection } from '../../src/sources/live/kubernetes/kubeconfig.ts';
import { proxyFor } from '../../src/sources/live/kubernetes/proxy.ts';
import { nothingCollected } from '../nothing-collected.ts';
import {
  kubeconfigFor,
  type KubeApiServer,
  loopbackAuthority,
  loopbackCertificate,
  loopbackClient,
  startKubeApiServer,
} from '../fakes/kube-apiserver.ts';
import { type HostileServer, startHostileServer, unusedPort } from '../cli/hostile-server.ts';

// What client-go does with the same files, flags and environment (tools/clientcmd, transport, plugin/pkg/client/auth/exec).

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-kubeconfig-'));
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

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};

const load = (env: Readonly<Record<string, string>>, flags: ConnectionFlags = {}): Promise<Connection> =>
  loadConnection(flags, { env, workingDirectory: folder }, AbortSignal.timeout(5000));

const config = (
  name: string,
  parts: { readonly current?: string; readonly server?: string; readonly token?: string; readonly more?: string } = {},
): string => `
${parts.current === undefined ? '' : `current-context: ${parts.current}`}
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}}}]
clusters: [{name: ${name}, cluster: {server: "${parts.server ?? `https://${name}:6443`}"}}]
users: [{name: ${name}, user: {token: ${parts.token ?? `token-${name}`}}}]
${parts.more ?? ''}`;

describe('files', () => {
  it('are merged, and the first that says something counts', async () => {
    const a = file('a', config('x', { current: 'x', token: 'A' }));
    const b = file('b', config('y', { current: 'y' }));
    const sameNames = file('c', config('x', { current: 'x', token: 'C', server: 'https://c' }));
    expect(await load({ KUBECONFIG: `${a}:${b}` })).toMatchObject({ context: 'x', server: 'https://x:6443' });
    expect(await load({ KUBECONFIG: `${b}:${a}` })).toMatchObject({ context: 'y', bearer: { token: 'token-y' } });
    expect(await load({ KUBECONFIG: `:/nowhere::${a}:${a}` })).toMatchObject({ context: 'x' });
    expect(await load({ KUBECONFIG: `${a}:${sameNames}` })).toMatchObject({
      server: 'https://x:6443',
      bearer: { token: 'A' },
    });
    expect(await load({ KUBECONFIG: `${file('empty', '')}:${a}` })).toMatchObject({ context: 'x' });
    expect(await load({ KUBECONFIG: `${a}:${b}` }, { context: 'y' })).toMatchObject({ server: 'https://y:6443' });
  });

  it('come from --kubeconfig alone, then KUBECONFIG, then the home directory', async () => {
    const home = join(folder, 'home');
    file('home/.kube/config', config('home', { current: 'home' }));
    const env = file('env', config('env', { current: 'env' }));
    const flag = file('flag', config('flag', { current: 'flag' }));
    expect(await load({ HOME: home })).toMatchObject({ context: 'home' });
    expect(await load({ HOME: home, KUBECONFIG: env })).toMatchObject({ context: 'env' });
    expect(await load({ HOME: home, KUBECONFIG: env }, { kubeconfig: flag })).toMatchObject({ context: 'flag' });
    expect(await load({ HOME: home, KUBECONFIG: env }, { kubeconfig: 'flag' })).toMatchObject({ context: 'flag' });
    await expect(load({ HOME: home, KUBECONFIG: env }, { kubeconfig: flag, context: 'env' })).rejects.toThrow(
      'context was not found for specified context: env',
    );
  });

  it('lead to others beside them', async () => {
    file('certificates/ca.pem', loopbackAuthority.pem);
    file('certificates/client.pem', 'CERTIFICATE');
    file('certificates/client.key', 'KEY');
    const path = file(
      'certificates/config',
      kubeconfigFor({
        server: 'https://h',
        cluster: { 'certificate-authority': 'ca.pem' },
        user: { 'client-certificate': './client.pem', 'client-key': join(folder, 'certificates/client.key') },
      }),
    );
    expect(await load({ KUBECONFIG: path })).toMatchObject({
      tls: { authority: loopbackAuthority.pem },
      clientCertificate: { certificate: 'CERTIFICATE', key: 'KEY' },
    });
    const exec = { apiVersion: 'client.authentication.k8s.io/v1beta1', command: './plugin' };
    expect(
      await load({ KUBECONFIG: file('certificates/exec', kubeconfigFor({ server: 'https://h', user: { exec } })) }),
    ).toMatchObject({ exec: { command: join(folder, 'certificates/plugin') } });
    expect(
      await load({
        KUBECONFIG: file(
          'certificates/path',
          kubeconfigFor({ server: 'https://h', user: { exec: { ...exec, command: 'plugin' } } }),
        ),
      }),
    ).toMatchObject({ exec: { command: 'plugin' } });
    expect(
      await load({
        KUBECONFIG: file('certificates/token', kubeconfigFor({ server: 'https://h', user: { tokenFile: 'token' } })),
      }),
    ).toMatchObject({ bearer: { file: join(folder, 'certificates/token') } });
  });

  it('may hold what is odd where it is not chosen', async () => {
    const more = 'clusters-x: 1\npreferences: {colors: true}';
    const path = file(
      'odd',
      `current-context: x
contexts: [{name: x, context: {cluster: x, user: x}}, {name: broken}, {name: half, context: {cluster: 7}}]
clusters: [{name: x, cluster: {server: "https://x"}}, {name: empty}, {name: odd, cluster: {server: [1]}}]
users: [{name: x, user: {token: T}}, {name: odd, user: {exec: 5}}]
${more}`,
    );
    expect(await load({ KUBECONFIG: path })).toMatchObject({ server: 'https://x', bearer: { token: 'T' } });
  });

  it('may hold numbers and booleans where text is meant', async () => {
    const path = file(
      'numbers',
      'current-context: 1\ncontexts: [{name: 1, context: {cluster: true, user: 2}}]\nclusters: [{name: true, cluster: {server: "https://x"}}]\nusers: [{name: 2, user: {token: 12345678}}]',
    );
    expect(await load({ KUBECONFIG: path })).toMatchObject({ context: '1', bearer: { token: '12345678' } });
  });

  it('name a server that may lack a scheme', async () => {
    expect(await load({ KUBECONFIG: file('plain', config('x', { current: 'x', server: 'h:8080' })) })).toMatchObject({
      server: 'http://h:8080',
    });
    expect(await load({ KUBECONFIG: file('upper', config('x', { current: 'x', server: 'HTTPS://h' })) })).toMatchObject(
      { server: 'HTTPS://h' },
    );
  });
});

describe('who asks', () => {
  it('is who the user entry or the flags impersonate', async () => {
    const path = file(
      'as',
      kubeconfigFor({
        server: 'https://h',
        user: { token: 't', as: 'u', 'as-uid': '7', 'as-groups': ['g'], 'as-user-extra': { k: ['v'] } },
      }),
    );
    expect(await load({ KUBECONFIG: path })).toMatchObject({
      impersonate: { user: 'u', uid: '7', groups: ['g'], extra: { k: ['v'] } },
    });
    expect(await load({ KUBECONFIG: path }, { as: 'me' })).toMatchObject({
      impersonate: { user: 'me', uid: null, groups: [], extra: {} },
    });
    expect(await load({ KUBECONFIG: path }, { as: 'me', asGroup: ['a', 'b'] })).toMatchObject({
      impersonate: { user: 'me', groups: ['a', 'b'] },
    });
    expect(await load({ KUBECONFIG: path }, { asGroup: ['a'] })).toMatchObject({
      impersonate: { user: 'u', groups: ['a'] },
    });
  });

  it('is asked for by a plugin only where nothing else is given', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'plugin' };
    const pair = { 'client-certificate-data': 'QQ==', 'client-key-data': 'QQ==' };
    for (const given of [{ token: 't' }, { username: 'u', password: 'p' }, pair]) {
      expect(
        await load({ KUBECONFIG: file('both', kubeconfigFor({ server: 'https://h', user: { exec, ...given } })) }),
      ).toMatchObject({ exec: null });
    }
    expect(
      await load({ KUBECONFIG: file('only', kubeconfigFor({ server: 'https://h', user: { exec } })) }),
    ).toMatchObject({ exec: { command: 'plugin', interactiveMode: null } });
    expect(
      await load({
        KUBECONFIG: file('two', kubeconfigFor({ server: 'https://h', user: { token: 't', tokenFile: '/f' } })),
      }),
    ).toMatchObject({ bearer: { file: '/f' } });
  });
});

const get = async (
  kubeconfig: string,
  {
    env = {},
    flags = {},
    path = '/version',
  }: { readonly env?: Readonly<Record<string, string>>; readonly flags?: ConnectionFlags; readonly path?: string } = {},
) => {
  const signal = AbortSignal.timeout(10_000);
  const connection = await loadConnection(
    flags,
    { env: { KUBECONFIG: file('kubeconfig', kubeconfig) }, workingDirectory: folder },
    signal,
  );
  const lines: string[] = [];
  const reader = await openHttpsReader({
    connection,
    env: { PATH: process.env['PATH'], ...env },
    userAgent: 'kubectl-aa/test',
    signal,
    onStderr: (line) => lines.push(line),
  });
  try {
    return { ...(await reader.get(path, { timeoutMs: 8000, signal })), lines, identity: reader.identity };
  } finally {
    reader.close();
  }
};

const echoing = (options: Parameters<typeof startHostileServer>[1] = {}): Promise<HostileServer> =>
  opened(
    startHostileServer(
      (request, response) =>
        response.end(JSON.stringify({ path: request.url, raw: request.rawHeaders, headers: request.headers })),
      options,
    ),
  );

const seen = (
  body: string | null,
): {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly raw: readonly string[];
} => JSON.parse(body ?? '');

describe('requests', () => {
  const served = (): Promise<KubeApiServer> =>
    opened(
      startKubeApiServer({
        apiVersion: 'kubectl-aa/v1',
        kind: 'Snapshot',
        capturedAt: '2026-11-21T10:00:00Z',
        cluster: { context: 'c', server: null },
        facts: {
          ...nothingCollected,
          serverVersion: { state: 'known', value: { gitVersion: 'v1.36.3' } },
          apiServices: { state: 'known', value: [] },
        },
      }),
    );

  it('carry a token or a client certificate', async () => {
    const server = await served();
    expect(await get(server.kubeconfigText())).toMatchObject({ httpStatus: 200 });
    expect(await get(server.kubeconfigText({ credential: 'clientCertificate' }))).toMatchObject({ httpStatus: 200 });
    expect(await get(server.kubeconfigText({ credential: 'none' }))).toMatchObject({ httpStatus: 401 });
    expect(
      await get(
        kubeconfigFor({
          server: server.url,
          cluster: { 'insecure-skip-tls-verify': true },
          user: { tokenFile: file('token', `${server.token}\n`) },
        }),
      ),
    ).toMatchObject({ httpStatus: 200 });
  });

  it('carry a name and password', async () => {
    const server = await echoing();
    const { headers } = seen((await get(server.kubeconfigText({ user: { username: 'me', password: 'pä:ß' } }))).body);
    expect(headers['authorization']).toBe(`Basic ${Buffer.from('me:pä:ß').toString('base64')}`);
    const url = server.url.replace('://', '://u%40x:p@');
    const { headers: fromUrl } = seen((await get(server.kubeconfigText({ server: url, user: {} }))).body);
    expect(fromUrl['authorization']).toBe(`Basic ${Buffer.from('u@x:p').toString('base64')}`);
  });

  it('impersonate, whatever the names', async () => {
    const server = await echoing();
    const user = {
      token: 't',
      as: 'jürgen ✓',
      'as-uid': '7',
      'as-groups': ['system:masters', 'ä'],
      'as-user-extra': { 'example.com/a (b)%': ['ü', 'w'] },
    };
    const { raw } = seen((await get(server.kubeconfigText({ user }))).body);
    const values = (name: string): readonly string[] =>
      raw.flatMap((header, index) =>
        index % 2 === 0 && header === name ? [Buffer.from(raw[index + 1] ?? '', 'latin1').toString('utf8')] : [],
      );
    expect(values('Impersonate-User')).toEqual(['jürgen ✓']);
    expect(values('Impersonate-Group')).toEqual(['system:masters', 'ä']);
    expect(values('Impersonate-Uid')).toEqual(['7']);
    expect(values('Impersonate-Extra-example.com%2Fa%20%28b%29%25')).toEqual(['ü', 'w']);
  });

  it('over http carry no credential, but impersonate', async () => {
    const server = await echoing({ scheme: 'http' });
    const { headers } = seen(
      (
        await get(
          kubeconfigFor({ server: server.url.replace('://', '://u:p@'), user: { tokenFile: '/nowhere', as: 'me' } }),
        )
      ).body,
    );
    expect(headers['authorization']).toBeUndefined();
    expect(headers['impersonate-user']).toBe('me');
  });

  it('keep the path of the server', async () => {
    const server = await echoing();
    const answer = await get(server.kubeconfigText({ server: `${server.url}/k8s/clusters/c-1/` }));
    expect(seen(answer.body).path).toBe('/k8s/clusters/c-1/version');
    expect(answer.identity.server).toBe(`${server.url}/k8s/clusters/c-1`);
  });

  it('prove the server by another name', async () => {
    const server = await echoing({
      serving: loopbackCertificate({ ipAddresses: [], dnsNames: ['kubernetes.default'] }),
    });
    const authority = { 'certificate-authority-data': Buffer.from(loopbackAuthority.pem).toString('base64') };
    await expect(get(server.kubeconfigText())).rejects.toThrow('is not for that name');
    expect(
      await get(server.kubeconfigText({ cluster: { ...authority, 'tls-server-name': 'kubernetes.default' } })),
    ).toMatchObject({ httpStatus: 200 });
    expect(await get(server.kubeconfigText({ cluster: { 'insecure-skip-tls-verify': true } }))).toMatchObject({
      httpStatus: 200,
    });
  });

  it('are made again where the server closed a kept connection', async () => {
    let answers = 0;
    const server = await opened(
      startHostileServer((request, response) => {
        answers += 1;
        // As a server that closes at the moment the next request is under way.
        if (answers === 2) request.socket.destroy();
        else response.end('{}');
      }),
    );
    const signal = AbortSignal.timeout(10_000);
    const connection = await load({ KUBECONFIG: file('kept', server.kubeconfigText()) });
    const reader = await openHttpsReader({ connection, env: {}, userAgent: 'x', signal, onStderr: () => undefined });
    for (const path of ['/a', '/b'])
      expect(await reader.get(path, { timeoutMs: 5000, signal })).toMatchObject({ httpStatus: 200 });
    reader.close();
    expect(server.paths).toEqual(['/a', '/b', '/b']);
  });
});

describe('a credential plugin', () => {
  const plugin = (script: string): string => {
    const path = file('plugin.sh', `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  it('is told of the cluster, and gives a token', async () => {
    const server = await echoing();
    const written = join(folder, 'info.json');
    const command = plugin(
      `printf '%s' "$KUBERNETES_EXEC_INFO" > "$1"; echo "{\\"apiVersion\\":\\"client.authentication.k8s.io/v1\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"$GREETING-$2\\"}}"`,
    );
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command,
      args: [written, 'arg'],
      env: [{ name: 'GREETING', value: 'hello' }],
      provideClusterInfo: true,
      interactiveMode: 'IfAvailable',
    };
    const authority = Buffer.from(loopbackAuthority.pem).toString('base64');
    const cluster = {
      'certificate-authority-data': authority,
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } }],
    };
    const { body } = await get(server.kubeconfigText({ cluster, user: { exec } }));
    expect(seen(body).headers['authorization']).toBe('Bearer hello-arg');
    expect(JSON.parse(readFileSync(written, 'utf8'))).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: { server: server.url, 'certificate-authority-data': authority, config: { audience: 'x' } },
      },
    });
  });

  it('is told nothing of the cluster unless it wants to know, and gives a certificate', async () => {
    const server = await opened(
      startKubeApiServer({
        apiVersion: 'kubectl-aa/v1',
        kind: 'Snapshot',
        capturedAt: '2026-11-21T10:00:00Z',
        cluster: { context: 'c', server: null },
        facts: {
          ...nothingCollected,
          serverVersion: { state: 'known', value: { gitVersion: 'v1' } },
          apiServices: { state: 'known', value: [] },
        },
      }),
    );
    const written = join(folder, 'info.json');
    const credential = file(
      'credential.json',
      JSON.stringify({
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        kind: 'ExecCredential',
        status: { clientCertificateData: loopbackClient.pem, clientKeyData: loopbackClient.privateKeyPem },
      }),
    );
    const command = plugin(`printf '%s' "$KUBERNETES_EXEC_INFO" > ${written}; cat ${credential}`);
    const answer = await get(
      kubeconfigFor({
        server: server.url,
        cluster: { 'insecure-skip-tls-verify': true },
        user: { exec: { apiVersion: 'client.authentication.k8s.io/v1beta1', command } },
      }),
    );
    expect(answer).toMatchObject({ httpStatus: 200 });
    expect(JSON.parse(readFileSync(written, 'utf8'))).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      kind: 'ExecCredential',
      spec: { interactive: false },
    });
  });
});

describe('a proxy', () => {
  const via = (server: string, env: Readonly<Record<string, string>>, proxyUrl: string | null = null): string | null =>
    proxyFor(new URL(server), proxyUrl, env);

  it('comes from the cluster, then from the environment', () => {
    const env = { HTTPS_PROXY: 'http://secure:3128', HTTP_PROXY: 'http://plain:3128' };
    expect(via('https://api.example.com', env)).toBe('http://secure:3128');
    expect(via('http://api.example.com', env)).toBe('http://plain:3128');
    expect(via('https://api.example.com', env, 'https://cluster:1')).toBe('https://cluster:1');
    expect(via('https://api.example.com', { https_proxy: 'http://lower:1' })).toBe('http://lower:1');
    expect(via('https://api.example.com', { HTTPS_PROXY: '', https_proxy: 'http://lower:1' })).toBe('http://lower:1');
    expect(via('https://api.example.com', { HTTPS_PROXY: 'bare:3128' })).toBe('http://bare:3128');
    expect(via('https://api.example.com', {})).toBeNull();
    expect(() => via('https://api.example.com', {}, 'socks5://x:1')).toThrow(
      'the proxy for the API server is neither an http:// nor an https:// URL',
    );
  });

  it('never stands before the loopback, unless the cluster names it', () => {
    const env = { HTTPS_PROXY: 'http://p:1' };
    for (const server of [
      'https://localhost:6443',
      'https://127.0.0.1:6443',
      'https://127.8.9.1',
      'https://[::1]:6443',
    ])
      expect(via(server, env), server).toBeNull();
    expect(via('https://127.0.0.1:6443', env, 'http://p:2')).toBe('http://p:2');
  });

  it.each<readonly [string, string, boolean]>([
    ['*', 'https://api.example.com', false],
    ['example.com', 'https://api.example.com', false],
    ['example.com', 'https://example.com', false],
    ['example.com', 'https://badexample.com', true],
    ['.example.com', 'https://api.example.com', false],
    ['.example.com', 'https://example.com', true],
    ['*.example.com', 'https://api.example.com', false],
    ['EXAMPLE.com', 'https://api.example.com', false],
    ['example.com:6443', 'https://api.example.com:6443', false],
    ['example.com:6443', 'https://api.example.com', true],
    ['example.com:443', 'https://api.example.com', false],
    [' a.b , 10.0.0.0/8 ', 'https://10.1.2.3:6443', false],
    ['10.0.0.0/8', 'https://11.1.2.3', true],
    ['10.0.0.0/33', 'https://10.1.2.3', true],
    ['10.1.2.3', 'https://10.1.2.3', false],
    ['10.1.2.3:6443', 'https://10.1.2.3:6443', false],
    ['fd00::/8', 'https://[fd00::5]:6443', false],
    ['fd00::5', 'https://[fd00::5]:6443', false],
    ['[fd00::5]:6443', 'https://[fd00::5]:6443', false],
    ['fd00::/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://ten.example.com', true],
    ['', 'https://api.example.com', true],
  ])('with NO_PROXY=%s for %s: %s', (rule, server, isProxied) => {
    expect(via(server, { HTTPS_PROXY: 'http://p:1', NO_PROXY: rule })).toBe(isProxied ? 'http://p:1' : null);
    expect(via(server, { https_proxy: 'http://p:1', no_proxy: rule })).toBe(isProxied ? 'http://p:1' : null);
  });

  const startProxy = async () => {
    const connects: { readonly target: string; readonly authorization: string | undefined }[] = [];
    const proxy = http.createServer((_request, response) => response.writeHead(405).end());
    proxy.on('connect', (request, socket) => {
      connects.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
      const [host = '', port = ''] = (request.url ?? '').split(':');
      if (host === 'refused.example.com') {
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        return;
      }
      const onward = connect(Number(port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      for (const end of [socket, onward]) end.on('error', () => undefined);
    });
    proxy.listen(0, '127.0.0.1');
    await new Promise((resolve) => proxy.once('listening', resolve));
    return {
      url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      connects,
      close: async () => {
        proxy.closeAllConnections();
        await new Promise((resolve) => proxy.close(resolve));
      },
    };
  };

  it('is gone through to the API server, and sees no more than its address', async () => {
    const proxy = await opened(startProxy());
    const server = await echoing({ serving: loopbackCertificate({ ipAddresses: [], dnsNames: ['api.example.com'] }) });
    const authority = { 'certificate-authority-data': Buffer.from(loopbackAuthority.pem).toString('base64') };
    const elsewhere = `https://api.example.com:${server.port}`;
    const byCluster = await get(
      server.kubeconfigText({
        server: elsewhere,
        cluster: { ...authority, 'proxy-url': proxy.url.replace('://', '://user:pass@') },
      }),
    );
    expect(byCluster).toMatchObject({ httpStatus: 200 });
    const byEnvironment = await get(server.kubeconfigText({ server: elsewhere, cluster: authority }), {
      env: { HTTPS_PROXY: proxy.url },
    });
    expect(byEnvironment).toMatchObject({ httpStatus: 200 });
    expect(proxy.connects).toEqual([
      {
        target: `api.example.com:${server.port}`,
        authorization: `Basic ${Buffer.from('user:pass').toString('base64')}`,
      },
      { target: `api.example.com:${server.port}`, authorization: undefined },
    ]);
  });

  it('that refuses is named', async () => {
    const proxy = await opened(startProxy());
    const refused = get(
      kubeconfigFor({ server: 'https://refused.example.com:6443', cluster: { 'proxy-url': proxy.url } }),
    );
    await expect(refused).rejects.toThrow(
      `unable to connect to the server refused.example.com:6443 through the proxy ${new URL(proxy.url).host}: the proxy answers HTTP/1.1 403 Forbidden`,
    );
    const absent = get(
      kubeconfigFor({
        server: 'https://api.example.com:6443',
        cluster: { 'proxy-url': `http://user:pass@127.0.0.1:${await unusedPort()}` },
      }),
    );
    await expect(absent).rejects.toThrow(/api\.example\.com:6443 through the proxy 127\.0\.0\.1:\d+ was refused/);
    await expect(
      get(
        kubeconfigFor({
          server: 'https://api.example.com:6443',
          cluster: { 'proxy-url': 'http://no-such-proxy.invalid:1' },
        }),
      ),
    ).rejects.toThrow('no such host: no-such-proxy.invalid');
  });
});
