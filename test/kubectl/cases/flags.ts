import { loopbackAuthority, loopbackClient } from '../../fakes/kube-apiserver.ts';
import { authorityData, type Case, type Scene } from '../comparison.ts';

/** Two contexts: the first leads nowhere, the second to the server. */
const two = (s: Scene): string =>
  JSON.stringify({
    'current-context': 'nowhere',
    contexts: [
      { name: 'nowhere', context: { cluster: 'nowhere', user: 'nobody', namespace: 'n' } },
      { name: 'here', context: { cluster: 'here', user: 'somebody' } },
    ],
    clusters: [
      { name: 'nowhere', cluster: { server: 'https://127.0.0.1:1', ...authorityData } },
      { name: 'here', cluster: { server: s.server.url, ...authorityData } },
    ],
    users: [
      { name: 'nobody', user: { token: 'nobody' } },
      { name: 'somebody', user: { token: 'somebody' } },
    ],
  });

const pair = {
  'client-certificate-data': Buffer.from(loopbackClient.pem).toString('base64'),
  'client-key-data': Buffer.from(loopbackClient.privateKeyPem).toString('base64'),
};

const flags = (name: string, args: (s: Scene) => readonly string[], more: Partial<Case> = {}): Case => ({
  name,
  call: (s) => ({ kubeconfig: two(s), args: args(s) }),
  ...more,
});

/** Flags over what the kubeconfig says. */
export const flagCases: readonly Case[] = [
  flags('--context', () => ['--context', 'here'], { topic: 'flag overrides' }),
  flags('--context with an equals sign', () => ['--context=here']),
  flags('--context of nothing is not given', () => ['--context=', '--cluster=here']),
  flags('--context that is not there', () => ['--context', 'gone'], {
    fails: ['context "gone" does not exist'],
  }),
  flags('--cluster', () => ['--cluster', 'here'], { topic: 'flag overrides' }),
  flags('--cluster that is not there', () => ['--cluster', 'gone'], { fails: ['cluster "gone" does not exist'] }),
  flags('--user', () => ['--cluster', 'here', '--user', 'somebody']),
  flags('--user that is not there', () => ['--user', 'gone'], { fails: ['auth info "gone" does not exist'] }),
  flags('--context, --cluster and --user together', () => [
    '--context',
    'nowhere',
    '--cluster',
    'here',
    '--user',
    'somebody',
  ]),
  flags('--server', (s) => ['--server', s.server.url]),
  flags('-s', (s) => ['-s', s.server.url]),
  flags('-s with its value at once', (s) => [`-s${s.server.url}`]),
  flags('--server over another --cluster', (s) => ['--cluster', 'nowhere', '--server', s.server.url]),
  flags('--server that is no URL', () => ['--server', 'https://exa mple:x'], {
    fails: ['host must be a URL or a host:port pair'],
  }),
  flags('the last of several counts', (s) => ['--server', 'https://127.0.0.1:1', '--server', s.server.url]),
  {
    name: '--server clears the tls-server-name of the cluster',
    call: (s) => ({
      kubeconfig: s.config({ cluster: { ...authorityData, 'tls-server-name': 'kubernetes.default' } }),
      args: ['--server', s.server.url],
    }),
  },
  {
    name: '--server with --tls-server-name',
    call: (s) => ({
      kubeconfig: s.config(),
      args: ['--server', s.server.url, '--tls-server-name', 'kubernetes.default'],
    }),
  },
  { name: '--tls-server-name', call: (s) => ({ kubeconfig: s.config(), args: ['--tls-server-name', 'localhost'] }) },
  {
    name: '--tls-server-name over that of the cluster',
    call: (s) => ({
      kubeconfig: s.config({ cluster: { ...authorityData, 'tls-server-name': 'localhost' } }),
      args: ['--tls-server-name', 'kubernetes.default'],
    }),
  },
  {
    name: '--tls-server-name that the certificate has not',
    call: (s) => ({ kubeconfig: s.config(), args: ['--tls-server-name', 'other.example.com'] }),
    fails: ['certificate', 'valid for', 'other.example.com'],
  },
  {
    name: '--server and --token without any kubeconfig',
    call: (s) => ({ args: ['--server', s.server.url, '--token', 't', '--insecure-skip-tls-verify'] }),
  },
  {
    name: '--server and --certificate-authority without any kubeconfig',
    call: (s) => ({
      args: [
        '--server',
        s.server.url,
        '--token',
        't',
        '--certificate-authority',
        s.file('ca.pem', loopbackAuthority.pem),
      ],
    }),
  },
  {
    name: '--insecure-skip-tls-verify takes the place of the authority',
    call: (s) => ({ kubeconfig: s.config(), args: ['--insecure-skip-tls-verify'] }),
  },
  {
    name: '--insecure-skip-tls-verify=true',
    call: (s) => ({ kubeconfig: s.config({ cluster: {} }), args: ['--insecure-skip-tls-verify=true'] }),
  },
  {
    name: '--insecure-skip-tls-verify=false over true in the kubeconfig',
    call: (s) => ({
      kubeconfig: s.config({ cluster: { 'insecure-skip-tls-verify': true } }),
      args: ['--insecure-skip-tls-verify=false'],
    }),
  },
  {
    name: '--insecure-skip-tls-verify with --certificate-authority',
    call: (s) => ({
      kubeconfig: s.config(),
      args: ['--insecure-skip-tls-verify', '--certificate-authority', s.file('ca.pem', loopbackAuthority.pem)],
    }),
    fails: ['specifying a root certificates file with the insecure flag is not allowed'],
  },
  {
    name: '--insecure-skip-tls-verify of no truth value',
    call: (s) => ({ kubeconfig: s.config(), args: ['--insecure-skip-tls-verify=maybe'] }),
    fails: ['invalid argument "maybe" for "--insecure-skip-tls-verify" flag'],
  },
  {
    name: '--certificate-authority over data',
    call: (s) => ({
      kubeconfig: s.config({ cluster: { 'certificate-authority-data': Buffer.from('junk').toString('base64') } }),
      args: ['--certificate-authority', s.file('ca.pem', loopbackAuthority.pem)],
    }),
  },
  {
    name: '--certificate-authority relative to here',
    call: (s) => (
      s.file('ca.pem', loopbackAuthority.pem),
      { kubeconfig: s.config({ cluster: {} }), args: ['--certificate-authority', 'ca.pem'] }
    ),
  },
  {
    name: '--certificate-authority over insecure-skip-tls-verify of the kubeconfig',
    call: (s) => ({
      kubeconfig: s.config({ cluster: { 'insecure-skip-tls-verify': true } }),
      args: ['--certificate-authority', s.file('ca.pem', loopbackAuthority.pem)],
    }),
  },
  {
    name: '--certificate-authority that is not there',
    call: (s) => ({ kubeconfig: s.config(), args: ['--certificate-authority', '/nowhere/ca.pem'] }),
    fails: ['unable to read certificate-authority /nowhere/ca.pem', 'no such file or directory'],
  },
  {
    name: '--client-certificate and --client-key',
    call: (s) => ({
      kubeconfig: s.config({ user: {} }),
      args: [
        '--client-certificate',
        s.file('c.pem', loopbackClient.pem),
        '--client-key',
        s.file('k.pem', loopbackClient.privateKeyPem),
      ],
    }),
  },
  {
    name: '--client-certificate and --client-key over a token',
    call: (s) => ({
      kubeconfig: s.config(),
      args: [
        '--client-certificate',
        s.file('c.pem', loopbackClient.pem),
        '--client-key',
        s.file('k.pem', loopbackClient.privateKeyPem),
      ],
    }),
  },
  {
    name: '--client-certificate and --client-key over data',
    call: (s) => ({
      kubeconfig: s.config({ user: pair }),
      args: [
        '--client-certificate',
        s.file('c.pem', loopbackClient.pem),
        '--client-key',
        s.file('k.pem', loopbackClient.privateKeyPem),
      ],
    }),
    differs: { entry: 'client-certificate-over-data', kubectl: 'either', ours: 'works' },
  },
  {
    name: '--client-certificate without --client-key',
    call: (s) => ({
      kubeconfig: s.config({ user: {} }),
      args: ['--client-certificate', s.file('c.pem', loopbackClient.pem)],
    }),
    fails: ['client-key must be specified'],
  },
  {
    name: '--client-key without --client-certificate',
    call: (s) => ({ kubeconfig: s.config(), args: ['--client-key', s.file('k.pem', loopbackClient.privateKeyPem)] }),
  },
  {
    name: '--client-certificate that is not there',
    call: (s) => ({
      kubeconfig: s.config(),
      args: ['--client-certificate', '/nowhere/c.pem', '--client-key', '/nowhere/k.pem'],
    }),
    fails: ['unable to read client-cert', '/nowhere/c.pem', 'no such file or directory'],
  },
  { name: '--token', topic: 'flag overrides', call: (s) => ({ kubeconfig: s.config(), args: ['--token', 'other'] }) },
  { name: '--token of nothing is not given', call: (s) => ({ kubeconfig: s.config(), args: ['--token='] }) },
  {
    name: '--token over a token file',
    call: (s) => ({
      kubeconfig: s.config({ user: { tokenFile: s.file('token', 'from-file') } }),
      args: ['--token', 'other'],
    }),
    differs: { entry: 'token-over-token-file', kubectl: 'either', ours: 'works' },
  },
  {
    name: '--token over a client certificate: both are sent',
    call: (s) => ({ kubeconfig: s.config({ user: pair }), args: ['--token', 'other'] }),
  },
  {
    name: '--username and --password',
    call: (s) => ({ kubeconfig: s.config({ user: {} }), args: ['--username', 'me', '--password', 'pass:word'] }),
  },
  {
    name: '--username and --password over those of the kubeconfig',
    call: (s) => ({
      kubeconfig: s.config({ user: { username: 'a', password: 'b' } }),
      args: ['--username', 'me', '--password', 'pw'],
    }),
  },
  {
    name: '--username with a token of the kubeconfig',
    call: (s) => ({ kubeconfig: s.config(), args: ['--username', 'me', '--password', 'pw'] }),
    fails: ['more than one authentication method found', 'only one is allowed'],
  },
  {
    name: '--token with --username',
    call: (s) => ({
      kubeconfig: s.config({ user: {} }),
      args: ['--username', 'me', '--password', 'pw', '--token', 't'],
    }),
    fails: ['more than one authentication method found'],
  },
  {
    name: '--token with a password of the kubeconfig',
    call: (s) => ({ kubeconfig: s.config({ user: { username: 'a', password: 'b' } }), args: ['--token', 't'] }),
    fails: ['more than one authentication method found'],
  },
  {
    name: '--namespace changes nothing of what has no namespace',
    call: (s) => ({ kubeconfig: s.config(), args: ['--namespace', 'other'] }),
  },
  { name: '-n', call: (s) => ({ kubeconfig: s.config(), args: ['-n', 'other'] }) },
  { name: '-n with its value at once', call: (s) => ({ kubeconfig: s.config(), args: ['-nother'] }) },
  {
    name: '--match-server-version',
    call: (s) => ({ kubeconfig: s.config(), args: ['--match-server-version', '--request-timeout', '7s'] }),
    fails: ['server version', 'differs from client version'],
  },
  {
    name: '--match-server-version=false',
    call: (s) => ({ kubeconfig: s.config(), args: ['--match-server-version=false'] }),
  },
  flags('a flag without its value', () => ['--context'], { fails: ['flag needs an argument: --context'] }),
  flags('-n without its value', () => ['-n'], { fails: ["flag needs an argument: 'n' in -n"] }),
  flags('a flag that nobody knows', () => ['--contxt=here'], { fails: ['unknown flag: --contxt'] }),
  flags('a level that is no number', () => ['-v', 'much'], { fails: ['invalid argument "much" for "-v, --v" flag'] }),
  flags('flags with a single dash', () => ['-context=here'], { fails: ['unknown shorthand flag'] }),

  { name: '--as', topic: 'impersonation', call: (s) => ({ kubeconfig: s.config(), args: ['--as', 'me'] }) },
  {
    name: '--as with groups and a uid',
    call: (s) => ({ kubeconfig: s.config(), args: ['--as', 'me', '--as-group', 'b', '--as-group=a', '--as-uid', '7'] }),
  },
  {
    name: '--as-group with a comma',
    call: (s) => ({ kubeconfig: s.config(), args: ['--as', 'me', '--as-group', 'a,b'] }),
  },
  {
    name: '--as with other letters than ASCII',
    call: (s) => ({ kubeconfig: s.config(), args: ['--as', 'jürgen ✓', '--as-group', 'ä b'] }),
  },
  {
    name: '--as-group without --as',
    call: (s) => ({ kubeconfig: s.config(), args: ['--as-group', 'a'] }),
    fails: ['requesting uid, groups or user-extra for', 'without impersonating a user'],
  },
  {
    name: '--as-uid without --as',
    call: (s) => ({ kubeconfig: s.config(), args: ['--as-uid', '7'] }),
    fails: ['requesting uid, groups or user-extra for', 'without impersonating a user'],
  },
  {
    name: '--as-user-extra',
    call: (s) => ({ kubeconfig: s.config(), args: ['--as', 'me', '--as-user-extra', 'k=v'] }),
    differs: { entry: 'as-user-extra', kubectl: 'either', ours: 'works' },
  },
  {
    name: 'as, as-uid, as-groups and as-user-extra of the kubeconfig',
    topic: 'impersonation',
    call: (s) => ({
      kubeconfig: s.config({
        user: {
          token: 't',
          as: 'u',
          'as-uid': '7',
          'as-groups': ['g', 'h'],
          'as-user-extra': { 'example.com/a b%': ['v', 'w'], Upper: ['x'] },
        },
      }),
    }),
  },
  {
    name: '--as over as of the kubeconfig',
    call: (s) => ({
      kubeconfig: s.config({
        user: { token: 't', as: 'u', 'as-uid': '7', 'as-groups': ['g'], 'as-user-extra': { k: ['v'] } },
      }),
      args: ['--as', 'me'],
    }),
  },
  {
    name: '--as-group over as-groups of the kubeconfig',
    call: (s) => ({
      kubeconfig: s.config({ user: { token: 't', as: 'u', 'as-groups': ['g'] } }),
      args: ['--as-group', 'a', '--as-group', 'b'],
    }),
  },
  {
    name: '--as-uid over as-uid of the kubeconfig',
    call: (s) => ({ kubeconfig: s.config({ user: { token: 't', as: 'u', 'as-uid': '1' } }), args: ['--as-uid', '2'] }),
  },
  {
    name: 'as-groups of the kubeconfig without as',
    call: (s) => ({ kubeconfig: s.config({ user: { token: 't', 'as-groups': ['g'] } }) }),
    fails: ['requesting uid, groups or user-extra for', 'without impersonating a user'],
  },
];
