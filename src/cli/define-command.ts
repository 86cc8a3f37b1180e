import type { InferredOptionTypes, Options } from 'yargs';

import type { ExitStatus } from '../diagnosis/exit-status.ts';
import type { TerminalStyle } from '../render/text/terminal-style.ts';
import type { kubectlOptions } from './global-options.ts';
import type { Io } from './io.ts';
import type { Print } from './printer.ts';
import type { Progress } from './progress.ts';

/** What completion can offer beside choices and formats: names in the cluster or in the kubeconfig, codes, or files. */
export type Completable =
  | 'apiService'
  | 'group'
  | 'namespace'
  | 'context'
  | 'cluster'
  | 'user'
  | 'findingCode'
  | 'file'
  | readonly string[];

export interface OptionDefinition extends Options {
  /** What an output option takes; a name that ends in `=` takes an argument. */
  readonly formats?: readonly string[];
  readonly completes?: Completable;
}

export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>;

/** What a command gets beside its options. */
export interface CommandContext {
  readonly io: Io;
  /** Of standard output. */
  readonly style: TerminalStyle;
  /** Writes the command's document as -o says; for commands with `outputOptions`. */
  readonly print: Print;
  /** The total deadline of --timeout. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** How to reach the cluster: kubectl's own flags. */
  readonly kubectlFlags: Partial<InferredOptionTypes<typeof kubectlOptions>>;
  /** Whether the caller set the deadline: only then does it end a watch. */
  readonly isTimeoutGiven: boolean;
  readonly progress: Progress;
  /** This tool's version. */
  readonly version: string;
}

export interface Example {
  /** What follows `kubectl aa`. */
  readonly args: string;
  readonly what: string;
}

export const commandGroups = ['Diagnosis', 'Offline', 'Other'] as const;

/** What help shows of a command before it is loaded. */
export interface CommandEntry {
  readonly name: string;
  readonly group: (typeof commandGroups)[number];
  readonly summary: string;
  readonly load: () => Promise<{ readonly default: CommandDefinition }>;
}

/** A command as data: one file each in src/commands, and yargs nowhere but here. */
export interface CommandDefinition<Definitions extends OptionDefinitions = OptionDefinitions> {
  /** Positional arguments as help shows them: `[NAME...]`. */
  readonly positionals: string;
  /** How many positional arguments there may be. */
  readonly maxPositionals: number;
  /** What the positional arguments are. */
  readonly completes?: Completable;
  readonly examples: readonly Example[];
  readonly options: Definitions;
  readonly run: (
    context: CommandContext,
    options: InferredOptionTypes<Definitions>,
    positionals: readonly string[],
  ) => Promise<ExitStatus>;
}

/** A command that was found, with what help shows of it. */
export type LoadedCommand = CommandDefinition & Pick<CommandEntry, 'name' | 'summary'>;

/** An identity function whose only job is inference. */
export const defineCommand = <const Definitions extends OptionDefinitions>(
  command: CommandDefinition<Definitions>,
): CommandDefinition => command as unknown as CommandDefinition;
