import { join } from 'node:path';

import { kubeconfigFor } from '../../fakes/kube-apiserver.ts';
import { authorityData, type Case, type Scene } from '../comparison.ts';

/** A whole file whose one context, cluster and user have this name. */
const named = (
  { server }: Scene,
  name: string,
  {
    current = name,
    token = `token-${name}`,
    url = server.url,
  }: { current?: string | null; token?: string; url?: string } = {},
): string =>
  JSON.stringify({
    ...(current === null ? {} : { 'current-context': current }),
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server: url, ...authorityData } }],
    users: [{ name, user: { token } }],
  });

const over = (...paths: readonly string[]): { readonly env: Readonly<Record<string, string>> } => ({
  env: { KUBECONFIG: paths.join(':') },
});

/** Which files, and what of them counts. */
export const fileCases: readonly Case[] = [
  { name: 'one file', call: (s) => ({ kubeconfig: s.config() }) },
  {
    name: 'of two files the current-context of the first',
    topic: 'KUBECONFIG A:B current-context',
    call: (s) => over(s.file('a', named(s, 'x')), s.file('b', named(s, 'y'))),
  },
  {
    name: 'of two files the current-context of the second where the first has none',
    call: (s) => over(s.file('a', named(s, 'x', { current: null })), s.file('b', named(s, 'y', { current: 'x' }))),
  },
  {
    name: 'a file that is not there is left out',
    topic: 'KUBECONFIG with a missing file',
    call: (s) => over('/nowhere/config', s.file('a', named(s, 'x'))),
  },
  {
    name: 'of one name in two files the first whole',
    topic: 'same names in two files',
    call: (s) =>
      over(
        s.file('a', named(s, 'x', { token: 'A' })),
        s.file('b', named(s, 'x', { token: 'B', url: 'https://127.0.0.1:1' })),
      ),
  },
  {
    name: 'the same file twice',
    topic: 'same names in two files',
    call: (s) => {
      const path = s.file('a', named(s, 'x'));
      return over(path, path);
    },
  },
  {
    name: 'an empty file and one that is not',
    topic: 'empty file',
    call: (s) => over(s.file('empty', ''), s.file('a', named(s, 'x'))),
  },
  { name: 'empty items of KUBECONFIG', call: (s) => over('', s.file('a', named(s, 'x')), '') },
  { name: 'a relative path in KUBECONFIG', call: (s) => (s.file('a', named(s, 'x')), over('a')) },
  {
    name: 'the file in the home directory',
    call: (s) => (s.file('home/.kube/config', named(s, 'home')), {}),
  },
  {
    name: 'KUBECONFIG before the home directory',
    call: (s) => (s.file('home/.kube/config', named(s, 'home')), over(s.file('a', named(s, 'x')))),
  },
  {
    name: 'an empty KUBECONFIG is none',
    call: (s) => (s.file('home/.kube/config', named(s, 'home')), over('')),
  },
  {
    name: '--kubeconfig before KUBECONFIG',
    topic: 'flag overrides',
    call: (s) => ({ ...over(s.file('a', named(s, 'x'))), args: ['--kubeconfig', s.file('b', named(s, 'y'))] }),
  },
  {
    name: '--kubeconfig alone: contexts of KUBECONFIG are not known',
    call: (s) => ({
      ...over(s.file('a', named(s, 'x'))),
      args: ['--kubeconfig', s.file('b', named(s, 'y')), '--context', 'x'],
    }),
    fails: ['context', 'x'],
  },
  {
    name: '--kubeconfig with a relative path',
    call: (s) => (s.file('b', named(s, 'y')), { args: ['--kubeconfig', 'b'] }),
  },
  {
    name: '--kubeconfig that begins with a tilde is a name like any other',
    call: (s) => (s.file('home/.kube/config', named(s, 'home')), { args: ['--kubeconfig=~/.kube/config'] }),
    fails: ['no such file or directory'],
  },
  {
    name: '--kubeconfig that is not there',
    call: () => ({ args: ['--kubeconfig', '/nowhere/config'] }),
    fails: ['stat /nowhere/config: no such file or directory'],
  },
  {
    name: '--kubeconfig of nothing is not given',
    call: (s) => ({ ...over(s.file('a', named(s, 'x'))), args: ['--kubeconfig='] }),
  },
  {
    name: 'certificate files beside the kubeconfig',
    call: (s) => {
      s.file('deep/ca.pem', Buffer.from(authorityData['certificate-authority-data'], 'base64').toString());
      const path = s.file('deep/config', s.config({ cluster: { 'certificate-authority': 'ca.pem' } }));
      return over(path);
    },
  },
  {
    name: 'a token file beside the second file',
    topic: 'tokenFile',
    call: (s) => {
      s.file('deep/token', 'from-file\n');
      const first = s.file('a', JSON.stringify({ 'current-context': 'loopback' }));
      return over(first, s.file('deep/config', s.config({ user: { tokenFile: './token' } })));
    },
  },
  {
    name: 'a context without a cluster elsewhere in the file',
    topic: 'unrelated context without cluster',
    call: (s) => {
      const config = JSON.parse(s.config());
      config.contexts.push({ name: 'broken', context: { user: 'nobody' } });
      config.clusters.push({ name: 'empty', cluster: {} });
      return { kubeconfig: JSON.stringify(config) };
    },
  },
  {
    name: 'no current-context and nothing else either',
    call: () => ({ kubeconfig: 'apiVersion: v1\nkind: Config\n' }),
    differs: { entry: 'no-configuration', kubectl: 'fails', ours: 'fails' },
  },
  {
    name: 'no configuration but KUBERNETES_MASTER',
    server: { scheme: 'http' },
    topic: 'no current-context',
    call: (s) => ({ env: { KUBERNETES_MASTER: s.server.url } }),
  },
  {
    name: 'no file at all',
    call: () => ({}),
    differs: { entry: 'no-configuration', kubectl: 'fails', ours: 'fails' },
  },
  {
    name: 'no current-context although there are contexts',
    call: (s) => over(s.file('a', named(s, 'x', { current: null }))),
    differs: { entry: 'no-configuration', kubectl: 'fails', ours: 'fails' },
  },
  {
    name: 'a current-context that is not there',
    call: (s) => over(s.file('a', named(s, 'x', { current: 'gone' }))),
    fails: ['context', 'gone'],
  },
  {
    name: 'a file that is no YAML',
    call: (s) => over(s.file('a', 'a: [')),
    fails: ['error loading config file'],
  },
  {
    name: 'a file that is a list',
    call: (s) => over(s.file('a', '- a')),
    fails: ['error loading config file'],
  },
  {
    name: 'a directory instead of a file',
    call: (s) => over(s.folder),
    fails: ['error loading config file'],
  },
  {
    name: 'two clusters of one name in one file',
    call: (s) => {
      const config = JSON.parse(s.config());
      config.clusters.push({ name: 'cluster', cluster: { server: 'https://127.0.0.1:1' } });
      return { kubeconfig: JSON.stringify(config) };
    },
    fails: ['error loading config file'],
  },
  {
    name: 'two users of one name in one file',
    call: (s) => {
      const config = JSON.parse(s.config({ user: { token: 'a-secret-token' } }));
      config.users.push(config.users[0]);
      return { kubeconfig: JSON.stringify(config) };
    },
    differs: { entry: 'credentials-in-errors', kubectl: 'fails', ours: 'fails' },
  },
  {
    name: 'fields that nobody knows',
    call: (s) => ({
      kubeconfig: JSON.stringify({
        ...JSON.parse(s.config()),
        preferences: { colors: true },
        more: [1],
        extensions: [],
      }),
    }),
  },
  {
    name: 'a byte order mark',
    call: (s) => ({ kubeconfig: `\uFEFF${s.config()}` }),
  },
  {
    name: 'a token of digits',
    call: (s) => ({ kubeconfig: s.config({ user: { token: 12345678 } }) }),
    differs: { entry: 'numbers-for-text', kubectl: 'fails', ours: 'works' },
  },
  {
    name: 'a context without a user',
    topic: 'context without user',
    call: (s) => {
      const config = JSON.parse(s.config());
      delete config.contexts[0].context.user;
      return { kubeconfig: JSON.stringify(config), args: ['--token', 't'] };
    },
  },
  {
    name: 'a context whose user is not there',
    call: (s) => {
      const config = JSON.parse(s.config());
      config.users = [];
      return { kubeconfig: JSON.stringify(config), args: ['--token', 't'] };
    },
  },
  {
    name: 'a context whose cluster is not there',
    call: (s) => {
      const config = JSON.parse(s.config());
      config.clusters = [];
      return { kubeconfig: JSON.stringify(config) };
    },
    differs: { entry: 'no-configuration', kubectl: 'fails', ours: 'fails' },
  },
  {
    name: 'a cluster without a server',
    call: (s) => ({ kubeconfig: s.config({ server: '' }) }),
    differs: { entry: 'no-configuration', kubectl: 'fails', ours: 'fails' },
  },
  {
    name: 'names with odd characters',
    call: (s) => over(s.file('a', named(s, 'arn:aws:eks:eu-west-1:1:cluster/x y@ü'))),
  },
  {
    name: 'a missing home directory',
    call: (s) => ({
      kubeconfig: kubeconfigFor({ server: s.server.url, cluster: authorityData, user: { token: 't' } }),
      env: { HOME: join(s.folder, 'gone') },
    }),
  },
];
