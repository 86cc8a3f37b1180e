import { describe, expect, it } from 'vitest';
import {
  compareFindings,
  compareStatus,
  type ComparedSituation,
  type ReportedFinding,
  strayFindings,
} from './report-comparison.ts';

const apiService = { kind: 'APIService', name: 'v1.a.example.com' };

const situation: ComparedSituation = {
  name: 'a',
  namespace: 'a',
  apiServices: [{ name: apiService.name }],
  expect: {
    findings: [
      { code: 'AA304', subject: apiService, severity: 'error' },
      { code: 'AA112', subject: apiService, consequenceOf: 'AA304' },
    ],
    status: { [apiService.name]: { verdict: 'broken', live: { code: 'AA304' } } },
  },
};

const finding = (code: string, overrides: Partial<ReportedFinding> = {}): ReportedFinding => ({
  code,
  severity: 'error',
  confidence: 'certain',
  subject: apiService,
  consequenceOf: null,
  affects: [],
  ...overrides,
});

const consequence = { consequenceOf: { code: 'AA304', subject: apiService } };
const asExpected = [finding('AA304'), finding('AA112', consequence)];

describe('compareFindings', () => {
  it('accepts exactly what is expected', () => {
    expect(compareFindings(situation, asExpected)).toEqual([]);
  });

  it('accepts the consequences that the catalogue gives every cause', () => {
    const consequences = ['AA203', 'AA414', 'AA701', 'AA704'].map((code) => finding(code, consequence));
    expect(compareFindings(situation, [...asExpected, ...consequences])).toEqual([]);
  });

  it('ignores what belongs to others', () => {
    const other = finding('AA201', { subject: { kind: 'APIService', name: 'v1.b.example.com' } });
    expect(compareFindings(situation, [other, ...asExpected])).toEqual([]);
  });

  it('accepts a shared cause that names the APIService as affected', () => {
    const shared = finding('AA304', {
      subject: { kind: 'Service', namespace: 'x', name: 'api' },
      affects: [apiService],
    });
    expect(compareFindings(situation, [shared, finding('AA112', consequence)])).toEqual([]);
  });

  it.each([
    [
      'missing',
      [],
      [
        'missing: AA304 on APIService v1.a.example.com',
        'missing: AA112 on APIService v1.a.example.com as consequence of AA304',
      ],
    ],
    [
      'a cause instead of a consequence',
      [finding('AA304'), finding('AA112')],
      [
        'missing: AA112 on APIService v1.a.example.com as consequence of AA304',
        'surplus: AA112 on APIService v1.a.example.com',
      ],
    ],
    ['surplus', [...asExpected, finding('AA203')], ['surplus: AA203 on APIService v1.a.example.com']],
    [
      'a surplus on an object of the namespace',
      [...asExpected, finding('AA204', { subject: { kind: 'Service', namespace: 'a', name: 'api' } })],
      ['surplus: AA204 on Service a/api'],
    ],
    [
      'a consequence of something else',
      [...asExpected, finding('AA704', { consequenceOf: { code: 'AA201', subject: apiService } })],
      ['surplus: AA704 on APIService v1.a.example.com as consequence of AA201'],
    ],
    ['twice', [...asExpected, finding('AA304')], ['surplus: AA304 on APIService v1.a.example.com']],
    [
      'another severity',
      [finding('AA304', { severity: 'warning' }), finding('AA112', consequence)],
      ['AA304 on APIService v1.a.example.com: severity is warning, not error'],
    ],
  ])('tells %s', (_, findings, told) => {
    expect(compareFindings(situation, findings)).toEqual(told);
  });

  it('tells a root cause that stands behind another', () => {
    expect(compareFindings(situation, [finding('AA303'), ...asExpected])).toEqual([
      'surplus: AA303 on APIService v1.a.example.com',
      'not first: AA304 comes after AA303 on APIService v1.a.example.com',
    ]);
  });

  it('tells what must not be there', () => {
    const emphatic = { ...situation, expect: { findings: [], absent: ['AA410'] } };
    expect(compareFindings(emphatic, [finding('AA410', consequence)])).toContain(
      'must not be there: AA410 on APIService v1.a.example.com as consequence of AA304',
    );
  });
});

describe('strayFindings', () => {
  it('tells what belongs to no situation', () => {
    const stray = finding('AA101', { subject: { kind: 'APIService', name: 'v1.z.example.com' } });
    expect(strayFindings([situation], [...asExpected, stray])).toEqual(['AA101 on APIService v1.z.example.com']);
  });
});

describe('compareStatus', () => {
  const item = { name: apiService.name, verdict: 'broken', live: { verdict: 'broken', code: 'AA304' } };

  it('accepts what is expected', () => {
    expect(compareStatus(situation, [item])).toEqual([]);
  });

  it.each([
    ['a missing item', [], ['missing in status: v1.a.example.com']],
    ['another verdict', [{ ...item, verdict: 'ok' }], ['status of v1.a.example.com: verdict ok, not broken']],
    ['another code', [{ ...item, live: null }], ['status of v1.a.example.com: live code undefined, not AA304']],
  ])('tells %s', (_, items, told) => {
    expect(compareStatus(situation, items)).toEqual(told);
  });
});
