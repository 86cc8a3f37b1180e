import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

import * as v from 'valibot';

import { textRedactor } from '../../../snapshot/redact.ts';
import { ClusterAccessError } from '../cluster-access-error.ts';
import type { ClientCertificate, CredentialSources } from './caller-credentials.ts';
import type { Connection, ExecPlugin } from './kubeconfig.ts';

export interface ExecCredential {
  readonly token: string | null;
  readonly clientCertificate: ClientCertificate | null;
  /** Milliseconds since the epoch; null for as long as it is accepted. */
  readonly expiresAt: number | null;
}

type PluginSources = Pick<CredentialSources, 'connection' | 'env' | 'stdinIsTerminal' | 'signal' | 'onStderr'>;

const supportedVersions: readonly string[] = [
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
];

const answerSchema = v.object({
  apiVersion: v.string(),
  kind: v.literal('ExecCredential'),
  status: v.nullish(
    v.object({
      token: v.nullish(v.string()),
      clientCertificateData: v.nullish(v.string()),
      clientKeyData: v.nullish(v.string()),
      expirationTimestamp: v.nullish(v.string()),
    }),
  ),
});

const execInfo = (
  { apiVersion, provideClusterInfo, config }: ExecPlugin,
  { server, tls, proxyUrl, disableCompression }: Connection,
  interactive: boolean,
): string =>
  JSON.stringify({
    apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive,
      ...(provideClusterInfo
        ? {
            cluster: {
              server,
              ...(tls.serverName ? { 'tls-server-name': tls.serverName } : {}),
              ...(tls.insecure ? { 'insecure-skip-tls-verify': true } : {}),
              ...(tls.authority ? { 'certificate-authority-data': Buffer.from(tls.authority).toString('base64') } : {}),
              ...(proxyUrl ? { 'proxy-url': proxyUrl } : {}),
              ...(disableCompression ? { 'disable-compression': true } : {}),
              config: config ?? null,
            },
          }
        : {}),
    },
  });

/** More than any credential; a plugin that prints more prints something else. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** As long as a word of any language is not, and a token is. */
const tokenLike = /[\w.~+/=-]{20,}/;

/**
 * What a plugin says on standard error: passed on line by line, but for lines that may hold the credential. Those wait for
 * the end, when it is known.
 */
const stderrRelay = (
  onStderr: (line: string) => void,
): { readonly take: (text: string) => void; readonly end: (secrets: readonly string[]) => void } => {
  let rest = '';
  const held: string[] = [];
  const pass = (line: string): void => {
    if (tokenLike.test(line.replace(/https?:\/\/[^\s]*/g, ''))) held.push(line);
    else onStderr(line);
  };
  return {
    take: (text) => {
      const lines = `${rest}${text}`.split(/\r?\n/);
      rest = (lines.pop() ?? '').slice(-MAX_OUTPUT_BYTES);
      lines.forEach(pass);
    },
    end: (secrets) => {
      if (rest !== '') pass(rest);
      const clean = textRedactor(secrets);
      for (const line of held) onStderr(clean(line));
    },
  };
};

/** The plugin's standard output. What it printed may be a credential: no error repeats it. */
const outputOf = (
  plugin: ExecPlugin,
  env: Readonly<Record<string, string | undefined>>,
  interactive: boolean,
  signal: AbortSignal,
  takeStderr: (text: string) => void,
): Promise<string> =>
  new Promise<string>((resolve, reject) => {
    const { command } = plugin;
    const refuse = (reason: string, options: { readonly cause?: unknown; readonly hint?: string | null } = {}): void =>
      reject(new ClusterAccessError(`getting credentials: exec: ${reason}`, options));
    const failedToRun = (error: unknown): void => {
      const { code, name } = error as NodeJS.ErrnoException;
      const missing = code === 'ENOENT';
      refuse(`executable ${command} ${missing ? 'not found' : `could not be run (${code ?? name})`}`, {
        cause: error,
        hint: missing ? plugin.installHint : null,
      });
    };
    let child: ChildProcessByStdio<null, Readable, Readable | null>;
    try {
      // Whoever is asked for a password must see the question at once, line end or not.
      const stdio = interactive ? (['inherit', 'pipe', 'inherit'] as const) : (['ignore', 'pipe', 'pipe'] as const);
      child = spawn(command, plugin.args, { env, stdio: [...stdio] }) as ChildProcessByStdio<
        null,
        Readable,
        Readable | null
      >;
    } catch (error) {
      failedToRun(error);
      return;
    }
    // Children of the plugin may hold its pipes open when it is gone.
    const stop = (): void => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr?.destroy();
      child.unref();
    };
    const expire = (): void => {
      stop();
      refuse(`${command} did not answer in time`);
    };
    signal.addEventListener('abort', expire, { once: true });
    if (signal.aborted) expire();
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_OUTPUT_BYTES) chunks.push(chunk);
      else {
        stop();
        refuse(`${command} answered with more than ${MAX_OUTPUT_BYTES} bytes`);
      }
    });
    child.stderr?.setEncoding('utf8').on('data', takeStderr);
    child.on('error', failedToRun);
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', expire);
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else refuse(`executable ${command} failed with ${code === null ? `signal ${killedBy}` : `exit code ${code}`}`);
    });
  });

const readAnswer = (output: string, { command, apiVersion }: ExecPlugin): ExecCredential => {
  const refuse = (what: string): never => {
    throw new ClusterAccessError(`getting credentials: exec plugin ${what}`);
  };
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    return refuse(`${command} did not answer with JSON`);
  }
  const parsed = v.safeParse(answerSchema, answer);
  if (!parsed.success) return refuse(`${command} did not answer with an ExecCredential of ${apiVersion}`);
  const { apiVersion: answered, status } = parsed.output;
  if (answered !== apiVersion)
    return refuse(
      `is configured to use API version ${apiVersion}, plugin returned version ${supportedVersions.find((known) => known === answered) ?? 'of another kind'}`,
    );
  if (!status) return refuse("didn't return a status field");
  const { token, clientCertificateData: certificate, clientKeyData: key, expirationTimestamp } = status;
  if (!certificate !== !key) return refuse('returned only certificate or key, not both');
  if (!token && !certificate) return refuse("didn't return a token or cert/key pair");
  const expiresAt = expirationTimestamp ? Date.parse(expirationTimestamp) : Number.NaN;
  return {
    token: token || null,
    clientCertificate: certificate && key ? { certificate, key } : null,
    expiresAt: Number.isNaN(expiresAt) ? null : expiresAt,
  };
};

const runExecPlugin = async (
  plugin: ExecPlugin,
  { connection, env, stdinIsTerminal = () => false, signal, onStderr }: PluginSources,
): Promise<ExecCredential> => {
  const canAsk = stdinIsTerminal();
  if (plugin.interactiveMode === 'Always' && !canAsk) {
    throw new ClusterAccessError(
      'getting credentials: exec plugin cannot support interactive mode: standard input is not a terminal',
    );
  }
  const interactive = canAsk && plugin.interactiveMode !== 'Never';
  const relay = stderrRelay(onStderr);
  let output = '';
  try {
    output = await outputOf(
      plugin,
      { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: execInfo(plugin, connection, interactive) },
      interactive,
      signal,
      relay.take,
    );
    return readAnswer(output, plugin);
  } finally {
    // Whatever long word stands in the answer may be the credential, be the answer a valid one or not.
    relay.end((output.match(/[\w.~+/=-]{12,}/g) ?? []).slice(0, 1000));
  }
};

/**
 * The credential of a plugin (client-go plugin/pkg/client/auth/exec/exec.go), asked for once and kept until it expires or is
 * refused; what the plugin says on standard error is passed to `onStderr`.
 * @throws ClusterAccessError for a plugin of another API version
 */
export const execCredentials = (
  plugin: ExecPlugin,
  sources: PluginSources,
): {
  /** @throws ClusterAccessError where the plugin cannot be run or its answer is no credential */
  readonly current: () => Promise<ExecCredential>;
  /** What it gave last. */
  readonly latest: () => ExecCredential | null;
  /** How often it gave one. */
  readonly generation: () => number;
  /** Asks anew, if the credential of this generation is still the latest; where that fails, it stays. */
  readonly refresh: (generation: number) => Promise<void>;
} => {
  if (!supportedVersions.includes(plugin.apiVersion))
    throw new ClusterAccessError(`exec plugin: invalid apiVersion "${plugin.apiVersion}"`);
  let latest: ExecCredential | null = null;
  let generation = 0;
  let running: Promise<ExecCredential> | null = null;
  /** However many requests want one, it runs once. */
  const ask = (): Promise<ExecCredential> => {
    running ??= runExecPlugin(plugin, sources)
      .then((credential) => {
        latest = credential;
        generation += 1;
        return credential;
      })
      .finally(() => {
        running = null;
      });
    return running;
  };
  return {
    current: async () =>
      latest !== null && (latest.expiresAt === null || latest.expiresAt > Date.now()) ? latest : ask(),
    latest: () => latest,
    generation: () => generation,
    refresh: async (refused) => {
      if (refused === generation) await ask().catch(() => undefined);
    },
  };
};
