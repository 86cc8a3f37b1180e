import { NotFoundError, UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { sourceOptions } from '../cli/global-options.ts';
import { priorityReport } from '../diagnosis/priority-report.ts';
import { whatIf } from '../diagnosis/what-if.ts';
import type { WhatIf } from '../model/report.ts';
import { decode } from '../snapshot/decode.ts';
import type { RawSnapshot } from '../snapshot/raw-snapshot.ts';
import { readManifest } from '../sources/manifest-file.ts';
import type { CommandContext } from '../cli/define-command.ts';
import { withApplied } from './applied-manifest.ts';
import { readSnapshot } from './snapshot-source.ts';
import { writeDocument } from './write-document.ts';

const whatIfApplied = async ({ io, signal }: CommandContext, raw: RawSnapshot, path: string): Promise<WhatIf> => {
  const { name, documents } = await readManifest(
    { path, workingDirectory: io.workingDirectory, stdin: io.stdin },
    signal,
  );
  const { snapshot, names } = withApplied(raw, documents, name);
  return whatIf(decode(raw), decode(snapshot), names);
};

export default defineCommand({
  positionals: '[GROUP]',
  maxPositionals: 1,
  examples: [
    { args: 'priority', what: 'All groups in the order in which clients try them' },
    { args: 'priority metrics.k8s.io', what: 'One of them: its places, its versions, what clients take, and why' },
    { args: 'priority --what-if -f apiservice.yaml', what: 'What applying a manifest would change, and for whom' },
  ],
  options: {
    'what-if': {
      type: 'boolean',
      default: false,
      describe: 'Show what applying the manifest of -f would change; nothing is written',
    },
    filename: {
      alias: 'f',
      type: 'string',
      requiresArg: true,
      describe: 'Manifest with APIServices for --what-if (- for standard input)',
    },
    output: {
      alias: 'o',
      type: 'string',
      choices: ['wide', 'json', 'yaml', 'name'],
      requiresArg: true,
      describe: 'Output format',
    },
    ...sourceOptions,
  },
  async run(context, options, [group]) {
    const { io, style } = context;
    const { filename } = options;
    if (options['what-if'] !== (filename !== undefined))
      throw new UsageError(options['what-if'] ? '--what-if needs a manifest: -f FILE' : '-f is for --what-if only');
    if (options['what-if'] && group !== undefined)
      throw new UsageError('--what-if takes no GROUP: the manifest names them');
    const raw = await readSnapshot(context, options, { facts: ['discoveryDocuments'] });
    const applied = filename === undefined ? null : await whatIfApplied(context, raw, filename);
    const report = priorityReport(decode(raw), applied);
    const shown =
      group === undefined ? report : { ...report, groups: report.groups.filter((each) => each.group === group) };
    if (group !== undefined && shown.groups.length === 0) throw new NotFoundError(`group "${group}" not found`);
    await writeDocument(io, options.output, shown, async () => {
      const { priorityNames, priorityText } = await import('../render/text/priority-text.ts');
      return options.output === 'name'
        ? priorityNames(shown)
        : priorityText(shown, { style, wide: options.output === 'wide', detailed: group !== undefined });
    });
    return 0;
  },
});
