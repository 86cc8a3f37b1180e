// `explain --stream` from the sources, for a test that must not depend on a build.
import { Readable } from 'node:stream';

import { runCli } from '../../src/cli/run-cli.ts';

const output = (stream: NodeJS.WriteStream) => ({
  write: (text: string | Uint8Array) => void stream.write(text),
  drained: async () => {},
  isTerminal: false,
  columns: null,
  stream: null,
});

process.exitCode = await runCli({
  args: ['explain', '--stream'],
  env: {},
  workingDirectory: '/',
  programName: 'kubectl aa',
  stdin: Readable.from(process.stdin),
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  now: () => new Date(),
});
