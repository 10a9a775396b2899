import type { Style } from './style.js';

const STEPS = [
  ['bash', "echo 'source <(natsx autocomplete bash)' >> ~/.bashrc"],
  ['zsh', "echo 'source <(natsx autocomplete zsh)' >> ~/.zshrc    # after compinit"],
  ['fish', 'natsx autocomplete fish > ~/.config/fish/completions/natsx.fish'],
] as const;

/** How to set up completion in each shell. */
export function completionSetupText(style: Style): string {
  const steps = STEPS.map(([shell, line]) => `  ${style.heading(shell.padEnd(6))}${line}\n`);
  return `${style.heading('Set up completion')}: run the line for your shell, then open a new shell\n\n${steps.join('')}`;
}
