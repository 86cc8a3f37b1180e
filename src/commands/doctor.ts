import { checks } from '../checks/index.ts';
import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import {
  documentOptions,
  judgementOptions,
  parseMaxEndpoints,
  servedOptions,
  sourceOptions,
} from '../cli/global-options.ts';
import { doctorExitStatus } from '../diagnosis/exit-status.ts';
import { doctorReport } from '../diagnosis/report.ts';
import { catalogue, type FindingCode } from '../model/catalogue.ts';
import { decode } from '../snapshot/decode.ts';
import { backendFacts, portForwardFacts } from '../snapshot/raw-snapshot.ts';
import { apiServiceName, assertFound } from './apiservice-names.ts';
import { readSnapshot } from './snapshot-source.ts';
import { writeDocument } from './write-document.ts';

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
  examples: [
    { args: 'doctor', what: 'Every APIService of the cluster' },
    { args: 'doctor v1beta1.metrics.k8s.io', what: 'One of them' },
    { args: 'doctor --skip AA104 --fail-on warning -o json', what: 'For a pipeline' },
  ],
  options: {
    only: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Make only these findings: codes, with * as wildcard',
    },
    skip: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Leave findings out: CODE or CODE=NAME, with * as wildcard in both',
    },
    'show-passed': { type: 'boolean', default: false, describe: 'List what passed as well' },
    ...documentOptions,
    ...servedOptions,
    ...sourceOptions,
    ...judgementOptions,
  },
  async run(context, options, positionals) {
    const { io, style } = context;
    const names = positionals.map(apiServiceName);
    const only = listed(options.only).flatMap((word) => codesOf(word, '--only'));
    const skip = listed(options.skip).flatMap((entry) => {
      const [word = '', ...name] = entry.split('=');
      return codesOf(word, '--skip').map((code) => ({ code, name: name.length > 0 ? name.join('=') : null }));
    });
    const snapshot = decode(
      await readSnapshot(context, options, {
        facts: options['no-port-forward'] ? backendFacts : [...backendFacts, ...portForwardFacts],
        names: names.length > 0 ? names : undefined,
        maxEndpoints: parseMaxEndpoints(options['max-endpoints']),
      }),
    );
    assertFound(snapshot, names);
    const report = doctorReport(checks, snapshot, {
      ...(names.length > 0 ? { names } : {}),
      ...(only.length > 0 ? { only } : {}),
      skip,
      showPassed: options['show-passed'],
    });
    await writeDocument(io, options.output, report, async () => {
      const { doctorText } = await import('../render/text/doctor-text.ts');
      return doctorText(report, style);
    });
    return doctorExitStatus(report, options['fail-on'], options.strict);
  },
});
