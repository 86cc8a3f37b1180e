import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { documentOptions } from '../cli/global-options.ts';
import { discoveryDiff } from '../diagnosis/discovery-diff.ts';
import { decode } from '../snapshot/decode.ts';
import { writeDocument } from './write-document.ts';

export default defineCommand({
  positionals: 'BEFORE AFTER',
  maxPositionals: 2,
  examples: [{ args: 'discovery diff before.aa.json.gz after.aa.json.gz', what: 'What an upgrade changed' }],
  options: documentOptions,
  async run({ io, style, signal }, options, positionals) {
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
    await writeDocument(io, options.output, diff, async () => {
      const { discoveryDiffText } = await import('../render/text/discovery-text.ts');
      return discoveryDiffText(diff, style);
    });
    return 0;
  },
});
