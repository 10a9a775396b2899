import type { JsonObject } from '../message/exact-json.js';
import type { ConfigChange } from './config-changes.js';

/** What became of a wish to make or change a stream or consumer. */
export interface ConfigOutcome {
  readonly action:
    | 'created'
    /** It is there with the same configuration: nothing to change. */
    | 'unchanged'
    /** It is there with another configuration, and was left alone. */
    | 'different'
    | 'edited'
    /** It would be changed; nothing was. */
    | 'would-edit';
  readonly stream: string;
  /** Absent when the stream itself is meant. */
  readonly consumer?: string;
  /** From what is there to what is wanted. */
  readonly changes: readonly ConfigChange[];
  /** What the change costs, in sentences without a full stop. */
  readonly losses: readonly string[];
  /** Keys that were wished, but that the server has otherwise now: it is too old for them, or another key overrules. */
  readonly ignored: readonly string[];
  /** The configuration in force, as the server tells it. */
  readonly config: JsonObject;
}
