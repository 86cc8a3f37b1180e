/** Each asks `kubectl-aa __complete WORDS…`, whose answer src/cli/complete.ts describes. Names are ours alone: kubectl's script may be loaded as well. */
export const completionScripts = {
  bash: `# bash completion for kubectl-aa
__kubectl_aa_complete() {
  local line="\${COMP_LINE:0:COMP_POINT}" words lines directive
  read -r -a words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  mapfile -t lines < <(kubectl-aa __complete "\${words[@]:1}" 2>/dev/null)
  COMPREPLY=()
  ((\${#lines[@]} > 0)) || return
  directive="\${lines[-1]#:}"
  unset 'lines[-1]'
  COMPREPLY=("\${lines[@]%%$'\\t'*}")
  ((directive & 2)) && compopt -o nospace 2>/dev/null
  ((directive & 4)) || compopt -o default 2>/dev/null
}
complete -F __kubectl_aa_complete kubectl-aa
`,
  zsh: `#compdef kubectl-aa
# zsh completion for kubectl-aa
_kubectl_aa() {
  local -a lines candidates space
  local line directive
  lines=("\${(@f)$(kubectl-aa __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  directive="\${lines[-1]#:}"
  [[ $words[CURRENT] == -*=* ]] && compset -P '*='
  for line in "\${(@)lines[1,-2]}"; do
    [[ -n $line ]] && candidates+=("\${\${line//:/\\\\:}/$'\\t'/:}")
  done
  ((directive & 2)) && space=(-S '')
  if ((\${#candidates})); then
    _describe -V candidate candidates "\${(@)space}"
  elif ! ((directive & 4)); then
    _files
  fi
}
if [[ $funcstack[1] == _kubectl_aa ]]; then
  _kubectl_aa "$@"
else
  compdef _kubectl_aa kubectl-aa
fi
`,
  fish: `# fish completion for kubectl-aa
function __kubectl_aa_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines (kubectl-aa __complete $words[2..-1] 2>/dev/null)
    set -l directive (string replace : '' -- $lines[-1])
    set -e lines[-1]
    if test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path (commandline -ct)
        return
    end
    set -l flag (string match -r -- '^-[^=]*=' (commandline -ct))
    for line in $lines
        echo "$flag$line"
    end
end
complete -c kubectl-aa -f -k -a '(__kubectl_aa_complete)'
`,
  powershell: `# powershell completion for kubectl-aa
Register-ArgumentCompleter -Native -CommandName 'kubectl-aa' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition -or $_.Extent.Text -eq $wordToComplete } | ForEach-Object { $_.Extent.Text })
    # An empty last word is lost on the way to a native program unless it is quoted.
    if ($wordToComplete -eq '') { $words += if ($PSVersionTable.PSVersion -lt [version]'7.3') { '""' } else { '' } }
    $flag = if ($wordToComplete -match '^-[^=]*=') { $Matches[0] } else { '' }
    $lines = @(kubectl-aa __complete @words 2>$null)
    $lines | Select-Object -SkipLast 1 | ForEach-Object {
        $value, $description = $_ -split "\`t", 2
        if (-not $description) { $description = $value }
        [System.Management.Automation.CompletionResult]::new("$flag$value", $value, 'ParameterValue', $description)
    }
}
`,
  kubectl: `#!/bin/sh
# kubectl completes "kubectl aa" with this: keep it as an executable file kubectl_complete-aa in a folder of PATH.
exec kubectl-aa __complete "$@"
`,
} as const;
