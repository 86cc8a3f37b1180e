import { checks } from '../checks/index.ts';
import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import {
  judgementOptions,
  logsOption,
  parseMaxEndpoints,
  parseSamples,
  probeOptions,
  samplesOption,
  servedOptions,
  sourceOptions,
} from '../cli/global-options.ts';
import { outputOptions } from '../cli/output-options.ts';
import { doctorExitStatus } from '../diagnosis/exit-status.ts';
import { deletionOf } from '../diagnosis/deletion.ts';
import { knownApiServices } from '../diagnosis/cluster-summary.ts';
import { doctorReport } from '../diagnosis/report.ts';
import { catalogue, type FindingCode } from '../model/catalogue.ts';
import type { DoctorReport } from '../model/report.ts';
import { decode } from '../snapshot/decode.ts';
import { apiServiceName, assertFound } from './apiservice-names.ts';
import { doctorFacts, readSnapshot } from './snapshot-source.ts';

/** The codes that a word stands for: `AA104`, or several with a wildcard, `AA3*`. */
const codesOf = (word: string, flag: string): readonly FindingCode[] => {
  const pattern = new RegExp(`^${word.replace(/[^A-Za-z0-9*]/g, '').replace(/\*+/g, '.*')}$`, 'i');
  const codes = (Object.keys(catalogue) as FindingCode[]).filter((code) => pattern.test(code));
  if (codes.length > 0) return codes;
  throw new UsageError(`unknown code "${word}" in ${flag}`, "'explain' without arguments lists the codes.");
};

/** Lists may be repeated or separated by commas. */
const listed = (values: readonly string[] | undefined): readonly string[] =>
  (values ?? [])
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');

export default defineCommand({
  positionals: '[NAME...]',
  maxPositionals: Number.POSITIVE_INFINITY,
  completes: 'apiService',
  examples: [
    { args: 'doctor', what: 'Every APIService of the cluster' },
    { args: 'doctor v1beta1.metrics.k8s.io', what: 'One of them' },
    { args: 'doctor --before-delete v1beta1.metrics.k8s.io', what: 'Left behind, or an outage?' },
    { args: 'doctor v1beta1.metrics.k8s.io --logs', what: 'What its log says as well' },
    { args: 'doctor --skip AA104 --fail-on warning -o json', what: 'For a pipeline' },
  ],
  options: {
    only: {
      type: 'string',
      array: true,
      requiresArg: true,
      completes: 'findingCode',
      describe: 'Make only these findings: codes, with * as wildcard',
    },
    skip: {
      type: 'string',
      array: true,
      requiresArg: true,
      completes: 'findingCode',
      describe: 'Leave findings out: CODE or CODE=NAME, with * as wildcard in both',
    },
    'before-delete': {
      type: 'string',
      requiresArg: true,
      completes: 'apiService',
      describe:
        'Say whether this APIService may be deleted, what that breaks, and in which order: status 0 only where it is safe',
    },
    'show-passed': { type: 'boolean', default: false, describe: 'List what passed as well' },
    ...outputOptions(),
    ...servedOptions,
    ...probeOptions,
    ...samplesOption,
    ...logsOption,
    ...sourceOptions,
    ...judgementOptions,
  },
  async run(context, options, positionals) {
    const { style } = context;
    const beforeDelete = options['before-delete'];
    if (beforeDelete !== undefined && positionals.length > 0)
      throw new UsageError('--before-delete names the APIService itself; no further NAME can be given');
    const names = (beforeDelete === undefined ? positionals : [beforeDelete]).map(apiServiceName);
    const only = listed(options.only).flatMap((word) => codesOf(word, '--only'));
    const skip = listed(options.skip).flatMap((entry) => {
      const [word = '', ...name] = entry.split('=');
      return codesOf(word, '--skip').map((code) => ({ code, name: name.length > 0 ? name.join('=') : null }));
    });
    const snapshot = decode(
      await readSnapshot(context, options, {
        facts: [...doctorFacts(options), ...(options.logs ? (['logs'] as const) : [])],
        names: names.length > 0 ? names : undefined,
        maxEndpoints: parseMaxEndpoints(options['max-endpoints']),
        samples: parseSamples(options.samples),
        dependents: beforeDelete !== undefined,
      }),
    );
    assertFound(snapshot, names);
    const judged = doctorReport(checks, snapshot, {
      ...(names.length > 0 ? { names } : {}),
      ...(only.length > 0 ? { only } : {}),
      skip,
      showPassed: options['show-passed'],
    });
    const [toDelete] = knownApiServices(snapshot.facts).filter(
      ({ name }) => beforeDelete !== undefined && names.includes(name),
    );
    // Judged by every finding, whatever --only and --skip leave to be shown.
    const report = toDelete
      ? { ...judged, deletion: deletionOf(toDelete, snapshot, doctorReport(checks, snapshot, { names }).findings) }
      : judged;
    await context.print(report, {
      text: async (printed) => (await import('../render/text/doctor-text.ts')).doctorText(printed, style),
      // Whether it may be deleted is an answer of its own: its text is pasted as it is.
      ...(report.deletion
        ? {}
        : {
            markdown: async (printed: DoctorReport) =>
              (await import('../render/markdown/doctor-markdown.ts')).doctorMarkdown(printed),
          }),
    });
    if (report.deletion) return report.deletion.verdict === 'safe' ? 0 : 1;
    return doctorExitStatus(report, options['fail-on'], options.strict);
  },
});
