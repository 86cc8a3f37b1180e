import { UsageError } from './cli-errors.ts';
import { colorChoices } from './style.ts';

/** Where --timeout is not given. */
export const DEFAULT_TIMEOUT = '30s';

/** The total deadline; every command takes it. */
const timeoutOption = {
  timeout: {
    type: 'string',
    defaultDescription: DEFAULT_TIMEOUT,
    requiresArg: true,
    describe: 'One deadline for everything: seconds, or a Go duration such as 1m30s',
  },
} as const;

/** For every command. */
export const commonOptions = {
  ...timeoutOption,
  color: {
    type: 'string',
    choices: colorChoices,
    default: 'auto',
    requiresArg: true,
    describe: 'Colour: on terminals only, always or never',
  },
  quiet: { alias: 'q', type: 'boolean', default: false, describe: 'Print errors only; the exit status tells the rest' },
  help: { alias: 'h', type: 'boolean', default: false, describe: 'Show this help' },
} as const;

const words = { type: 'string', requiresArg: true } as const;

/** kubectl's own flags, which every command takes and those that reach the cluster heed (`kubectl options`). */
export const kubectlOptions = {
  as: { ...words, describe: 'User to impersonate' },
  'as-group': { ...words, array: true, describe: 'Group to impersonate; may be repeated' },
  'as-uid': { ...words, describe: 'UID to impersonate' },
  'as-user-extra': { ...words, array: true, describe: 'Extra of the user to impersonate, KEY=VALUE; may be repeated' },
  'cache-dir': {
    ...words,
    describe: "Path of kubectl's cache (default $KUBECACHEDIR or ~/.kube/cache); read, never written",
  },
  'certificate-authority': { ...words, describe: 'Path of the certificates that the API server is held against' },
  'client-certificate': { ...words, describe: 'Path of a client certificate' },
  'client-key': { ...words, describe: 'Path of the key of the client certificate' },
  cluster: { ...words, describe: 'Name of the kubeconfig cluster' },
  context: { ...words, describe: 'Name of the kubeconfig context' },
  'disable-compression': { type: 'boolean', default: false, describe: 'Ask for no compressed answers' },
  'insecure-skip-tls-verify': {
    type: 'boolean',
    default: false,
    describe: "Do not check the API server's certificate: the connection is then open to anybody in between",
  },
  kubeconfig: { ...words, describe: 'Path of the kubeconfig file' },
  'match-server-version': {
    type: 'boolean',
    default: false,
    describe: 'Fail unless the version of the API server is that of this tool',
  },
  namespace: { ...words, alias: 'n', describe: 'Accepted, without effect: APIServices have no namespace' },
  password: { ...words, describe: 'Password for basic authentication' },
  'request-timeout': {
    ...words,
    default: '0',
    describe: 'Limit of a single request (1s, 2m, 3h); 0 leaves it to the tool',
  },
  server: { ...words, alias: 's', describe: 'Address and port of the API server' },
  'tls-server-name': { ...words, describe: "Name that the API server's certificate is held against" },
  token: { ...words, describe: 'Bearer token' },
  user: { ...words, describe: 'Name of the kubeconfig user' },
  username: { ...words, describe: 'User name for basic authentication' },
  v: {
    type: 'number',
    default: 0,
    requiresArg: true,
    describe: 'Log level: 6 shows the requests, 7 and 8 their headers; from 8 on a bug shows its stack',
  },
} as const;

/** For every command that reads a cluster. */
export const sourceOptions = {
  from: {
    type: 'string',
    requiresArg: true,
    completes: 'file',
    describe: 'Read this snapshot instead of the cluster (- for standard input)',
  },
} as const;

/** For every command that looks at what backends serve themselves. */
export const noPortForwardOption = {
  'no-port-forward': {
    type: 'boolean',
    default: false,
    describe:
      'Open no port-forward: what is served is then known only by its Secret, and by what the API server says of it',
  },
} as const;

/** For every command that looks at what is served. */
export const servedOptions = {
  ...noPortForwardOption,
  'max-endpoints': {
    type: 'number',
    default: 10,
    requiresArg: true,
    describe: 'Endpoints of one Service whose certificate is looked at',
  },
} as const;

/** For every command that reads what doctor judges by. */
export const probeOptions = {
  'no-probe-resources': {
    type: 'boolean',
    default: false,
    describe: 'List no resource (one object at most, not kept): whether a backend takes callers for others is not seen',
  },
} as const;

/** For every command that can compare kube-apiserver replicas with each other. */
export const samplesOption = {
  samples: {
    type: 'number',
    default: 1,
    requiresArg: true,
    describe:
      'Ask so many times, a second apart and over a connection each, whether kube-apiserver replicas behind one address agree',
  },
} as const;

/** @throws UsageError */
export const parseSamples = (value: number): number => {
  if (Number.isInteger(value) && value >= 1 && value <= 20) return value;
  throw new UsageError('invalid --samples value: a number from 1 to 20 is needed');
};

export const logsOption = {
  logs: {
    type: 'boolean',
    default: false,
    describe: 'Read the last log lines of backends that fail, for known messages (needs get on pods/log)',
  },
} as const;

/** @throws UsageError */
export const parseMaxEndpoints = (value: number): number => {
  if (Number.isInteger(value) && value >= 1 && value <= 1000) return value;
  throw new UsageError('invalid --max-endpoints value: a number from 1 to 1000 is needed');
};

/** For every command that judges. */
export const judgementOptions = {
  'fail-on': {
    type: 'string',
    choices: ['error', 'warning', 'info', 'never'],
    default: 'error',
    describe: 'Least severity that makes the exit status 1',
  },
  strict: { type: 'boolean', default: false, describe: 'Exit status 3 where something could not be checked' },
} as const;

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Timers take no more. */
const MAX_MS = 2 ** 31 - 1;

/** Milliseconds of `30`, `45s`, `1m30s`; NaN where it is none of these. */
const milliseconds = (text: string): number => {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|\u00b5s|ms|s|m|h)/g)];
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  return parts.length > 0 && parts.map(([whole]) => whole).join('') === text
    ? parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0)
    : Number.NaN;
};

/**
 * Milliseconds of --timeout.
 * @throws UsageError
 */
export const parseTimeout = (text: string): number => {
  const ms = milliseconds(text);
  if (ms >= 1 && ms <= MAX_MS) return ms;
  throw new UsageError(
    'invalid --timeout value: it must be a number of seconds above 0, or an integer followed by a time unit (1s | 2m | 3h)',
  );
};

/**
 * Milliseconds of --request-timeout, or null where it sets no limit (client-go tools/clientcmd/overrides.go, ParseTimeout).
 * @throws UsageError
 */
export const parseRequestTimeout = (text: string): number | null => {
  const ms = milliseconds(text);
  if (ms === 0) return null;
  if (ms > 0) return Math.min(ms, MAX_MS);
  throw new UsageError(
    'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
  );
};

/**
 * The instant of --at: RFC 3339, or a day.
 * @throws UsageError
 */
export const parseInstant = (text: string): Date => {
  const instant = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)
    ? new Date(text)
    : new Date(Number.NaN);
  if (Number.isNaN(instant.getTime()))
    throw new UsageError(`invalid --at value "${text}": an instant such as 2027-01-01T00:00:00Z is needed`);
  return instant;
};
