import { defineCommand } from '../cli/define-command.ts';
import { outputOptions } from '../cli/output-options.ts';
import { quoteLine } from '../diagnosis/received-text.ts';
import type { PermissionReport } from '../model/report.ts';
import { connectionOf } from './snapshot-source.ts';

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
        'Without Secrets and port-forward: certificates are then known only by what the API server says of them',
    },
    ...outputOptions(),
  },
  async run(context, options) {
    const { requiredRules, reviewPermissions } = await import('../sources/live/permissions.ts');
    const permissions = await reviewPermissions(connectionOf(context), options.reduced);
    const report: PermissionReport = {
      apiVersion: 'kubectl-aa/v1',
      kind: 'PermissionReport',
      capturedAt: context.io
        .now()
        .toISOString()
        .replace(/\.\d{3}Z$/, 'Z'),
      reduced: options.reduced,
      role: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: options.reduced ? 'kubectl-aa-reduced' : 'kubectl-aa' },
        rules: requiredRules(options.reduced),
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
