import { defineCommand } from '../cli/define-command.ts';
import { outputOptions } from '../cli/output-options.ts';
import type { VersionReport } from '../model/report.ts';
import { timestamp } from '../model/wording.ts';
import { connectionOf } from './connection.ts';

export default defineCommand({
  positionals: '',
  maxPositionals: 0,
  examples: [
    { args: 'version', what: 'Both' },
    { args: 'version --client', what: 'Without asking the cluster' },
  ],
  options: {
    client: { type: 'boolean', default: false, describe: 'Only the version of this tool' },
    ...outputOptions(),
  },
  async run(context, options) {
    const { io } = context;
    const report = (server: VersionReport['server']): VersionReport => ({
      apiVersion: 'kubectl-aa/v1',
      kind: 'VersionReport',
      capturedAt: timestamp(io.now()),
      client: { version: context.version },
      server,
    });
    const write = (document: VersionReport): Promise<void> =>
      context.print(document, {
        text: async (shown) => (await import('../render/text/version-text.ts')).versionText(shown),
      });
    if (options.client) {
      await write(report(null));
      return 0;
    }
    const { captureServerVersion } = await import('../sources/live/capture-cluster.ts');
    try {
      const version = await captureServerVersion(connectionOf(context));
      await write(report({ version: version.gitVersion, goVersion: version.goVersion ?? null }));
      return 0;
    } catch (error) {
      // What is known is said, whatever the server does.
      await write(report(null));
      throw error;
    }
  },
});
