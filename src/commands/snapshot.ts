import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { parseMaxEndpoints, servedOptions, sourceOptions } from '../cli/global-options.ts';
import { backendFacts, portForwardFacts } from '../snapshot/raw-snapshot.ts';
import { readSnapshot } from './snapshot-source.ts';

export default defineCommand({
  positionals: '',
  maxPositionals: 0,
  examples: [
    { args: 'snapshot -o cluster.aa.json.gz', what: 'Compressed, since the name ends in .gz' },
    { args: 'snapshot | kubectl aa doctor --from -', what: 'Straight on to standard input' },
  ],
  options: {
    output: {
      alias: 'o',
      type: 'string',
      default: '-',
      requiresArg: true,
      describe: 'File to write (- for standard output)',
    },
    ...servedOptions,
    ...sourceOptions,
  },
  async run(context, options) {
    const { io } = context;
    const snapshot = await readSnapshot(context, options, {
      facts: options['no-port-forward'] ? backendFacts : [...backendFacts, ...portForwardFacts],
      maxEndpoints: parseMaxEndpoints(options['max-endpoints']),
    });
    const { snapshotFileBytes } = await import('../sources/snapshot-file.ts');
    const bytes = snapshotFileBytes(snapshot, options.output);
    if (options.output === '-') {
      io.stdout.write(bytes);
      return 0;
    }
    try {
      await writeFile(resolve(io.workingDirectory, options.output), bytes);
    } catch (error) {
      throw new UsageError(
        `cannot write ${options.output}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
      );
    }
    return 0;
  },
});
