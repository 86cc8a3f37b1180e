import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { outputOptions } from '../cli/output-options.ts';
import { discoveryDiff } from '../diagnosis/discovery-diff.ts';
import { decode } from '../snapshot/decode.ts';

export default defineCommand({
  positionals: 'BEFORE AFTER',
  maxPositionals: 2,
  completes: 'file',
  examples: [{ args: 'discovery diff before.aa.json.gz after.aa.json.gz', what: 'What an upgrade changed' }],
  options: outputOptions(),
  async run({ io, style, print, signal }, _options, positionals) {
    const [before, after] = positionals;
    if (before === undefined || after === undefined)
      throw new UsageError("two snapshots are needed, as 'snapshot' writes them");
    const { readSnapshotFile } = await import('../sources/snapshot-file.ts');
    const [one, other] = [
      decode(await readSnapshotFile(before, io.stdin, signal)),
      decode(await readSnapshotFile(after, io.stdin, signal)),
    ];
    const diff = discoveryDiff(one, other);
    if (diff === null)
      throw new UsageError('the snapshots have no discovery document of one form in common that can be believed');
    await print(diff, {
      text: async (printed) => {
        const { discoveryDiffText } = await import('../render/text/discovery-text.ts');
        return discoveryDiffText(printed, style);
      },
    });
    return 0;
  },
});
