import type { IncomingMessage, ServerResponse } from 'node:http';

import { describe, expect, it } from 'vitest';

import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { issueSelfSigned } from '../fakes/certificate-authority.ts';
import { kubeconfigFor, loopbackCertificate, startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { type Ran, run, runApart } from './captured-run.ts';
import { CALLERS_TOKEN, type HostileServer, startHostileServer, startRawServer, unusedPort } from './hostile-server.ts';
import { apiServices, expectRefusal, steering } from './refusal.ts';
import { useScratch } from './scratch.ts';

// Whatever a server sends: one clear line, status 2, within the deadline; or a report that says what could not be read.

const { file, opened } = useScratch();

const withKubeconfig = (content: string, args: readonly string[] = ['doctor']): Promise<Ran> =>
  run([...args, '--kubeconfig', file(content)]);

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
      'cannot be trusted: certificate signed by unknown authority; the right one belongs into certificate-authority-data of the cluster',
    );
    const validity = {
      keyType: 'ecdsa-p256',
      notBefore: new Date(Date.now() - 9e7),
      notAfter: new Date(Date.now() + 9e7),
    } as const;
    const self = await answering(() => undefined, {
      serving: issueSelfSigned({ ...validity, commonName: 'self', ipAddresses: ['127.0.0.1'] }),
    });
    expectRefusal(await asked(self), 'cannot be trusted: certificate signed by unknown authority');
    const misnamed = await answering(() => undefined, {
      serving: loopbackCertificate({ ipAddresses: ['127.0.0.2'], dnsNames: ['\u001b[31m'] }),
    });
    expectRefusal(await asked(misnamed), 'is valid for');
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
