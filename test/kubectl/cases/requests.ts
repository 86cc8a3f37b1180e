import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { authorityData, type Case } from '../comparison.ts';
import { type Answer, sendVersion, VERSION } from '../recording-server.ts';

const status =
  (code: number, reason: string, message: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_request, response) =>
    void response
      .writeHead(code, { 'content-type': 'application/json', ...headers })
      .end(
        JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }),
      );

// `get --raw` leaves the path of the server out.
const discovery = { kubectl: ['version'], args: ['--request-timeout', '7s'] };

const nowhere = 'https://api.example.com';

/** Where requests go, and how. */
export const requestCases: readonly Case[] = [
  {
    name: 'a server with a path',
    call: (s) => ({ kubeconfig: s.config({ server: `${s.server.url}/k8s/clusters/c-1` }), ...discovery }),
  },
  {
    name: 'a server with a path and a slash',
    call: (s) => ({ kubeconfig: s.config({ server: `${s.server.url}/k8s/clusters/c-1/` }), ...discovery }),
  },
  {
    name: 'a server with a slash',
    call: (s) => ({ kubeconfig: s.config({ server: `${s.server.url}/` }), ...discovery }),
  },
  {
    name: 'a server with an escaped path',
    call: (s) => ({ kubeconfig: s.config({ server: `${s.server.url}/a%20b/c` }), ...discovery }),
  },
  {
    name: 'a server with a query',
    call: (s) => ({ kubeconfig: s.config({ server: `${s.server.url}/p?a=b` }), ...discovery }),
  },
  {
    name: 'a server whose scheme is in capitals',
    call: (s) => ({ kubeconfig: s.config({ server: s.server.url.replace('https', 'HTTPS') }) }),
  },
  {
    name: 'a server without a scheme is http',
    server: { scheme: 'http' },
    call: (s) => ({ kubeconfig: s.config({ server: s.server.url.replace('http://', '') }) }),
  },
  {
    name: 'a server over http',
    server: { scheme: 'http' },
    topic: 'http:// server',
    call: (s) => ({ kubeconfig: s.config() }),
  },
  { name: '--server over http', server: { scheme: 'http' }, call: (s) => ({ args: ['--server', s.server.url] }) },
  { name: 'a server of IPv6', server: { host: '::1' }, call: (s) => ({ kubeconfig: s.config() }) },
  {
    name: 'a server of another scheme',
    call: (s) => ({ kubeconfig: s.config({ server: 'ftp://127.0.0.1' }) }),
    fails: ['ftp'],
  },
  {
    name: 'a server that listens to nobody',
    call: (s) => ({ kubeconfig: s.config({ server: 'https://127.0.0.1:1' }) }),
    fails: ['the connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?'],
  },
  {
    name: 'a server of a name that is not there',
    call: (s) => ({ kubeconfig: s.config({ server: 'https://no-such-host.invalid' }) }),
    fails: ['unable to connect to the server', 'no-such-host.invalid'],
  },
  {
    name: 'https to a server of http',
    server: { scheme: 'http' },
    call: (s) => ({ kubeconfig: s.config({ server: s.server.url.replace('http', 'https') }) }),
    fails: ['unable to connect to the server', 'http'],
  },
  {
    name: 'http to a server of https',
    call: (s) => ({ kubeconfig: s.config({ server: s.server.url.replace('https', 'http'), cluster: {} }) }),
    fails: ['unable to connect to the server'],
  },

  {
    name: 'the server forbids it',
    answer: status(403, 'Forbidden', 'forbidden: User "u" cannot get path "/version"'),
    call: (s) => ({ kubeconfig: s.config() }),
    fails: ['forbidden', 'User "u" cannot get path "/version"'],
  },
  {
    name: 'the server knows nobody',
    answer: status(401, 'Unauthorized', 'Unauthorized'),
    call: (s) => ({ kubeconfig: s.config() }),
    fails: ['Unauthorized'],
  },
  {
    name: 'the server fails',
    answer: status(500, 'InternalError', 'Internal error occurred: etcd is gone'),
    call: (s) => ({ kubeconfig: s.config() }),
    fails: ['etcd is gone'],
  },
  {
    name: 'the server is not ready',
    answer: status(503, 'ServiceUnavailable', 'the server is currently unable to handle the request'),
    call: (s) => ({ kubeconfig: s.config() }),
    fails: ['the server is currently unable to handle the request'],
  },
  {
    name: 'the server knows no such path',
    answer: status(404, 'NotFound', 'the server could not find the requested resource'),
    call: (s) => ({ kubeconfig: s.config() }),
    fails: [],
  },
  {
    name: 'the server closes the connection',
    answer: (request) => void request.socket.destroy(),
    call: (s) => ({ kubeconfig: s.config() }),
    fails: ['unable to connect to the server'],
  },
  {
    name: 'the server redirects elsewhere',
    answer: (_request, response) => void response.writeHead(302, { location: 'https://127.0.0.1:1/' }).end(),
    call: (s) => ({ kubeconfig: s.config() }),
    differs: { entry: 'redirects', kubectl: 'fails', ours: 'fails' },
  },

  {
    name: 'compressed answers are asked for, and read',
    answer: (request, response) => {
      if (!String(request.headers['accept-encoding']).includes('gzip')) return sendVersion(request, response, 1);
      return void response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync(JSON.stringify(VERSION)));
    },
    call: (s) => ({ kubeconfig: s.config() }),
    topic: 'disable-compression',
  },
  { name: '--disable-compression', call: (s) => ({ kubeconfig: s.config(), args: ['--disable-compression'] }) },
  {
    name: '--disable-compression=true',
    call: (s) => ({ kubeconfig: s.config(), args: ['--disable-compression=true'] }),
  },
  {
    name: '--disable-compression=false over disable-compression of the cluster',
    call: (s) => ({
      kubeconfig: s.config({ cluster: { ...authorityData, 'disable-compression': true } }),
      args: ['--disable-compression=false'],
    }),
  },
  {
    name: 'disable-compression of the cluster',
    topic: 'disable-compression',
    call: (s) => ({ kubeconfig: s.config({ cluster: { ...authorityData, 'disable-compression': true } }) }),
  },

  {
    name: 'a warning is printed',
    topic: 'Warning headers',
    answer: (_request, response) =>
      void response
        .writeHead(200, {
          'content-type': 'application/json',
          warning: '299 - "extensions/v1beta1 Ingress is deprecated"',
        })
        .end(JSON.stringify(VERSION)),
    call: (s) => ({ kubeconfig: s.config() }),
    prints: ['Warning: extensions/v1beta1 Ingress is deprecated'],
  },
  {
    name: 'a warning of what is read on purpose',
    answer: (_request, response) =>
      void response
        .writeHead(200, {
          'content-type': 'application/json',
          warning: '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
        })
        .end(JSON.stringify(VERSION)),
    call: (s) => ({ kubeconfig: s.config() }),
    differs: { entry: 'endpoints-warning', kubectl: 'works', ours: 'works' },
  },
  {
    name: 'a warning with quotation marks',
    topic: 'Warning headers',
    answer: (_request, response) =>
      void response
        .writeHead(200, {
          'content-type': 'application/json',
          warning: '299 kube "a \\"quoted\\" word" "Sat, 21 Nov 2026 10:00:00 GMT"',
        })
        .end(JSON.stringify(VERSION)),
    call: (s) => ({ kubeconfig: s.config() }),
    prints: ['Warning: a "quoted" word'],
  },
  {
    name: 'a warning on a failure',
    answer: status(403, 'Forbidden', 'no', { warning: '299 - "and a warning"' }),
    call: (s) => ({ kubeconfig: s.config() }),
    fails: ['Warning: and a warning'],
  },

  {
    name: '--request-timeout',
    topic: 'request timeout',
    call: (s) => ({ kubeconfig: s.config(), args: ['--request-timeout', '7s'] }),
  },
  { name: '--request-timeout in seconds', call: (s) => ({ kubeconfig: s.config(), args: ['--request-timeout=90'] }) },
  {
    name: '--request-timeout of several units',
    call: (s) => ({ kubeconfig: s.config(), args: ['--request-timeout', '1h2m3.5s'] }),
  },
  {
    name: '--request-timeout in milliseconds',
    call: (s) => ({ kubeconfig: s.config(), args: ['--request-timeout', '1500ms'] }),
  },
  { name: '--request-timeout of nothing', call: (s) => ({ kubeconfig: s.config(), args: ['--request-timeout', '0'] }) },
  {
    name: '--request-timeout that is over',
    topic: 'request timeout',
    answer: (_request, response) => void pause(9000, undefined, { ref: false }).then(() => response.end('{}')),
    call: (s) => ({ kubeconfig: s.config(), args: ['--request-timeout', '1500ms'] }),
    // Both say more than that, according to what was waited for when it was over.
    fails: ['exceeded'],
  },
  {
    name: '--request-timeout that is no time',
    call: (s) => ({ kubeconfig: s.config(), args: ['--request-timeout', 'soon'] }),
    fails: [
      'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
    ],
  },
  {
    name: '--request-timeout without a unit',
    call: (s) => ({ kubeconfig: s.config(), args: ['--request-timeout', '1.5'] }),
    fails: ['Invalid timeout value'],
  },
  {
    name: 'too many requests: again after the time that the server says',
    answer: (request, response, nth) =>
      (nth === 1 ? status(429, 'TooManyRequests', 'wait', { 'retry-after': '1' }) : sendVersion)(
        request,
        response,
        nth,
      ),
    call: (s) => ({ kubeconfig: s.config() }),
  },
  {
    name: 'a failure with Retry-After: again',
    answer: (request, response, nth) =>
      (nth === 1 ? status(503, 'ServiceUnavailable', 'starting', { 'retry-after': '1' }) : sendVersion)(
        request,
        response,
        nth,
      ),
    call: (s) => ({ kubeconfig: s.config() }),
  },
  {
    name: 'a limit of their own where none is given',
    call: (s) => ({ kubeconfig: s.config(), kubectl: ['version'] }),
    differs: { entry: 'time-limits', kubectl: 'works', ours: 'works' },
  },
  {
    name: 'too many requests, without a time',
    answer: status(429, 'TooManyRequests', 'wait'),
    call: (s) => ({ kubeconfig: s.config() }),
    fails: ['wait'],
  },

  {
    name: 'a proxy of the cluster',
    call: (s) => ({
      kubeconfig: s.config({
        server: `${nowhere}:${s.server.port}`,
        cluster: { ...authorityData, 'proxy-url': `http://127.0.0.1:${s.proxy.port}` },
      }),
    }),
  },
  {
    name: 'a proxy of the cluster with a name and password',
    call: (s) => ({
      kubeconfig: s.config({
        server: `${nowhere}:${s.server.port}`,
        cluster: { ...authorityData, 'proxy-url': `http://u:p%20w@127.0.0.1:${s.proxy.port}` },
      }),
    }),
  },
  {
    name: 'a proxy of the cluster for the loopback',
    call: (s) => ({
      kubeconfig: s.config({ cluster: { ...authorityData, 'proxy-url': `http://127.0.0.1:${s.proxy.port}` } }),
    }),
  },
  {
    name: 'a proxy of SOCKS 5',
    call: (s) => ({
      kubeconfig: s.config({
        server: `${nowhere}:${s.server.port}`,
        cluster: { ...authorityData, 'proxy-url': `socks5://127.0.0.1:${s.proxy.port}` },
      }),
    }),
  },
  {
    name: 'a proxy of SOCKS 5 with a name and password',
    call: (s) => ({
      kubeconfig: s.config({
        server: `${nowhere}:${s.server.port}`,
        cluster: { ...authorityData, 'proxy-url': `socks5://u:p@127.0.0.1:${s.proxy.port}` },
      }),
    }),
  },
  {
    name: 'a proxy of SOCKS 5 that refuses',
    call: (s) => ({
      kubeconfig: s.config({
        server: 'https://refused.example.com:6443',
        cluster: { ...authorityData, 'proxy-url': `socks5://127.0.0.1:${s.proxy.port}` },
      }),
    }),
    fails: ['unable to connect to the server', 'socks', 'refused.example.com'],
  },
  {
    name: 'a proxy of SOCKS 5 that is not there',
    call: (s) => ({
      kubeconfig: s.config({ server: nowhere, cluster: { ...authorityData, 'proxy-url': 'socks5://127.0.0.1:1' } }),
    }),
    fails: ['refused'],
  },
  {
    name: 'a proxy of SOCKS 5 for http',
    server: { scheme: 'http' },
    call: (s) => ({
      kubeconfig: s.config({
        server: `http://api.example.com:${s.server.port}`,
        cluster: { 'proxy-url': `socks5://127.0.0.1:${s.proxy.port}` },
      }),
    }),
  },
  {
    name: 'a proxy of another kind',
    call: (s) => ({
      kubeconfig: s.config({ server: nowhere, cluster: { ...authorityData, 'proxy-url': 'ftp://127.0.0.1:1' } }),
    }),
    fails: ['unsupported scheme "ftp", must be http, https, or socks5'],
  },
  {
    name: 'a proxy that is no URL',
    call: (s) => ({
      kubeconfig: s.config({ server: nowhere, cluster: { ...authorityData, 'proxy-url': 'http://exa mple' } }),
    }),
    fails: ['could not parse'],
  },
  {
    name: 'a proxy that refuses',
    call: (s) => ({
      kubeconfig: s.config({
        server: 'https://refused.example.com:6443',
        cluster: { ...authorityData, 'proxy-url': `http://127.0.0.1:${s.proxy.port}` },
      }),
    }),
    fails: ['unable to connect to the server', 'Forbidden'],
  },
  {
    name: 'a proxy that is not there',
    call: (s) => ({
      kubeconfig: s.config({ server: nowhere, cluster: { ...authorityData, 'proxy-url': 'http://127.0.0.1:1' } }),
    }),
    fails: ['refused'],
  },
  {
    name: 'HTTPS_PROXY',
    topic: 'HTTPS_PROXY / NO_PROXY',
    call: (s) => ({
      kubeconfig: s.config({ server: `${nowhere}:${s.server.port}` }),
      env: { HTTPS_PROXY: `http://127.0.0.1:${s.proxy.port}` },
    }),
  },
  {
    name: 'https_proxy',
    call: (s) => ({
      kubeconfig: s.config({ server: `${nowhere}:${s.server.port}` }),
      env: { https_proxy: `http://127.0.0.1:${s.proxy.port}` },
    }),
  },
  {
    name: 'HTTPS_PROXY without a scheme',
    call: (s) => ({
      kubeconfig: s.config({ server: `${nowhere}:${s.server.port}` }),
      env: { HTTPS_PROXY: `127.0.0.1:${s.proxy.port}` },
    }),
  },
  {
    name: 'HTTPS_PROXY of SOCKS 5',
    call: (s) => ({
      kubeconfig: s.config({ server: `${nowhere}:${s.server.port}` }),
      env: { HTTPS_PROXY: `socks5://127.0.0.1:${s.proxy.port}` },
    }),
  },
  {
    name: 'HTTPS_PROXY does not stand before the loopback',
    call: (s) => ({ kubeconfig: s.config(), env: { HTTPS_PROXY: `http://127.0.0.1:${s.proxy.port}` } }),
  },
  {
    name: 'HTTPS_PROXY does not stand before localhost',
    call: (s) => ({
      kubeconfig: s.config({ server: `https://localhost:${s.server.port}` }),
      env: { HTTPS_PROXY: `http://127.0.0.1:${s.proxy.port}` },
    }),
  },
  {
    name: 'a proxy of the cluster before HTTPS_PROXY',
    call: (s) => ({
      kubeconfig: s.config({
        server: `${nowhere}:${s.server.port}`,
        cluster: { ...authorityData, 'proxy-url': `http://127.0.0.1:${s.proxy.port}` },
      }),
      env: { HTTPS_PROXY: 'http://127.0.0.1:1' },
    }),
  },
  {
    name: 'HTTP_PROXY for http',
    server: { scheme: 'http' },
    call: (s) => ({
      kubeconfig: s.config({ server: `http://api.example.com:${s.server.port}` }),
      env: { HTTP_PROXY: `http://127.0.0.1:${s.proxy.port}`, HTTPS_PROXY: 'http://127.0.0.1:1' },
    }),
  },
  {
    name: 'NO_PROXY',
    topic: 'HTTPS_PROXY / NO_PROXY',
    call: (s) => ({
      kubeconfig: s.config({ server: `https://no-such-host.invalid:${s.server.port}` }),
      env: { HTTPS_PROXY: `http://127.0.0.1:${s.proxy.port}`, NO_PROXY: '10.0.0.0/8, .invalid' },
    }),
    fails: ['unable to connect to the server', 'no such host'],
  },
  {
    name: 'NO_PROXY of another name',
    call: (s) => ({
      kubeconfig: s.config({ server: `${nowhere}:${s.server.port}` }),
      env: { HTTPS_PROXY: `http://127.0.0.1:${s.proxy.port}`, NO_PROXY: 'ample.com,10.0.0.0/8' },
    }),
  },
];
