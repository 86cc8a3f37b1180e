import type { Readable } from 'node:stream';

/** Where text goes: a terminal, a pipe, or a test's memory. */
export interface Output {
  readonly write: (text: string | Uint8Array) => void;
  /** Resolves when what was written has been taken up, so that a long stream does not pile up in memory. */
  readonly drained: () => Promise<void>;
  readonly isTerminal: boolean;
  /** Columns, where a terminal says so. */
  readonly columns: number | null;
  /** The stream behind a terminal, for the spinner; null elsewhere. */
  readonly stream: NodeJS.WriteStream | null;
}

/** Everything a run takes from the world and gives to it; main.ts alone makes the real one. */
export interface Io {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** `kubectl aa` when started as a plugin, else the program's own name. */
  readonly programName: string;
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly now: () => Date;
}
