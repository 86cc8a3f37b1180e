import type { ReadStream } from 'node:tty';

import type { CommandContext } from '../cli/define-command.ts';
import { parseRequestTimeout } from '../cli/global-options.ts';
import { printable } from '../render/text/printable.ts';
import type { ConnectionOptions } from '../sources/live/capture-cluster.ts';

/**
 * How a command reaches the cluster, by kubectl's flags and the environment.
 * @throws UsageError
 */
export const connectionOf = ({ io, version, timeoutMs, signal, kubectlFlags }: CommandContext): ConnectionOptions => ({
  flags: kubectlFlags,
  environment: { env: io.env, workingDirectory: io.workingDirectory },
  stdinIsTerminal: () => (io.stdin as Partial<ReadStream>).isTTY === true,
  clientVersion: version,
  requestTimeoutMs: parseRequestTimeout(kubectlFlags['request-timeout'] ?? '0'),
  logLevel: kubectlFlags.v ?? 0,
  onStderr: (line) => io.stderr.write(`${printable(line)}\n`),
  timeoutMs,
  signal,
});
