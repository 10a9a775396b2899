import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { measureRoundTrips, type RoundTripRequest } from '../messaging/run/round-trip.js';
import { BaseCommand, type ContextDial } from '../terminal/base-command.js';
import { worstFailure } from '../terminal/worst-failure.js';
import {
  firstFailure,
  roundTripFailures,
  type ServerRoundTrip,
} from '../connection/model/round-trip.js';
import { roundTripJson, roundTripText } from '../terminal/text/round-trip-text.js';

export default class Rtt extends BaseCommand {
  static override summary = 'measure the round-trip time to each server';
  static override description =
    'Sends PINGs to every configured server, at each address that its name resolves to. If any of them cannot be reached, the exit code is 3, or 4 if the credentials were refused. With --context a,b, the servers of several contexts are measured side by side; a context that fails does not hide the others, and the worst failure decides the exit code.';
  static override examples = [
    { description: 'The current server, five PINGs', command: '<%= config.bin %> rtt' },
    {
      description: 'Two servers, ten PINGs each, as JSON',
      command:
        '<%= config.bin %> rtt 10 --server nats://127.0.0.1:4222,nats://localhost:4222 --json',
    },
  ];
  static override args = {
    count: Args.integer({
      description: 'PINGs to each address',
      default: 5,
      min: 1,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    count: Flags.integer({ min: 1, hidden: true }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Rtt);
    const contexts = this.contextDials();
    // Several contexts have no settings in common.
    const { waitForServerMs, onEvent } = this.policy(contexts === undefined ? 'goal' : 'endless');
    const count = flags.count ?? args.count;
    const request = { count, version: this.config.version, waitForServerMs, onEvent };
    const servers =
      contexts === undefined
        ? await measureRoundTrips(this.dial(), request, this.life.signal)
        : await this.#measureContexts(contexts, request);
    if (this.common.json) this.out.json(roundTripJson(servers));
    else this.out.text(roundTripText(servers, { style: this.style, width: this.out.width }));
    this.failIfInterrupted('every server was measured');
    if (contexts === undefined) {
      const failure = firstFailure(servers);
      if (failure !== undefined) throw failure;
    } else this.#failForWorst(servers);
  }

  /** All at the same time; one that fails is a row among the others. */
  async #measureContexts(
    contexts: readonly ContextDial[],
    request: RoundTripRequest,
  ): Promise<readonly ServerRoundTrip[]> {
    const measured = contexts.map(async ({ context, dial, error }) => {
      if (dial === undefined) return [{ context, server: '', addresses: [], error }];
      const servers = await measureRoundTrips(dial, request, this.life.signal);
      return servers.map((server) => ({ ...server, context }));
    });
    return (await Promise.all(measured)).flat();
  }

  /** Each failure has a line; the worst one decides the exit code. */
  #failForWorst(servers: readonly ServerRoundTrip[]): void {
    const failed = servers.flatMap((server) =>
      roundTripFailures([server]).map((error) => ({ context: server.context ?? '', error })),
    );
    const worst = worstFailure(failed, this.notices);
    if (worst !== undefined) throw worst;
  }
}
