import { featureSwitches } from '../model/feature-switches.ts';

const isSwitch = (kind: string, name: string): boolean =>
  featureSwitches.some((known) => known.kind === kind && known.name === name);

const gatesFlag = /^--?feature-gates(?:=(.*))?$/s;

/** Of a command line the feature gates of the table that are off, as `--feature-gates=Name=false`. */
export const gatesOff = (words: readonly string[]): string[] =>
  words.flatMap((word, index) => {
    const found = gatesFlag.exec(word);
    if (!found) return [];
    return (found[1] ?? words[index + 1] ?? '').split(',').flatMap((gate) => {
      const [name = '', value = ''] = gate.trim().split('=');
      return isSwitch('featureGate', name) && value.toLowerCase() === 'false' ? [`--feature-gates=${name}=false`] : [];
    });
  });

/** Of a container's environment the switches of the table that are off; all else may be a secret. */
export const variablesOff = <T extends { readonly name: string; readonly value?: string | null | undefined }>(
  variables: readonly T[],
): T[] => variables.filter(({ name, value }) => isSwitch('environment', name) && value?.toLowerCase() === 'false');
