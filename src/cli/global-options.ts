import { UsageError } from './cli-errors.ts';

/** The total deadline; every command takes it. */
export const timeoutOption = {
  timeout: {
    type: 'string',
    default: '30s',
    requiresArg: true,
    describe: 'One deadline for everything: seconds, or a Go duration such as 1m30s',
  },
} as const;

/** How to reach the cluster: kubectl's own flags. */
export const connectionOptions = {
  kubeconfig: { type: 'string', requiresArg: true, describe: 'Path of the kubeconfig file' },
  context: { type: 'string', requiresArg: true, describe: 'Name of the kubeconfig context' },
  as: { type: 'string', requiresArg: true, describe: 'User to impersonate' },
  'as-group': { type: 'string', array: true, requiresArg: true, describe: 'Group to impersonate; may be repeated' },
} as const;

/** For every command that reads a cluster. */
export const sourceOptions = {
  ...connectionOptions,
  from: {
    type: 'string',
    requiresArg: true,
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

/** @throws UsageError */
export const parseMaxEndpoints = (value: number): number => {
  if (Number.isInteger(value) && value >= 1 && value <= 1000) return value;
  throw new UsageError('invalid --max-endpoints value: a number from 1 to 1000 is needed');
};

/** For every command that prints one document. */
export const documentOptions = {
  output: {
    alias: 'o',
    type: 'string',
    choices: ['text', 'json', 'yaml'],
    default: 'text',
    requiresArg: true,
    describe: 'Output format',
  },
} as const;

/** For the commands that print certificates. */
export const certificateOutput = {
  output: {
    ...documentOptions.output,
    choices: ['text', 'wide', 'json', 'yaml'],
    describe: 'Output format; wide adds serial numbers, key ids and algorithms',
  },
} as const;

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

/**
 * Milliseconds of `30`, `45s`, `1m30s` (kubectl's --request-timeout).
 * @throws UsageError
 */
export const parseTimeout = (text: string): number => {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1000
    : parts.map(([whole]) => whole).join('') === text
      ? parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0)
      : Number.NaN;
  if (!(ms >= 1 && ms <= MAX_MS)) {
    throw new UsageError(
      'invalid --timeout value: it must be a number of seconds above 0, or an integer followed by a time unit (1s | 2m | 3h)',
    );
  }
  return ms;
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
