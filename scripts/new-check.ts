// npm run new:check -- <family>/<finding name>: the files that a new check needs, all failing until they are filled in.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { catalogue, type FindingCode } from '../src/model/catalogue.ts';
import { familyOf } from './check-family.ts';

const checkFile = (code: FindingCode): string => `import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: '${code}',
  title: '',
  source: '',
  explanation: '',
  byHand: [],
  remedy: '',
  needs: [],
  run: () => null,
});
`;

const remoteApiService = `    - name: v1beta1.metrics.k8s.io
      service: { namespace: kube-system, name: metrics-server, port: 443 }`;

const caseFile = (apiService: string, expected: string): string => `# ${expected}
facts:
  apiServices:
${apiService}
expect: to be written
`;

const caseFiles = (code: FindingCode): Readonly<Record<string, string>> => ({
  'fails-when-to-be-written.yaml': caseFile(
    remoteApiService,
    `Name the file after the situation; expect a list: code ${code}, severity, confidence, subject, message, evidence.`,
  ),
  'passes-when-to-be-written.yaml': caseFile(remoteApiService, 'Name the file after the situation; expect: passed'),
  'not-applicable-to-a-local-apiservice.yaml': caseFile('    - name: v1.apps', 'expect: notApplicable'),
});

/** The code that the catalogue gives the name, or what keeps the check from being made, in one line. */
const codeOf = (path: string, root: string): { readonly code: FindingCode } | { readonly problem: string } => {
  const [family, name, ...rest] = path.split('/');
  if (!family || !name || rest.length > 0) return { problem: 'usage: npm run new:check -- <family>/<finding name>' };
  const code = (Object.keys(catalogue) as FindingCode[]).find((candidate) => catalogue[candidate].name === name);
  if (code === undefined)
    return { problem: `the catalogue has no finding named ${name}: add it to src/model/catalogue.ts first` };
  if (familyOf(code) !== family)
    return { problem: `${code} ${name} belongs to the family ${familyOf(code)}, not ${family}` };
  const taken = [`src/checks/${path}.ts`, `test/checks/${path}`].find((candidate) => existsSync(join(root, candidate)));
  return taken === undefined ? { code } : { problem: `${taken} is there already` };
};

const { positionals, values } = parseArgs({ allowPositionals: true, options: { root: { type: 'string' } } });
const root = resolve(values.root ?? fileURLToPath(new URL('..', import.meta.url)));
const path = positionals.length === 1 ? (positionals[0] ?? '') : '';
const found = codeOf(path, root);

if ('code' in found) {
  const { code } = found;
  const cases = join(root, 'test/checks', path);
  mkdirSync(join(root, 'src/checks', familyOf(code)), { recursive: true });
  mkdirSync(cases, { recursive: true });
  writeFileSync(join(root, 'src/checks', `${path}.ts`), checkFile(code));
  for (const [name, content] of Object.entries(caseFiles(code))) writeFileSync(join(cases, name), content);
  execFileSync(process.execPath, [join(root, 'scripts/generate.ts')], { stdio: 'inherit' });
  process.stdout.write(`made src/checks/${path}.ts (${code}) and test/checks/${path}/\n`);
} else {
  process.stderr.write(`error: ${found.problem}\n`);
  process.exitCode = 1;
}
