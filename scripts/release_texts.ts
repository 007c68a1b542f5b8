import type { ProgramHelp } from "./release_help.ts";

/** rund(1): the help texts of the program and of its commands. `date` as in 2026-11-22. */
export function manPage(help: ProgramHelp, version: string, date: string): string {
  const commands = help.commands.map(({ name, text }) => `.SS ${name}\n${verbatim(text)}`);
  return [
    `.TH RUND 1 ${date} "rund ${version}" "User Commands"`,
    ".SH NAME\nrund \\- runs OCI bundles as chroot jails: native macOS containers",
    `.SH DESCRIPTION\n${verbatim(help.text)}`,
    `.SH COMMANDS\n${commands.join("\n")}`,
    ".SH SEE ALSO\n.BR containerd-shim-rund-v1 (8)",
    "",
  ].join("\n");
}

/** As it stands: backslashes are roff's, and so are dots and quotes at the start of a line. */
function verbatim(text: string): string {
  const lines = text.trimEnd().replaceAll("\\", "\\e").replaceAll("-", "\\-").split("\n");
  return `.nf\n${lines.map((line) => (/^[.']/.test(line) ? `\\&${line}` : line)).join("\n")}\n.fi`;
}

/** Completion of commands and flags for bash. */
export function bashCompletion({ flags, commands }: ProgramHelp): string {
  const cases = commands.map((command) => `    ${command.name}) words="${dashed(command.flags)}" ;;`);
  return `_rund() {
  local words="${commands.map(({ name }) => name).join(" ")} ${dashed(flags)}" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || break
  done
  case $word in
${cases.join("\n")}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _rund rund
`;
}

/** The same for zsh. */
export function zshCompletion({ commands }: ProgramHelp): string {
  const list = commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  const cases = commands.map(({ name, flags }) => `      ${name}) compadd -- ${dashed(flags)} && return ;;`);
  return `#compdef rund
_rund() {
  local -a commands=(
${list.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
  elif [[ $words[CURRENT] == -* ]]; then
    case $words[2] in
${cases.join("\n")}
    esac
  else
    _files
  fi
}
_rund "$@"
`;
}

/** The same for fish. */
export function fishCompletion({ commands }: ProgramHelp): string {
  const lines = commands.flatMap(({ name, summary, flags }) => [
    `complete -c rund -n __fish_use_subcommand -a ${name} -d '${quoted(summary)}'`,
    ...flags.map((flag) => `complete -c rund -n '__fish_seen_subcommand_from ${name}' -l ${flag}`),
  ]);
  return `${lines.join("\n")}\n`;
}

function dashed(flags: readonly string[]): string {
  return flags.map((flag) => `--${flag}`).join(" ");
}

function quoted(text: string): string {
  return text.replaceAll("'", "'\\''");
}
