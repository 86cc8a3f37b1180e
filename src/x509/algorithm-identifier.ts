import { DerReader } from './der-reader.ts';
import type { GoRules } from './go-version.ts';
import { Refusal } from './refusal.ts';

/** An AlgorithmIdentifier: the algorithm in dotted form and its parameters with their header, empty without any. */
export interface AlgorithmIdentifier {
  readonly oid: string;
  readonly parameters: Uint8Array;
}

const NOTHING = new Uint8Array();

/** Parses the contents of an AlgorithmIdentifier (parser.go, parseAI). */
export const parseAlgorithmIdentifier = (contents: Uint8Array, rules: GoRules): AlgorithmIdentifier | Refusal => {
  const reader = new DerReader(contents);
  const oid = reader.readOid(rules.oidMayBePadded);
  if (oid === null) return new Refusal('x509: malformed OID');
  if (reader.isAtEnd) return { oid, parameters: NOTHING };
  const parameters = reader.readElement();
  return parameters === null ? new Refusal('x509: malformed parameters') : { oid, parameters: parameters.whole };
};

/** True for an encoded NULL. */
export const isNull = (parameters: Uint8Array): boolean =>
  parameters.length === 2 && parameters[0] === 5 && parameters[1] === 0;
