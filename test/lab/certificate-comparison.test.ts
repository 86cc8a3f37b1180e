import { describe, expect, it } from 'vitest';

import { compareCertificates, ownWords, type ReportedWords } from './certificate-comparison.ts';

const words = (detail: string, message = 'all checks passed'): ReportedWords => ({
  name: 'v1.a.example.com',
  available: { status: message === 'all checks passed' ? 'True' : 'False', message },
  live: { httpStatus: detail === '1 resources' ? 200 : 503, detail },
  caBundle: { present: true, certificates: 1, insecureSkipTLSVerify: false },
});

const cert = (error: string) => ({
  apiService: 'v1.a.example.com',
  endpoints: [{ source: 'port-forward', verdict: { accepted: error === '', error } }],
});

const EXPIRED =
  'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-21T10:00:00Z is after 2026-11-20T10:00:00Z';

describe("the API server's own words about a certificate", () => {
  it('are read from its answer, and else from the condition', () => {
    expect(ownWords(words(`error trying to reach service: ${EXPIRED}`))).toBe(EXPIRED);
    expect(
      ownWords(
        words(
          'service unavailable',
          `failing or missing response from https://10.0.0.1:443/apis/a/v1: Get "https://10.0.0.1:443/apis/a/v1": ${EXPIRED}`,
        ),
      ),
    ).toBe(EXPIRED);
    expect(ownWords(words('error trying to reach service: EOF'))).toBe(null);
  });

  it('agree but for the instant', () => {
    expect(
      compareCertificates(
        words(`error trying to reach service: ${EXPIRED}`),
        cert(EXPIRED.replace('10:00:00Z is', '10:00:07Z is')),
      ),
    ).toEqual([]);
  });

  it('disagree when the texts differ, when only one of them refuses, either way', () => {
    expect(
      compareCertificates(
        words(`error trying to reach service: ${EXPIRED}`),
        cert('tls: failed to verify certificate: x509: other'),
      ),
    ).toHaveLength(1);
    expect(compareCertificates(words(`error trying to reach service: ${EXPIRED}`), cert(''))).toHaveLength(1);
    expect(compareCertificates(words('1 resources'), cert(EXPIRED))).toHaveLength(1);
  });

  it('say nothing where no chain was seen', () => {
    expect(compareCertificates(words(`error trying to reach service: ${EXPIRED}`), undefined)).toEqual([]);
  });
});
