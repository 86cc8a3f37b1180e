import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import {
  parseMaxEndpoints,
  parseSamples,
  probeOptions,
  samplesOption,
  servedOptions,
  sourceOptions,
} from '../cli/global-options.ts';
import { doctorFacts, readSnapshot } from './snapshot-source.ts';

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
      completes: 'file',
      describe: 'File to write (- for standard output)',
    },
    ...servedOptions,
    ...probeOptions,
    ...samplesOption,
    ...sourceOptions,
  },
  async run(context, options) {
    const { io } = context;
    const snapshot = await readSnapshot(context, options, {
      facts: doctorFacts(options),
      maxEndpoints: parseMaxEndpoints(options['max-endpoints']),
      samples: parseSamples(options.samples),
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
