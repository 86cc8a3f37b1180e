import type { TerminalStyle } from '../render/text/terminal-style.ts';
import type { Output } from './io.ts';

/** Tells a person that something is going on; on a terminal's standard error only. */
export interface Progress {
  readonly show: (text: string) => void;
  readonly stop: () => void;
}

/** Where nobody looks. */
export const noProgress: Progress = { show: () => undefined, stop: () => undefined };

/** A spinner where standard error is a terminal; it loads only when there is something to show. */
export const terminalProgress = (stderr: Output, { unicode, color }: TerminalStyle): Progress => {
  const { stream } = stderr;
  if (stream === null) return noProgress;
  let latest: string | null = null;
  let spinner: { text: string; stop: () => unknown } | null = null;
  const start = async (): Promise<void> => {
    const { default: ora } = await import('ora');
    // It may be over before the spinner is loaded.
    if (latest !== null)
      spinner = ora({
        stream,
        text: latest,
        discardStdin: false,
        spinner: unicode ? 'dots' : 'line',
        color: color ? 'cyan' : false,
      }).start();
  };
  return {
    show: (text) => {
      const first = latest === null;
      latest = text;
      if (spinner) spinner.text = text;
      else if (first) void start();
    },
    stop: () => {
      latest = null;
      spinner?.stop();
      spinner = null;
    },
  };
};
