import type { InferredOptionTypes, Options } from 'yargs';

import type { ExitStatus } from '../diagnosis/exit-status.ts';
import type { TerminalStyle } from '../render/text/terminal-style.ts';
import type { kubectlOptions } from './global-options.ts';
import type { Io } from './io.ts';
import type { Progress } from './progress.ts';

export type OptionDefinitions = Readonly<Record<string, Options>>;

/** What a command gets beside its options. */
export interface CommandContext {
  readonly io: Io;
  /** Of standard output. */
  readonly style: TerminalStyle;
  /** The total deadline of --timeout. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** How to reach the cluster: kubectl's own flags. */
  readonly kubectlFlags: Partial<InferredOptionTypes<typeof kubectlOptions>>;
  readonly progress: Progress;
  /** This tool's version. */
  readonly version: string;
}

export interface Example {
  /** What follows `kubectl aa`. */
  readonly args: string;
  readonly what: string;
}

/** What help shows of a command before it is loaded. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly default: CommandDefinition }>;
}

/** A command as data: one file each in src/commands, and yargs nowhere but here. */
export interface CommandDefinition<Definitions extends OptionDefinitions = OptionDefinitions> {
  /** Positional arguments as help shows them: `[NAME...]`. */
  readonly positionals: string;
  /** How many positional arguments there may be. */
  readonly maxPositionals: number;
  readonly examples: readonly Example[];
  readonly options: Definitions;
  readonly run: (
    context: CommandContext,
    options: InferredOptionTypes<Definitions>,
    positionals: readonly string[],
  ) => Promise<ExitStatus>;
}

/** An identity function whose only job is inference. */
export const defineCommand = <const Definitions extends OptionDefinitions>(
  command: CommandDefinition<Definitions>,
): CommandDefinition => command as unknown as CommandDefinition;
