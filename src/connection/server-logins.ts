import type { Credentials, DialOptions } from './model/dial.js';

/**
 * Which of the configured servers' logins the client proves at the moment. The client knows servers by their address
 * alone: where an address has several logins, they take turns; a server that the cluster advertised gets the login of
 * the server that accepted us.
 */
export class ServerLogins {
  readonly #dial: Pick<DialOptions, 'credentials'>;
  readonly #places = new Map<string, number[]>();
  #current = 0;
  #accepted = 0;

  constructor(dial: Pick<DialOptions, 'servers' | 'credentials'>) {
    this.#dial = dial;
    for (const [place, url] of dial.servers.entries()) {
      const label = labelOf(url);
      this.#places.set(label, [...(this.#places.get(label) ?? []), place]);
    }
  }

  /** @param label the server that is dialled next, as `host:port` */
  dialling(label: string): void {
    const places = this.#places.get(label);
    const [next, ...others] = places ?? [];
    if (next !== undefined) this.#places.set(label, [...others, next]);
    this.#current = next ?? this.#accepted;
  }

  /** The server that was dialled last has accepted us; its login is the first to be tried the next time. */
  accepted(): void {
    this.#accepted = this.#current;
    for (const [label, places] of this.#places) {
      if (!places.includes(this.#current)) continue;
      const others = places.filter((place) => place !== this.#current);
      this.#places.set(label, [this.#current, ...others]);
    }
  }

  /** What is proved to the server that is dialled, or was accepted last. */
  credentials(): Credentials {
    return this.#dial.credentials(this.#current);
  }
}

function labelOf(url: string): string {
  return url.replace(/^[a-z]+:\/\//i, '').toLowerCase();
}
