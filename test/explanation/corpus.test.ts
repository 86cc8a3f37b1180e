import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { explainText } from '../../src/explanation/explain-text.ts';
import { belowBars, evaluate } from './corpus-scores.ts';
import { corpusIsThere, labelledReports } from './report-corpus.ts';

const answerer = fileURLToPath(new URL('answer-reports.ts', import.meta.url));

describe.skipIf(!corpusIsThere)('labelled reports of real clusters', () => {
  it('are explained as well as the bars ask', { timeout: 60_000 }, () => {
    const { scores } = evaluate([process.execPath, answerer]);
    expect(scores.overall.cases).toBeGreaterThan(100);
    expect(belowBars(scores)).toEqual([]);
  });

  it('name what their labels say they name', () => {
    for (const report of corpusIsThere ? labelledReports() : []) {
      const { subject } = explainText(report.message);
      const versions = report.group_versions ?? [report.group_version];
      if (report.group_version !== null) expect(versions, report.id).toContain(subject.groupVersion);
      if (report.service !== null) expect(subject.service, report.id).toBe(report.service);
      if (report.address !== null) expect(subject.address, report.id).toBe(report.address);
      if (report.api_service !== null) expect(subject.apiService, report.id).toBe(report.api_service);
    }
  });
});
