import type { PermissionReport } from '../../model/report.ts';
import { renderYaml } from '../yaml.ts';
import { printable } from './printable.ts';

/** The ClusterRole as a manifest that kubectl takes; what the caller lacks stands before it as comments. */
export const permissionsText = ({ role, permissions }: PermissionReport): string => {
  const needed = permissions.filter(({ optional }) => optional === null);
  const optionals = permissions.flatMap(({ permission, optional, allowed }) =>
    optional === null || allowed === true ? [] : [`${permission} (${optional})`],
  );
  const lacking = needed.filter(({ allowed }) => allowed === false);
  const unknown = needed.filter(({ allowed }) => allowed === null);
  const lines = [
    lacking.length === 0 && unknown.length === 0
      ? 'You have all of these permissions.'
      : `You lack ${lacking.length} of ${needed.length} permissions${lacking.length === 0 ? '' : ':'}`,
    ...lacking.map(({ permission, reason }) => `  ${permission}${reason === '' ? '' : ` (${reason})`}`),
    ...(unknown.length === 0 ? [] : ['The API server did not say of:']),
    ...unknown.map(({ permission, reason }) => `  ${permission} (${reason})`),
    ...(optionals.length === 0 ? [] : [`Not in this role, and not had: ${optionals.join(', ')}`]),
  ];
  return `${lines.map((line) => `# ${printable(line)}\n`).join('')}${renderYaml(role)}`;
};
