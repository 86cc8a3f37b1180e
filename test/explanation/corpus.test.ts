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
    const wrong = labelledReports().filter((report) => {
      const { groupVersion, service, address, apiService } = explainText(report.message).subject;
      const versions: readonly (string | null)[] = report.group_versions ?? [report.group_version];
      return (
        (report.group_version !== null && !versions.includes(groupVersion)) ||
        (report.service !== null && report.service !== service) ||
        (report.address !== null && report.address !== address) ||
        (report.api_service !== null && report.api_service !== apiService)
      );
    });
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});
