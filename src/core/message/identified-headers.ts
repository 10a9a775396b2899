import type { MessageHeaders } from './message.js';
import { MESSAGE_ID } from './publish-headers.js';

/**
 * Headers with a message id behind them, for many messages that differ in it alone: an encoder sees what they have in
 * common, other code a plain map, which is created when it is asked for.
 */
export class IdentifiedHeaders implements MessageHeaders {
  /** The same object for all that have it in common; it has no message id. */
  readonly common: MessageHeaders | undefined;
  readonly id: string;
  #map: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(common: MessageHeaders | undefined, id: string) {
    this.common = common;
    this.id = id;
  }

  get size(): number {
    return (this.common?.size ?? 0) + 1;
  }

  has(name: string): boolean {
    return name === MESSAGE_ID || this.common?.has(name) === true;
  }

  get(name: string): readonly string[] | undefined {
    return name === MESSAGE_ID ? [this.id] : this.common?.get(name);
  }

  keys(): MapIterator<string> {
    return this.#whole.keys();
  }

  values(): MapIterator<readonly string[]> {
    return this.#whole.values();
  }

  entries(): MapIterator<[string, readonly string[]]> {
    return this.#whole.entries();
  }

  [Symbol.iterator](): MapIterator<[string, readonly string[]]> {
    return this.#whole[Symbol.iterator]();
  }

  forEach(
    visit: (
      values: readonly string[],
      name: string,
      map: ReadonlyMap<string, readonly string[]>,
    ) => void,
  ): void {
    this.#whole.forEach(visit);
  }

  get #whole(): ReadonlyMap<string, readonly string[]> {
    return (this.#map ??= new Map([...(this.common ?? []), [MESSAGE_ID, [this.id]]]));
  }
}
