import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Job {
  readonly uses?: string;
  readonly 'timeout-minutes'?: number;
}

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(import.meta.dirname, '../../.github/workflows');

describe.each(readdirSync(folder))('%s', (name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const workflow = parse(text) as Workflow;

  it('pins what it uses by commit, and says which version that is', () => {
    const uses = text.split('\n').filter((line) => /^\s*(?:- )?uses:/.test(line));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) {
      expect(line).toMatch(/uses: (?:\.\/\.github\/workflows\/\w+\.yml|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
    }
  });

  it('may read the repository, and more only where a job says so', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(text).not.toMatch(/pull_request_target|secrets\.|write-all/);
  });

  it('ends', () => {
    for (const [job, { uses, 'timeout-minutes': minutes }] of Object.entries(workflow.jobs)) {
      expect(uses !== undefined || (minutes ?? Infinity) <= 90, job).toBe(true);
    }
  });

  it('puts nothing that comes from outside into a script', () => {
    const scripts = text.split('\n').filter((line) => /^\s*(?:- )?run:/.test(line));
    expect(scripts.filter((line) => line.includes('${{'))).toEqual([]);
  });
});
