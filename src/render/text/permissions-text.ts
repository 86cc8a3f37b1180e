import type { PermissionReport } from '../../model/report.ts';
import { renderYaml } from '../yaml.ts';
import { printable } from './printable.ts';

/** The ClusterRole as a manifest that kubectl takes; what the caller lacks stands before it as comments. */
export const permissionsText = ({ role, permissions }: PermissionReport): string => {
  const lacking = permissions.filter(({ allowed }) => allowed === false);
  const unknown = permissions.filter(({ allowed }) => allowed === null);
  const lines = [
    lacking.length === 0 && unknown.length === 0
      ? 'You have all of these permissions.'
      : `You lack ${lacking.length} of ${permissions.length} permissions${lacking.length === 0 ? '' : ':'}`,
    ...lacking.map(({ permission, reason }) => `  ${permission}${reason === '' ? '' : ` (${reason})`}`),
    ...(unknown.length === 0 ? [] : ['The API server did not say of:']),
    ...unknown.map(({ permission, reason }) => `  ${permission} (${reason})`),
  ];
  return `${lines.map((line) => `# ${printable(line)}\n`).join('')}${renderYaml(role)}`;
};
