import type { FindingCode } from '../model/catalogue.ts';

/** What kept kube-aggregator from getting an answer, as far as its own words tell. */
export interface Failure {
  readonly kind: FailureKind;
  /** The innermost words, as the server wrote them. */
  readonly text: string;
  /** Address and port dialled, where the words name them. */
  readonly address: string | null;
  readonly port: number | null;
  /** The URL asked for, where the words name it. */
  readonly url: string | null;
  /** The backend's HTTP status, where it answered. */
  readonly httpStatus: number | null;
  /** The instant a certificate ended or begins, RFC 3339, where the words name it. */
  readonly boundary: string | null;
}

/** Whether there was no connection (Go net, OpError of `dial`); else a server may have been slow to answer. */
export const isDial = ({ text }: Failure): boolean => /\bdial tcp\b/.test(text);

/** Each kind of failure and the finding that names it; the compiler keeps the table complete. */
export const failureCodes = {
  serviceMissing: 'AA201',
  servicePortMissing: 'AA202',
  endpointsMissing: 'AA203',
  connectionRefused: 'AA207',
  connectionTimedOut: 'AA208',
  addressNotRoutable: 'AA209',
  tunnelUnavailable: 'AA210',
  httpProxyInterferes: 'AA211',
  nameUnresolvable: 'AA217',
  plainHttp: 'AA218',
  backendError: 'AA219',
  redirect: 'AA220',
  serviceNotCheckable: 'AA222',
  serviceHeadless: 'AA224',
  certificateExpired: 'AA301',
  certificateNotYetValid: 'AA302',
  serverNameNotCovered: 'AA303',
  unknownAuthority: 'AA304',
  caBundleUnreadable: 'AA306',
  commonNameOnly: 'AA308',
  keyUsageUnsuitable: 'AA312',
  signatureAlgorithmRefused: 'AA313',
  tlsHandshakeFails: 'AA316',
  nameConstraintViolated: 'AA318',
  certificateMalformed: 'AA319',
  pathMissing: 'AA410',
  proxyCertificateRejected: 'AA601',
  backendForbids: 'AA604',
  authDelegatorMissing: 'AA606',
  proxyNameNotAllowed: 'AA602',
  backendCredentialsRejected: 'AA609',
} as const satisfies Readonly<Record<string, FindingCode>>;

export type FailureKind = keyof typeof failureCodes;
