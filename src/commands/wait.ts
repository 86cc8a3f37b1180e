import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { outputOptions } from '../cli/output-options.ts';
import { statusList } from '../diagnosis/status-list.ts';
import type { StatusItem, StatusList } from '../model/report.ts';
import { printable } from '../render/text/printable.ts';
import { decode } from '../snapshot/decode.ts';
import { apiServiceName, assertFound } from './apiservice-names.ts';
import { watchSnapshots } from './watched-snapshots.ts';

/** A backend may recover without a change of the APIService. */
const INTERVAL_MS = 2000;

const isMet = {
  available: ({ available }: StatusItem) => available?.status === 'True',
  healthy: ({ verdict }: StatusItem) => verdict === 'ok',
} as const;

export default defineCommand({
  positionals: 'NAME...',
  maxPositionals: Number.POSITIVE_INFINITY,
  completes: 'apiService',
  examples: [
    { args: 'wait --for=healthy v1beta1.metrics.k8s.io --timeout 2m', what: 'Until requests succeed' },
    { args: 'wait --for=available v1beta1.metrics.k8s.io', what: 'Until the condition says Available=True' },
  ],
  options: {
    for: {
      type: 'string',
      choices: ['available', 'healthy'],
      requiresArg: true,
      describe: 'available: the condition says so; healthy: a request made now succeeds as well',
    },
    ...outputOptions('name'),
  },
  async run(context, options, positionals) {
    const { io, signal } = context;
    const wanted = options.for;
    if (wanted === undefined) throw new UsageError('--for is needed: available or healthy');
    const names = [...new Set(positionals.map(apiServiceName))];
    if (names.length === 0) throw new UsageError('wait needs a NAME');
    const seen: { list: StatusList | null } = { list: null };
    const unmet = (): readonly string[] =>
      names.filter((name) => !seen.list?.items.some((item) => item.name === name && isMet[wanted](item)));
    await watchSnapshots(context, {
      facts: wanted === 'healthy' ? ['answers'] : [],
      names,
      intervalMs: INTERVAL_MS,
      onSnapshot: async (raw) => {
        const snapshot = decode(raw);
        // Later it may well be deleted and created again.
        if (seen.list === null) assertFound(snapshot, names);
        seen.list = statusList(snapshot, ({ name }) => names.includes(name));
        return Promise.resolve(unmet().length === 0 || signal.aborted);
      },
    });
    const left = unmet();
    const met = names.filter((name) => !left.includes(name));
    if (seen.list !== null && met.length > 0)
      await context.print(
        { ...seen.list, items: seen.list.items.filter(({ name }) => met.includes(name)) },
        {
          text: async (list) =>
            options.output === 'name'
              ? (await import('../render/text/status-text.ts')).statusNames(list)
              : met.map((name) => `apiservice.apiregistration.k8s.io/${printable(name)} condition met\n`).join(''),
        },
      );
    for (const name of left) {
      const reason = seen.list?.items.find((item) => item.name === name)?.reason || 'it is not there';
      io.stderr.write(
        `error: timed out waiting for the condition on apiservices/${printable(name)}: ${printable(reason)}\n`,
      );
    }
    return left.length === 0 ? 0 : 1;
  },
});
