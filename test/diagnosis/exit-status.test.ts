import type { Severity } from '../../src/model/catalogue.ts';
import { describe, expect, it } from 'vitest';

import { doctorExitStatus, type ExitStatus, type FailOn, statusExitStatus } from '../../src/diagnosis/exit-status.ts';
import type { DoctorReport, StatusList, Verdict } from '../../src/model/report.ts';

const report = (severities: readonly Severity[], undetermined = 0): DoctorReport =>
  ({
    findings: severities.map((severity) => ({ severity })),
    undetermined: Array.from({ length: undetermined }, () => ({})),
  }) as unknown as DoctorReport;

const list = (verdicts: readonly Verdict[]): StatusList =>
  ({ items: verdicts.map((verdict) => ({ verdict })) }) as unknown as StatusList;

describe('doctor', () => {
  it.each<[readonly Severity[], FailOn, ExitStatus]>([
    [[], 'error', 0],
    [[], 'info', 0],
    [['info'], 'error', 0],
    [['warning'], 'error', 0],
    [['error'], 'error', 1],
    [['info', 'error', 'warning'], 'error', 1],
    [['info'], 'warning', 0],
    [['warning'], 'warning', 1],
    [['error'], 'warning', 1],
    [['info'], 'info', 1],
    [['warning'], 'info', 1],
    [['error'], 'never', 0],
  ])('%j at --fail-on=%s: %i', (severities, failOn, status) => {
    expect(doctorExitStatus(report(severities), failOn, false)).toBe(status);
  });

  it.each<[readonly Severity[], number, boolean, FailOn, ExitStatus]>([
    [[], 1, true, 'error', 3],
    [[], 1, false, 'error', 0],
    [[], 0, true, 'error', 0],
    [['warning'], 1, true, 'error', 3],
    [['error'], 1, true, 'error', 1],
    [['error'], 1, true, 'never', 3],
  ])('%j with %i undetermined, --strict=%s, --fail-on=%s: %i', (severities, undetermined, strict, failOn, status) => {
    expect(doctorExitStatus(report(severities, undetermined), failOn, strict)).toBe(status);
  });
});

describe('status counts broken as error and degraded as warning', () => {
  it.each<[readonly Verdict[], FailOn, boolean, ExitStatus]>([
    [[], 'error', true, 0],
    [['ok'], 'info', true, 0],
    [['ok', 'broken'], 'error', false, 1],
    [['degraded'], 'error', false, 0],
    [['degraded'], 'warning', false, 1],
    [['degraded'], 'info', false, 1],
    [['broken'], 'never', false, 0],
    [['unknown'], 'info', false, 0],
    [['unknown'], 'error', true, 3],
    [['unknown', 'degraded'], 'error', true, 3],
    [['unknown', 'broken'], 'error', true, 1],
  ])('%j at --fail-on=%s, --strict=%s: %i', (verdicts, failOn, strict, status) => {
    expect(statusExitStatus(list(verdicts), failOn, strict)).toBe(status);
  });
});
