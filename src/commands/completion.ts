import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { completionScripts } from './completion-scripts.ts';

const names = Object.keys(completionScripts);

export default defineCommand({
  positionals: 'SHELL',
  maxPositionals: 1,
  completes: names,
  examples: [
    { args: 'completion bash > /etc/bash_completion.d/kubectl-aa', what: 'For kubectl-aa in bash' },
    { args: 'completion zsh > "${fpath[1]}/_kubectl-aa"', what: 'For kubectl-aa in zsh' },
    { args: 'completion fish > ~/.config/fish/completions/kubectl-aa.fish', what: 'For kubectl-aa in fish' },
    {
      args: 'completion kubectl > ~/.krew/bin/kubectl_complete-aa && chmod +x ~/.krew/bin/kubectl_complete-aa',
      what: "For kubectl aa, where kubectl's own completion is set up already",
    },
  ],
  options: {},
  async run({ io }, _options, [shell]) {
    const script = Object.entries(completionScripts).find(([name]) => name === shell)?.[1];
    if (script === undefined) {
      const problem = shell === undefined ? 'completion needs a SHELL' : `unknown shell "${shell}"`;
      throw new UsageError(problem, `One of: ${names.join(', ')}.`);
    }
    io.stdout.write(script);
    return Promise.resolve(0 as const);
  },
});
