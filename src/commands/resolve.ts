import { NotFoundError, UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { sourceOptions } from '../cli/global-options.ts';
import { servedResources } from '../aggregation/served-resources.ts';
import { resolutionReport } from '../diagnosis/resolution-report.ts';
import { decode } from '../snapshot/decode.ts';
import { ClusterAccessError } from '../sources/live/cluster-access-error.ts';
import { readSnapshot } from './snapshot-source.ts';
import { writeDocument } from './write-document.ts';

export default defineCommand({
  positionals: 'NAME',
  maxPositionals: 1,
  examples: [
    { args: 'resolve deploy', what: 'What kubectl get deploy shows, and which other groups have that name' },
    { args: 'resolve pods.metrics.k8s.io -o json', what: 'With its group, or with version and group' },
  ],
  options: {
    output: {
      alias: 'o',
      type: 'string',
      choices: ['wide', 'json', 'yaml', 'name'],
      requiresArg: true,
      describe: 'Output format',
    },
    ...sourceOptions,
  },
  async run(context, options, [name]) {
    const { io, style } = context;
    if (name === undefined) throw new UsageError('resolve needs a NAME: a resource, short name, singular or kind');
    const snapshot = decode(await readSnapshot(context, options, { facts: ['discoveryDocuments'] }));
    const served = servedResources(snapshot.facts);
    if (served.state !== 'known') throw new ClusterAccessError(served.detail);
    const report = resolutionReport(snapshot, served.value, name);
    if (report === null) {
      const { stale } = served.value;
      const unseen =
        stale.length > 0
          ? `; not seen, because Stale: ${stale.map(({ group, version }) => `${group}/${version}`).join(', ')}`
          : '';
      throw new NotFoundError(`the server doesn't have a resource type "${name}"${unseen}`);
    }
    await writeDocument(io, options.output, report, async () => {
      const { resolutionName, resolutionText } = await import('../render/text/resolution-text.ts');
      return options.output === 'name'
        ? resolutionName(report)
        : resolutionText(report, { style, wide: options.output === 'wide' });
    });
    return 0;
  },
});
