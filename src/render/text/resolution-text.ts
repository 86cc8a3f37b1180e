import type { NamedResource, ResolutionReport } from '../../model/report.ts';
import { printable } from './printable.ts';
import { type Column, renderTable } from './table.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';
import { wrap } from './wrap.ts';

export interface ResolutionTextOptions {
  readonly style: TerminalStyle;
  readonly wide: boolean;
}

const forms = { plural: 'plural', singular: 'singular', shortName: 'short name', kind: 'kind' } as const;

const fullName = ({ resource, group }: NamedResource): string =>
  printable(group === '' ? resource : `${resource}.${group}`);

const groupVersion = ({ group, version }: { readonly group: string; readonly version: string }): string =>
  printable(group === '' ? version : `${group}/${version}`);

const servedBy = ({ service }: NamedResource): string =>
  service ? `Service ${service.namespace}/${service.name}` : 'kube-apiserver';

const table = (resources: readonly NamedResource[], { style, wide }: ResolutionTextOptions): string => {
  const column = (header: string, cell: (resource: NamedResource) => string): Column => ({
    header,
    cells: resources.map((resource) => printable(cell(resource))),
  });
  return renderTable(
    [
      column('RESOURCE', fullName),
      column('APIVERSION', groupVersion),
      column('KIND', ({ kind }) => kind),
      ...(wide
        ? [
            column('NAMESPACED', ({ namespaced }) => String(namespaced)),
            column('APISERVICE', ({ apiService }) => apiService ?? '<none>'),
          ]
        : []),
      column('NAME IS', ({ by }) => forms[by]),
      column('SERVED BY', servedBy),
    ],
    style,
  );
};

/** What a name means, why, and who else has it. */
export const resolutionText = (report: ResolutionReport, options: ResolutionTextOptions): string => {
  const { name, resolution, why, others, withoutGroup, notSeen } = report;
  const { style } = options;
  const line = (text: string): string => wrap(printable(text), style.width, '  ', '');
  return `${[
    paint(style, 'bold', `kubectl takes ${printable(name)} for ${fullName(resolution)}`),
    '',
    table([resolution, ...others], options),
    '',
    line(why),
    ...(others.length > 0
      ? [line('The first line is what is taken; the others have the name too, in this order.')]
      : []),
    // Core does not go away.
    ...(resolution.group === ''
      ? []
      : [
          line(
            withoutGroup
              ? `If group ${resolution.group} went away, it would mean ${fullName(withoutGroup)} (${groupVersion(withoutGroup)}).`
              : `If group ${resolution.group} went away, kubectl would not know the name.`,
          ),
        ]),
    ...(notSeen.length > 0
      ? [
          line(
            `? not seen, because Stale or not answering: ${notSeen.map(groupVersion).join(', ')}; these may have the name too.`,
          ),
        ]
      : []),
  ].join('\n')}\n`;
};

/** `deployments.apps`, as kubectl api-resources -o name. */
export const resolutionName = ({ resolution }: ResolutionReport): string => `${fullName(resolution)}\n`;
