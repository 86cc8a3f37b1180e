import { defineCommand } from '../cli/define-command.ts';
import { outputOptions } from '../cli/output-options.ts';
import { quoteLine } from '../diagnosis/received-text.ts';
import type { PermissionReport } from '../model/report.ts';
import { timestamp } from '../model/wording.ts';
import { connectionOf } from './connection.ts';

export default defineCommand({
  positionals: '',
  maxPositionals: 0,
  examples: [
    { args: 'permissions', what: 'The ClusterRole, and what you lack of it' },
    { args: 'permissions --reduced | kubectl apply -f -', what: 'Create a ClusterRole that opens no port-forward' },
  ],
  options: {
    reduced: {
      type: 'boolean',
      default: false,
      describe:
        'Without Secrets, port-forward and the lists of the probe of resources: certificates are then known only by what the API server says of them',
    },
    ...outputOptions(),
  },
  async run(context, options) {
    const { reviewPermissions } = await import('../sources/live/permissions.ts');
    const { rules, permissions } = await reviewPermissions(connectionOf(context), options.reduced);
    const report: PermissionReport = {
      apiVersion: 'kubectl-aa/v1',
      kind: 'PermissionReport',
      capturedAt: timestamp(context.io.now()),
      reduced: options.reduced,
      role: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: options.reduced ? 'kubectl-aa-reduced' : 'kubectl-aa' },
        rules,
      },
      permissions: permissions.map((one) => ({ ...one, reason: quoteLine(one.reason) })),
    };
    await context.print(report, {
      text: async (printed) => {
        const { permissionsText } = await import('../render/text/permissions-text.ts');
        return permissionsText(printed);
      },
    });
    return permissions.every(({ allowed, optional }) => allowed === true || optional !== null) ? 0 : 1;
  },
});
