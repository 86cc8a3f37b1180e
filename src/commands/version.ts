import { defineCommand } from '../cli/define-command.ts';
import { connectionOptions } from '../cli/global-options.ts';
import type { VersionReport } from '../model/report.ts';

export default defineCommand({
  positionals: '',
  maxPositionals: 0,
  examples: [
    { args: 'version', what: 'Both' },
    { args: 'version --client', what: 'Without asking the cluster' },
  ],
  options: {
    client: { type: 'boolean', default: false, describe: 'Only the version of this tool' },
    output: {
      alias: 'o',
      type: 'string',
      choices: ['text', 'json', 'yaml'],
      default: 'text',
      requiresArg: true,
      describe: 'Output format',
    },
    ...connectionOptions,
  },
  async run(context, options) {
    const { io } = context;
    const report = (server: VersionReport['server']): VersionReport => ({
      apiVersion: 'kubectl-aa/v1',
      kind: 'VersionReport',
      capturedAt: io
        .now()
        .toISOString()
        .replace(/\.\d{3}Z$/, 'Z'),
      client: { version: context.version },
      server,
    });
    const write = async (document: VersionReport): Promise<void> => {
      if (options.output === 'json') io.stdout.write((await import('../render/json.ts')).renderJson(document));
      else if (options.output === 'yaml') io.stdout.write((await import('../render/yaml.ts')).renderYaml(document));
      else io.stdout.write((await import('../render/text/version-text.ts')).versionText(document));
    };
    if (options.client) {
      await write(report(null));
      return 0;
    }
    const { captureServerVersion } = await import('../sources/live/capture-cluster.ts');
    try {
      const version = await captureServerVersion({
        flags: {
          kubeconfig: options.kubeconfig,
          context: options.context,
          as: options.as,
          asGroup: options['as-group'],
        },
        environment: { env: io.env, workingDirectory: io.workingDirectory },
        userAgent: `kubectl-aa/${context.version}`,
        onStderr: (text) => io.stderr.write(text),
        timeoutMs: context.timeoutMs,
        signal: context.signal,
      });
      await write(report({ version: version.gitVersion, goVersion: version.goVersion ?? null }));
      return 0;
    } catch (error) {
      // What is known is said, whatever the server does.
      await write(report(null));
      throw error;
    }
  },
});
