import { isIP } from 'node:net';
import { detourTo, type DialOptions } from '../connection/model/dial.js';
import { parseServerAddress, type ServerAddress } from './server-address.js';

/** The servers to reconnect to: those configured, and those that the cluster has advertised. */
export class ServerPool {
  readonly #configured: readonly ServerAddress[];
  readonly #dial: Pick<DialOptions, 'detours'>;
  #advertised: readonly ServerAddress[] = [];

  /** @throws {NatsxError} usage: an address cannot be read. */
  constructor(dial: Pick<DialOptions, 'servers' | 'detours'>) {
    this.#dial = dial;
    this.#configured = dial.servers.map((url, place) => parseServerAddress(url, place));
  }

  get addresses(): readonly ServerAddress[] {
    return [...this.#configured, ...this.#advertised];
  }

  /**
   * Replaces what is advertised by the `connect_urls` of an INFO.
   *
   * @param by the server that sent it; its login and scheme are used for the advertised ones
   */
  advertise(urls: readonly string[], by: ServerAddress | undefined): void {
    const first = by ?? this.#configured[0];
    const known = new Set(this.#configured.map(({ label }) => label));
    const named = this.#configured.find(({ host }) => isIP(host) === 0);
    this.#advertised = urls
      .map((url) => parseServerAddress(url, by?.place))
      .filter(({ label }) => !known.has(label) && this.#isReachable(label))
      .map((address) => ({
        ...address,
        secure: first?.secure ?? false,
        // Clusters advertise addresses; their certificates carry the name that users dial.
        certificateName: isIP(address.host) === 0 ? undefined : named?.host,
      }));
  }

  #isReachable(label: string): boolean {
    return this.#dial.detours === undefined || detourTo(this.#dial, label) !== undefined;
  }
}
