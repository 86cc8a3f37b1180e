import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { explanationAnswer, explanationReport } from '../../src/diagnosis/explanation-report.ts';
import { explainText } from '../../src/explanation/explain-text.ts';
import { rules } from '../../src/explanation/rules/index.ts';
import { isFindingCode } from '../../src/model/catalogue.ts';
import { explanationText } from '../../src/render/text/explanation-text.ts';

const examples = rules.flatMap((rule) => rule.examples);

/** Words of the grammar in any order, cut anywhere, among whatever else a text can hold. */
const fragment = fc.oneof(
  fc
    .tuple(fc.constantFrom(...examples), fc.nat(200), fc.nat(200))
    .map(([text, from, length]) => text.slice(from, from + length)),
  fc.constantFrom(...examples),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('\n', '\r\n', '\u001b[31m', '\\"', '"', '\u202e', '\ud800', '{"msg":"', '\u0000', ' ', '\\n', "''"),
);
const text = fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join(''));

const steering = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

describe('whatever a text holds', () => {
  it('the answer is well-formed, the same again, and steers no terminal', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(text, (input) => {
        const explanation = explainText(input);
        expect(explainText(input)).toEqual(explanation);
        const { findings, subject } = explanationAnswer(input);
        expect(findings.length).toBeLessThanOrEqual(12);
        expect(new Set(findings.map(({ code }) => code)).size).toBe(findings.length);
        for (const { code, message, why } of findings) {
          expect(isFindingCode(code)).toBe(true);
          expect(message ?? '').not.toMatch(steering);
          expect((message ?? '').length).toBeLessThan(1100);
          expect(why).not.toBe('');
        }
        for (const name of Object.values(subject)) expect(name === null || !/\s/.test(name)).toBe(true);
        const document = explanationReport(explanation, '2026-11-21T14:30:00Z', null);
        const shown = explanationText(document, { color: false, unicode: true, width: 80, headers: true });
        for (const line of shown.split('\n')) expect(line).not.toMatch(steering);
        expect(JSON.stringify(document).isWellFormed()).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('a subject is a name that stands in the text', () => {
    fc.assert(
      fc.property(fc.constantFrom(...examples), fc.nat(300), (example, end) => {
        const cut = example.slice(0, end);
        const { apiService, address } = explainText(cut).subject;
        for (const name of [apiService, address]) expect(name === null || cut.includes(name)).toBe(true);
      }),
    );
  });
});

describe('time grows with the length of the text and no faster', () => {
  const pieces = [
    ...examples.flatMap((example) => [example.slice(0, 30), example.slice(-30)]),
    '\\',
    '"',
    '\\"',
    'service/',
    'lookup a ',
    'Get "https://',
    'v1.a',
    'a.',
    '1',
    '0/1',
    'a.b/v1 ',
    'x509: ',
    'cert ',
  ];

  // One message of 16 KiB is the most that any pattern sees; a quadratic one takes many seconds for all pieces.
  it('for any piece said again and again', { timeout: 120_000 }, () => {
    const slow = pieces.filter((piece) => {
      const started = performance.now();
      explainText(piece.repeat(Math.ceil(16_384 / piece.length)));
      return performance.now() - started > 5000;
    });
    expect(slow).toEqual([]);
  });
});
