import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

import * as v from 'valibot';

import { textRedactor } from '../../../snapshot/redact.ts';
import { ClusterAccessError } from '../cluster-access-error.ts';
import type { Connection, ExecPlugin } from './kubeconfig.ts';

export interface ExecCredential {
  readonly token: string | null;
  readonly clientCertificate: { readonly certificate: string; readonly key: string } | null;
}

const supportedVersions: readonly string[] = [
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
];

const answerSchema = v.object({
  apiVersion: v.string(),
  kind: v.literal('ExecCredential'),
  status: v.object({
    token: v.nullish(v.string()),
    clientCertificateData: v.nullish(v.string()),
    clientKeyData: v.nullish(v.string()),
  }),
});

const execInfo = (
  { apiVersion, provideClusterInfo, config }: ExecPlugin,
  { server, tls, proxyUrl }: Connection,
): string =>
  JSON.stringify({
    apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(provideClusterInfo
        ? {
            cluster: {
              server,
              ...(tls.serverName ? { 'tls-server-name': tls.serverName } : {}),
              ...(tls.insecure ? { 'insecure-skip-tls-verify': true } : {}),
              ...(tls.authority ? { 'certificate-authority-data': Buffer.from(tls.authority).toString('base64') } : {}),
              ...(proxyUrl ? { 'proxy-url': proxyUrl } : {}),
              ...(config === undefined ? {} : { config }),
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
    let child: ChildProcessByStdio<null, Readable, Readable>;
    try {
      child = spawn(command, plugin.args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      failedToRun(error);
      return;
    }
    // Children of the plugin may hold its pipes open when it is gone.
    const stop = (): void => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
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
    child.stderr.setEncoding('utf8').on('data', takeStderr);
    child.on('error', failedToRun);
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', expire);
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else refuse(`executable ${command} failed with ${code === null ? `signal ${killedBy}` : `exit code ${code}`}`);
    });
  });

const readAnswer = (output: string, { command, apiVersion }: ExecPlugin): ExecCredential => {
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    throw new ClusterAccessError(`getting credentials: exec plugin ${command} did not answer with JSON`);
  }
  const parsed = v.safeParse(answerSchema, answer);
  if (!parsed.success || parsed.output.apiVersion !== apiVersion) {
    throw new ClusterAccessError(
      `getting credentials: exec plugin ${command} did not answer with an ExecCredential of ${apiVersion}`,
    );
  }
  const { token, clientCertificateData: certificate, clientKeyData: key } = parsed.output.status;
  if (!certificate !== !key)
    throw new ClusterAccessError(
      `getting credentials: exec plugin ${command} returned only certificate or key, not both`,
    );
  if (!token && !certificate)
    throw new ClusterAccessError(`getting credentials: exec plugin ${command} didn't return a token or cert/key pair`);
  return { token: token || null, clientCertificate: certificate && key ? { certificate, key } : null };
};

/**
 * Runs a credential plugin (client-go plugin/pkg/client/auth/exec/exec.go); its standard error is passed to `onStderr`.
 * @throws ClusterAccessError where it cannot be run or its answer is no credential
 */
export const runExecPlugin = async (
  plugin: ExecPlugin,
  connection: Connection,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
  onStderr: (line: string) => void,
): Promise<ExecCredential> => {
  if (!supportedVersions.includes(plugin.apiVersion))
    throw new ClusterAccessError(`exec plugin: invalid apiVersion "${plugin.apiVersion}"`);
  if (plugin.interactiveMode === 'Always') {
    throw new ClusterAccessError(
      'getting credentials: exec plugin cannot support interactive mode: standard input is not a terminal',
    );
  }
  const relay = stderrRelay(onStderr);
  let output = '';
  try {
    output = await outputOf(
      plugin,
      { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: execInfo(plugin, connection) },
      signal,
      relay.take,
    );
    return readAnswer(output, plugin);
  } finally {
    // Whatever long word stands in the answer may be the credential, be the answer a valid one or not.
    relay.end((output.match(/[\w.~+/=-]{12,}/g) ?? []).slice(0, 1000));
  }
};
