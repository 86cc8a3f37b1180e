import type { GoRules } from './go-version.ts';

/** An instant as a certificate writes it: Go prints it in the zone it was written in. */
export interface ValidityTime {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Minutes east of UTC. */
  readonly zoneMinutes: number;
}

const UTC_TIME = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:Z|([+-])(\d{2})(\d{2}))$/;
const GENERALIZED_TIME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:Z|([+-])(\d{2})(\d{2}))$/;

const number = (digits: string | undefined): number => Number(digits ?? '0');

const zoneOf = (match: RegExpExecArray, rules: GoRules): number | null => {
  if (match[7] === undefined) return 0;
  const hours = number(match[8]);
  const minutes = number(match[9]);
  const offset = hours * 60 + minutes;
  // Go prints the parsed time again and wants the same text: an offset of zero
  // prints as Z, and sixty minutes as an hour (cryptobyte/asn1.go).
  if (offset === 0 || minutes > 59 || (rules.zoneHoursLimited && hours > 24)) return null;
  return match[7] === '-' ? -offset : offset;
};

const toInstant = (match: RegExpExecArray, year: number, rules: GoRules): ValidityTime | null => {
  const zoneMinutes = zoneOf(match, rules);
  const [month, day, hour, minute, second] = [2, 3, 4, 5, 6].map((group) => number(match[group])) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (zoneMinutes === null || hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  date.setUTCHours(hour, minute, second);
  return { atMs: date.getTime() - zoneMinutes * 60_000, zoneMinutes };
};

/** A UTCTime, seconds optional; null if Go refuses it (cryptobyte/asn1.go, ReadASN1UTCTime). */
export const parseUtcTime = (text: string, rules: GoRules): ValidityTime | null => {
  const match = UTC_TIME.exec(text);
  if (match === null) return null;
  const twoDigits = number(match[1]);
  // RFC 5280, 4.1.2.5.1: 50 and above is 19xx.
  return toInstant(match, twoDigits >= 50 ? 1900 + twoDigits : 2000 + twoDigits, rules);
};

/** A GeneralizedTime without fraction; null if Go refuses it (cryptobyte/asn1.go, ReadASN1GeneralizedTime). */
export const parseGeneralizedTime = (text: string, rules: GoRules): ValidityTime | null => {
  const match = GENERALIZED_TIME.exec(text);
  return match === null ? null : toInstant(match, number(match[1]), rules);
};

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');

/** The instant in RFC 3339 with whole seconds, as Go's time.RFC3339 prints it. */
export const formatTime = ({ atMs, zoneMinutes }: ValidityTime): string => {
  const local = new Date(Math.floor(atMs / 1000) * 1000 + zoneMinutes * 60_000);
  const year = local.getUTCFullYear();
  const date = `${year < 0 ? '-' : ''}${pad(Math.abs(year), 4)}-${pad(local.getUTCMonth() + 1, 2)}-${pad(local.getUTCDate(), 2)}`;
  const time = `${pad(local.getUTCHours(), 2)}:${pad(local.getUTCMinutes(), 2)}:${pad(local.getUTCSeconds(), 2)}`;
  const minutes = Math.abs(zoneMinutes);
  const zone =
    zoneMinutes === 0
      ? 'Z'
      : `${zoneMinutes < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)}`;
  return `${date}T${time}${zone}`;
};
