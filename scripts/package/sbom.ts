import { execFileSync } from 'node:child_process';

import type { BundledModule } from './bundled-modules.ts';
import { NODE_VERSION } from './targets.ts';

interface Component {
  readonly name: string;
  readonly version: string;
}

/** A CycloneDX 1.5 document of what an executable holds: the packages in the bundle, as npm describes them, and Node. */
export const sbom = (root: string, version: string, modules: readonly BundledModule[]): string => {
  const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--loglevel=error'];
  const { $schema, bomFormat, specVersion, components } = JSON.parse(
    execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 }),
  ) as Readonly<Record<string, unknown>> & { readonly components: readonly Component[] };
  const bundled = modules.map(({ name, version: bundledVersion }) => {
    const found = components.find((component) => component.name === name && component.version === bundledVersion);
    if (!found) throw new Error(`npm sbom does not know ${name} ${bundledVersion}`);
    // To npm all are for development only.
    return { ...found, scope: 'required', properties: [] };
  });
  const node = {
    'bom-ref': `node@${NODE_VERSION}`,
    type: 'platform',
    name: 'node',
    version: NODE_VERSION,
    purl: `pkg:generic/node@${NODE_VERSION}`,
    licenses: [{ license: { id: 'MIT' } }],
  };
  const application = { 'bom-ref': `kubectl-aa@${version}`, type: 'application', name: 'kubectl-aa', version };
  return `${JSON.stringify(
    {
      $schema,
      bomFormat,
      specVersion,
      version: 1,
      metadata: { component: application },
      components: [...bundled, node],
    },
    null,
    2,
  )}\n`;
};
