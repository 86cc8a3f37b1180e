import { NotFoundError, UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { sourceOptions } from '../cli/global-options.ts';
import { outputOptions } from '../cli/output-options.ts';
import { offersAggregated, servedResources } from '../aggregation/served-resources.ts';
import { resolutionReport } from '../diagnosis/resolution-report.ts';
import type { ClusterSnapshot } from '../model/facts.ts';
import { decode } from '../snapshot/decode.ts';
import type { RawFactName } from '../snapshot/raw-snapshot.ts';
import { ClusterAccessError } from '../sources/live/cluster-access-error.ts';
import { readSnapshot } from './snapshot-source.ts';

export default defineCommand({
  positionals: 'NAME',
  maxPositionals: 1,
  examples: [
    { args: 'resolve deploy', what: 'What kubectl get deploy shows, and which other groups have that name' },
    { args: 'resolve pods.metrics.k8s.io -o json', what: 'With its group, or with version and group' },
  ],
  options: {
    ...outputOptions('wide', 'name'),
    ...sourceOptions,
  },
  async run(context, options, [name]) {
    const { print, style } = context;
    if (name === undefined) throw new UsageError('resolve needs a NAME: a resource, short name, singular or kind');
    const read = async (facts: readonly RawFactName[]): Promise<ClusterSnapshot> =>
      decode(await readSnapshot(context, options, { facts }));
    let snapshot = await read(['discoveryDocuments']);
    // Such a server has to be asked for the list of every version.
    if (options.from === undefined && !offersAggregated(snapshot.facts))
      snapshot = await read(['discoveryDocuments', 'answers', 'localLists']);
    const served = servedResources(snapshot.facts);
    if (served.state !== 'known') throw new ClusterAccessError(served.detail);
    const report = resolutionReport(snapshot, served.value, name);
    if (report === null) {
      const { stale } = served.value;
      const unseen =
        stale.length > 0
          ? `; not seen, because Stale or not answering: ${stale.map(({ group, version }) => `${group}/${version}`).join(', ')}`
          : '';
      throw new NotFoundError(`the server doesn't have a resource type "${name}"${unseen}`);
    }
    await print(report, {
      text: async (printed) => {
        const { resolutionName, resolutionText } = await import('../render/text/resolution-text.ts');
        return options.output === 'name'
          ? resolutionName(printed)
          : resolutionText(printed, { style, wide: options.output === 'wide' });
      },
    });
    return 0;
  },
});
