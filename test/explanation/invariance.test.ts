import { describe, expect, it } from 'vitest';

import { explainText } from '../../src/explanation/explain-text.ts';
import { rules } from '../../src/explanation/rules/index.ts';
import { corpusIsThere, labelledReports } from './report-corpus.ts';

// The same failure under other names, on other lines and in other logs is the same failure.

interface Sample {
  readonly id: string;
  readonly text: string;
  /** The names that the text holds, by label and not by our own reading. */
  readonly groupVersions: readonly string[];
  readonly services: readonly string[];
}

const samples: readonly Sample[] = [
  ...rules.flatMap(({ name, examples }) =>
    examples.map((text, index) => ({
      id: `${name} ${index}`,
      text,
      groupVersions: [
        'metrics.k8s.io/v1beta1',
        'custom.metrics.k8s.io/v1beta1',
        'external.metrics.k8s.io/v1beta1',
        'team.example.com/v1',
      ].filter((groupVersion) => text.includes(groupVersion.split('/')[0] ?? '')),
      services: ['kube-system/metrics-server', 'team/api'],
    })),
  ),
  ...(corpusIsThere ? labelledReports() : []).map(
    ({ id, message, group_version: first, group_versions: all, service }) => ({
      id,
      text: message,
      groupVersions: all ?? (first === null ? [] : [first]),
      services: service === null ? [] : [service],
    }),
  ),
];

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Replaces whole names only: `team` is not renamed inside `team.example.com`. */
const replaceName = (text: string, from: string, to: string): string =>
  text.replace(new RegExp(`(?<![\\w-])${quoted(from)}(?![\\w-])`, 'g'), to);

const otherVersion: Readonly<Record<string, string>> = {
  v1: 'v2',
  v3: 'v4beta2',
  v1alpha1: 'v3alpha2',
  v1alpha3: 'v3alpha4',
  v1beta1: 'v2beta3',
};

const otherGroup = (group: string): string =>
  `${'fish'.repeat(group.split('.').length)}-${group.length}.example.${group.endsWith('k8s.io') ? 'net' : 'org'}`;

/** Other groups, versions, Services, namespaces, addresses and ports; consistently, so that equal names stay equal. */
const renamed = ({ text, groupVersions, services }: Sample): { readonly text: string; readonly versions: string[] } => {
  const versions: string[] = [];
  let now = text;
  // The longest first: custom.metrics.k8s.io holds metrics.k8s.io.
  for (const groupVersion of groupVersions.toSorted((a, b) => b.length - a.length)) {
    const [group = '', version = ''] = groupVersion.split('/');
    const [toGroup, toVersion] = [otherGroup(group), otherVersion[version] ?? 'v7'];
    versions.push(`${toGroup}/${toVersion}`);
    now = now
      .replaceAll(`${version}.${group}`, `${toVersion}.${toGroup}`)
      .replaceAll(`${group}.${version}`, `${toGroup}.${toVersion}`)
      .replaceAll(`${group}/${version}`, `${toGroup}/${toVersion}`);
  }
  for (const group of groupVersions.map((groupVersion) => groupVersion.split('/')[0] ?? ''))
    now = now.replaceAll(group, otherGroup(group));
  for (const [namespace = '', name = ''] of services.map((service) => service.split('/'))) {
    now = replaceName(now, name, 'herring');
    now = now.replaceAll(`/${namespace}`, '/harbour').replaceAll(`"${namespace}"`, '"harbour"');
    now = now.replaceAll(`${namespace}/`, 'harbour/').replaceAll(`.${namespace}.svc`, '.harbour.svc');
  }
  now = now.replace(/\b(?!127\.)\d{1,3}\.\d{1,3}\.(\d{1,3}\.\d{1,3}):\d{2,5}\b/g, '172.30.$1:9448');
  return { text: now, versions };
};

const codesOf = (text: string): readonly string[] => explainText(text).findings.map(({ code }) => code);

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

const wrappers: Readonly<Record<string, (text: string) => string>> = {
  'a klog header': (text) => `E1121 10:00:00.123456       1 something.go:123] ${text}`,
  'structured klog': (text) =>
    `E1121 10:00:00.123456       1 something.go:123] "Unhandled Error" err="${escaped(text)}"`,
  'a JSON log': (text) => JSON.stringify({ level: 'error', ts: '2026-01-02T10:00:00Z', logger: 'main', error: text }),
  logfmt: (text) => `time="2026-01-02T10:00:00Z" level=error msg="it failed" error="${escaped(text)}"`,
  journald: (text) => `Jan 02 10:00:00 node-1 program[123]: ${text}`,
  'a Docker log': (text) => JSON.stringify({ log: `${text}\n`, stream: 'stderr', time: '2026-01-02T10:00:00Z' }),
  Helm: (text) => `Error: INSTALLATION FAILED: ${text}`,
  'kubectl describe': (text) =>
    `Status:\n  Conditions:\n    Message:               ${text}\n    Type:  Available\nEvents:  <none>`,
  YAML: (text) => `status:\n  conditions:\n  - message: '${text.replaceAll("'", "''")}'\n    type: Available`,
  'a terminal': (text) => `\u001b[31m│ ${text}\u001b[0m`,
  'JSON in JSON': (text) =>
    JSON.stringify({ log: JSON.stringify({ level: 'error', msg: text }), stream: 'stderr' }).replaceAll('/', '\\/'),
  'a container runtime': (text) =>
    text
      .split('\n')
      .map((line) => `2026-01-02T10:00:00.123456789Z stderr F ${line}`)
      .join('\n'),
  'several Pods': (text) => `api-7b9c5f-x2x7k api E1121 10:00:00.123456       1 something.go:123] ${text}`,
  'a quotation': (text) => `\`\`\`\n> ${text.replaceAll('\n', '\n> ')}\n\`\`\``,
  'single quotes': (text) => text.replaceAll('"', "'"),
  'curly quotes': (text) => text.replace(/"([^"]*)"/g, '“$1”').replaceAll("'", '’'),
  'line ends instead of blanks': (text) => text.replace(/(\S) (?=\S)/g, '$1\n  '),
  'a line end now and then': (text) => text.replace(/((?:\S+ ){4})/g, (words) => `${words.trimEnd()}\r\n`),
};

it('there is enough to look at', () => {
  expect(samples.length).toBeGreaterThan(corpusIsThere ? 200 : 80);
});

describe('under other names', () => {
  it.each(samples)('$id', (sample) => {
    const other = renamed(sample);
    expect(codesOf(other.text)).toEqual(codesOf(sample.text));
    const { groupVersion } = explainText(sample.text).subject;
    const now = explainText(other.text).subject.groupVersion;
    if (groupVersion === null || !sample.groupVersions.includes(groupVersion)) return;
    expect(other.versions).toContain(now);
  });
});

describe.each(Object.entries(wrappers))('in %s', (_name, wrap) => {
  it.each(samples)('$id', (sample) => {
    expect(codesOf(wrap(sample.text))).toEqual(codesOf(sample.text));
    expect(explainText(wrap(sample.text)).subject.groupVersion).toBe(explainText(sample.text).subject.groupVersion);
  });
});
