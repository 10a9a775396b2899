/** What a shell needs to complete a command. */
export interface CompletionCommand {
  /** The words that a user types, such as `context ls`. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly flags: readonly CompletionFlag[];
}

/** A flag without its dashes. */
export interface CompletionFlag {
  readonly name: string;
  readonly char: string | undefined;
  readonly summary: string;
  readonly takesValue: boolean;
  /** The only values it accepts; empty if it accepts any. */
  readonly options: readonly string[];
}
