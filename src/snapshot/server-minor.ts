import type { RawFactValues } from './raw-snapshot.ts';

const firstNumber = (text: string | null | undefined): number | null => {
  const digits = /\d+/.exec(text ?? '')?.[0];
  return digits === undefined ? null : Number(digits);
};

/** 36 for 1.36; `minor` may carry a suffix ("29+"), or be missing where a proxy cuts the answer. Null where neither tells. */
export const serverMinor = ({ minor, gitVersion }: RawFactValues['serverVersion']): number | null =>
  firstNumber(minor) ?? firstNumber(/^v?\d+\.(\d+)/.exec(gitVersion)?.[1]);
