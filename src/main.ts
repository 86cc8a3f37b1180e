import { once } from 'node:events';

import type { Io, Output } from './cli/io.ts';
import { invocationOf } from './cli/invocation.ts';
import { runCli } from './cli/run-cli.ts';

const output = (stream: NodeJS.WriteStream): Output => ({
  write: (text) => {
    stream.write(text);
  },
  drained: async () => {
    if (stream.writableNeedDrain) await once(stream, 'drain');
  },
  isTerminal: stream.isTTY,
  columns: stream.isTTY ? stream.columns : null,
  stream: stream.isTTY ? stream : null,
});

// `| head` closes the pipe: that is the reader's right and no error of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(141);
    throw error;
  });
}

const io: Io = {
  ...invocationOf(process.argv, process.argv0, process.env),
  env: process.env,
  workingDirectory: process.cwd(),
  // Opened only where it is read.
  get stdin() {
    return process.stdin;
  },
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  now: () => new Date(),
};

const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => resolve());
  });

/**
 * Ends the process although a name lookup hangs: it cannot be called off, and Node's own exit waits for its thread, for as long
 * as the resolver does. Another program in the place of this one does not; Windows has no such thing.
 */
const exitNow = (status: number): void => {
  const isLookingUp = process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap');
  if (isLookingUp && process.platform !== 'win32') process.execve?.('/bin/sh', ['sh', '-c', `exit ${status}`]);
  process.exit();
};

void runCli(io).then(async (status) => {
  process.exitCode = status;
  await Promise.all([written(process.stdout), written(process.stderr)]);
  // Neither an unread standard input nor a connection or plugin that was given up must keep the process.
  exitNow(status);
});
