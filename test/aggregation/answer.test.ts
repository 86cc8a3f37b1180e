import { describe, expect, it } from 'vitest';

import { type AnswerReading, answerText, readAnswer } from '../../src/aggregation/answer.ts';
import type { FailureKind } from '../../src/aggregation/failure.ts';
import type { Answer, AnswerBody } from '../../src/model/facts.ts';

const metrics = { group: 'metrics.k8s.io', version: 'v1beta1' };

const answer = (httpStatus: number, body: AnswerBody): Answer => ({
  httpStatus,
  contentType: null,
  location: null,
  latencyMs: 12,
  body,
});
const text = (words: string): AnswerBody => ({ form: 'text', text: words, leftOut: 0 });
const json = (value: unknown): AnswerBody => ({ form: 'json', value });
const empty: AnswerBody = { form: 'empty' };

const read = (httpStatus: number, body: AnswerBody): AnswerReading => readAnswer(answer(httpStatus, body), metrics);

const list = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'metrics.k8s.io/v1beta1',
  resources: [{ name: 'nodes' }, { name: 'pods' }],
};

/** A Status as apimachinery writes it. */
const status = (code: number, reason: string, message: string): AnswerBody =>
  json({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });

describe("kube-aggregator's own words", () => {
  it('service unavailable: it did not dial', () => {
    expect(read(503, text('service unavailable\n'))).toEqual({ outcome: 'refusedUndialled' });
  });

  it.each([
    'unable to parse bytes as PEM block',
    'no valid certificate authority data seen',
    'failed to parse certificate: x509: malformed certificate',
  ])('unable to load root certificates: %s', (why) => {
    expect(read(500, text(`unable to load root certificates: ${why}\n`))).toMatchObject({
      outcome: 'fails',
      failure: { kind: 'caBundleUnreadable', text: `unable to load root certificates: ${why}` },
    });
  });

  it.each<[string, FailureKind, string | null]>([
    ['dial tcp 10.96.0.20:443: connect: connection refused', 'connectionRefused', '10.96.0.20'],
    ['dial tcp 10.96.0.20:443: connect: no route to host', 'addressNotRoutable', '10.96.0.20'],
    ['dial tcp 10.96.0.20:443: i/o timeout', 'connectionTimedOut', '10.96.0.20'],
    ['tls: first record does not look like a TLS handshake', 'plainHttp', null],
    [
      'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-21T10:00:00Z is after 2026-11-01T00:00:00Z',
      'certificateExpired',
      null,
    ],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'unknownAuthority', null],
    ['remote error: tls: internal error', 'tlsHandshakeFails', null],
    ['remote error: tls: unrecognized name', 'tlsHandshakeFails', null],
    ['context deadline exceeded', 'connectionTimedOut', null],
    ['net/http: TLS handshake timeout', 'connectionTimedOut', null],
    ['EOF', 'backendError', null],
    ['unexpected EOF', 'backendError', null],
    ['read tcp 10.0.0.1:40312->10.96.0.20:443: read: connection reset by peer', 'backendError', '10.96.0.20'],
    ['http2: server sent GOAWAY and closed the connection; LastStreamID=1', 'backendError', null],
    ['No agent available', 'tunnelUnavailable', null],
    ['proxyconnect tcp: dial tcp 10.0.0.9:3128: i/o timeout', 'httpProxyInterferes', '10.0.0.9'],
  ])('error trying to reach service: %s', (words, kind, address) => {
    expect(read(503, text(`error trying to reach service: ${words}\n`))).toMatchObject({
      outcome: 'fails',
      failure: { kind, text: words, address, httpStatus: null },
    });
  });

  it('refuses to forward a redirect, whose status it does not name', () => {
    expect(read(502, text('the backend attempted to redirect this request, which is not permitted'))).toMatchObject({
      outcome: 'fails',
      failure: { kind: 'redirect', httpStatus: null },
    });
  });

  it('gives up after the time-out of a request, as JSON without kind', () => {
    const message = 'Timeout: request did not complete within the allotted timeout';
    const body = json({ metadata: {}, status: 'Failure', message, reason: 'Timeout', details: {}, code: 504 });
    expect(read(504, body)).toMatchObject({
      outcome: 'fails',
      failure: { kind: 'connectionTimedOut', text: message, httpStatus: null },
    });
  });

  it('is starting', () => {
    const message = 'the request has been made before all known HTTP paths have been installed, please try again';
    expect(read(503, status(503, 'ServiceUnavailable', message))).toEqual({ outcome: 'starting' });
  });

  it.each<[string, number, AnswerBody, FailureKind]>([
    ['no delegate', 404, empty, 'pathMissing'],
    ['no route yet', 404, text('404 page not found\n'), 'pathMissing'],
    ['no user in context', 500, text('missing user\n'), 'backendError'],
  ])('%s', (_name, httpStatus, body, kind) => {
    expect(read(httpStatus, body)).toMatchObject({ outcome: 'fails', failure: { kind, httpStatus } });
  });
});

describe("the backend's own words", () => {
  it.each<[number, AnswerBody, FailureKind]>([
    [302, empty, 'redirect'],
    [304, empty, 'redirect'],
    [401, status(401, 'Unauthorized', 'Unauthorized'), 'proxyCertificateRejected'],
    [403, status(403, 'Forbidden', 'forbidden: User "system:anonymous" may not'), 'backendForbids'],
    [404, status(404, 'NotFound', 'the server could not find the requested resource'), 'pathMissing'],
    [406, text('not acceptable'), 'backendError'],
    [429, text('too many requests'), 'backendError'],
    [500, text('boom'), 'backendError'],
    [
      500,
      text(
        'Internal Server Error: "/apis/metrics.k8s.io/v1beta1": subjectaccessreviews.authorization.k8s.io is forbidden',
      ),
      'backendError',
    ],
    [502, text('Bad Gateway'), 'backendError'],
    [503, text('no healthy upstream'), 'backendError'],
    [503, empty, 'backendError'],
    [504, text('upstream request timeout'), 'backendError'],
  ])('%i', (httpStatus, body, kind) => {
    const reading = read(httpStatus, body);
    expect(reading).toMatchObject({ outcome: 'fails', failure: { kind, httpStatus, address: null, url: null } });
  });

  it('speaks of a CA bundle under another status than kube-aggregator', () => {
    expect(read(503, text('unable to load root certificates: mine'))).toMatchObject({
      failure: { kind: 'backendError' },
    });
  });
});

describe('2xx', () => {
  it.each([200, 201])('%i with a list of the group version works', (httpStatus) => {
    expect(read(httpStatus, json(list))).toMatchObject({ outcome: 'works', resources: 2 });
  });

  it('works with an empty list', () => {
    expect(read(200, json({ ...list, resources: [] }))).toMatchObject({ outcome: 'works', resources: 0 });
  });

  it.each<[string, number, AnswerBody, string, string]>([
    ['no body', 200, empty, '', 'is empty'],
    ['204', 204, empty, '', 'is empty'],
    ['HTML', 200, text('<!DOCTYPE html><html></html>'), '', 'is an HTML page'],
    ['HTML in capitals, after white space', 200, text('\n  <HTML><BODY>Login'), '', 'is an HTML page'],
    ['other text', 200, text('ok'), '', 'is not JSON'],
    ['a text that mentions html', 200, text('see <html>'), '', 'is not JSON'],
    [
      'too much',
      200,
      { form: 'tooLarge', why: 'larger than 10 bytes' },
      '',
      'is too large to be read: larger than 10 bytes',
    ],
    [
      'another kind',
      200,
      json({ kind: 'APIGroupList', apiVersion: 'v1' }),
      'kind',
      'is of kind "APIGroupList", not APIResourceList',
    ],
    [
      'another group',
      200,
      json({ ...list, groupVersion: 'apps/v1' }),
      'groupVersion',
      'is for "apps/v1", not for "metrics.k8s.io/v1beta1"',
    ],
  ])('%s', (_name, httpStatus, body, field, problem) => {
    expect(read(httpStatus, body)).toEqual({ outcome: 'invalidDocument', field, problem });
  });
});

describe('the words of an answer', () => {
  it.each<[AnswerBody, string]>([
    [empty, ''],
    [text('service unavailable\n'), 'service unavailable'],
    [{ form: 'tooLarge', why: 'larger than 10 bytes' }, '(larger than 10 bytes)'],
    [json({ message: 'Unauthorized', code: 401 }), 'Unauthorized'],
    [json({ message: 42 }), '{"message":42}'],
    [json(null), 'null'],
    [json([]), '[]'],
  ])('%j', (body, words) => {
    expect(answerText(answer(200, body))).toBe(words);
  });
});
