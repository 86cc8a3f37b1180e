const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** A duration as kubectl shows it (apimachinery pkg/util/duration, HumanDuration). */
export const humanDuration = (seconds: number): string => {
  const whole = (unit: number): number => Math.floor(seconds / unit);
  const pair = (unit: number, sign: string, below: number, belowSign: string): string => {
    const rest = Math.floor((seconds % unit) / below);
    return rest === 0 ? `${whole(unit)}${sign}` : `${whole(unit)}${sign}${rest}${belowSign}`;
  };
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * MINUTE) return `${whole(SECOND)}s`;
  if (seconds < 10 * MINUTE) return pair(MINUTE, 'm', SECOND, 's');
  if (seconds < 3 * HOUR) return `${whole(MINUTE)}m`;
  if (seconds < 8 * HOUR) return pair(HOUR, 'h', MINUTE, 'm');
  if (seconds < 2 * DAY) return `${whole(HOUR)}h`;
  if (seconds < 8 * DAY) return pair(DAY, 'd', HOUR, 'h');
  if (seconds < 2 * YEAR) return `${whole(DAY)}d`;
  if (seconds < 8 * YEAR) return pair(YEAR, 'y', DAY, 'd');
  return `${whole(YEAR)}y`;
};

/** How long before `now` an instant was, both RFC 3339; `<unknown>` where it is not known. */
export const since = (instant: string | null, now: string): string => {
  const then = instant === null ? Number.NaN : Date.parse(instant);
  return Number.isNaN(then) ? '<unknown>' : humanDuration((Date.parse(now) - then) / 1000);
};
