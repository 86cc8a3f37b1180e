import { loopbackClient } from '../../fakes/kube-apiserver.ts';
import { authorityData, type Case, type Scene } from '../comparison.ts';

const V1 = 'client.authentication.k8s.io/v1';
const V1BETA1 = 'client.authentication.k8s.io/v1beta1';

const printing = (status: Readonly<Record<string, unknown>>, apiVersion = V1): string =>
  `cat <<'END'\n${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}\nEND`;

/** A user whose credential comes of a plugin that runs this script. */
const exec = (
  s: Scene,
  script: string,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> => ({
  exec: { apiVersion: V1, command: s.plugin(script), interactiveMode: 'IfAvailable', ...more },
});

const plugin = (
  name: string,
  user: (s: Scene) => Readonly<Record<string, unknown>>,
  more: Partial<Case> = {},
): Case => ({
  name: `plugin: ${name}`,
  call: (s) => ({ kubeconfig: s.config({ user: user(s) }) }),
  ...more,
});

const GETTING = 'getting credentials';

/** What says who asks. */
export const credentialCases: readonly Case[] = [
  { name: 'a token', call: (s) => ({ kubeconfig: s.config() }) },
  { name: 'a token that begins with space', call: (s) => ({ kubeconfig: s.config({ user: { token: ' t' } }) }) },
  {
    name: 'a token file, trimmed',
    topic: 'tokenFile',
    call: (s) => ({ kubeconfig: s.config({ user: { tokenFile: s.file('token', ' from-file \n') } }) }),
  },
  {
    name: 'a token file before a token',
    topic: 'tokenFile',
    call: (s) => ({ kubeconfig: s.config({ user: { token: 't', tokenFile: s.file('token', 'from-file') } }) }),
  },
  {
    name: 'a token where the token file is not there',
    call: (s) => ({ kubeconfig: s.config({ user: { token: 't', tokenFile: '/nowhere/token' } }) }),
  },
  {
    name: 'a token where the token file is empty',
    call: (s) => ({ kubeconfig: s.config({ user: { token: 't', tokenFile: s.file('token', ' \n') } }) }),
  },
  {
    name: 'a token file that is not there',
    call: (s) => ({ kubeconfig: s.config({ user: { tokenFile: '/nowhere/token' } }) }),
    fails: ['/nowhere/token', 'no such file or directory'],
  },
  {
    name: 'a token file that is empty',
    call: (s) => ({ kubeconfig: s.config({ user: { tokenFile: s.file('token', '\n') } }) }),
    fails: ['invalid header field value for "Authorization"'],
  },
  {
    name: 'a token of two lines',
    call: (s) => ({ kubeconfig: s.config({ user: { token: 'a\nb' } }) }),
    fails: ['invalid header'],
  },
  {
    name: 'a name and password',
    call: (s) => ({ kubeconfig: s.config({ user: { username: 'me', password: 'pä:ß' } }) }),
  },
  {
    name: 'a name and a token',
    call: (s) => ({ kubeconfig: s.config({ user: { username: 'me', password: 'p', token: 't' } }) }),
    fails: ['more than one authentication method found', 'found [token basicAuth], only one is allowed'],
  },
  {
    name: 'a name and a token file',
    call: (s) => ({
      kubeconfig: s.config({ user: { username: 'me', password: 'p', tokenFile: s.file('token', 'x') } }),
    }),
    fails: ['username/password or bearer token may be set', 'but not both'],
  },
  {
    name: 'no credential at all',
    call: (s) => ({ kubeconfig: s.config({ user: {} }) }),
    differs: { entry: 'no-credential', kubectl: 'fails', ours: 'works' },
  },
  {
    name: 'no credential at all, and the server wants one',
    answer: (_request, response) =>
      void response
        .writeHead(401, { 'content-type': 'application/json' })
        .end(
          '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}',
        ),
    call: (s) => ({ kubeconfig: s.config({ user: {} }) }),
    differs: { entry: 'no-credential', kubectl: 'fails', ours: 'fails' },
  },
  {
    name: 'over http no credential is sent, nor read',
    server: { scheme: 'http' },
    call: (s) => ({ kubeconfig: s.config({ user: { tokenFile: '/nowhere/token', as: 'me' } }) }),
    topic: 'http:// server',
  },
  {
    name: 'over http no plugin is run',
    server: { scheme: 'http' },
    call: (s) => ({ kubeconfig: s.config({ user: exec(s, 'exit 1') }) }),
    topic: 'http:// server',
  },
  {
    name: 'over http --token is not sent',
    server: { scheme: 'http' },
    call: (s) => ({ kubeconfig: s.config(), args: ['--token', 't'] }),
  },
  {
    name: 'a credential in the URL of the server before a token',
    call: (s) => ({ kubeconfig: s.config({ server: s.server.url.replace('://', '://u%40x:p%20w@') }) }),
  },
  {
    name: 'auth-provider gcp',
    topic: 'auth-provider gcp/azure',
    call: (s) => ({
      kubeconfig: s.config({ user: { 'auth-provider': { name: 'gcp', config: { 'cmd-path': s.plugin('echo {}') } } } }),
    }),
    fails: ['the gcp auth plugin has been removed'],
  },
  {
    name: 'auth-provider azure',
    call: (s) => ({ kubeconfig: s.config({ user: { 'auth-provider': { name: 'azure' } } }) }),
    fails: ['the azure auth plugin has been removed'],
  },
  {
    name: 'auth-provider of a name that nobody knows',
    call: (s) => ({ kubeconfig: s.config({ user: { 'auth-provider': { name: 'other' } } }) }),
    fails: ['no Auth Provider found for name "other"'],
  },
  {
    name: 'auth-provider oidc',
    topic: 'oidc',
    call: (s) => ({
      kubeconfig: s.config({
        user: {
          'auth-provider': { name: 'oidc', config: { 'idp-issuer-url': 'https://127.0.0.1:1', 'client-id': 'c' } },
        },
      }),
    }),
    differs: { entry: 'auth-provider-oidc', kubectl: 'fails', ours: 'fails' },
  },
  {
    name: 'auth-provider over http does not matter',
    server: { scheme: 'http' },
    call: (s) => ({ kubeconfig: s.config({ user: { 'auth-provider': { name: 'gcp' } } }) }),
  },

  plugin('gives a token', (s) => exec(s, printing({ token: 'of-plugin' }))),
  plugin('gives a client certificate', (s) =>
    exec(s, printing({ clientCertificateData: loopbackClient.pem, clientKeyData: loopbackClient.privateKeyPem })),
  ),
  plugin('gives both', (s) =>
    exec(
      s,
      printing({
        token: 'of-plugin',
        clientCertificateData: loopbackClient.pem,
        clientKeyData: loopbackClient.privateKeyPem,
      }),
    ),
  ),
  plugin('of v1beta1, without interactiveMode', (s) =>
    exec(s, printing({ token: 'beta' }, V1BETA1), { apiVersion: V1BETA1, interactiveMode: undefined }),
  ),
  plugin('is told how it is asked', (s) => exec(s, printing({ token: 'x' })), { topic: 'exec: KUBERNETES_EXEC_INFO' }),
  {
    name: 'plugin: is told of the cluster where it wants to know',
    topic: 'exec: KUBERNETES_EXEC_INFO',
    call: (s) => ({
      kubeconfig: s.config({
        cluster: {
          ...authorityData,
          'tls-server-name': 'kubernetes.default',
          extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x', list: [1, 'b'] } }],
        },
        user: exec(s, printing({ token: 'x' }), { provideClusterInfo: true }),
      }),
    }),
  },
  {
    name: 'plugin: is told of skipped verification, the proxy and compression',
    call: (s) => ({
      kubeconfig: s.config({
        server: `${s.server.url}/prefix/`,
        cluster: {
          'insecure-skip-tls-verify': true,
          'proxy-url': `http://127.0.0.1:${s.proxy.port}`,
          'disable-compression': true,
        },
        user: exec(s, printing({ token: 'x' }), { provideClusterInfo: true }),
      }),
      kubectl: ['version'],
      args: ['--request-timeout', '7s'],
    }),
  },
  {
    name: 'plugin: is told of what flags say of the cluster',
    call: (s) => ({
      kubeconfig: s.config({
        server: 'https://127.0.0.1:1',
        user: exec(s, printing({ token: 'x' }), { provideClusterInfo: true }),
      }),
      args: ['--server', s.server.url, '--tls-server-name', 'localhost'],
    }),
  },
  plugin('with arguments and environment', (s) =>
    exec(s, printing({ token: 'x' }), { args: ['a b', '--c'], env: [{ name: 'GREETING', value: 'hello' }] }),
  ),
  plugin('never interactive', (s) => exec(s, printing({ token: 'x' }), { interactiveMode: 'Never' })),
  plugin('reads its standard input', (s) => exec(s, `cat >/dev/null\n${printing({ token: 'x' })}`), {
    topic: 'exec: stdin',
  }),
  plugin('speaks on standard error', (s) => exec(s, `echo visit us >&2\n${printing({ token: 'x' })}`), {
    topic: 'exec: stderr',
    prints: ['visit us'],
  }),
  plugin(
    'always interactive, without a terminal',
    (s) => exec(s, printing({ token: 'x' }), { interactiveMode: 'Always' }),
    {
      topic: 'exec: apiVersion/interactiveMode check',
      fails: [GETTING, 'cannot support interactive mode: standard input is not a terminal'],
    },
  ),
  plugin('of v1 without interactiveMode', (s) => exec(s, printing({ token: 'x' }), { interactiveMode: undefined }), {
    topic: 'exec: apiVersion/interactiveMode check',
    fails: ['interactiveMode must be specified'],
  }),
  plugin('of another interactiveMode', (s) => exec(s, printing({ token: 'x' }), { interactiveMode: 'Sometimes' }), {
    fails: ['invalid interactiveMode', 'Sometimes'],
  }),
  plugin(
    'of v1alpha1',
    (s) => exec(s, printing({ token: 'x' }), { apiVersion: 'client.authentication.k8s.io/v1alpha1' }),
    {
      topic: 'exec: apiVersion/interactiveMode check',
      fails: ['exec plugin: invalid apiVersion "client.authentication.k8s.io/v1alpha1"'],
    },
  ),
  plugin('without apiVersion', (s) => exec(s, printing({ token: 'x' }), { apiVersion: '' }), {
    fails: ['apiVersion must be specified'],
  }),
  plugin('without command', () => ({ exec: { apiVersion: V1, command: '', interactiveMode: 'Never' } }), {
    fails: ['command must be specified'],
  }),
  plugin(
    'with an environment variable without name',
    (s) => exec(s, printing({ token: 'x' }), { env: [{ name: '', value: 'x' }] }),
    {
      fails: ['env variable name must be specified'],
    },
  ),
  plugin('that answers for another version', (s) => exec(s, printing({ token: 'x' }, V1BETA1)), {
    topic: 'exec: apiVersion/interactiveMode check',
    fails: [GETTING, V1, V1BETA1],
  }),
  plugin(
    'beside the kubeconfig',
    (s) => {
      s.plugin(printing({ token: 'beside' }), 'beside.sh');
      return { exec: { apiVersion: V1, command: './beside.sh', interactiveMode: 'Never' } };
    },
    { topic: 'exec: command relative to kubeconfig' },
  ),
  {
    name: 'plugin: on the PATH',
    call: (s) => {
      s.plugin(printing({ token: 'path' }), 'bin/on-path');
      return {
        kubeconfig: s.config({ user: { exec: { apiVersion: V1, command: 'on-path', interactiveMode: 'Never' } } }),
        env: { PATH: `${s.folder}/bin:${process.env['PATH']}` },
      };
    },
  },
  plugin(
    'that is not installed',
    () => ({
      exec: {
        apiVersion: V1,
        command: 'no-such-plugin',
        interactiveMode: 'Never',
        installHint: 'Get it from example.com',
      },
    }),
    {
      topic: 'exec: installHint',
      fails: [GETTING, 'exec: executable no-such-plugin not found', 'Get it from example.com'],
    },
  ),
  plugin(
    'that is not installed, without a hint',
    () => ({
      exec: { apiVersion: V1, command: 'no-such-plugin', interactiveMode: 'Never' },
    }),
    { fails: [GETTING, 'exec: executable no-such-plugin not found'] },
  ),
  plugin('that fails', (s) => exec(s, 'exit 7'), { fails: [GETTING, 'failed with exit code 7'] }),
  plugin('that prints no JSON', (s) => exec(s, 'echo hello'), { fails: [GETTING] }),
  plugin('that gives nothing', (s) => exec(s, printing({})), {
    fails: [GETTING, "didn't return a token or cert/key pair"],
  }),
  plugin('that gives no status', (s) => exec(s, `echo '{"apiVersion":"${V1}","kind":"ExecCredential"}'`), {
    fails: [GETTING, "didn't return a status"],
  }),
  plugin('that gives half a pair', (s) => exec(s, printing({ clientKeyData: loopbackClient.privateKeyPem })), {
    fails: [GETTING, 'returned only certificate or key, not both'],
  }),
  plugin('beside a token is not run', (s) => ({ token: 't', ...exec(s, printing({ token: 'x' })) }), {
    topic: 'token + exec',
  }),
  plugin('beside a password is not run', (s) => ({
    username: 'u',
    password: 'p',
    ...exec(s, printing({ token: 'x' })),
  })),
  plugin('beside a token file is not run', (s) => ({
    tokenFile: s.file('token', 'f'),
    ...exec(s, printing({ token: 'x' })),
  })),
  {
    name: 'plugin: beside --token is not run',
    call: (s) => ({ kubeconfig: s.config({ user: exec(s, printing({ token: 'x' })) }), args: ['--token', 't'] }),
  },
  {
    name: 'plugin: beside a client certificate is not run',
    call: (s) => ({
      kubeconfig: s.config({
        user: {
          'client-certificate-data': Buffer.from(loopbackClient.pem).toString('base64'),
          'client-key-data': Buffer.from(loopbackClient.privateKeyPem).toString('base64'),
          ...exec(s, printing({ token: 'x' })),
        },
      }),
    }),
  },
  plugin(
    'beside an auth-provider',
    (s) => ({ 'auth-provider': { name: 'gcp' }, ...exec(s, printing({ token: 'x' })) }),
    {
      fails: ['authProvider cannot be provided in combination with an exec plugin'],
    },
  ),
  plugin('with impersonation', (s) => ({ as: 'me', 'as-groups': ['g'], ...exec(s, printing({ token: 'x' })) })),
  {
    name: 'plugin: where its credential is refused it is asked again, for the next request',
    topic: 'exec + 401',
    answer: (_request, response) =>
      void response
        .writeHead(401, { 'content-type': 'application/json' })
        .end(
          '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}',
        ),
    call: (s) => ({ kubeconfig: s.config({ user: exec(s, printing({ token: 'x' })) }) }),
    fails: ['Unauthorized'],
  },
];
